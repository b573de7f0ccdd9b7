//! The sentences that the activity log says about a process, with their levels.

use super::kill::{Kill, Purpose, SignalError};
use super::{ExitStatus, Pid, Signal};
use std::fmt;
use std::sync::Arc;

/// How important a line of the activity log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// `blather`, BLAT.
    Blather,
    /// `trace`, TRAC.
    Trace,
    /// `debug`, DEBG.
    Debug,
    /// `info`, INFO.
    Info,
    /// `warn`, WARN.
    Warn,
    /// `error`, ERRO.
    Error,
    /// `critical`, CRIT.
    Critical,
}

impl Level {
    /// The word in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blather => "blather",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// The four letters in a log line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blather => "BLAT",
            Self::Trace => "TRAC",
            Self::Debug => "DEBG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERRO",
            Self::Critical => "CRIT",
        }
    }
}

/// A sentence about a process. It does not know the process's name: see [`Note::about`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A child was made.
    Spawned {
        /// The child.
        pid: Pid,
    },
    /// No child could be made.
    SpawnFailed {
        /// Why.
        reason: Arc<str>,
    },
    /// It is RUNNING.
    Succeeded {
        /// The `startsecs` it was up for.
        startsecs: i64,
    },
    /// The child ended by itself.
    Exited {
        /// How.
        status: ExitStatus,
        /// Whether that was expected; an exit before RUNNING never is.
        expected: bool,
    },
    /// The child ended because it was told to.
    Stopped {
        /// How.
        status: ExitStatus,
        /// Whether the exit status is among `exitcodes`.
        expected: bool,
    },
    /// It is FATAL after too many failed tries.
    GaveUp,
    /// It was stopped while it waited for its next try.
    StoppedInBackoff,
    /// It was started while STOPPING, which does nothing.
    AlreadyRunning,
    /// A client waits for it to stop.
    WaitingToStop,
    /// A signal is about to be sent.
    Sending(Kill),
    /// The child did not end within `stopwaitsecs`, or nobody wants to wait so long.
    Escalating {
        /// The child.
        pid: Pid,
    },
    /// A signal could not be sent.
    NotSent {
        /// What was to be sent.
        kill: Kill,
        /// Why it was not.
        error: SignalError,
    },
    /// It is restarted so often that something must be wrong.
    Flapping {
        /// Restarts within the last minute.
        restarts: u32,
    },
    /// It is FATAL because it was restarted too often.
    RestartLimit {
        /// The `restart_limit`.
        limit: u32,
    },
}

impl Note {
    /// How important it is.
    pub const fn level(&self) -> Level {
        match self {
            Self::Spawned { .. }
            | Self::SpawnFailed { .. }
            | Self::Succeeded { .. }
            | Self::GaveUp
            | Self::WaitingToStop
            | Self::Exited { expected: true, .. }
            | Self::Stopped { expected: true, .. } => Level::Info,
            Self::Exited { .. }
            | Self::Stopped { .. }
            | Self::AlreadyRunning
            | Self::Escalating { .. }
            | Self::Flapping { .. }
            | Self::RestartLimit { .. } => Level::Warn,
            Self::StoppedInBackoff | Self::Sending(_) => Level::Debug,
            Self::NotSent { error, .. } => match error {
                SignalError::NoSuchProcess => Level::Debug,
                SignalError::Other(_) => Level::Critical,
            },
        }
    }

    /// The sentence about the process of that name.
    pub const fn about<'a>(&'a self, name: &'a str) -> Sentence<'a> {
        Sentence { note: self, name }
    }
}

/// A note with the name of its process; its `Display` is the log line's text.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    note: &'a Note,
    name: &'a str,
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name;
        match self.note {
            Note::Spawned { pid } => write!(f, "spawned: '{name}' with pid {pid}"),
            Note::SpawnFailed { reason } => write!(f, "spawnerr: {reason}"),
            Note::Succeeded { startsecs } => write!(
                f,
                "success: {name} entered RUNNING state, process has stayed up for > than \
                 {startsecs} seconds (startsecs)"
            ),
            Note::Exited { status, expected } => {
                let expected = if *expected {
                    "expected"
                } else {
                    "not expected"
                };
                write!(f, "exited: {name} ({status}; {expected})")
            }
            Note::Stopped { status, .. } => write!(f, "stopped: {name} ({status})"),
            Note::GaveUp => write!(
                f,
                "gave up: {name} entered FATAL state, too many start retries too quickly"
            ),
            Note::StoppedInBackoff => {
                write!(f, "Attempted to kill {name}, which is in BACKOFF state.")
            }
            Note::AlreadyRunning => write!(f, "process '{name}' already running"),
            Note::WaitingToStop => write!(f, "waiting for {name} to stop"),
            Note::Sending(kill) => sending(f, name, kill),
            Note::Escalating { pid } => write!(f, "killing '{name}' ({pid}) with {}", Signal::KILL),
            Note::NotSent { kill, error } => not_sent(f, name, kill, error),
            Note::Flapping { restarts } => write!(
                f,
                "flapping: {name} has been restarted {restarts} times within a minute; a longer \
                 startsecs would slow it down, restart_limit would end it"
            ),
            Note::RestartLimit { limit } => write!(
                f,
                "gave up: {name} entered FATAL state, more than {limit} restarts within a minute \
                 (restart_limit)"
            ),
        }
    }
}

fn sending(f: &mut fmt::Formatter<'_>, name: &str, kill: &Kill) -> fmt::Result {
    let Kill { pid, signal, .. } = kill;
    match kill.purpose {
        Purpose::Stop => {
            let group = if kill.group { "process group " } else { "" };
            write!(f, "killing {name} (pid {pid}) {group}with signal {signal}")
        }
        Purpose::Relay => write!(f, "sending {name} (pid {pid}) sig {signal}"),
    }
}

fn not_sent(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    kill: &Kill,
    error: &SignalError,
) -> fmt::Result {
    let pid = kill.pid;
    let (just, sending) = match kill.purpose {
        Purpose::Stop => ("just", "killing"),
        Purpose::Relay => ("just now", "sending sig"),
    };
    match error {
        SignalError::NoSuchProcess => write!(
            f,
            "unable to signal {name} (pid {pid}), it probably {just} exited on its own: {error}"
        ),
        SignalError::Other(_) => {
            write!(f, "unknown problem {sending} {name} ({pid}): {error}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_for_a_stop_is_said() {
        let note = Note::WaitingToStop;
        assert_eq!(note.level(), Level::Info);
        assert_eq!(note.about("cat").to_string(), "waiting for cat to stop");
    }
}

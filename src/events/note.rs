//! The sentences that the activity log says about pools and listeners, with their levels.

use super::repr::repr;
use super::{EventType, ListenerState, Source, Violation};
use crate::process::namespec::Display;
use crate::process::note::Level;
use std::fmt;
use std::sync::Arc;

/// A sentence about a pool, or about a listener of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// An event goes back to the buffer.
    Rebuffering {
        /// The event.
        serial: u64,
        /// The pool's group.
        pool: Arc<str>,
        /// How many events the buffer holds before.
        len: usize,
        /// How many it holds at most.
        max: usize,
    },
    /// The buffer was full, and an event is lost.
    Overflowed {
        /// The pool's group.
        pool: Arc<str>,
        /// The event.
        serial: u64,
    },
    /// Listeners fail with an event, and it gives way to others.
    Suspected {
        /// The pool's group.
        pool: Arc<str>,
        /// The event.
        serial: u64,
        /// Its type.
        event_type: EventType,
        /// How many listeners failed.
        failures: u32,
    },
    /// An event is lost: listeners fail with it, and not with another.
    Harmful {
        /// The pool's group.
        pool: Arc<str>,
        /// The event.
        serial: u64,
        /// Its type.
        event_type: EventType,
        /// How many listeners failed.
        failures: u32,
    },
    /// As many events were lost of which nothing was said one by one.
    OverflowedMore {
        /// The pool's group.
        pool: Arc<str>,
        /// How many.
        count: u64,
    },
    /// A process may not write, because the pool has no room for its output.
    HeldBack {
        /// The pool's group.
        pool: Arc<str>,
        /// The process.
        process: Source,
    },
    /// No listener takes events, and nobody waits for them any longer.
    GaveUp {
        /// The pool's group.
        pool: Arc<str>,
        /// For how long none did.
        seconds: u64,
    },
    /// The pool ends, and these events with it.
    Undelivered {
        /// The pool's group.
        pool: Arc<str>,
        /// How many.
        count: usize,
    },
    /// These events came when the pool had ended.
    UndeliveredMore {
        /// The pool's group.
        pool: Arc<str>,
        /// How many.
        count: usize,
    },
    /// An event was sent.
    Sent {
        /// The event.
        serial: u64,
        /// The process.
        listener: Arc<str>,
    },
    /// An event could not be sent since the listener has closed its stdin.
    StdinClosed {
        /// The event.
        serial: u64,
        /// The process.
        listener: Arc<str>,
    },
    /// A listener wrote something to its stdout.
    Wrote {
        /// The process.
        listener: Arc<str>,
        /// What, in whatever cut.
        bytes: Vec<u8>,
    },
    /// A listener went from one state to another.
    Changed {
        /// The process.
        listener: Arc<str>,
        /// The state it left.
        from: ListenerState,
        /// The state it entered.
        to: ListenerState,
    },
    /// A listener answered `OK`.
    Processed {
        /// The process.
        listener: Arc<str>,
    },
    /// A listener answered something else.
    Rejected {
        /// The process.
        listener: Arc<str>,
    },
    /// By what a listener broke the protocol.
    Broke {
        /// The process.
        listener: Arc<str>,
        /// How.
        violation: Violation,
    },
    /// A listener said that it is ready while too much that it was sent was left unread.
    Unread {
        /// The process.
        listener: Arc<str>,
    },
    /// A listener has long been at work on an event of which it may await more than there is.
    Stuck {
        /// The event.
        serial: u64,
        /// The process.
        listener: Arc<str>,
        /// For how long.
        seconds: u64,
    },
    /// A listener lives on and has closed its stdin.
    Deaf {
        /// The process.
        listener: Arc<str>,
    },
    /// A listener lives on and has closed its stdout.
    Silent {
        /// The process.
        listener: Arc<str>,
    },
    /// A listener broke the protocol.
    EnteredUnknown {
        /// The process.
        listener: Arc<str>,
    },
    /// A listener that broke the protocol is started anew.
    Restarting {
        /// The process.
        listener: Arc<str>,
    },
}

impl Note {
    /// How important it is.
    pub const fn level(&self) -> Level {
        match self {
            Self::Rebuffering { .. }
            | Self::Sent { .. }
            | Self::StdinClosed { .. }
            | Self::Changed { .. }
            | Self::Wrote { .. }
            | Self::Processed { .. } => Level::Debug,
            Self::Undelivered { .. } | Self::UndeliveredMore { .. } | Self::Restarting { .. } => {
                Level::Info
            }
            Self::Rejected { .. }
            | Self::Broke { .. }
            | Self::Unread { .. }
            | Self::Stuck { .. }
            | Self::Deaf { .. }
            | Self::Silent { .. }
            | Self::EnteredUnknown { .. }
            | Self::Suspected { .. }
            | Self::HeldBack { .. }
            | Self::GaveUp { .. } => Level::Warn,
            Self::Overflowed { .. } | Self::OverflowedMore { .. } | Self::Harmful { .. } => {
                Level::Error
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rebuffering {
                serial,
                pool,
                len,
                max,
            } => write!(
                f,
                "rebuffering event {serial} for pool {pool} (buf size={len}, max={max})"
            ),
            Self::Overflowed { pool, serial } => write!(
                f,
                "pool {pool} event buffer overflowed, discarding event {serial}"
            ),
            Self::OverflowedMore { pool, count } => write!(
                f,
                "pool {pool} event buffer overflowed, {count} more events discarded"
            ),
            Self::Suspected {
                pool,
                serial,
                event_type,
                failures,
            } => write!(
                f,
                "pool {pool}: {failures} listeners in a row failed with event {serial} ({event_type}), which \
                 gives way to others"
            ),
            Self::Harmful {
                pool,
                serial,
                event_type,
                failures,
            } => write!(
                f,
                "pool {pool} discards event {serial} ({event_type}), with which {failures} listeners in a row \
                 failed, the last one for the second time after it had processed others"
            ),
            Self::HeldBack { pool, process } => {
                let process = Display(&process.group, &process.name);
                write!(
                    f,
                    "pool {pool} takes events slowly, the output of '{process}' is held back"
                )
            }
            Self::GaveUp { pool, seconds } => write!(
                f,
                "pool {pool} has taken no event for {seconds} seconds, output no longer waits for \
                 it and may be lost"
            ),
            Self::Undelivered { pool, count } => {
                write!(f, "pool {pool} ends with {count} events undelivered")
            }
            Self::UndeliveredMore { pool, count } => {
                write!(f, "pool {pool} ended, {count} more events undelivered")
            }
            Self::Sent { serial, listener } => {
                write!(f, "event {serial} sent to listener {listener}")
            }
            Self::StdinClosed { serial, listener } => write!(
                f,
                "epipe occurred while sending event {serial} to listener {listener}, \
                 listener state unchanged"
            ),
            Self::Wrote { listener, bytes } => {
                write!(f, "'{listener}' stdout output:\n{}", repr(bytes))
            }
            Self::Changed { listener, from, to } => write!(f, "{listener}: {from} -> {to}"),
            Self::Processed { listener } => write!(f, "{listener}: event was processed"),
            Self::Rejected { listener } => write!(f, "{listener}: event was rejected"),
            Self::Broke {
                listener,
                violation,
            } => broke(f, listener, violation),
            Self::Unread { listener } => write!(f, "{listener}: leaves its stdin unread"),
            Self::Stuck {
                serial,
                listener,
                seconds,
            } => write!(
                f,
                "{listener}: has not answered event {serial} for {seconds} seconds; its payload is \
                 not plain ASCII, and a listener that reads as many characters as 'len' says, as \
                 those in Python do with childutils, waits for more: payload_length=characters in \
                 its section mends that"
            ),
            Self::Deaf { listener } => write!(
                f,
                "{listener}: has closed its stdin and will no longer receive events"
            ),
            Self::Silent { listener } => {
                write!(
                    f,
                    "{listener}: has closed its stdout and can no longer answer"
                )
            }
            Self::EnteredUnknown { listener } => write!(
                f,
                "{listener}: has entered the UNKNOWN state and will no longer receive events, \
                 this usually indicates the process violated the eventlistener protocol"
            ),
            Self::Restarting { listener } => write!(
                f,
                "{listener}: restarting, since it violated the eventlistener protocol"
            ),
        }
    }
}

/// Supervisor says this of a listener that was BUSY only.
fn broke(f: &mut fmt::Formatter<'_>, listener: &str, violation: &Violation) -> fmt::Result {
    let bytes = violation.found.escape_ascii();
    match violation.state {
        ListenerState::Busy => write!(f, "{listener}: bad result line: '{bytes}'"),
        state => write!(f, "{listener}: unexpected output while {state}: '{bytes}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_and_listeners_are_spoken_of_in_supervisors_words() {
        let (pool, listener) = (Arc::<str>::from("lis"), Arc::<str>::from("l"));
        for (note, line) in [
            (
                Note::Rebuffering {
                    serial: 0,
                    pool: pool.clone(),
                    len: 0,
                    max: 10,
                },
                "DEBG rebuffering event 0 for pool lis (buf size=0, max=10)",
            ),
            (
                Note::Overflowed { pool, serial: 1 },
                "ERRO pool lis event buffer overflowed, discarding event 1",
            ),
            (
                Note::Sent {
                    serial: 4,
                    listener: listener.clone(),
                },
                "DEBG event 4 sent to listener l",
            ),
            (
                Note::StdinClosed {
                    serial: 4,
                    listener: listener.clone(),
                },
                "DEBG epipe occurred while sending event 4 to listener l, listener state unchanged",
            ),
            (
                Note::Changed {
                    listener: listener.clone(),
                    from: ListenerState::Busy,
                    to: ListenerState::Acknowledged,
                },
                "DEBG l: BUSY -> ACKNOWLEDGED",
            ),
            (
                Note::Processed {
                    listener: listener.clone(),
                },
                "DEBG l: event was processed",
            ),
            (
                Note::Rejected {
                    listener: listener.clone(),
                },
                "WARN l: event was rejected",
            ),
            (
                Note::EnteredUnknown { listener },
                "WARN l: has entered the UNKNOWN state and will no longer receive events, this \
                 usually indicates the process violated the eventlistener protocol",
            ),
        ] {
            assert_eq!(format!("{} {note}", note.level().code()), line);
        }
    }

    #[test]
    fn what_a_listener_writes_is_told_as_python_writes_bytes() {
        let (listener, bytes) = ("lis".into(), b"READY\n".to_vec());
        let said = Note::Wrote { listener, bytes }.to_string();
        assert_eq!(said, "'lis' stdout output:\nb'READY\\n'");
    }

    #[test]
    fn a_violation_is_said_with_the_offending_bytes() {
        let broke = |state, found: &[u8]| {
            let (listener, found) = ("l".into(), found.to_vec());
            let violation = Violation {
                state,
                found,
                delivery: None,
            };
            let note = Note::Broke {
                listener,
                violation,
            };
            note.to_string()
        };
        assert_eq!(
            broke(ListenerState::Busy, b"NONS\xffE xx"),
            "l: bad result line: 'NONS\\xffE xx'"
        );
        assert_eq!(
            broke(ListenerState::Acknowledged, b"hello\n"),
            "l: unexpected output while ACKNOWLEDGED: 'hello\\n'"
        );
    }
}

//! The states of a process and of supervisord itself, with the numbers clients know.

use std::fmt;

/// The state of one process, as `getProcessInfo` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProcessState {
    /// Not running because nobody started it or somebody stopped it.
    Stopped,
    /// Spawned (or about to be), but not yet up for `startsecs`.
    Starting,
    /// Up for at least `startsecs`.
    Running,
    /// Ended before `startsecs`, or could not be spawned; waits for its next try.
    Backoff,
    /// Told to stop, not yet gone.
    Stopping,
    /// Ended by itself after it was RUNNING.
    Exited,
    /// Given up after `startretries` failed tries.
    Fatal,
    /// A signal could not be sent to it for a reason nobody foresaw.
    Unknown,
}

impl ProcessState {
    /// Every state, in the order of the numbers.
    pub const ALL: [Self; 8] = [
        Self::Stopped,
        Self::Starting,
        Self::Running,
        Self::Backoff,
        Self::Stopping,
        Self::Exited,
        Self::Fatal,
        Self::Unknown,
    ];

    /// The number in `getProcessInfo`'s `state`.
    pub const fn code(self) -> i32 {
        match self {
            Self::Stopped => 0,
            Self::Starting => 10,
            Self::Running => 20,
            Self::Backoff => 30,
            Self::Stopping => 40,
            Self::Exited => 100,
            Self::Fatal => 200,
            Self::Unknown => 1000,
        }
    }

    /// The word in `getProcessInfo`'s `statename`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stopped => "STOPPED",
            Self::Starting => "STARTING",
            Self::Running => "RUNNING",
            Self::Backoff => "BACKOFF",
            Self::Stopping => "STOPPING",
            Self::Exited => "EXITED",
            Self::Fatal => "FATAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// True in STARTING, RUNNING and BACKOFF: a start is refused, a stop is accepted.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Backoff)
    }

    /// True in STOPPED, EXITED, FATAL and UNKNOWN: nothing is left to wait for.
    pub const fn is_stopped(self) -> bool {
        matches!(
            self,
            Self::Stopped | Self::Exited | Self::Fatal | Self::Unknown
        )
    }

    /// True in STARTING, RUNNING and STOPPING: there is a child that can take a signal.
    pub const fn is_signallable(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}

impl fmt::Display for ProcessState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What supervisord as a whole is doing, as `getState` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mood {
    /// Supervising.
    Running,
    /// Stopping everything in order to start over with a new configuration.
    Restarting,
    /// Stopping everything in order to exit.
    Shutdown,
}

impl Mood {
    /// The number in `getState`'s `statecode`.
    pub const fn code(self) -> i32 {
        match self {
            Self::Running => 1,
            Self::Restarting => 0,
            Self::Shutdown => -1,
        }
    }

    /// The word in `getState`'s `statename`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Restarting => "RESTARTING",
            Self::Shutdown => "SHUTDOWN",
        }
    }
}

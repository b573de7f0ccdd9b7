//! A process's state with the data that belongs to it and to no other state.

use super::{Pid, ProcessState};
use std::time::Duration;

/// How long a child may survive SIGKILL before a stop counts as failed.
pub(super) const UNKILLABLE_AFTER: Duration = Duration::from_secs(30);

/// Where a process is in its life. Times are monotonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Stopped,
    /// STARTING, the child is being made.
    Spawning,
    /// STARTING, the child must live until `up_at`.
    Starting {
        pid: Pid,
        up_at: Duration,
    },
    Running {
        pid: Pid,
    },
    Backoff {
        retry_at: Duration,
    },
    /// STOPPING, asked to stop while the child was being made.
    Withdrawn,
    Stopping {
        pid: Pid,
        kill_at: Duration,
        killed: Option<Killed>,
        then: Then,
    },
    /// Whether the exit status was among `exitcodes`.
    Exited {
        expected: bool,
    },
    Fatal,
    /// The child could not be sent a signal; it may still live.
    Unknown {
        pid: Pid,
    },
}

/// What follows when a child that was told to stop has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It stays so.
    Rest,
    /// It is restarted, unless somebody orders a stop meanwhile.
    Restart,
    /// Its start has failed, unless somebody orders a stop meanwhile.
    Retry,
}

/// When SIGKILL was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Killed {
    pub(super) first: Duration,
    pub(super) last: Duration,
}

impl Phase {
    /// The state that the world sees.
    pub(super) const fn state(self) -> ProcessState {
        match self {
            Self::Stopped => ProcessState::Stopped,
            Self::Spawning | Self::Starting { .. } => ProcessState::Starting,
            Self::Running { .. } => ProcessState::Running,
            Self::Backoff { .. } => ProcessState::Backoff,
            Self::Withdrawn | Self::Stopping { .. } => ProcessState::Stopping,
            Self::Exited { .. } => ProcessState::Exited,
            Self::Fatal => ProcessState::Fatal,
            Self::Unknown { .. } => ProcessState::Unknown,
        }
    }

    /// The living child.
    pub(super) const fn pid(self) -> Option<Pid> {
        match self {
            Self::Starting { pid, .. }
            | Self::Running { pid }
            | Self::Stopping { pid, .. }
            | Self::Unknown { pid } => Some(pid),
            Self::Stopped
            | Self::Spawning
            | Self::Backoff { .. }
            | Self::Withdrawn
            | Self::Exited { .. }
            | Self::Fatal => None,
        }
    }

    /// When something happens by itself.
    pub(super) const fn deadline(self) -> Option<Duration> {
        match self {
            Self::Starting { up_at: at, .. }
            | Self::Backoff { retry_at: at }
            | Self::Stopping { kill_at: at, .. } => Some(at),
            _ => None,
        }
    }

    /// Whether even SIGKILL does not end the child.
    pub(super) fn is_unkillable(self) -> bool {
        matches!(self, Self::Stopping { killed: Some(Killed { first, last }), .. }
            if last.saturating_sub(first) >= UNKILLABLE_AFTER)
    }
}

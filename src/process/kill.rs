//! A signal on its way to a child.

use super::{Pid, Signal};
use std::fmt;
use std::sync::Arc;

/// A signal to be sent, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The child.
    pub pid: Pid,
    /// The signal.
    pub signal: Signal,
    /// Send it to the whole process group that the child leads.
    pub group: bool,
    /// What for.
    pub purpose: Purpose,
}

/// What a signal is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The child is to end.
    Stop,
    /// A client wants the child to have it.
    Relay,
}

/// Why a signal could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignalError {
    /// ESRCH: the child is gone already. Normal, its exit is still to be reaped.
    NoSuchProcess,
    /// Anything else; the system's words for it.
    Other(Arc<str>),
}

impl fmt::Display for SignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchProcess => f.write_str("[Errno 3] No such process"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

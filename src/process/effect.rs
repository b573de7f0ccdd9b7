//! What is to be done after an order or a fact.

use super::kill::Kill;
use super::note::Note;
use super::{Pid, ProcessState};

/// What is to be done, in this order.
pub type Effects = Vec<Effect>;

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make a child; [`super::Fact::Spawned`] or [`super::Fact::SpawnFailed`] is the answer.
    Spawn,
    /// Send a signal; only a failure is answered, by [`super::Fact::SignalFailed`].
    Kill(Kill),
    /// Tell listeners and clients of the new state.
    Changed(Change),
    /// Say a line in the activity log.
    Note(Note),
}

/// A change of state, with all that the PROCESS_STATE events tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The state before.
    pub from: ProcessState,
    /// The state now; never the same.
    pub to: ProcessState,
    /// The child, in STOPPED and EXITED the one that just ended; `None` where there was none.
    pub pid: Option<Pid>,
    /// Failed tries in a row, the one that led into BACKOFF included.
    pub tries: u32,
    /// In EXITED: whether the exit status is among `exitcodes`. False elsewhere.
    pub expected: bool,
}

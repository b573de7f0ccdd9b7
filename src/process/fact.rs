//! What can happen to a process.

use super::kill::{Kill, SignalError};
use super::{ExitStatus, Mood, Pid, Policy};
use std::sync::Arc;

/// Something that has happened. It can't be refused; one that no longer matters changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// [`super::Effect::Spawn`] made this child.
    Spawned {
        /// The child.
        pid: Pid,
    },
    /// [`super::Effect::Spawn`] made no child.
    SpawnFailed {
        /// Why, as clients read it in `spawnerr`.
        reason: Arc<str>,
    },
    /// A child was reaped.
    Exited {
        /// Which child; one that is not the process's own is ignored.
        pid: Pid,
        /// How it ended.
        status: ExitStatus,
    },
    /// Its child broke the protocol of event listeners and is of no use any more. It is stopped,
    /// then the process starts again as after any failure: within the bounds of `restart_limit` if
    /// it was RUNNING, of `startretries` if not.
    ProtocolBroken,
    /// [`super::Effect::Kill`] could not be carried out.
    SignalFailed {
        /// What was to be sent.
        kill: Kill,
        /// Why it was not.
        error: SignalError,
    },
    /// The time told by [`super::Machine::deadline`] has come; too early it does nothing. To be
    /// told after the exits reaped by then, lest a child that died too soon be called RUNNING.
    DeadlineReached,
    /// Supervisord took up another mood. Below RUNNING nothing is spawned for any reason.
    MoodChanged(Mood),
    /// Other rules are in force. A delay that already runs keeps its length.
    PolicyChanged(Arc<Policy>),
}

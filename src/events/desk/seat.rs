//! A listener's place in its pool.

use crate::events::{Listener, ListenerState};
use crate::process::ProcessState;
use std::sync::Arc;

/// A pipe that a listener can't do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    Stdin,
    Stdout,
}

/// A listener's process, as its pool knows it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) name: Arc<str>,
    pub(super) listener: Listener,
    pub(super) process: ProcessState,
    /// The number of its child: no two have the same.
    pub(super) child: u64,
    /// What its child has closed, so that it gets nothing any more.
    pub(super) closed: Option<Closed>,
    /// The number of the last duty to deliver it something.
    pub(super) delivery: u64,
    /// What it was sent last is as long in bytes as in characters.
    pub(super) was_sent_ascii: bool,
    /// How many events have been processed here.
    pub(super) served: u64,
    pub(super) offence: String,
}

impl Seat {
    /// The seat of a process without a child.
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            listener: Listener::new(),
            process: ProcessState::Stopped,
            child: 0,
            closed: None,
            delivery: 0,
            was_sent_ascii: true,
            served: 0,
            offence: String::new(),
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.process == ProcessState::Running
            && self.closed.is_none()
            && self.listener.state() == ListenerState::Ready
    }

    /// Whether its child lives and is not about to end.
    pub(super) const fn is_alive(&self) -> bool {
        matches!(self.process, ProcessState::Starting | ProcessState::Running)
    }

    /// Whether it may take another event some time, without being restarted.
    pub(super) fn may_serve(&self) -> bool {
        self.is_alive() && self.closed.is_none() && self.listener.state() != ListenerState::Unknown
    }
}

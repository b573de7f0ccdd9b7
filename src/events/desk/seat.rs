//! A listener's place in its pool.

use crate::events::{Listener, ListenerState};
use crate::process::ProcessState;
use std::sync::Arc;

/// A listener's process, as its pool knows it.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) name: Arc<str>,
    pub(super) listener: Listener,
    pub(super) process: ProcessState,
    /// It has closed its stdin, and gets nothing any more.
    pub(super) is_deaf: bool,
    /// The number of the last duty to deliver it something.
    pub(super) delivery: u64,
    /// What it was sent last is as long in bytes as in characters.
    pub(super) was_sent_ascii: bool,
    pub(super) offence: String,
}

impl Seat {
    /// The seat of a process without a child.
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            listener: Listener::new(),
            process: ProcessState::Stopped,
            is_deaf: false,
            delivery: 0,
            was_sent_ascii: true,
            offence: String::new(),
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.process == ProcessState::Running
            && !self.is_deaf
            && self.listener.state() == ListenerState::Ready
    }

    /// Whether it may take another event some time, without being restarted.
    pub(super) fn may_serve(&self) -> bool {
        matches!(self.process, ProcessState::Starting | ProcessState::Running)
            && !self.is_deaf
            && self.listener.state() != ListenerState::Unknown
    }
}

//! Our end of a child's pipe.

use super::Plan;
use crate::events::{Capture, Piece};
use crate::process::Pid;
use tokio::net::unix::pipe::Receiver;

/// Our end of a child's pipe.
pub(super) struct ChildPipe {
    pub(super) pipe: Receiver,
    /// The child, which may be dead by now, and another in its place.
    pub(super) child: Pid,
    /// Finds the messages in what comes through it.
    capture: Option<Capture>,
}

impl ChildPipe {
    pub(super) fn new(pipe: Receiver, child: Pid, plan: &Plan) -> Self {
        Self {
            pipe,
            child,
            capture: plan.capture.map(Capture::new),
        }
    }

    /// Tells the pieces that these bytes, the next ones, complete.
    pub(super) fn feed(&mut self, bytes: &[u8], mut tell: impl FnMut(Piece<'_>)) {
        match &mut self.capture {
            Some(capture) => capture.feed(bytes, tell),
            None => tell(Piece::Plain(bytes)),
        }
    }

    /// Tells what is held back: nobody goes on with it.
    pub(super) fn finish(&mut self, tell: impl FnMut(Piece<'_>)) {
        if let Some(capture) = &mut self.capture {
            capture.finish(tell);
        }
    }
}

//! The pipe to a child's stdin, and what it has not yet taken.

use super::process::Process;
use crate::process::{Fault, FaultCode};
use actix::{ActorFuture, AsyncContext, Context};
use nix::errno::Errno;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll, ready};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The most that is kept for a child that does not read: 1 MiB.
const MOST_KEPT: usize = 1 << 20;

/// Why bytes were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The child has closed its stdin.
    Closed,
    /// It does not read, and too much is kept for it already.
    Full,
}

impl Refused {
    /// The fault a client gets that calls the process `name`.
    pub(super) fn fault(self, name: &str) -> Fault {
        match self {
            Self::Closed => Fault::new(FaultCode::NoFile, name),
            Self::Full => Fault::new(FaultCode::Failed, format!("{name} does not read its stdin")),
        }
    }
}

/// Our end of the pipe.
pub(super) struct Stdin {
    pipe: Rc<OwnedFd>,
    /// Written as soon as the pipe takes it; a task flushes it while it is not empty.
    kept: VecDeque<u8>,
    closed: bool,
}

impl Stdin {
    /// Takes a pipe end that does not block.
    pub(super) fn new(pipe: OwnedFd) -> Self {
        Self {
            pipe: Rc::new(pipe),
            kept: VecDeque::new(),
            closed: false,
        }
    }

    /// Writes what the pipe takes now and keeps the rest, all of it or none.
    pub(super) fn write(
        &mut self,
        bytes: &[u8],
        ctx: &mut Context<Process>,
    ) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.kept.len() + bytes.len() > MOST_KEPT {
            return Err(Refused::Full);
        }
        let flushing = !self.kept.is_empty();
        self.kept.extend(bytes);
        if flushing {
            return Ok(());
        }
        match self.flush() {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.flush_later(ctx);
                Ok(())
            }
            Err(refused) => Err(refused),
        }
    }

    /// Writes what is kept; true when nothing is left.
    fn flush(&mut self) -> Result<bool, Refused> {
        while !self.kept.is_empty() {
            let (head, _) = self.kept.as_slices();
            match nix::unistd::write(&*self.pipe, head) {
                Ok(written) => drop(self.kept.drain(..written)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(false),
                Err(_) => {
                    self.closed = true;
                    self.kept = VecDeque::new();
                    return Err(Refused::Closed);
                }
            }
        }
        Ok(true)
    }

    fn flush_later(&self, ctx: &mut Context<Process>) {
        match AsyncFd::with_interest(Shared(self.pipe.clone()), Interest::WRITABLE) {
            Ok(pipe) => drop(ctx.spawn(Flush { pipe })),
            // Without a watch the next write tries again.
            Err(_) => {}
        }
    }

    fn is(&self, pipe: &Shared) -> bool {
        Rc::ptr_eq(&self.pipe, &pipe.0)
    }
}

/// The pipe, held by the flushing task beside its owner.
struct Shared(Rc<OwnedFd>);

impl std::os::fd::AsRawFd for Shared {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.0.as_raw_fd()
    }
}

/// Writes what is kept when the pipe takes more; ends when nothing is left or the child is gone.
struct Flush {
    pipe: AsyncFd<Shared>,
}

impl ActorFuture<Process> for Flush {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        process: &mut Process,
        _: &mut Context<Process>,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        loop {
            let Some(stdin) = process
                .stdin_mut()
                .filter(|stdin| stdin.is(self.pipe.get_ref()))
            else {
                return Poll::Ready(());
            };
            if let Ok(true) | Err(_) = stdin.flush() {
                return Poll::Ready(());
            }
            match ready!(self.pipe.poll_write_ready(task)) {
                Ok(mut guard) => guard.clear_ready(),
                Err(_) => return Poll::Ready(()),
            }
        }
    }
}

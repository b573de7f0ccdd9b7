//! The pipe to a child's stdin, and what it has not yet taken.

use crate::process::{Fault, FaultCode};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use tokio::net::unix::pipe::Sender;

/// How much may be kept already when more is taken for a child that does not read: 1 MiB. What is
/// taken at once may be longer, for an event can't be cut.
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

/// Our end of the pipe. Watched for room only while something is kept.
pub(super) struct Stdin(Rc<RefCell<Kept>>);

struct Kept {
    pipe: OwnedFd,
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Stdin {
    /// Takes a pipe end that does not block.
    pub(super) fn new(pipe: OwnedFd) -> Self {
        let kept = Kept {
            pipe,
            bytes: VecDeque::new(),
            closed: false,
        };
        Self(Rc::new(RefCell::new(kept)))
    }

    /// Writes what the pipe takes now and keeps the rest.
    ///
    /// # Errors
    /// Nothing of `bytes` was taken.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), Refused> {
        let mut kept = self.0.borrow_mut();
        if kept.closed {
            return Err(Refused::Closed);
        }
        if kept.bytes.len() > MOST_KEPT {
            return Err(Refused::Full);
        }
        let is_watched = !kept.bytes.is_empty();
        kept.bytes.extend(bytes);
        if is_watched {
            return Ok(());
        }
        kept.flush(|pipe, bytes| Ok(nix::unistd::write(pipe, bytes)?));
        if kept.closed {
            return Err(Refused::Closed);
        }
        if !kept.bytes.is_empty() {
            match kept.pipe.try_clone() {
                Ok(pipe) => drop(actix::spawn(flush_when_writable(pipe, self.0.clone()))),
                // Half an event may be out, and there is no way to write the rest.
                Err(_) => kept.close(),
            }
        }
        Ok(())
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        self.0.borrow_mut().close();
    }
}

impl Kept {
    /// Writes until nothing is left or the pipe is full.
    fn flush(&mut self, mut write: impl FnMut(&OwnedFd, &[u8]) -> io::Result<usize>) {
        while let (head, _) = self.bytes.as_slices()
            && !head.is_empty()
        {
            match write(&self.pipe, head) {
                Ok(written) => drop(self.bytes.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.close(),
            }
        }
    }

    fn close(&mut self) {
        self.closed = true;
        self.bytes = VecDeque::new();
    }
}

/// Writes what is kept as the pipe takes it; ends when nothing is left or the child is gone.
async fn flush_when_writable(pipe: OwnedFd, kept: Rc<RefCell<Kept>>) {
    let Ok(pipe) = Sender::from_owned_fd(pipe) else {
        return kept.borrow_mut().close();
    };
    while !kept.borrow().bytes.is_empty() {
        if pipe.writable().await.is_err() {
            return kept.borrow_mut().close();
        }
        kept.borrow_mut().flush(|_, bytes| pipe.try_write(bytes));
    }
}

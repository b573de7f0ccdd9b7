//! What all spawns share, one after the other: a stack, and three low descriptors.
//!
//! A child that copied our whole table of descriptors would cost more the more we have open. So
//! it begins by sharing the table and then takes a copy of its lower end alone, where its stdio
//! has been laid out for it.

use super::child::{self, Orders};
use super::stack::Stack;
use crate::os::errno::Errno;
use crate::os::pipe::dev_null;
use crate::process::Pid;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::dup3;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

static LAUNCHPAD: Mutex<Option<Launchpad>> = Mutex::new(None);

struct Launchpad {
    stack: Stack,
    /// Stdin, stdout and stderr of the next child; `/dev/null` in between.
    slots: [OwnedFd; 3],
    null: OwnedFd,
}

/// Makes a child with this stdio; returns when it has executed its program or ended.
pub(super) fn launch(orders: &mut Orders<'_>, stdio: [BorrowedFd<'_>; 3]) -> Result<Pid, Errno> {
    let mut guard = LAUNCHPAD.lock().unwrap_or_else(PoisonError::into_inner);
    let launchpad = match guard.as_mut() {
        Some(launchpad) => launchpad,
        None => guard.insert(Launchpad::new()?),
    };
    launchpad.launch(orders, stdio)
}

impl Launchpad {
    fn new() -> Result<Self, Errno> {
        let null = dev_null()?;
        Ok(Self {
            stack: Stack::new()?,
            slots: [slot(&null)?, slot(&null)?, slot(&null)?],
            null,
        })
    }

    fn launch(
        &mut self,
        orders: &mut Orders<'_>,
        stdio: [BorrowedFd<'_>; 3],
    ) -> Result<Pid, Errno> {
        orders.stdio = self.slots.each_ref().map(AsRawFd::as_raw_fd);
        let pid = fill(&mut self.slots, stdio).and_then(|()| child::clone(orders, &mut self.stack));
        // A pipe's end left here would keep its reader waiting.
        fill(&mut self.slots, [self.null.as_fd(); 3])?;
        pid
    }
}

/// The lowest free descriptor above stderr.
#[allow(unsafe_code)]
fn slot(null: &OwnedFd) -> Result<OwnedFd, Errno> {
    let copy = fcntl(null, FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl(2) has just made this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

fn fill(slots: &mut [OwnedFd; 3], with: [BorrowedFd<'_>; 3]) -> Result<(), Errno> {
    for (slot, fd) in slots.iter_mut().zip(with) {
        dup3(fd, slot, OFlag::O_CLOEXEC)?;
    }
    Ok(())
}

//! Being stopped by Ctrl-Z, and going on.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};

/// While this lives, it can be waited for that the program, having been stopped, goes on.
pub(super) struct Resumed {
    signals: SignalFd,
    before: SigSet,
}

impl Resumed {
    /// Begins. That SIGCONT is blocked keeps no program from going on.
    pub(super) fn catch() -> nix::Result<Self> {
        let sigcont = SigSet::from(Signal::SIGCONT);
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self {
            signals: SignalFd::with_flags(&sigcont, flags)?,
            before: sigcont.thread_swap_mask(SigmaskHow::SIG_BLOCK)?,
        })
    }

    /// Takes note of it.
    pub(super) fn take(&self) {
        while matches!(self.signals.read_signal(), Ok(Some(_))) {}
    }
}

impl AsFd for Resumed {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

impl Drop for Resumed {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}

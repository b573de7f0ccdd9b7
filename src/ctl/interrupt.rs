//! Waiting that Ctrl-C can end.

use super::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// While one of these lives, Ctrl-C does not kill the program but ends [`Interrupt::wait`]. One at
/// a time: each puts back the signal mask that it found.
pub(super) struct Interrupt {
    signals: SignalFd,
    before: SigSet,
}

impl Interrupt {
    /// Starts to catch Ctrl-C on this thread.
    pub(super) fn catch() -> io::Result<Self> {
        let mut mask = SigSet::empty();
        mask.add(Signal::SIGINT);
        let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let before = mask.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        Ok(Self { signals, before })
    }

    /// Waits until something can be read, or has ended, and says which of the sources.
    ///
    /// # Errors
    /// [`Error::Interrupted`] at Ctrl-C, and when nothing can be waited for.
    pub(super) fn wait(&self, sources: &[BorrowedFd<'_>]) -> Result<Vec<bool>, Error> {
        let signals = self.signals.as_fd();
        let mut fds: Vec<_> = std::iter::once(&signals)
            .chain(sources)
            .map(|fd| PollFd::new(*fd, PollFlags::POLLIN))
            .collect();
        while let Err(errno) = poll(&mut fds, PollTimeout::NONE) {
            if errno != nix::Error::EINTR {
                return Err(Error::Interrupted);
            }
        }
        let mut ready = fds.iter().map(|fd| fd.any().unwrap_or(true));
        if ready.next() == Some(true) && matches!(self.signals.read_signal(), Ok(Some(_))) {
            return Err(Error::Interrupted);
        }
        Ok(ready.collect())
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // A Ctrl-C that nobody waited for any more must not kill the program after all.
        while matches!(self.signals.read_signal(), Ok(Some(_))) {}
        let _ = self.before.thread_set_mask();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn ctrl_c_ends_the_wait_and_kills_nobody() {
        let (silent, mut writer) = io::pipe().unwrap();
        let interrupt = Interrupt::catch().unwrap();
        nix::sys::signal::raise(Signal::SIGINT).unwrap();
        let waited = interrupt.wait(&[silent.as_fd()]);
        assert!(matches!(waited, Err(Error::Interrupted)));
        writer.write_all(b"x").unwrap();
        assert_eq!(interrupt.wait(&[silent.as_fd()]).unwrap(), [true]);
        nix::sys::signal::raise(Signal::SIGINT).unwrap();
    }

    #[test]
    fn an_end_counts_as_something_to_read() {
        let (open, _writer) = io::pipe().unwrap();
        let (ended, _) = io::pipe().unwrap();
        let interrupt = Interrupt::catch().unwrap();
        let ready = interrupt.wait(&[open.as_fd(), ended.as_fd()]).unwrap();
        assert_eq!(ready, [false, true]);
    }
}

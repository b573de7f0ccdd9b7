//! Waiting that Ctrl-C can end.

use super::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// While one of these lives, Ctrl-C does not kill the program but ends [`Interrupt::wait`]. One at
/// a time: each puts back the signal mask that it found.
pub(super) struct Interrupt {
    signals: SignalFd,
    before: SigSet,
    deadline: Option<Instant>,
}

impl Interrupt {
    /// Starts to catch Ctrl-C on this thread. Waits end at the deadline, too.
    pub(super) fn catch(deadline: Option<Instant>) -> io::Result<Self> {
        let mut mask = SigSet::empty();
        mask.add(Signal::SIGINT);
        let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let before = mask.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        Ok(Self {
            signals,
            before,
            deadline,
        })
    }

    /// Waits until something can be read, or has ended, and says which of the sources.
    ///
    /// # Errors
    /// [`Error::Interrupted`] at Ctrl-C and when nothing can be waited for, [`Error::TimedOut`] at
    /// the deadline.
    pub(super) fn wait(&self, sources: &[BorrowedFd<'_>]) -> Result<Vec<bool>, Error> {
        self.wait_until(None, sources)
    }

    /// The same, but no longer than to this moment: then no source is ready.
    pub(super) fn wait_until(
        &self,
        moment: Option<Instant>,
        sources: &[BorrowedFd<'_>],
    ) -> Result<Vec<bool>, Error> {
        let signals = self.signals.as_fd();
        let mut fds: Vec<_> = std::iter::once(&signals)
            .chain(sources)
            .map(|fd| PollFd::new(*fd, PollFlags::POLLIN))
            .collect();
        let end = moment.into_iter().chain(self.deadline).min();
        loop {
            match poll(&mut fds, timeout(end)) {
                Ok(0) if self.deadline.is_some_and(has_passed) => return Err(Error::TimedOut),
                Ok(0) if !end.is_some_and(has_passed) => {}
                Ok(_) => break,
                Err(nix::Error::EINTR) => {}
                Err(_) => return Err(Error::Interrupted),
            }
        }
        let mut ready = fds.iter().map(|fd| fd.any().unwrap_or(true));
        if ready.next() == Some(true) && matches!(self.signals.read_signal(), Ok(Some(_))) {
            return Err(Error::Interrupted);
        }
        Ok(ready.collect())
    }
}

fn has_passed(moment: Instant) -> bool {
    Instant::now() >= moment
}

/// What is left until a moment, rounded up to milliseconds, as far as `poll` can reckon.
fn timeout(end: Option<Instant>) -> PollTimeout {
    let Some(end) = end else {
        return PollTimeout::NONE;
    };
    let left = end.saturating_duration_since(Instant::now()) + Duration::from_micros(999);
    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
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
        let interrupt = Interrupt::catch(None).unwrap();
        nix::sys::signal::raise(Signal::SIGINT).unwrap();
        let waited = interrupt.wait(&[silent.as_fd()]);
        assert!(matches!(waited, Err(Error::Interrupted)));
        writer.write_all(b"x").unwrap();
        assert_eq!(interrupt.wait(&[silent.as_fd()]).unwrap(), [true]);
        nix::sys::signal::raise(Signal::SIGINT).unwrap();
    }

    #[test]
    fn a_wait_ends_at_the_deadline_and_at_a_moment_before_it() {
        let (silent, _writer) = io::pipe().unwrap();
        let soon = Instant::now() + Duration::from_millis(2);
        let interrupt = Interrupt::catch(Some(soon)).unwrap();
        let now = interrupt.wait_until(Some(Instant::now()), &[silent.as_fd()]);
        assert!(matches!(now, Ok(ready) if ready == [false]) || soon < Instant::now());
        let late = interrupt.wait(&[silent.as_fd()]);
        assert!(matches!(late, Err(Error::TimedOut)));
    }

    #[test]
    fn an_end_counts_as_something_to_read() {
        let (open, _writer) = io::pipe().unwrap();
        let (ended, _) = io::pipe().unwrap();
        let interrupt = Interrupt::catch(None).unwrap();
        let ready = interrupt.wait(&[open.as_fd(), ended.as_fd()]).unwrap();
        assert_eq!(ready, [false, true]);
    }
}

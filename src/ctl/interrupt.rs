//! Waiting that Ctrl-C can end.

use super::Error;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// While one of these lives, Ctrl-C does not kill the program but ends a wait: the one that goes on,
/// or the next one. None is lost: what no wait has told when this ends is left to the `Interrupt`
/// around it, and without any it kills the program after all.
pub(super) struct Interrupt {
    signals: SignalFd,
    before: SigSet,
    deadline: Option<Instant>,
    told: Cell<bool>,
}

impl Interrupt {
    /// Starts to catch Ctrl-C on this thread. Waits end at the deadline, too.
    pub(super) fn catch(deadline: Option<Instant>) -> io::Result<Self> {
        let signals = signals()?;
        let before = sigint().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        Ok(Self {
            signals,
            before,
            deadline,
            told: Cell::new(false),
        })
    }

    /// Waits until something can be read, or has ended, and says which of the sources.
    ///
    /// # Errors
    /// [`Error::Interrupted`] at Ctrl-C and when nothing can be waited for, [`Error::TimedOut`] at
    /// the deadline. Whoever gets the former has to end what the user sees: it is told once.
    pub(super) fn wait(&self, sources: &[BorrowedFd<'_>]) -> Result<Vec<bool>, Error> {
        self.wait_until(None, sources)
    }

    /// The same, but no longer than to this moment: then no source is ready.
    pub(super) fn wait_until(
        &self,
        moment: Option<Instant>,
        sources: &[BorrowedFd<'_>],
    ) -> Result<Vec<bool>, Error> {
        self.wait_for(moment, sources, PollFlags::POLLIN)
    }

    /// The same, until something can be written.
    pub(super) fn wait_writable(&self, target: BorrowedFd<'_>) -> Result<(), Error> {
        self.wait_for(None, &[target], PollFlags::POLLOUT).map(drop)
    }

    /// Tells a Ctrl-C that has come, or that the deadline has passed, without a wait.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.wait_until(Some(Instant::now()), &[]).map(drop)
    }

    /// Does something with Ctrl-C as it is without any of these.
    pub(super) fn let_through<T>(&self, action: impl FnOnce() -> T) -> T {
        let _ = sigint().thread_unblock();
        let done = action();
        let _ = sigint().thread_block();
        done
    }

    fn wait_for(
        &self,
        moment: Option<Instant>,
        others: &[BorrowedFd<'_>],
        what: PollFlags,
    ) -> Result<Vec<bool>, Error> {
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let others = others.iter().map(|fd| PollFd::new(*fd, what));
        let mut fds: Vec<_> = std::iter::once(signals).chain(others).collect();
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
            self.told.set(true);
            return Err(Error::Interrupted);
        }
        Ok(ready.collect())
    }
}

/// Waits until something can be written; false when Ctrl-C comes first, which is still to be told.
pub(super) fn has_room(target: BorrowedFd<'_>) -> io::Result<bool> {
    let mut room = PollFd::new(target, PollFlags::POLLOUT);
    // Most often there is some.
    if poll(std::slice::from_mut(&mut room), PollTimeout::ZERO)? > 0 {
        return Ok(true);
    }
    let signals = signals()?;
    let mut fds = [room, PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::NONE)?;
    Ok(fds.first().and_then(PollFd::any).unwrap_or(true))
}

fn signals() -> nix::Result<SignalFd> {
    let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
    SignalFd::with_flags(&sigint(), flags)
}

fn sigint() -> SigSet {
    SigSet::from(Signal::SIGINT)
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
        // Whoever presses Ctrl-C twice means the same thing.
        while self.told.get() && matches!(self.signals.read_signal(), Ok(Some(_))) {}
        let _ = self.before.thread_set_mask();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn press() {
        nix::sys::signal::raise(Signal::SIGINT).unwrap();
    }

    #[test]
    fn ctrl_c_ends_the_wait_and_kills_nobody() {
        let (silent, mut writer) = io::pipe().unwrap();
        let interrupt = Interrupt::catch(None).unwrap();
        press();
        let waited = interrupt.wait(&[silent.as_fd()]);
        assert!(matches!(waited, Err(Error::Interrupted)));
        writer.write_all(b"x").unwrap();
        assert_eq!(interrupt.wait(&[silent.as_fd()]).unwrap(), [true]);
        press();
    }

    #[test]
    fn ctrl_c_that_no_wait_has_told_is_left_to_who_waits_next() {
        let outer = Interrupt::catch(None).unwrap();
        let inner = Interrupt::catch(None).unwrap();
        press();
        drop(inner);
        drop(Interrupt::catch(None).unwrap());
        assert!(matches!(outer.check(), Err(Error::Interrupted)));
        assert!(outer.check().is_ok());
    }

    #[test]
    fn ctrl_c_comes_before_whatever_is_ready() {
        let (silent, writer) = io::pipe().unwrap();
        let interrupt = Interrupt::catch(None).unwrap();
        interrupt.wait_writable(writer.as_fd()).unwrap();
        press();
        let waited = interrupt.wait_writable(writer.as_fd());
        assert!(matches!(waited, Err(Error::Interrupted)));
        drop((silent, writer));
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

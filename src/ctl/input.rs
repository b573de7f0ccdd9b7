//! Lines that the user types or pipes in.

use super::Error;
use super::interrupt::Interrupt;
use super::resumed::Resumed;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use std::io::IsTerminal;
use std::os::fd::{AsFd, BorrowedFd};

/// A line longer than this is cut, in bytes.
const MAX_LINE: usize = 1024 * 1024;

/// Standard input, by lines.
pub(super) struct Input<'a> {
    fd: BorrowedFd<'a>,
    buffer: Vec<u8>,
    ended: bool,
    /// Whether anything has been asked of it since [`Input::take_used`].
    used: bool,
}

impl<'a> Input<'a> {
    /// Reads from `fd`.
    pub(super) const fn new(fd: BorrowedFd<'a>) -> Self {
        Self {
            fd,
            buffer: Vec::new(),
            ended: false,
            used: false,
        }
    }

    /// Whether somebody has read here since this was asked last.
    pub(super) fn take_used(&mut self) -> bool {
        std::mem::take(&mut self.used)
    }

    /// The next line without its end, once it is here: call [`Input::fill`] for more.
    pub(super) fn line(&mut self) -> Option<String> {
        self.used = true;
        let end = memchr::memchr(b'\n', &self.buffer);
        let whole = end.is_some() || self.buffer.len() > MAX_LINE || self.ended;
        if !whole || self.buffer.is_empty() {
            return None;
        }
        let rest = end.map_or(Vec::new(), |at| self.buffer.split_off(at + 1));
        let mut line = std::mem::replace(&mut self.buffer, rest);
        line.pop_if(|byte| *byte == b'\n');
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// True when no line will come any more.
    pub(super) fn is_at_end(&self) -> bool {
        self.ended && self.buffer.is_empty()
    }

    /// Reads once. What can't be read is at its end.
    pub(super) fn fill(&mut self) {
        let mut piece = [0; 4096];
        match nix::unistd::read(self.fd, &mut piece) {
            Ok(0) => self.ended = true,
            Ok(count) => self
                .buffer
                .extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(nix::Error::EINTR | nix::Error::EAGAIN) => {}
            Err(_) => self.ended = true,
        }
    }

    /// Forgets what has been typed and not been taken.
    pub(super) fn forget_typed(&mut self) {
        self.buffer.clear();
    }

    /// Waits for a byte, on a terminal in this mode; `None` at the end.
    pub(super) fn read_byte(
        &mut self,
        mode: Option<&TerminalMode<'_>>,
        interrupt: &Interrupt,
    ) -> Result<Option<u8>, Error> {
        while self.buffer.is_empty() && !self.ended {
            self.wait(mode, interrupt)?;
            self.fill();
        }
        let mut bytes = self.buffer.drain(..1.min(self.buffer.len()));
        Ok(bytes.next())
    }

    /// Where it reads from.
    pub(super) const fn fd(&self) -> BorrowedFd<'a> {
        self.fd
    }

    /// Whether somebody may sit there.
    pub(super) fn is_terminal(&self) -> bool {
        self.fd.is_terminal()
    }

    /// Whether a terminal shows what is typed.
    pub(super) fn shows_typing(&self) -> bool {
        tcgetattr(self.fd).is_ok_and(|mode| mode.local_flags.contains(LocalFlags::ECHO))
    }

    /// Waits for a line; `None` at the end.
    pub(super) fn read_line(&mut self, interrupt: &Interrupt) -> Result<Option<String>, Error> {
        self.read_line_in(None, interrupt)
    }

    /// Waits for a line that a terminal does not show while it is typed.
    pub(super) fn read_secret(&mut self, interrupt: &Interrupt) -> Result<Option<String>, Error> {
        let hidden = TerminalMode::without(self.fd, LocalFlags::ECHO);
        self.read_line_in(hidden.as_ref(), interrupt)
    }

    fn read_line_in(
        &mut self,
        mode: Option<&TerminalMode<'_>>,
        interrupt: &Interrupt,
    ) -> Result<Option<String>, Error> {
        loop {
            if let Some(line) = self.line() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            self.wait(mode, interrupt)?;
            self.fill();
        }
    }

    /// Waits until something can be read.
    fn wait(&self, mode: Option<&TerminalMode<'_>>, interrupt: &Interrupt) -> Result<(), Error> {
        let Some(mode) = mode else {
            return interrupt.wait(&[self.fd]).map(drop);
        };
        loop {
            match *interrupt.wait(&[self.fd, mode.resumed.as_fd()])? {
                [false, true] => mode.set_again(),
                _ => return Ok(()),
            }
        }
    }
}

impl AsFd for Input<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd
    }
}

/// A terminal in another mode, until this is dropped. Whoever stops us by Ctrl-Z takes the terminal
/// over, and gives it back in whatever mode: it is set again then.
pub(super) struct TerminalMode<'a> {
    fd: BorrowedFd<'a>,
    before: Termios,
    mode: Termios,
    resumed: Resumed,
}

impl<'a> TerminalMode<'a> {
    /// Without these flags; `None` where there is no terminal.
    pub(super) fn without(fd: BorrowedFd<'a>, flags: LocalFlags) -> Option<Self> {
        let before = tcgetattr(fd).ok()?;
        let mut mode = before.clone();
        mode.local_flags.remove(flags);
        let resumed = Resumed::catch().ok()?;
        tcsetattr(fd, SetArg::TCSADRAIN, &mode).ok()?;
        Some(Self {
            fd,
            before,
            mode,
            resumed,
        })
    }

    fn set_again(&self) {
        self.resumed.take();
        let _ = tcsetattr(self.fd, SetArg::TCSADRAIN, &self.mode);
    }
}

impl Drop for TerminalMode<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.fd, SetArg::TCSADRAIN, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_come_whole_and_the_last_needs_no_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let interrupt = Interrupt::catch(None).unwrap();
        let mut input = Input::new(reader.as_fd());
        writer.write_all(b"one\n\ntwo").unwrap();
        assert_eq!(input.read_line(&interrupt).unwrap().as_deref(), Some("one"));
        assert_eq!(input.read_line(&interrupt).unwrap().as_deref(), Some(""));
        assert_eq!(input.line(), None);
        drop(writer);
        assert_eq!(input.read_line(&interrupt).unwrap().as_deref(), Some("two"));
        assert!(input.is_at_end());
        assert_eq!(input.read_line(&interrupt).unwrap(), None);
    }
}

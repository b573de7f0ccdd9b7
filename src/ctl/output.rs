//! Standard output and error, where Ctrl-C can end the waiting for a reader.

use super::interrupt;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;

/// What a pipe that has room at all takes at once, in bytes: its page, and POSIX's least.
const PIECE: usize = 4096;

/// A file, terminal, pipe or socket to write to. While its reader takes nothing, Ctrl-C makes the
/// write fail; the next wait is told of it, too.
pub struct Output<'a>(BorrowedFd<'a>);

impl<'a> Output<'a> {
    /// Writes to this descriptor.
    pub const fn new(fd: BorrowedFd<'a>) -> Self {
        Self(fd)
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        loop {
            if !interrupt::has_room(self.0)? {
                return Err(io::Error::other("interrupted"));
            }
            match nix::unistd::write(self.0, piece) {
                Err(nix::Error::EAGAIN) => {}
                result => return Ok(result?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Error;
    use super::super::interrupt::Interrupt;
    use super::*;
    use std::io::Read;
    use std::os::fd::AsFd;

    #[test]
    fn all_of_it_is_written() {
        let mut file = tempfile::tempfile().unwrap();
        let text = "x".repeat(3 * PIECE + 1);
        Output::new(file.as_fd())
            .write_all(text.as_bytes())
            .unwrap();
        let mut read = String::new();
        io::Seek::rewind(&mut file).unwrap();
        file.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[test]
    fn ctrl_c_ends_a_write_that_nobody_reads_and_is_still_told() {
        let (_reader, writer) = io::pipe().unwrap();
        let interrupt = Interrupt::catch(None).unwrap();
        nix::sys::signal::raise(nix::sys::signal::SIGINT).unwrap();
        let endless = vec![0; 16 * 1024 * 1024];
        assert!(Output::new(writer.as_fd()).write_all(&endless).is_err());
        assert!(matches!(interrupt.check(), Err(Error::Interrupted)));
    }
}

//! Pipes between us and a child, and the place where unwanted output goes.

use super::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::Mode;
use nix::unistd::pipe2;
use std::os::fd::OwnedFd;

/// A pipe: our end never blocks, the child's does.
#[derive(Debug)]
pub struct Pipe {
    /// The end that we keep.
    pub ours: OwnedFd,
    /// The end for the child; to be dropped once it is spawned.
    pub child: OwnedFd,
}

impl Pipe {
    /// A pipe that the child writes and we read: its stdout or stderr.
    pub fn from_child() -> Result<Self, Errno> {
        let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
        Self::new(read, write)
    }

    /// A pipe that we write and the child reads: its stdin.
    pub fn to_child() -> Result<Self, Errno> {
        let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
        Self::new(write, read)
    }

    fn new(ours: OwnedFd, child: OwnedFd) -> Result<Self, Errno> {
        // The ends are two open files, so the child's stays blocking.
        fcntl(&ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self { ours, child })
    }
}

/// `/dev/null`, for reading and writing.
pub fn dev_null() -> Result<OwnedFd, Errno> {
    open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    fn blocks(fd: impl AsFd) -> bool {
        OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL).unwrap()) & OFlag::O_NONBLOCK
            == OFlag::empty()
    }

    #[test]
    fn our_end_does_not_block_and_the_childs_does() {
        for pipe in [Pipe::from_child().unwrap(), Pipe::to_child().unwrap()] {
            assert!(!blocks(&pipe.ours) && blocks(&pipe.child));
        }
    }
}

//! Leaving the terminal.

use super::errno::{Errno, io_error_words};
use super::pipe::dev_null;
use crate::process::note::Level;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, fork, setsid};
use std::path::Path;

/// A line that the log is to hear.
pub type Line = (Level, String);

/// Goes on in a child with a session of its own, no terminal, this directory and this umask; the
/// parent exits 0 at once. Returns what is to be logged.
///
/// A directory that can't be entered is told and not fatal. To be called while the process has
/// one thread: a fork takes no other along.
pub fn daemonize(directory: Option<&Path>, mask: u32) -> Result<Vec<Line>, Errno> {
    leave_parent()?;
    let mut lines = vec![(
        Level::Info,
        "daemonizing the supervisord process".to_owned(),
    )];
    lines.extend(directory.map(enter));
    let null = dev_null()?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    setsid()?;
    umask(Mode::from_bits_truncate(mask));
    Ok(lines)
}

#[allow(unsafe_code)]
fn leave_parent() -> Result<(), Errno> {
    // SAFETY: the caller has one thread, so no lock is held by a thread that the child lacks.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(()),
        // SAFETY: _exit(2) runs no code of ours: sockets, pid file and log belong to the child.
        ForkResult::Parent { .. } => unsafe { libc::_exit(0) },
    }
}

fn enter(directory: &Path) -> Line {
    let place = directory.display();
    match std::env::set_current_dir(directory) {
        Ok(()) => (Level::Info, format!("set current directory: '{place}'")),
        Err(error) => (
            Level::Critical,
            format!("can't chdir into '{place}': {}", io_error_words(&error)),
        ),
    }
}

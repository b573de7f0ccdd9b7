//! From a [`SpawnPlan`] to a running child.
//!
//! Linux only. The child is made by clone(2) with `CLONE_VM | CLONE_VFORK`: it borrows our memory
//! on a stack of its own until it executes its program, so that the cost does not grow with our
//! size, nor with the number of our descriptors (`launchpad`). Everything it needs is prepared
//! before (`image`), and all it does is a list of system calls (`child`). What failed comes
//! back through the shared memory, and we tell it on the child's stderr.

mod child;
mod image;
mod launchpad;
mod stack;

use super::errno::{Errno, errno_name};
use super::{Environment, RunAs};
use crate::process::Pid;
use child::{Failure, Step};
use image::Image;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// The most that one write(2) to a pipe puts there whole (PIPE_BUF, pipe(7)).
const PIPE_BUF: usize = libc::PIPE_BUF;

/// All there is to know to start a child.
#[derive(Clone, Copy, Debug)]
pub struct SpawnPlan<'a> {
    /// The file to execute, as [`super::command::resolve`] gives it; a relative one is reckoned
    /// from `directory`.
    pub file: &'a Path,
    /// The arguments; the first is the command as it was written.
    pub argv: &'a [String],
    /// The whole environment.
    pub environment: &'a Environment,
    /// The child's stdin, stdout and stderr: any descriptors, also the same one twice.
    pub stdio: [BorrowedFd<'a>; 3],
    /// Where it runs; `None` is our directory.
    pub directory: Option<&'a str>,
    /// Its umask; `None` is ours.
    pub umask: Option<u32>,
    /// Whom it runs as.
    pub run_as: &'a RunAs,
    /// Its soft limit of open files, where ours was raised beyond what children are to have.
    pub open_files: Option<u64>,
    /// Whether the kernel is to kill it when the thread that spawns it ends, as each does when we
    /// die. A program that is set-user-ID, or takes on capabilities, is spared (prctl(2)).
    pub dies_with_us: bool,
}

/// Why there is no child at all.
///
/// A child that can't be made ready or can't execute its program is a child all the same: it
/// tells why on its stderr and exits 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// Its pipes or its log files can't be opened.
    Dispatchers(Errno),
    /// clone(2) failed.
    Fork(Errno),
    /// A word of its command, directory or environment has a NUL byte, which no program can get.
    Nul,
}

impl SpawnError {
    /// What `spawnerr` says about it for the process of this name.
    pub fn text(self, name: &str) -> String {
        match self {
            Self::Dispatchers(Errno::EMFILE) => format!("too many open files to spawn '{name}'"),
            Self::Dispatchers(errno) => {
                let errno = errno_name(errno);
                format!("unknown error making dispatchers for '{name}': {errno}")
            }
            Self::Fork(Errno::EAGAIN) => {
                format!("Too many processes in process table to spawn '{name}'")
            }
            Self::Fork(errno) => {
                format!(
                    "unknown error during fork for '{name}': {}",
                    errno_name(errno)
                )
            }
            Self::Nul => format!("can't spawn '{name}': NUL byte in its command or environment"),
        }
    }
}

/// Starts a child and returns once it executes its program or has failed to.
///
/// The child leads a process group of its own in our session, has all signal handling at its
/// default but SIGPIPE and SIGXFSZ, which it ignores, and no descriptor but the three. Callers on
/// several threads take turns.
pub fn spawn(plan: &SpawnPlan<'_>) -> Result<Pid, SpawnError> {
    let image = Image::new(plan).map_err(|_| SpawnError::Nul)?;
    let mut orders = image.orders(plan);
    let dumpable = prctl::get_dumpable().unwrap_or(false);
    let pid = launchpad::launch(&mut orders, plan.stdio)?;
    if dumpable && matches!(plan.run_as, RunAs::User(_)) {
        // The kernel clears the flag, which belongs to the memory that we shared, when the child
        // changes its user.
        let _ = prctl::set_dumpable(true);
    }
    if let Some(failure) = orders.failure {
        tell(plan, failure);
    }
    Ok(pid)
}

/// Says on the child's stderr why it could not start. The child has ended by now, but its end of
/// the pipe is still ours.
fn tell(plan: &SpawnPlan<'_>, failure: Failure) {
    let last = b"\nsupervisor: child process was not spawned\n";
    let mut text = explanation(plan, failure).into_bytes();
    text.truncate(PIPE_BUF - last.len());
    text.extend_from_slice(last);
    write_if_room(plan.stdio[2], &text);
}

/// Never blocks: a pipe that poll(2) calls writable takes PIPE_BUF bytes.
fn write_if_room(fd: BorrowedFd<'_>, bytes: &[u8]) {
    let mut ready = [PollFd::new(fd, PollFlags::POLLOUT)];
    if poll(&mut ready, PollTimeout::ZERO) == Ok(1) {
        let _ = nix::unistd::write(fd, bytes);
    }
}

fn explanation(plan: &SpawnPlan<'_>, failure: Failure) -> String {
    let errno = errno_name(failure.errno);
    match failure.step {
        Step::Descriptors => format!("supervisor: couldn't set up file descriptors: {errno}"),
        Step::Limits => format!("supervisor: couldn't set the limit of open files: {errno}"),
        Step::User(uid, why) => format!("supervisor: couldn't setuid to {uid}: {why}"),
        Step::Death => format!("supervisor: couldn't be made to die with supervisord: {errno}"),
        Step::Directory => {
            let directory = plan.directory.unwrap_or_default();
            format!("supervisor: couldn't chdir to {directory}: {errno}")
        }
        Step::Exec => {
            let argv0 = plan.argv.first().map_or("", String::as_str);
            format!("supervisor: couldn't exec {argv0}: {errno}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spawn_error_names_the_process() {
        for (error, text) in [
            (
                SpawnError::Dispatchers(Errno::EMFILE),
                "too many open files to spawn 'cat'",
            ),
            (
                SpawnError::Dispatchers(Errno::EISDIR),
                "unknown error making dispatchers for 'cat': EISDIR",
            ),
            (
                SpawnError::Fork(Errno::EAGAIN),
                "Too many processes in process table to spawn 'cat'",
            ),
            (
                SpawnError::Fork(Errno::ENOMEM),
                "unknown error during fork for 'cat': ENOMEM",
            ),
        ] {
            assert_eq!(error.text("cat"), text);
        }
    }
}

//! Children that have ended.

use super::errno::Errno;
use crate::process::{ExitStatus, Pid};

/// Reaps one child of any kind that has ended, ours or adopted; `None` when there is none now.
///
/// To be called, until it says `None`, from one place of the program only: nothing else may wait
/// for children.
#[allow(unsafe_code)]
pub fn reap() -> Option<(Pid, ExitStatus)> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a valid place for the status.
        match unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) } {
            0 => return None,
            -1 if Errno::last() == Errno::EINTR => {}
            -1 => return None,
            pid => return Some((pid, ExitStatus::from_wait(status))),
        }
    }
}

/// Whether our child `pid` has ended and waits to be reaped. Leaves it so.
#[allow(unsafe_code)]
pub fn has_exited(pid: Pid) -> bool {
    let Ok(id) = libc::id_t::try_from(pid) else {
        return false;
    };
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: all zeroes is a valid siginfo_t, and waitid fills it or leaves it alone; the kernel
    // sets `si_pid` (0 where nobody has ended) for this call.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_PID, id, &raw mut info, flags) == 0 && info.si_pid() == pid
    }
}

/// Makes us the parent of our descendants' orphans, as process 1 is. Linux only.
pub fn become_subreaper() -> Result<(), Errno> {
    nix::sys::prctl::set_child_subreaper(true)
}

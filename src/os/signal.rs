//! Signals, sent and ignored.

use super::errno::Errno;
use crate::process::{Pid, Signal};
use nix::sys::signal::{SigHandler, SigSet, Signal as Native};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Sends a signal to a process or, with `group`, to the process group that it leads.
///
/// Never reaches beyond: ids that kill(2) would take for more than one process or group are
/// ESRCH.
#[allow(unsafe_code)]
pub fn kill(pid: Pid, signal: Signal, group: bool) -> Result<(), Errno> {
    if pid <= Pid::from(group) {
        return Err(Errno::ESRCH);
    }
    let target = if group { -pid } else { pid };
    // SAFETY: kill(2) touches no memory of ours.
    Errno::result(unsafe { libc::kill(target, signal.number()) }).map(drop)
}

/// Ignores SIGPIPE and SIGXFSZ, so that a reader that goes away and a file that grows too large
/// are errors of one write. Children inherit it.
pub fn ignore_write_failures() -> Result<(), Errno> {
    set(Native::SIGPIPE, SigHandler::SigIgn)?;
    set(Native::SIGXFSZ, SigHandler::SigIgn)
}

/// Undoes an inherited SIG_IGN for SIGCHLD, under which the kernel throws exit statuses away.
pub fn keep_exit_statuses() -> Result<(), Errno> {
    set(Native::SIGCHLD, SigHandler::SigDfl)
}

/// Has a command of std start with no signal blocked and, as we do, ignore SIGPIPE: std would
/// leave the mask as it is with us and reset SIGPIPE.
#[allow(unsafe_code)]
pub fn start_afresh(command: &mut Command) {
    let prepare = || {
        set(Native::SIGPIPE, SigHandler::SigIgn)?;
        Ok(SigSet::empty().thread_set_mask()?)
    };
    // SAFETY: what runs after the fork is two system calls and nothing else.
    unsafe { command.pre_exec(prepare) };
}

#[allow(unsafe_code)]
fn set(signal: Native, handler: SigHandler) -> Result<(), Errno> {
    // SAFETY: the handler is the default or "ignore": no code of ours runs in a signal's context.
    unsafe { nix::sys::signal::signal(signal, handler) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_signal_goes_to_everybody() {
        for (pid, group) in [(0, false), (-1, false), (0, true), (1, true), (-7, true)] {
            assert_eq!(
                kill(pid, Signal::from_wait(0), group),
                Err(Errno::ESRCH),
                "{pid} {group}"
            );
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_esrch() {
        assert_eq!(kill(Pid::MAX, Signal::TERM, false), Err(Errno::ESRCH));
    }
}

//! The child's side of a spawn: system calls and nothing else.
//!
//! Between clone and execve the child shares our memory while other threads of ours go on, so it
//! may not allocate, lock, panic or unwind. Raw calls are used where the C library's would do
//! more than the kernel's: its setuid family signals all threads of the *parent*, and its signal
//! masks leave out two signals. The other functions used here are thin skins over their call.

use super::stack::Stack;
use crate::os::errno::Errno;
use crate::os::identity::Refusal;
use crate::os::{Identity, RunAs};
use crate::process::Pid;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{self, chdir, setpgid};
use std::ffi::{CStr, c_int, c_void};
use std::os::fd::RawFd;
use std::ptr;

#[cfg(not(any(target_arch = "arm", target_arch = "x86")))]
use libc::{SYS_setgid as SETGID, SYS_setgroups as SETGROUPS, SYS_setuid as SETUID};
// There the plain calls take ids of 16 bits.
#[cfg(any(target_arch = "arm", target_arch = "x86"))]
use libc::{SYS_setgid32 as SETGID, SYS_setgroups32 as SETGROUPS, SYS_setuid32 as SETUID};

/// The highest signal number (signal(7)).
const LAST_SIGNAL: c_int = 64;
/// The exit status of a child that could not execute its program.
const NOT_SPAWNED: c_int = 127;

/// What the child does, and where it leaves what failed.
pub(super) struct Orders<'a> {
    pub(super) file: &'a CStr,
    /// Null-terminated.
    pub(super) argv: &'a [*const libc::c_char],
    /// Null-terminated.
    pub(super) environment: &'a [*const libc::c_char],
    /// Where stdin, stdout and stderr lie ready; all above 2.
    pub(super) stdio: [RawFd; 3],
    /// Whether to begin in the parent's table of descriptors instead of a copy of it.
    pub(super) sharing: bool,
    pub(super) directory: Option<&'a CStr>,
    pub(super) umask: Option<u32>,
    pub(super) run_as: &'a RunAs,
    pub(super) open_files: Option<u64>,
    /// Us, where the child is to die with us.
    pub(super) dies_with: Option<Pid>,
    pub(super) failure: Option<Failure>,
}

/// The step that failed, and how.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    pub(super) step: Step,
    pub(super) errno: Errno,
}

/// What can fail in a child.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Descriptors,
    Limits,
    User(u32, Refusal),
    Death,
    Directory,
    Exec,
}

/// Makes the child; returns when it has executed its program or ended.
#[allow(unsafe_code)]
pub(super) fn clone(orders: &mut Orders<'_>, stack: &mut Stack) -> Result<Pid, Errno> {
    let _blocked = SignalsBlocked::new();
    let sharing = if orders.sharing { libc::CLONE_FILES } else { 0 };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD | sharing;
    let orders = ptr::from_mut(orders).cast();
    // SAFETY: the stack is ours alone, being borrowed mutably. With CLONE_VFORK this thread is
    // suspended until the child no longer uses our memory, so `orders` outlives the child's use
    // of it and is never used by both at once.
    Errno::result(unsafe { libc::clone(run, stack.top(), flags, orders) })
}

/// Blocks all signals of this thread, so that none of our handlers runs in the child.
struct SignalsBlocked(u64);

impl SignalsBlocked {
    fn new() -> Self {
        Self(set_signal_mask(u64::MAX))
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        set_signal_mask(self.0);
    }
}

/// Returns the mask that was in force. The kernel's mask is 64 bits on all of Rust's Linux
/// targets but MIPS.
#[allow(unsafe_code)]
fn set_signal_mask(mask: u64) -> u64 {
    let mut old = 0_u64;
    let (new, size) = (&raw const mask, size_of::<u64>());
    // SAFETY: both masks are as large as the call is told.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            new,
            &raw mut old,
            size,
        );
    }
    old
}

#[allow(unsafe_code)]
extern "C" fn run(orders: *mut c_void) -> c_int {
    // SAFETY: `clone` passes its `Orders`, and does not touch them while we run.
    let orders = unsafe { &mut *orders.cast::<Orders<'_>>() };
    if let Err(failure) = orders.carry_out() {
        orders.failure = Some(failure);
    }
    NOT_SPAWNED
}

impl Orders<'_> {
    /// Comes back only when something failed.
    fn carry_out(&self) -> Result<(), Failure> {
        reset_signal_handlers();
        lead_a_group();
        self.place_descriptors().map_err(at(Step::Descriptors))?;
        self.limit_open_files().map_err(at(Step::Limits))?;
        self.become_user()?;
        self.die_with_parent().map_err(at(Step::Death))?;
        self.enter_directory().map_err(at(Step::Directory))?;
        self.set_umask();
        set_signal_mask(0);
        self.execute().map_err(at(Step::Exec))
    }

    fn place_descriptors(&self) -> Result<(), Errno> {
        if self.sharing {
            let last = self.stdio.into_iter().fold(0, RawFd::max);
            close_range(last + 1, libc::c_int::MAX, libc::CLOSE_RANGE_UNSHARE)?;
        }
        for (from, to) in self.stdio.into_iter().zip(0..) {
            place(from, to)?;
        }
        // Kernels before 5.11 can't; there we rely on every descriptor being close-on-exec from
        // birth or from start (`os::descriptors`).
        let _ = close_range(3, libc::c_int::MAX, libc::CLOSE_RANGE_CLOEXEC);
        Ok(())
    }

    fn limit_open_files(&self) -> Result<(), Errno> {
        let Some(soft) = self.open_files else {
            return Ok(());
        };
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, soft.min(hard), hard)
    }

    fn become_user(&self) -> Result<(), Failure> {
        match self.run_as {
            RunAs::Ourselves => Ok(()),
            RunAs::User(identity) => assume(identity),
            RunAs::Refused { uid, why } => Err(Failure {
                step: Step::User(*uid, *why),
                errno: Errno::EPERM,
            }),
        }
    }

    /// Has to come after the change of user, which clears it. What counts as the parent's death is
    /// the end of the *thread* that spawns: the control thread, which is the main one and lives as
    /// long as the process.
    fn die_with_parent(&self) -> Result<(), Errno> {
        let Some(parent) = self.dies_with else {
            return Ok(());
        };
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // A parent that died before that sends nothing any more.
        if unistd::getppid().as_raw() == parent {
            Ok(())
        } else {
            Err(Errno::ESRCH)
        }
    }

    fn enter_directory(&self) -> Result<(), Errno> {
        self.directory.map_or(Ok(()), chdir)
    }

    #[allow(unsafe_code)]
    fn set_umask(&self) {
        if let Some(umask) = self.umask {
            // SAFETY: umask(2) touches no memory.
            unsafe { libc::umask(umask) };
        }
    }

    #[allow(unsafe_code)]
    fn execute(&self) -> Result<(), Errno> {
        let (argv, environment) = (self.argv.as_ptr(), self.environment.as_ptr());
        // SAFETY: the path is a C string, both arrays end with null and point at C strings.
        Errno::result(unsafe { libc::execve(self.file.as_ptr(), argv, environment) }).map(drop)
    }
}

fn at(step: Step) -> impl Fn(Errno) -> Failure {
    move |errno| Failure { step, errno }
}

/// Every signal to its default but the two that supervisord's children ignore: SIGPIPE and
/// SIGXFSZ, as Python's interpreter has it. Has to come before any signal is let in.
fn reset_signal_handlers() {
    for signal in 1..=LAST_SIGNAL {
        reset(signal);
    }
    ignore(libc::SIGPIPE);
    ignore(libc::SIGXFSZ);
}

/// The C library would refuse the two signals that it uses itself, which we may have inherited
/// ignored. The kernel refuses SIGKILL and SIGSTOP, which does no harm.
#[allow(unsafe_code)]
fn reset(signal: c_int) {
    // Larger than any kernel's sigaction; all zeroes is the default, no flags and an empty mask.
    let (action, none) = ([0_u64; 4], ptr::null_mut::<c_void>());
    let size = size_of::<u64>();
    // SAFETY: the call reads no more than `action`; `size` is that of the mask inside.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, action.as_ptr(), none, size) };
}

#[allow(unsafe_code)]
fn ignore(signal: c_int) {
    // SAFETY: all zeroes is a valid sigaction, and no code of ours is to run.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_IGN;
        libc::sigaction(signal, &raw const action, ptr::null_mut());
    }
}

/// A process group of its own, in our session. Can't fail in a fresh child.
fn lead_a_group() {
    let itself = unistd::Pid::from_raw(0);
    let _ = setpgid(itself, itself);
}

/// Whether a child that shares our table of descriptors can go on with a copy of its lower end.
/// `CLOSE_RANGE_UNSHARE` is as old as the call itself.
pub(super) fn can_copy_lower_end() -> bool {
    let nothing = libc::c_int::MAX;
    close_range(nothing, nothing, 0).is_ok()
}

/// The copy stays open across execve.
#[allow(unsafe_code)]
fn place(from: RawFd, to: RawFd) -> Result<(), Errno> {
    // SAFETY: the table of descriptors is the child's own.
    Errno::result(unsafe { libc::dup2(from, to) }).map(drop)
}

#[allow(unsafe_code)]
fn close_range(first: RawFd, last: RawFd, flags: libc::c_uint) -> Result<(), Errno> {
    // SAFETY: the callers name descriptors that don't exist, or those of a table that is the
    // child's own or becomes so by the call.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    Errno::result(result).map(drop)
}

fn assume(identity: &Identity) -> Result<(), Failure> {
    let Identity { uid, gid, groups } = identity;
    let refused = |why| at(Step::User(*uid, why));
    set_groups(groups).map_err(refused(Refusal::Groups))?;
    set_id(SETGID, *gid).map_err(refused(Refusal::Group))?;
    set_id(SETUID, *uid).map_err(refused(Refusal::User))
}

#[allow(unsafe_code)]
fn set_groups(groups: &[u32]) -> Result<(), Errno> {
    // SAFETY: the array has as many ids as the call is told.
    Errno::result(unsafe { libc::syscall(SETGROUPS, groups.len(), groups.as_ptr()) }).map(drop)
}

#[allow(unsafe_code)]
fn set_id(call: libc::c_long, id: u32) -> Result<(), Errno> {
    // SAFETY: setuid(2) and setgid(2) touch no memory.
    Errno::result(unsafe { libc::syscall(call, id) }).map(drop)
}

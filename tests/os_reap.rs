//! Reaping takes every child of the process, so this binary has one test.

#![allow(clippy::unwrap_used)]

use std::os::fd::AsFd;
use std::path::Path;
use supervisor::os::pipe::{Pipe, dev_null};
use supervisor::os::{Environment, RunAs, SpawnPlan, children, signal, spawn};
use supervisor::process::{ExitStatus, Signal};

/// Starts a shell whose stdin is `stdin` and whose stdout is `stdout`.
fn shell(script: &str, stdin: &impl AsFd, stdout: &impl AsFd) -> i32 {
    spawn(&SpawnPlan {
        file: Path::new("/bin/sh"),
        argv: &["sh", "-c", script].map(str::to_owned),
        environment: &Environment::inherited(),
        stdio: [stdin.as_fd(), stdout.as_fd(), stdout.as_fd()],
        directory: None,
        umask: None,
        run_as: &RunAs::Ourselves,
        open_files: None,
        dies_with_us: false,
    })
    .unwrap()
}

/// Waits until a child has ended, and reaps it.
fn reaped() -> (i32, ExitStatus) {
    let flags = nix::sys::wait::WaitPidFlag::WEXITED | nix::sys::wait::WaitPidFlag::WNOWAIT;
    // Waits, and then may fail to tell a signal that has no name.
    let _ = nix::sys::wait::waitid(nix::sys::wait::Id::All, flags);
    children::reap().unwrap()
}

#[test]
fn every_child_is_reaped_with_its_status_ours_or_not() {
    let null = dev_null().unwrap();
    assert_eq!(children::reap(), None);

    let pid = shell("exit 7", &null, &null);
    assert_eq!(reaped(), (pid, ExitStatus::Code(7)));

    let held = Pipe::to_child().unwrap();
    let pid = shell("read line", &held.child, &null);
    assert_eq!(children::reap(), None);
    signal::kill(pid, Signal::from_wait(40), true).unwrap();
    let (signal, core) = (Signal::from_wait(40), false);
    assert_eq!(reaped(), (pid, ExitStatus::Signaled { signal, core }));

    children::become_subreaper().unwrap();
    let pid = shell("(read line; exit 3) <&0 & exit 0", &held.child, &null);
    assert_eq!(reaped(), (pid, ExitStatus::Code(0)));
    drop(held);
    let (orphan, status) = reaped();
    assert_ne!(orphan, pid);
    assert_eq!(status, ExitStatus::Code(3));
    assert_eq!(children::reap(), None);
}

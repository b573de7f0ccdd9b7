//! What /proc tells of a story's processes.

use super::story::TAG;
use nix::sys::signal::{Signal, kill as send};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A process, looked at from outside.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) i32);

impl Process {
    /// Its open descriptors and what they lead to.
    pub(crate) fn descriptors(self) -> BTreeMap<i32, PathBuf> {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.0))
            .unwrap()
            .flatten();
        entries
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                Some((number, fs::read_link(entry.path()).ok()?))
            })
            .collect()
    }

    /// Its child, where it has exactly one.
    pub(crate) fn only_child(self) -> Option<i32> {
        let list = format!("/proc/{0}/task/{0}/children", self.0);
        fs::read_to_string(list).ok()?.trim().parse().ok()
    }

    /// The memory that it has in use, in KiB.
    pub(crate) fn resident(self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.unwrap().parse().unwrap()
    }

    /// How often its threads have woken from a sleep of their own choice.
    pub(crate) fn wakeups(self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0))
            .unwrap()
            .flatten();
        threads
            .filter_map(|thread| fs::read_to_string(thread.path().join("status")).ok())
            .filter_map(|status| {
                let line = status
                    .lines()
                    .find(|line| line.starts_with("voluntary_ctxt"))?;
                line.split_whitespace().nth(1)?.parse::<u64>().ok()
            })
            .sum()
    }
}

/// Whether there is a process of this pid that is not a zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

/// Sends a signal. A process that is gone already is no matter, nor is pid 0, which stands for no
/// process here and for the sender's whole group in kill(2).
pub(crate) fn kill(pid: i32, signal: &str) {
    let signal: Signal = format!("SIG{signal}").parse().unwrap();
    if pid > 0 {
        let _ = send(Pid::from_raw(pid), signal);
    }
}

/// Kills every process that a story has started, until none is left.
pub(crate) fn kill_all(tag: &str) {
    loop {
        let left = tagged(tag);
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(|pid| kill(pid, "KILL"));
    }
}

/// The living processes that have the story's tag in their environment.
fn tagged(tag: &str) -> Vec<i32> {
    let needle = format!("{TAG}={tag}\0");
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| is_alive(pid) && environment(pid).contains(&needle))
        .collect()
}

fn environment(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

//! What processes take together with all that descend from them, as `/proc` shows it (proc(5)).
//! Linux only: elsewhere there is nothing to see.

use super::procfs::Stat;
use crate::process::Pid;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// How far up the ancestors are looked for; nobody nests deeper on purpose.
const DEEPEST: usize = 64;

/// A process and its descendants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// CPU time of them all, and of those that have ended and were waited for.
    pub cpu: Duration,
    /// Resident memory in bytes; pages that several share count for each.
    pub memory: u64,
    /// The living.
    pub members: Vec<Pid>,
}

impl Family {
    /// How many descriptors its members have open; those that we may not look at count none.
    pub fn open_files(&self) -> usize {
        let count = |pid: &Pid| {
            fs::read_dir(format!("/proc/{pid}/fd"))
                .ok()
                .map(Iterator::count)
        };
        self.members.iter().filter_map(count).sum()
    }
}

/// The families of these processes, from one walk through all that there are. To a family belong
/// those, too, that have lost their parents but are in the process group that it began with.
///
/// # Errors
/// When there is no `/proc`.
pub fn families(heads: &[Pid]) -> io::Result<HashMap<Pid, Family>> {
    let all = processes()?;
    let mut families: HashMap<Pid, Family> = heads
        .iter()
        .filter(|head| all.contains_key(head))
        .map(|head| (*head, Family::default()))
        .collect();
    for stat in all.values() {
        let head = head_of(stat, &all, |pid| families.contains_key(&pid));
        if let Some(family) = head.and_then(|head| families.get_mut(&head)) {
            family.cpu += ticks(stat.cpu_ticks + stat.waited_ticks);
            family.memory += stat.resident_pages * *PAGE;
            if stat.is_alive {
                family.members.push(stat.pid);
            }
        }
    }
    Ok(families)
}

/// What we take ourselves, without descendants.
///
/// # Errors
/// When there is no `/proc`.
pub fn ourselves() -> io::Result<Family> {
    let stat = Stat::of(Path::new("/proc/self"))?;
    Ok(Family {
        cpu: ticks(stat.cpu_ticks),
        memory: stat.resident_pages * *PAGE,
        members: vec![stat.pid],
    })
}

/// Whose family a process belongs to.
fn head_of(stat: &Stat, all: &HashMap<Pid, Stat>, is_head: impl Fn(Pid) -> bool) -> Option<Pid> {
    let parent = |stat: &&Stat| all.get(&stat.parent);
    let ancestors = std::iter::successors(Some(stat), parent).take(DEEPEST);
    ancestors
        .map(|stat| stat.pid)
        .find(|pid| is_head(*pid))
        .or_else(|| is_head(stat.group).then_some(stat.group))
}

fn processes() -> io::Result<HashMap<Pid, Stat>> {
    let pid = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<Pid>().ok();
    let pids = fs::read_dir("/proc")?.flatten().filter_map(pid);
    // One that ends meanwhile is left out.
    let stat = |pid| Some((pid, Stat::of(Path::new(&format!("/proc/{pid}"))).ok()?));
    Ok(pids.filter_map(stat).collect())
}

/// Clock ticks as time; sysconf(3) tells how many make a second.
fn ticks(ticks: u64) -> Duration {
    static PER_SECOND: LazyLock<u64> = LazyLock::new(|| sysconf(libc::_SC_CLK_TCK).unwrap_or(100));
    Duration::from_nanos(ticks.saturating_mul(1_000_000_000 / *PER_SECOND))
}

/// Bytes in a page.
static PAGE: LazyLock<u64> = LazyLock::new(|| sysconf(libc::_SC_PAGESIZE).unwrap_or(4096));

#[allow(unsafe_code)]
fn sysconf(name: libc::c_int) -> Option<u64> {
    // SAFETY: takes a number, gives a number.
    let value = unsafe { libc::sysconf(name) };
    u64::try_from(value).ok().filter(|&value| value > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_family_is_a_process_with_its_children_and_theirs() {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "sleep 1000 & (sleep 1000 & wait) & wait"])
            .spawn()
            .unwrap();
        let head = shell.id().cast_signed();
        let family = loop {
            let family = families(&[head]).unwrap().remove(&head).unwrap();
            if family.members.len() == 4 {
                break family;
            }
            std::thread::yield_now();
        };
        assert!(family.memory > 0 && family.open_files() >= 4 * 3);
        for pid in family.members {
            let pid = nix::unistd::Pid::from_raw(pid);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        shell.wait().unwrap();
        assert_eq!(families(&[head]).unwrap().get(&head), None);
    }

    #[test]
    fn orphans_are_known_by_their_group_and_circles_end() {
        let stat = |pid, parent, group| Stat {
            pid,
            is_alive: true,
            is_out_of_reach: false,
            parent,
            group,
            started: 0,
            cpu_ticks: 0,
            waited_ticks: 0,
            resident_pages: 0,
        };
        let all: HashMap<Pid, Stat> = [stat(5, 1, 5), stat(6, 1, 5), stat(7, 8, 9), stat(8, 7, 9)]
            .into_iter()
            .map(|stat| (stat.pid, stat))
            .collect();
        let head = |pid| head_of(&all[&pid], &all, |pid| pid == 5);
        assert_eq!([5, 6, 7].map(head), [Some(5), Some(5), None]);
    }
}

//! Other processes of this machine, as `/proc` shows them (proc(5)). Where there is no such file
//! system, as on anything but Linux, there are none to see.

use crate::process::Pid;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most that is read of an environment, in bytes.
const LONGEST: u64 = 4 << 20;

/// A process that leads its process group, and the environment that it was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Its pid.
    pub pid: Pid,
    environment: Vec<u8>,
}

impl Leader {
    /// A leader with this environment: `NAME=value` words, each ended by a NUL byte.
    pub fn new(pid: Pid, environment: Vec<u8>) -> Self {
        Self { pid, environment }
    }

    /// A variable; `None` also where it is no text.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = |word| {
            let rest = <[u8]>::strip_prefix(word, name.as_bytes())?;
            rest.strip_prefix(b"=")
        };
        let mut words = self.environment.split(|&byte| byte == 0);
        str::from_utf8(words.find_map(value)?).ok()
    }
}

/// The living leaders of process groups that were started before us, in our own pid namespace.
/// Those whose environment we may not read are left out.
///
/// # Errors
/// When there is no `/proc`.
pub fn earlier_leaders() -> io::Result<impl Iterator<Item = Leader>> {
    let us = Stat::of(Path::new("/proc/self"))?;
    let namespace = namespace(Path::new("/proc/self"));
    let directories = fs::read_dir("/proc")?.flatten().map(|entry| entry.path());
    Ok(directories.filter_map(move |directory| {
        let pid = directory.file_name()?.to_str()?.parse().ok()?;
        let stat = Stat::of(&directory).ok()?;
        let is_leader = stat.is_alive && stat.group == pid;
        // A tick is long enough for a child of ours to have been started in the same one.
        let is_earlier = stat.started <= us.started && ![pid, stat.parent].contains(&us.pid);
        (is_leader && is_earlier && self::namespace(&directory) == namespace)
            .then(|| environment(&directory).ok())?
            .map(|environment| Leader::new(pid, environment))
    }))
}

/// Whether a process sleeps in the kernel where no signal reaches it, SIGKILL included: state `D`.
pub fn is_out_of_reach(pid: Pid) -> bool {
    Stat::of(Path::new(&format!("/proc/{pid}"))).is_ok_and(|stat| stat.is_out_of_reach)
}

/// What tells pid namespaces apart; `None` where we may not look.
fn namespace(directory: &Path) -> Option<PathBuf> {
    fs::read_link(directory.join("ns/pid")).ok()
}

fn environment(directory: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(directory.join("environ"))?;
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A part of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: Pid,
    /// No zombie.
    pub(super) is_alive: bool,
    /// In uninterruptible sleep.
    pub(super) is_out_of_reach: bool,
    pub(super) parent: Pid,
    /// Its process group.
    pub(super) group: Pid,
    /// When it was started, in clock ticks since the machine was.
    pub(super) started: u64,
    /// CPU time that it has used, in clock ticks.
    pub(super) cpu_ticks: u64,
    /// The same of the children that it has waited for.
    pub(super) waited_ticks: u64,
    /// How much of it is in memory.
    pub(super) resident_pages: u64,
}

impl Stat {
    pub(super) fn of(directory: &Path) -> io::Result<Self> {
        let bytes = fs::read(directory.join("stat"))?;
        Self::parse(&String::from_utf8_lossy(&bytes))
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// The second field is the name in parentheses, which may hold anything.
    fn parse(text: &str) -> Option<Self> {
        let (pid, _) = text.split_once(" (")?;
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // The fields have numbers in proc(5); the third is the first after the name.
        let field = |number: usize| fields.get(number - 3).copied();
        let number = |number: usize| field(number)?.parse::<u64>().ok();
        let ticks = |fields: [usize; 2]| fields.into_iter().filter_map(number).sum();
        Some(Self {
            pid: pid.parse().ok()?,
            is_alive: !matches!(field(3)?, "Z" | "X"),
            is_out_of_reach: field(3)? == "D",
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            started: field(22)?.parse().ok()?,
            cpu_ticks: ticks([14, 15]),
            waited_ticks: ticks([16, 17]),
            resident_pages: number(24).unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "7 (a) (b) c) S 1 5 6 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0 12345 2 3 184";

    #[test]
    fn a_name_may_hold_parentheses_and_blanks() {
        let stat = Stat {
            pid: 7,
            is_alive: true,
            is_out_of_reach: false,
            parent: 1,
            group: 5,
            started: 12345,
            cpu_ticks: 3,
            waited_ticks: 0,
            resident_pages: 3,
        };
        assert_eq!(Stat::parse(STAT), Some(stat));
        assert!(!Stat::parse(&STAT.replace(" S ", " Z ")).unwrap().is_alive);
        let asleep = Stat::parse(&STAT.replace(" S ", " D ")).unwrap();
        assert!(asleep.is_out_of_reach && asleep.is_alive);
    }

    #[test]
    fn what_is_no_stat_is_none() {
        for end in 0..STAT.find("12345").unwrap() {
            assert_eq!(Stat::parse(&STAT[..end]), None, "{end}");
        }
        assert_eq!(Stat::parse(&STAT.replace("12345", "x")), None);
    }

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let leader = Leader::new(1, b"AB=1\0A=\0A=2\0B\0C=x=y\0D=\xff\0\0".to_vec());
        let variables = ["AB", "A", "B", "C", "D", ""].map(|name| leader.variable(name));
        assert_eq!(
            variables,
            [Some("1"), Some(""), None, Some("x=y"), None, None]
        );
    }

    #[test]
    fn neither_we_nor_what_came_after_us_is_earlier() {
        let us = std::process::id().cast_signed();
        let mut leaders = earlier_leaders().unwrap();
        assert!(leaders.all(|leader| leader.pid != us));
    }
}

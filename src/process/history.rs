//! What is remembered of a process beyond its last start and its last end.

use super::{Change, Effect, ExitStatus, Pid, ProcessState};
use std::collections::VecDeque;

/// How many exits are remembered one by one.
const REMEMBERED: usize = 5;

/// How many statuses are told apart; the others are counted together.
const TOLD_APART: usize = 16;

/// A process's past. Most processes have none, so that it is made only when there is something to
/// remember.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// How often it was started again without anybody asking: after an exit, or after a start that
    /// failed.
    pub restarts: u32,
    /// How often its children ended, by [`Ending::ALL`].
    counts: [u32; Ending::ALL.len()],
    statuses: Vec<(ExitStatus, u32)>,
    last: VecDeque<Exit>,
}

/// How one child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its pid.
    pub pid: Pid,
    /// When it was started, in Unix seconds.
    pub start: i64,
    /// When it ended, in Unix seconds.
    pub stop: i64,
    /// What it left.
    pub status: ExitStatus,
    /// What that meant.
    pub ending: Ending,
    /// What it wrote to its stdout's log.
    pub stdout: Option<Written>,
    /// What it wrote to its stderr's log.
    pub stderr: Option<Written>,
}

/// What a child wrote to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where the log ended when the child did.
    pub end: LogEnd,
    /// How many bytes before that are the child's.
    pub length: u64,
}

/// A place in a log that stays the same when the log is rotated away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The file's inode.
    pub inode: u64,
    /// The file's size in bytes.
    pub size: u64,
}

/// What the end of a child meant to its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with a status among `exitcodes`.
    Expected,
    /// By itself, with another.
    Unexpected,
    /// As it was told.
    Stopped,
    /// Before it was RUNNING.
    TooQuickly,
}

impl Ending {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Expected,
        Self::Unexpected,
        Self::Stopped,
        Self::TooQuickly,
    ];

    /// What the effects of an exit say about it; `None` where it concerned nobody.
    pub fn of(effects: &[Effect]) -> Option<Self> {
        effects.iter().find_map(|effect| match effect {
            Effect::Changed(Change { to, expected, .. }) => match to {
                ProcessState::Exited if *expected => Some(Self::Expected),
                ProcessState::Exited => Some(Self::Unexpected),
                ProcessState::Stopped => Some(Self::Stopped),
                ProcessState::Backoff => Some(Self::TooQuickly),
                _ => None,
            },
            _ => None,
        })
    }

    /// A word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Unexpected => "unexpected",
            Self::Stopped => "stopped",
            Self::TooQuickly => "too_quickly",
        }
    }
}

impl History {
    /// Remembers an exit, and forgets the oldest if there are many.
    pub fn remember(&mut self, exit: Exit) {
        let count = &mut self.counts[exit.ending as usize];
        *count = count.saturating_add(1);
        self.count_status(exit.status.kind());
        if self.last.len() == REMEMBERED {
            self.last.pop_back();
        }
        self.last.push_front(exit);
    }

    fn count_status(&mut self, status: ExitStatus) {
        let is_known = self.statuses.iter().any(|(known, _)| *known == status);
        let is_apart = is_known || self.statuses.len() < TOLD_APART;
        let status = if is_apart {
            status
        } else {
            ExitStatus::Other(0)
        };
        match self.statuses.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.statuses.push((status, 1)),
        }
    }

    /// How often children left which status, of its kind ([`ExitStatus::kind`]). Beyond 16 of them
    /// the rest are together, as [`ExitStatus::Other`].
    pub fn statuses(&self) -> &[(ExitStatus, u32)] {
        &self.statuses
    }

    /// How often children ended so.
    pub const fn count(&self, ending: Ending) -> u32 {
        self.counts[ending as usize]
    }

    /// The last exits, the latest first.
    pub fn exits(&self) -> impl Iterator<Item = &Exit> {
        self.last.iter()
    }
}

/// Whether effects that nobody ordered start the process again.
pub fn is_restart(effects: &[Effect]) -> bool {
    effects.iter().any(
        |effect| matches!(effect, Effect::Changed(change) if change.to == ProcessState::Starting),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Fact, Machine, Moment, Order, Policy, Signal};
    use std::sync::Arc;
    use std::time::Duration;

    fn exit(pid: Pid, ending: Ending) -> Exit {
        Exit {
            pid,
            start: 1,
            stop: 2,
            status: ExitStatus::Code(0),
            ending,
            stdout: None,
            stderr: None,
        }
    }

    #[test]
    fn all_are_counted_and_the_last_are_kept() {
        let mut history = History::default();
        for pid in 1..=10 {
            history.remember(exit(pid, Ending::Expected));
        }
        history.remember(exit(11, Ending::Stopped));
        let kept: Vec<_> = history.exits().map(|exit| exit.pid).collect();
        assert_eq!(kept, [11, 10, 9, 8, 7]);
        let counts = Ending::ALL.map(|ending| history.count(ending));
        assert_eq!(counts, [10, 0, 1, 0]);
    }

    #[test]
    fn statuses_are_counted_up_to_a_number_of_them() {
        let mut history = History::default();
        let mut left = |status| {
            history.remember(Exit {
                status,
                ..exit(7, Ending::Unexpected)
            });
        };
        let killed = |core| ExitStatus::Signaled {
            signal: Signal::KILL,
            core,
        };
        [true, false].map(killed).into_iter().for_each(&mut left);
        (0..=255).map(ExitStatus::Code).for_each(&mut left);
        (0..3).map(ExitStatus::Code).for_each(&mut left);
        let counted = history.statuses();
        assert_eq!(counted[0], (killed(false), 2));
        assert_eq!(counted[1], (ExitStatus::Code(0), 2));
        assert_eq!(counted.last(), Some(&(ExitStatus::Other(0), 256 - 15)));
        assert_eq!(counted.len(), TOLD_APART + 1);
    }

    /// The effects of an exit after so many seconds.
    fn exited(policy: Policy, after: u64, code: u8, stopped: bool) -> Vec<Effect> {
        let at = |seconds| Moment {
            monotonic: Duration::from_secs(seconds),
            wall: Duration::from_secs(seconds),
        };
        let mut machine = Machine::new(Arc::new(policy));
        machine.order(Order::Start, at(0)).unwrap();
        machine.fact(Fact::Spawned { pid: 7 }, at(0));
        machine.fact(Fact::DeadlineReached, at(after));
        if stopped {
            machine.order(Order::Stop, at(after)).unwrap();
        }
        let status = ExitStatus::Code(code);
        machine.fact(Fact::Exited { pid: 7, status }, at(after))
    }

    #[test]
    fn the_effects_of_an_exit_say_what_it_meant() {
        let ending =
            |after, code, stopped| Ending::of(&exited(Policy::default(), after, code, stopped));
        assert_eq!(ending(5, 0, false), Some(Ending::Expected));
        assert_eq!(ending(5, 1, false), Some(Ending::Unexpected));
        assert_eq!(ending(5, 0, true), Some(Ending::Stopped));
        assert_eq!(ending(0, 0, false), Some(Ending::TooQuickly));
        assert_eq!(Ending::of(&[]), None);
    }

    #[test]
    fn only_a_start_is_a_restart() {
        assert!(is_restart(&exited(Policy::default(), 5, 1, false)));
        assert!(!is_restart(&exited(Policy::default(), 5, 0, false)));
        assert!(!is_restart(&exited(Policy::default(), 5, 1, true)));
    }
}

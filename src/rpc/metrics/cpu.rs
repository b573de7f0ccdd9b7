//! CPU times as counters, which never go down.
//!
//! What `/proc` shows of a child and its descendants does: what a descendant has taken vanishes with
//! it where nobody waits for it. So what is told grows by what it grew between two looks, and stays
//! where it shrank.

use crate::process::Pid;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

/// The counters of those that were seen last, by their pids and when they were started in Unix
/// seconds: a pid may be another's later.
#[derive(Default)]
pub(super) struct CpuTimes(RefCell<HashMap<(Pid, i64), Counted>>);

#[derive(Clone, Copy)]
struct Counted {
    seen: Duration,
    told: Duration,
}

impl CpuTimes {
    /// The counters after another look. Those that were not seen are forgotten.
    pub(super) fn count(
        &self,
        seen: impl Iterator<Item = ((Pid, i64), Duration)>,
    ) -> HashMap<Pid, Duration> {
        let mut all = self.0.borrow_mut();
        let next = |before: Option<&Counted>, seen: Duration| match before {
            Some(before) => before.told + seen.saturating_sub(before.seen),
            None => seen,
        };
        *all = seen
            .map(|(key, seen)| {
                let told = next(all.get(&key), seen);
                (key, Counted { seen, told })
            })
            .collect();
        let told = all.iter().map(|((pid, _), one)| (*pid, one.told));
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_never_goes_down_and_each_child_has_its_own() {
        let times = CpuTimes::default();
        let look = |start, seconds| {
            let seen = ((7, start), Duration::from_secs(seconds));
            times.count([seen].into_iter())[&7].as_secs()
        };
        let told = [10, 4, 5, 20].map(|seen| look(1, seen));
        assert_eq!(told, [10, 10, 11, 26]);
        assert_eq!(look(2, 3), 3);
        assert!(times.count(std::iter::empty()).is_empty());
        assert_eq!(look(2, 5), 5);
    }
}

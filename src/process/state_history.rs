//! The states that a process was in over the last hour, in a few bytes.

use super::{Moment, ProcessState};
use std::time::Duration;

/// How far back it goes.
const WINDOW: Duration = Duration::from_secs(3600);

/// The most stretches that are kept.
const MOST: usize = 32;

/// The states of a process over the last hour, as far as it is known.
///
/// Where it changes faster than can be kept, neighbours are put together, those first that lasted
/// shortest: what is long stays exact, and all changes stay counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateHistory(Vec<Spell>);

/// A stretch as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spell {
    /// When it began, on the monotonic clock.
    from: Duration,
    state: ProcessState,
    changes: u16,
}

/// A time between two changes, or between the first and the last of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it began, in Unix seconds. It lasts until the next begins, the last one until now.
    pub from: i64,
    /// The state, or the worst of several.
    pub state: ProcessState,
    /// How often the process changed its state from the beginning on: once, where it stayed in the
    /// state that it entered then; never, where it was in it when it became known.
    pub changes: u16,
}

impl StateHistory {
    /// Of a process that becomes known in a state.
    pub fn new(state: ProcessState, now: Moment) -> Self {
        let changes = 0;
        let from = now.monotonic;
        Self(vec![Spell {
            from,
            state,
            changes,
        }])
    }

    /// The process entered a state.
    pub fn enter(&mut self, state: ProcessState, now: Moment) {
        self.0.drain(..self.past(now.monotonic));
        self.0.push(Spell {
            from: now.monotonic,
            state,
            changes: 1,
        });
        if self.0.len() > MOST {
            self.put_together();
        }
    }

    /// The stretches that reach into the last hour, oldest first. There is one at least; before the
    /// first nothing is known.
    pub fn stretches(&self, now: Moment) -> impl Iterator<Item = Stretch> {
        let recent = self.0.iter().skip(self.past(now.monotonic));
        recent.map(move |spell| Stretch {
            from: unix_seconds(spell.from, now),
            state: spell.state,
            changes: spell.changes,
        })
    }

    /// How many ended more than an hour ago.
    fn past(&self, now: Duration) -> usize {
        let ends = self.0.iter().skip(1).map(|next| next.from);
        ends.take_while(|&end| end + WINDOW < now).count()
    }

    /// Makes one of the two neighbours that lasted shortest together. The last goes on, and what
    /// was there before all changes tells since when anything is known: both stay by themselves.
    fn put_together(&mut self) {
        let lasted = |three: &[Spell]| match three {
            [first, _, next] if first.changes > 0 => next.from.saturating_sub(first.from),
            _ => Duration::MAX,
        };
        let pairs = self.0.windows(3).map(lasted).enumerate();
        let Some((at, _)) = pairs.min_by_key(|(_, lasted)| *lasted) else {
            return;
        };
        let second = self.0.remove(at + 1);
        if let Some(first) = self.0.get_mut(at) {
            first.changes = first.changes.saturating_add(second.changes);
            first.state = worse(first.state, second.state);
        }
    }
}

/// An instant of the monotonic clock on the wall clock, as that is now.
fn unix_seconds(then: Duration, now: Moment) -> i64 {
    let ago = now.monotonic.saturating_sub(then);
    now.wall.saturating_sub(ago).as_secs().cast_signed()
}

/// Of two states the one that somebody who looks for trouble wants to see.
fn worse(one: ProcessState, other: ProcessState) -> ProcessState {
    let badness = |state: &ProcessState| match state {
        ProcessState::Running => 0,
        ProcessState::Starting => 1,
        ProcessState::Stopping => 2,
        ProcessState::Stopped => 3,
        ProcessState::Exited => 4,
        ProcessState::Unknown => 5,
        ProcessState::Backoff => 6,
        ProcessState::Fatal => 7,
    };
    std::cmp::max_by_key(one, other, badness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProcessState::{Backoff, Running, Starting, Stopped};
    use proptest::prelude::{prop, proptest};

    /// A wall clock that began 1000 seconds before the monotonic one.
    fn at(seconds: u64) -> Moment {
        Moment {
            monotonic: Duration::from_secs(seconds),
            wall: Duration::from_secs(1000 + seconds),
        }
    }

    fn told(history: &StateHistory, now: u64) -> Vec<(i64, ProcessState, u16)> {
        let stretches = history.stretches(at(now));
        stretches
            .map(
                |Stretch {
                     from,
                     state,
                     changes,
                 }| (from, state, changes),
            )
            .collect()
    }

    #[test]
    fn every_change_is_told_with_its_time() {
        let mut history = StateHistory::new(Stopped, at(5));
        history.enter(Starting, at(10));
        history.enter(Running, at(11));
        let want = [(1005, Stopped, 0), (1010, Starting, 1), (1011, Running, 1)];
        assert_eq!(told(&history, 20), want);
    }

    #[test]
    fn what_ended_more_than_an_hour_ago_is_left_out_and_forgotten() {
        let mut history = StateHistory::new(Stopped, at(0));
        history.enter(Starting, at(10));
        history.enter(Running, at(11));
        assert_eq!(told(&history, 3611).len(), 2);
        assert_eq!(told(&history, 99_999), [(1011, Running, 1)]);
        history.enter(Backoff, at(99_999));
        assert_eq!(history.0.len(), 2);
    }

    #[test]
    fn a_clock_that_is_set_moves_the_whole_history() {
        let mut history = StateHistory::new(Stopped, at(0));
        history.enter(Running, at(10));
        let now = Moment {
            wall: Duration::from_secs(500_020),
            ..at(20)
        };
        let from: Vec<_> = history.stretches(now).map(|one| one.from).collect();
        assert_eq!(from, [500_000, 500_010]);
    }

    #[test]
    fn a_process_that_flaps_for_an_hour_is_told_as_such_and_nothing_is_lost() {
        let mut history = StateHistory::new(Running, at(0));
        for second in (600..4200).step_by(3) {
            history.enter(Backoff, at(second));
            history.enter(Starting, at(second + 1));
            history.enter(Running, at(second + 2));
        }
        let told = told(&history, 4200);
        assert_eq!(told.iter().map(|one| u64::from(one.2)).sum::<u64>(), 3600);
        let flapping = told.iter().filter(|one| one.2 > 1);
        assert!(flapping.clone().count() > 10 && flapping.clone().all(|one| one.1 == Backoff));
        let widest = told.windows(2).map(|two| two[1].0 - two[0].0);
        assert!(widest.skip(1).max().unwrap() <= 600);
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_counts_all(steps in prop::collection::vec((0_u64..30, 0..8_usize), 0..99)) {
            let mut history = StateHistory::new(Stopped, at(0));
            let (mut now, count) = (0, steps.len());
            for (step, state) in steps {
                now += step;
                history.enter(ProcessState::ALL[state], at(now));
            }
            let told = told(&history, now);
            assert!(told.len() <= MOST && told.is_sorted_by_key(|one| one.0));
            assert_eq!(told[0], (1000, Stopped, 0));
            assert_eq!(told.iter().map(|one| usize::from(one.2)).sum::<usize>(), count);
            assert!(told.last().is_some_and(|last| last.2 <= 1));
        }
    }
}

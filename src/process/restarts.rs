//! How often a process was restarted within the last minute, in a few bytes.

use std::time::Duration;

/// Seconds in a slice.
const SLICE: u64 = 10;
/// Slices in a minute.
const SLICES: usize = 6;
/// Restarts within a minute that are worth a warning.
const FLAPPING: u32 = 60;

/// Automatic restarts, counted by slices of ten seconds. The minute is the current slice and the
/// five before it: never longer than a minute, so that no restart counts that is older.
#[derive(Clone, Debug, Default)]
pub(super) struct Restarts {
    counts: [u16; SLICES],
    /// The current slice, from the start of the monotonic clock.
    slice: u32,
    /// The slice of the last warning.
    warned: Option<u32>,
}

impl Restarts {
    /// Counts one more at this monotonic time and tells how many there were within the minute.
    pub(super) fn count(&mut self, now: Duration) -> u32 {
        self.advance(u32::try_from(now.as_secs() / SLICE).unwrap_or(u32::MAX));
        let current = &mut self.counts[index(self.slice)];
        *current = current.saturating_add(1);
        self.counts.iter().map(|&count| u32::from(count)).sum()
    }

    /// Whether a count deserves a warning: it is high, and there was none within the minute.
    pub(super) fn warn(&mut self, count: u32) -> bool {
        let quiet = self
            .warned
            .is_none_or(|slice| self.slice - slice >= SLICES as u32);
        let warn = quiet && count >= FLAPPING;
        if warn {
            self.warned = Some(self.slice);
        }
        warn
    }

    /// Forgets the slices that are more than a minute old.
    fn advance(&mut self, slice: u32) {
        for stale in (self.slice + 1..=slice).take(SLICES) {
            self.counts[index(stale)] = 0;
        }
        self.slice = self.slice.max(slice);
    }
}

/// The place of a slice in the ring.
const fn index(slice: u32) -> usize {
    slice as usize % SLICES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_older_than_a_minute_is_forgotten() {
        let mut restarts = Restarts::default();
        assert_eq!(restarts.count(at(1000)), 1);
        assert_eq!(restarts.count(at(1049)), 2);
        assert_eq!(restarts.count(at(1061)), 2);
        assert_eq!(restarts.count(at(1_000_000)), 1);
    }

    #[test]
    fn an_even_pace_never_counts_more_than_fall_into_a_minute() {
        let mut restarts = Restarts::default();
        let most = (0..1000).map(|n| restarts.count(at(n * 2))).max();
        assert_eq!(most, Some(30));
    }

    #[test]
    fn the_ring_turns_in_a_slice_of_any_parity() {
        for start in 0..70 {
            let mut restarts = Restarts::default();
            restarts.count(at(start));
            assert_eq!(restarts.count(at(start + 60)), 1, "{start}");
        }
    }

    #[test]
    fn a_flapping_process_is_warned_of_once_a_minute() {
        let mut restarts = Restarts::default();
        let warnings: Vec<u64> = (0..3000)
            .filter(|tenth| {
                let count = restarts.count(Duration::from_millis(tenth * 100));
                restarts.warn(count)
            })
            .map(|tenth| tenth / 10)
            .collect();
        assert_eq!(warnings, [5, 60, 120, 180, 240]);
    }
}

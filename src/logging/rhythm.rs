//! How long to rest between two rounds of reading, so that small writes gather.
//!
//! A reader that takes each line as it comes spends several times the CPU of one that finds a few
//! kilobytes at a time. The rest grows while what is found is small, and ends before a pipe (64 KiB
//! on Linux) is full and its writer has to wait.

use std::time::Duration;

/// One page: who finds no more was too early, for a write comes page by page.
const SMALL: usize = 4 << 10;
/// A round that finds more than this in one pipe is followed by a shorter rest.
const LARGE: usize = 32 << 10;
/// The shortest rest.
const SHORTEST: Duration = Duration::from_micros(50);
/// The longest rest: how late a line may be in its log.
const LONGEST: Duration = Duration::from_millis(5);
/// A round that began after a longer wait than this does not make the rest any longer.
const QUIET: Duration = Duration::from_millis(1);

/// The rhythm of a thread that reads pipes. All times are on one monotonic clock.
#[derive(Clone, Debug, Default)]
pub struct Rhythm {
    rest: Duration,
    /// What this round has found; `None` is nothing yet.
    found: Option<Found>,
    /// When the last rest was over.
    rested: Duration,
    /// How long it then took until there was something to do.
    waited: Duration,
}

/// What the reads of a round found, in bytes.
#[derive(Clone, Copy, Debug)]
struct Found {
    least: usize,
    most: usize,
}

impl Rhythm {
    /// There is something to do.
    pub fn woke(&mut self, now: Duration) {
        self.waited = now.saturating_sub(self.rested);
    }

    /// One read found so many bytes.
    pub fn found(&mut self, bytes: usize) {
        let found = self.found.get_or_insert(Found {
            least: bytes,
            most: bytes,
        });
        found.least = found.least.min(bytes);
        found.most = found.most.max(bytes);
    }

    /// The round is over: how long to rest before the next; zero is not at all.
    pub fn rest(&mut self) -> Duration {
        self.rest = self.found.take().map_or(Duration::ZERO, |found| {
            let rest = if found.most > LARGE {
                self.rest / 4
            } else if found.most > SMALL {
                self.rest
            } else if self.waited > QUIET {
                SHORTEST
            } else {
                self.rest * 2
            };
            if found.least <= SMALL {
                rest.clamp(SHORTEST, LONGEST)
            } else if rest < SHORTEST {
                Duration::ZERO
            } else {
                rest
            }
        });
        self.rest
    }

    /// The rest is over.
    pub const fn rested(&mut self, now: Duration) {
        self.rested = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rests after rounds that each find so much, as soon as they look.
    fn rests(rounds: &[&[usize]]) -> Vec<u128> {
        let mut rhythm = Rhythm::default();
        let rest = |found: &&[usize]| {
            rhythm.woke(Duration::ZERO);
            found.iter().for_each(|&bytes| rhythm.found(bytes));
            rhythm.rest().as_micros()
        };
        rounds.iter().map(rest).collect()
    }

    #[test]
    fn small_pieces_in_close_succession_are_left_to_gather() {
        let expected = [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000];
        assert_eq!(rests(&[[100].as_slice(); 9]), expected);
    }

    #[test]
    fn a_rest_that_gathers_enough_stays_and_one_that_gathers_too_much_ends() {
        let rounds: [&[usize]; 7] = [
            &[100],
            &[100],
            &[100],
            &[SMALL + 1],
            &[LARGE, SMALL + 1],
            &[LARGE + 1],
            &[LARGE + 1],
        ];
        assert_eq!(rests(&rounds), [50, 100, 200, 200, 200, 50, 0]);
    }

    #[test]
    fn a_big_write_is_not_read_page_by_page() {
        assert_eq!(rests(&[&[2 * LARGE, SMALL], &[2 * LARGE]]), [50, 0]);
    }

    #[test]
    fn nothing_read_is_no_reason_to_rest() {
        assert_eq!(rests(&[&[100], &[100], &[], &[100]]), [50, 100, 0, 50]);
    }

    #[test]
    fn a_line_now_and_then_makes_the_rest_no_longer() {
        let mut rhythm = Rhythm::default();
        for minute in 1..10 {
            rhythm.woke(Duration::from_secs(minute * 60));
            rhythm.found(100);
            assert_eq!(rhythm.rest(), SHORTEST);
            rhythm.rested(Duration::from_secs(minute * 60));
        }
    }
}

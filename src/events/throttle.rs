//! How often the same sentence is said.

use std::time::Duration;

/// How long a count of sentences goes on.
pub const WINDOW: Duration = Duration::from_secs(60);

/// How many of a kind are said in one [`WINDOW`].
pub const SAID: u64 = 10;

/// Lets the first [`SAID`] sentences of a kind through in each [`WINDOW`] and counts the rest.
/// Time is the monotonic clock's.
#[derive(Clone, Debug, Default)]
pub struct Throttle {
    /// When the window began; none is open before the first sentence.
    since: Option<Duration>,
    /// How many came up in it.
    count: u64,
}

impl Throttle {
    /// Whether the sentence is to be said. The first that is not opens a debt, to be paid when
    /// [`Throttle::due`] says so.
    pub fn admits(&mut self, now: Duration) -> bool {
        let is_over = |since| now.saturating_sub(since) >= WINDOW;
        if self.untold() == 0 && self.since.is_none_or(is_over) {
            *self = Self {
                since: Some(now),
                count: 0,
            };
        }
        self.count += 1;
        self.count <= SAID
    }

    /// When the sentences that were not said are to be told of; `None` where there are none.
    pub fn due(&self) -> Option<Duration> {
        let since = self.since.filter(|_| self.untold() > 0)?;
        Some(since + WINDOW)
    }

    /// How many sentences were not said. The window is closed.
    pub fn settle(&mut self) -> u64 {
        std::mem::take(self).untold()
    }

    const fn untold(&self) -> u64 {
        self.count.saturating_sub(SAID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn ten_a_minute_are_said_and_the_rest_is_counted() {
        let mut throttle = Throttle::default();
        let said = (0..25).filter(|_| throttle.admits(at(100))).count();
        assert_eq!((said, throttle.due()), (10, Some(at(160))));
        assert!(!throttle.admits(at(170)), "not before the count is told");
        assert_eq!(throttle.settle(), 16);
        assert_eq!((throttle.due(), throttle.settle()), (None, 0));
        assert!(throttle.admits(at(170)));
    }

    #[test]
    fn what_is_rare_is_always_said() {
        let mut throttle = Throttle::default();
        assert!((0..100).all(|minute| throttle.admits(at(60 * minute))));
        assert_eq!(throttle.due(), None);
    }
}

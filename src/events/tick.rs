//! The slices of wall-clock time whose beginnings are TICK events.

use super::EventType;
use std::time::Duration;

/// The beginning of a slice of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// How long the slice is.
    pub period: TickPeriod,
    /// When it began, in Unix seconds; a multiple of the period.
    pub when: i64,
}

/// The lengths of slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TickPeriod {
    /// `TICK_5`.
    Seconds5,
    /// `TICK_60`.
    Seconds60,
    /// `TICK_3600`.
    Seconds3600,
}

impl TickPeriod {
    /// All of them, in the order in which simultaneous ticks are told.
    pub const ALL: [Self; 3] = [Self::Seconds5, Self::Seconds60, Self::Seconds3600];

    /// Its length in seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Seconds5 => 5,
            Self::Seconds60 => 60,
            Self::Seconds3600 => 3600,
        }
    }

    /// The type of its events.
    pub const fn event_type(self) -> EventType {
        match self {
            Self::Seconds5 => EventType::Tick5,
            Self::Seconds60 => EventType::Tick60,
            Self::Seconds3600 => EventType::Tick3600,
        }
    }

    /// How long after `wall` (time since the Unix epoch) the next slice begins; never zero.
    pub fn until_next(self, wall: Duration) -> Duration {
        let period = u64::from(self.seconds());
        let into = Duration::new(wall.as_secs() % period, wall.subsec_nanos());
        Duration::from_secs(period).saturating_sub(into)
    }

    const fn slice(self, unix_seconds: i64) -> i64 {
        unix_seconds - unix_seconds.rem_euclid(self.seconds() as i64)
    }
}

/// Tells which slices began since it was last asked.
#[derive(Clone, Debug, Default)]
pub struct Ticks {
    last: Option<i64>,
}

impl Ticks {
    /// As if last asked at this time.
    pub const fn since(unix_seconds: i64) -> Self {
        Self {
            last: Some(unix_seconds),
        }
    }

    /// The ticks between the last call and this one, the shortest period first. The first call
    /// gives none. A period ticks once however many of its slices went by, and it ticks when the
    /// clock was set back into an earlier slice, too.
    pub fn advance(&mut self, unix_seconds: i64) -> Vec<Tick> {
        let Some(last) = self.last.replace(unix_seconds) else {
            return Vec::new();
        };
        TickPeriod::ALL
            .into_iter()
            .map(|period| (period, period.slice(last), period.slice(unix_seconds)))
            .filter(|(_, before, now)| before != now)
            .map(|(period, _, when)| Tick { period, when })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whens(ticks: &mut Ticks, unix_seconds: i64) -> Vec<(u32, i64)> {
        let began = ticks.advance(unix_seconds);
        began
            .iter()
            .map(|tick| (tick.period.seconds(), tick.when))
            .collect()
    }

    #[test]
    fn a_slice_ticks_once_at_its_beginning() {
        let mut ticks = Ticks::default();
        for (now, began) in [
            (7198, vec![]),
            (7199, vec![]),
            (7200, vec![(5, 7200), (60, 7200), (3600, 7200)]),
            (7204, vec![]),
            (7206, vec![(5, 7205)]),
            (7261, vec![(5, 7260), (60, 7260)]),
        ] {
            assert_eq!(whens(&mut ticks, now), began, "at {now}");
        }
    }

    #[test]
    fn the_first_look_only_records() {
        assert_eq!(whens(&mut Ticks::default(), 3600), []);
    }

    #[test]
    fn missed_slices_are_not_made_up_and_a_clock_set_back_ticks() {
        let mut ticks = Ticks::default();
        ticks.advance(100);
        assert_eq!(whens(&mut ticks, 1000), [(5, 1000), (60, 960)]);
        assert_eq!(whens(&mut ticks, 999), [(5, 995)]);
        assert_eq!(whens(&mut ticks, -1), [(5, -5), (60, -60), (3600, -3600)]);
    }

    #[test]
    fn the_next_slice_is_told_in_advance() {
        for (wall_millis, period, wait_millis) in [
            (0, TickPeriod::Seconds5, 5000),
            (4_999, TickPeriod::Seconds5, 1),
            (5_000, TickPeriod::Seconds5, 5000),
            (61_500, TickPeriod::Seconds60, 58_500),
            (3_601_000, TickPeriod::Seconds3600, 3_599_000),
        ] {
            let wait = period.until_next(Duration::from_millis(wall_millis));
            assert_eq!(
                wait,
                Duration::from_millis(wait_millis),
                "at {wall_millis} ms"
            );
        }
    }
}

//! The slices of wall-clock time whose beginnings are TICK events.

use super::EventType;
use std::collections::BTreeMap;
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

/// Tells which slices began since it was last asked, as far as anybody wants to know.
///
/// The wall clock may be set while its asker sleeps, which is never for longer than the shortest
/// period that is wanted: so, whatever happens to the clock, each period ticks again within its
/// length, and once at a time.
#[derive(Clone, Debug, Default)]
pub struct Ticks {
    /// When the slice began that was told last, for each period that is wanted.
    told: BTreeMap<TickPeriod, i64>,
}

impl Ticks {
    /// Tells of these periods from now on, and of no others. A slice that has begun by now is told
    /// of none that was not wanted before.
    pub fn follow(&mut self, wanted: impl Fn(TickPeriod) -> bool, unix_seconds: i64) {
        for period in TickPeriod::ALL {
            if wanted(period) {
                let slice = period.slice(unix_seconds);
                self.told.entry(period).or_insert(slice);
            } else {
                self.told.remove(&period);
            }
        }
    }

    /// The ticks between the last call and this one, the shortest period first. A period ticks
    /// once however many of its slices went by, and it ticks when the clock was set back into an
    /// earlier slice, too.
    pub fn advance(&mut self, unix_seconds: i64) -> Vec<Tick> {
        let began = |(&period, told): (&TickPeriod, &mut i64)| {
            let when = period.slice(unix_seconds);
            (std::mem::replace(told, when) != when).then_some(Tick { period, when })
        };
        self.told.iter_mut().filter_map(began).collect()
    }

    /// How long after `wall` (time since the Unix epoch) to ask again; `None` when nothing is
    /// wanted.
    pub fn until_next(&self, wall: Duration) -> Option<Duration> {
        self.told.keys().map(|period| period.until_next(wall)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Everything is wanted at this time.
    fn since(unix_seconds: i64) -> Ticks {
        let mut ticks = Ticks::default();
        ticks.follow(|_| true, unix_seconds);
        ticks
    }

    fn whens(ticks: &mut Ticks, unix_seconds: i64) -> Vec<(u32, i64)> {
        let began = ticks.advance(unix_seconds);
        began
            .iter()
            .map(|tick| (tick.period.seconds(), tick.when))
            .collect()
    }

    #[test]
    fn a_slice_ticks_once_at_its_beginning() {
        let mut ticks = since(7198);
        for (now, began) in [
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
    fn only_what_is_wanted_ticks_and_nothing_of_the_time_before() {
        let mut ticks = Ticks::default();
        ticks.follow(|period| period == TickPeriod::Seconds3600, 100);
        assert_eq!(whens(&mut ticks, 1000), []);
        ticks.follow(|_| true, 1003);
        assert_eq!(whens(&mut ticks, 1005), [(5, 1005)]);
        ticks.follow(|_| true, 1007);
        assert_eq!(whens(&mut ticks, 1011), [(5, 1010)]);
        ticks.follow(|_| false, 1012);
        assert_eq!(ticks.until_next(Duration::from_secs(1012)), None);
        assert_eq!(whens(&mut ticks, 9999), []);
    }

    #[test]
    fn missed_slices_are_not_made_up_and_a_clock_set_back_ticks() {
        let mut ticks = since(100);
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

    proptest! {
        /// Between two looks, the clock may be set by any number of seconds; the next tick of each
        /// period comes within its length.
        #[test]
        fn every_period_ticks_within_its_length_wherever_the_clock_is_set(
            jumps in prop::collection::vec(
                prop_oneof![8 => Just(0), 1 => -100_000..100_000_i64, 1 => -10..10_i64],
                1..1000,
            ),
            only in prop::option::of(prop::sample::select(&TickPeriod::ALL[..])),
            begin in 1_000_000_000..1_000_010_000_i64,
        ) {
            let is_wanted = |period| only.is_none_or(|only| only == period);
            let mut ticks = Ticks::default();
            ticks.follow(is_wanted, begin);
            let (mut wall, mut elapsed) = (begin, 0);
            let mut last = BTreeMap::from(TickPeriod::ALL.map(|period| (period, 0)));
            for jump in jumps {
                let now = Duration::from_secs(wall.try_into().unwrap());
                let wait = ticks.until_next(now).unwrap().as_secs();
                elapsed += wait;
                wall += i64::try_from(wait).unwrap() + jump;
                let told = ticks.advance(wall);
                prop_assert!(told.is_sorted_by_key(|tick| tick.period), "each once");
                for tick in told {
                    prop_assert!(tick.when <= wall && wall - tick.when < tick.period.seconds().into());
                    last.insert(tick.period, elapsed);
                }
                for (period, last) in &mut last {
                    if jump != 0 {
                        *last = elapsed;
                    }
                    let is_late = elapsed - *last > u64::from(period.seconds());
                    prop_assert!(!is_wanted(*period) || !is_late, "{period:?}");
                }
            }
        }
    }
}

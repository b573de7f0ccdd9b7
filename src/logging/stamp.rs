//! Local wall-clock time in the two forms that log lines need.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Formats times; the text of a whole second is kept and used again.
#[derive(Debug)]
pub struct Stamp {
    format: &'static str,
    zone: TimeZone,
    second: Option<u64>,
    text: String,
}

impl Stamp {
    /// `2026-11-21 09:17:50`, as in the activity log, in the system's time zone.
    pub fn iso() -> Self {
        Self::new("%Y-%m-%d %H:%M:%S", TimeZone::system())
    }

    /// `Nov 21 09:17:50`, as in a syslog message (RFC 3164: the day padded by a space), in the
    /// system's time zone.
    pub fn syslog() -> Self {
        Self::new("%b %e %H:%M:%S", TimeZone::system())
    }

    fn new(format: &'static str, zone: TimeZone) -> Self {
        Self {
            format,
            zone,
            second: None,
            text: String::new(),
        }
    }

    /// The text of `time`'s second, and its milliseconds, cut off rather than rounded. A time
    /// before 1970 counts as 1970.
    pub fn of(&mut self, time: SystemTime) -> (&str, u32) {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        if self.second != Some(since.as_secs()) {
            self.second = Some(since.as_secs());
            let second = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
            let stamp = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
            self.text = stamp
                .to_zoned(self.zone.clone())
                .strftime(self.format)
                .to_string();
        }
        (&self.text, since.subsec_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_berlin(format: &'static str) -> Stamp {
        Stamp::new(format, TimeZone::fixed(jiff::tz::offset(1)))
    }

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn times_are_local_and_milliseconds_are_cut() {
        let mut stamp = in_berlin("%Y-%m-%d %H:%M:%S");
        let time = at(1_700_000_000_999) + Duration::from_micros(999);
        assert_eq!(stamp.of(time), ("2023-11-14 23:13:20", 999));
        assert_eq!(stamp.of(at(1_700_000_000_001)), ("2023-11-14 23:13:20", 1));
        assert_eq!(stamp.of(at(1_700_000_001_000)), ("2023-11-14 23:13:21", 0));
    }

    #[test]
    fn syslog_pads_the_day_by_a_space() {
        assert_eq!(
            in_berlin("%b %e %H:%M:%S").of(at(1_696_200_000_000)).0,
            "Oct  1 23:40:00"
        );
    }

    #[test]
    fn times_out_of_range_are_survived() {
        let mut stamp = in_berlin("%Y");
        assert_eq!(stamp.of(UNIX_EPOCH - Duration::from_secs(1)), ("1970", 0));
        assert_eq!(
            stamp.of(UNIX_EPOCH + Duration::from_secs(1 << 60)).0,
            "9999"
        );
    }
}

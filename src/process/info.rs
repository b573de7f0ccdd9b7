//! What `getProcessInfo` tells of a process.

use super::{ExitStatus, ProcessState, StateHistory};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// A process as a client sees it at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// The process's name.
    pub name: Arc<str>,
    /// Its group's name.
    pub group: Arc<str>,
    /// The last attempt to spawn it, in Unix seconds; 0 is never.
    pub start: i64,
    /// Its last exit, in Unix seconds; 0 is never.
    pub stop: i64,
    /// When this was told, in Unix seconds.
    pub now: i64,
    /// Its state.
    pub state: ProcessState,
    /// Why it last failed to start or exited unexpectedly; empty when there is nothing to tell.
    pub spawnerr: Arc<str>,
    /// How it ended last; `None` since it was spawned anew, and after an exit that was too quick.
    pub exit: Option<ExitStatus>,
    /// Where its stdout goes; empty when to no file.
    pub stdout_logfile: Arc<str>,
    /// Where its stderr goes; empty when to no file or into stdout.
    pub stderr_logfile: Arc<str>,
    /// The child's pid; 0 when there is none.
    pub pid: i32,
    /// Seconds since `start` on the monotonic clock; what `uptime` shows.
    pub uptime: u64,
    /// How often it was started again without anybody asking.
    pub restarts: u32,
    /// The states that it was in.
    pub states: Arc<StateHistory>,
}

impl ProcessInfo {
    /// The last exit code, -1 after a signal, 0 when there is none.
    pub fn exitstatus(&self) -> i32 {
        self.exit.map_or(0, ExitStatus::code)
    }

    /// The state in words, as status lists show it beside the state's name; empty where there is
    /// nothing to add. Times of day are told in `zone`.
    pub fn description(&self, zone: &TimeZone) -> String {
        match self.state {
            ProcessState::Running => format!("pid {}, uptime {}", self.pid, uptime(self.uptime)),
            ProcessState::Backoff | ProcessState::Fatal => self.failure(),
            ProcessState::Stopped | ProcessState::Exited if self.start == 0 => {
                "Not started".to_owned()
            }
            ProcessState::Stopped | ProcessState::Exited => time_of_day(self.stop, zone),
            ProcessState::Starting | ProcessState::Stopping | ProcessState::Unknown => {
                String::new()
            }
        }
    }

    fn failure(&self) -> String {
        if self.spawnerr.is_empty() {
            return format!("unknown error (try \"tail {}\")", self.name);
        }
        self.spawnerr.to_string()
    }
}

/// `0:02:32`, `1 day, 1:01:01`, `365 days, 0:00:05`.
fn uptime(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    match days {
        0 => clock,
        1 => format!("1 day, {clock}"),
        _ => format!("{days} days, {clock}"),
    }
}

/// `Nov 21 08:44 AM`.
fn time_of_day(unix_seconds: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_second(unix_seconds).unwrap_or_default();
    zone.to_datetime(time)
        .strftime("%b %d %I:%M %p")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Moment;

    fn info(state: ProcessState) -> ProcessInfo {
        ProcessInfo {
            name: Arc::from("cat"),
            group: Arc::from("pets"),
            start: 1_795_251_156,
            stop: 1_795_251_308,
            now: 1_795_251_400,
            state,
            spawnerr: Arc::default(),
            exit: None,
            stdout_logfile: Arc::default(),
            stderr_logfile: Arc::default(),
            pid: 11939,
            uptime: 152,
            restarts: 0,
            states: Arc::new(StateHistory::new(state, Moment::default())),
        }
    }

    fn description(info: &ProcessInfo) -> String {
        info.description(&TimeZone::UTC)
    }

    #[test]
    fn each_state_has_its_words() {
        for (state, words) in [
            (ProcessState::Stopped, "Nov 21 08:55 AM"),
            (ProcessState::Starting, ""),
            (ProcessState::Running, "pid 11939, uptime 0:02:32"),
            (ProcessState::Backoff, "unknown error (try \"tail cat\")"),
            (ProcessState::Stopping, ""),
            (ProcessState::Exited, "Nov 21 08:55 AM"),
            (ProcessState::Fatal, "unknown error (try \"tail cat\")"),
            (ProcessState::Unknown, ""),
        ] {
            assert_eq!(description(&info(state)), words, "{state}");
        }
    }

    #[test]
    fn what_was_never_started_says_so() {
        for state in [ProcessState::Stopped, ProcessState::Exited] {
            let never = ProcessInfo {
                start: 0,
                stop: 0,
                ..info(state)
            };
            assert_eq!(description(&never), "Not started");
        }
    }

    #[test]
    fn what_was_started_but_never_reaped_ended_at_the_epoch() {
        let spawnless = ProcessInfo {
            stop: 0,
            ..info(ProcessState::Stopped)
        };
        assert_eq!(description(&spawnless), "Jan 01 12:00 AM");
    }

    #[test]
    fn a_failure_is_told_with_its_reason() {
        for state in [ProcessState::Backoff, ProcessState::Fatal] {
            let failed = ProcessInfo {
                spawnerr: Arc::from("can't find command '/nonexistent'"),
                ..info(state)
            };
            assert_eq!(description(&failed), "can't find command '/nonexistent'");
        }
    }

    #[test]
    fn uptimes_are_told_in_days_and_a_clock() {
        for (seconds, words) in [
            (0, "0:00:00"),
            (59, "0:00:59"),
            (35_999, "9:59:59"),
            (86_399, "23:59:59"),
            (86_400, "1 day, 0:00:00"),
            (90_061, "1 day, 1:01:01"),
            (365 * 86_400 + 5, "365 days, 0:00:05"),
        ] {
            assert_eq!(uptime(seconds), words);
        }
    }

    #[test]
    fn the_time_of_the_end_is_told_in_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(5));
        assert_eq!(time_of_day(1_795_251_308, &zone), "Nov 21 01:55 PM");
        assert_eq!(time_of_day(43_200, &TimeZone::UTC), "Jan 01 12:00 PM");
    }

    #[test]
    fn a_time_beyond_all_calendars_is_no_panic() {
        assert_eq!(time_of_day(i64::MAX, &TimeZone::UTC), "Jan 01 12:00 AM");
    }
}

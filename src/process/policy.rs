//! The part of a program's configuration that decides over the life of its processes.

use super::{ExitStatus, Signal};
use std::time::Duration;

/// When a process that exited from RUNNING is started again (`autorestart`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Autorestart {
    /// `false`: never.
    Never,
    /// `unexpected`: when its exit status is not among `exitcodes`.
    Unexpected,
    /// `true`: always.
    Always,
}

/// How a process is started, watched, restarted and stopped. One value is shared by all
/// instances of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Restart after an exit from RUNNING.
    pub autorestart: Autorestart,
    /// Seconds a process must stay up to be RUNNING; 0 or less means at once.
    pub startsecs: i64,
    /// Failed starts that are followed by another try; 0 or less gives up after the first.
    pub startretries: i64,
    /// Exit codes that are expected; empty makes every exit unexpected.
    pub exitcodes: Vec<u8>,
    /// The signal that asks a process to stop.
    pub stopsignal: Signal,
    /// Seconds to wait after `stopsignal` before SIGKILL; 0 or less means at once.
    pub stopwaitsecs: i64,
    /// Send `stopsignal` to the whole process group.
    pub stopasgroup: bool,
    /// Send SIGKILL to the whole process group.
    pub killasgroup: bool,
    /// Automatic restarts from EXITED within a minute after which the process is FATAL; 0 is no
    /// limit. Not an option of the original.
    pub restart_limit: u32,
}

impl Policy {
    /// `startsecs` as a duration, never negative.
    pub fn start_duration(&self) -> Duration {
        Duration::from_secs(self.startsecs.max(0).cast_unsigned())
    }

    /// `stopwaitsecs` as a duration, never negative.
    pub fn stop_wait(&self) -> Duration {
        Duration::from_secs(self.stopwaitsecs.max(0).cast_unsigned())
    }

    /// Whether an exit status is among `exitcodes`; a death by signal never is.
    pub fn expects(&self, status: ExitStatus) -> bool {
        matches!(status, ExitStatus::Code(code) if self.exitcodes.contains(&code))
    }
}

impl Default for Policy {
    /// The defaults of a `[program:x]` section.
    fn default() -> Self {
        Self {
            autorestart: Autorestart::Unexpected,
            startsecs: 1,
            startretries: 3,
            exitcodes: vec![0],
            stopsignal: Signal::TERM,
            stopwaitsecs: 10,
            stopasgroup: false,
            killasgroup: false,
            restart_limit: 0,
        }
    }
}

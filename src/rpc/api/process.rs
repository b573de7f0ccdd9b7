//! Processes as JSON, in the words of getProcessInfo.

use super::config::ProcessConfig;
use super::usage::{Usage, UsageByPid};
use crate::os::clock;
use crate::process::namespec::Display;
use crate::process::{ExitStatus, Moment, ProcessInfo, ProcessState, Stretch};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::Arc;

/// A process.
#[derive(Serialize)]
pub(super) struct Process {
    pub(super) namespec: String,
    name: Arc<str>,
    group: Arc<str>,
    state: i32,
    pub(super) statename: &'static str,
    description: String,
    pid: i32,
    start: i64,
    stop: i64,
    uptime: u64,
    exitstatus: i32,
    signal: Option<String>,
    spawnerr: Arc<str>,
    restarts: u32,
    stdout_logfile: Arc<str>,
    stderr_logfile: Arc<str>,
    usage: Option<Usage>,
    /// Left out where only a change is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<Past>>,
}

/// A stretch of a process's past.
#[derive(Serialize)]
struct Past {
    from: i64,
    statename: &'static str,
    changes: u16,
}

/// Every process at one moment.
#[derive(Serialize)]
pub(super) struct Processes {
    now: i64,
    processes: Vec<Process>,
}

/// One process at one moment.
#[derive(Serialize)]
pub(super) struct ProcessDetail {
    pub(super) now: i64,
    pub(super) process: Process,
    pub(super) config: ProcessConfig,
    pub(super) exits: Vec<Exit>,
}

/// How a child ended.
#[derive(Serialize)]
pub(super) struct Exit {
    pub(super) pid: i32,
    pub(super) start: i64,
    pub(super) stop: i64,
    pub(super) exitstatus: i32,
    pub(super) signal: Option<String>,
    pub(super) reason: &'static str,
    pub(super) stdout: Option<String>,
    pub(super) stderr: Option<String>,
}

/// Makes processes of what is known of them.
pub(super) struct Teller {
    zone: TimeZone,
    usage: Arc<UsageByPid>,
    now: Moment,
}

impl Teller {
    /// One that knows what processes take.
    pub(super) fn new(usage: Arc<UsageByPid>) -> Self {
        Self {
            zone: TimeZone::system(),
            usage,
            now: clock::now(),
        }
    }

    /// All of a process, with its past.
    pub(super) fn process(&self, info: ProcessInfo) -> Process {
        let past = info.states.stretches(self.now).map(Past::from).collect();
        Process {
            history: Some(past),
            ..self.changed(info)
        }
    }

    /// What a process is like now.
    pub(super) fn changed(&self, info: ProcessInfo) -> Process {
        let has_child = info.pid > 0 && info.state != ProcessState::Unknown;
        Process {
            namespec: Display(&info.group, &info.name).to_string(),
            state: info.state.code(),
            statename: info.state.name(),
            description: info.description(&self.zone),
            pid: info.pid,
            start: info.start,
            stop: info.stop,
            uptime: if has_child { info.uptime } else { 0 },
            exitstatus: info.exitstatus(),
            signal: info
                .exit
                .and_then(ExitStatus::signal)
                .map(|it| it.to_string()),
            restarts: info.restarts,
            usage: self.usage.get(&info.pid).copied(),
            spawnerr: info.spawnerr,
            stdout_logfile: info.stdout_logfile,
            stderr_logfile: info.stderr_logfile,
            name: info.name,
            group: info.group,
            history: None,
        }
    }

    pub(super) fn processes(&self, infos: Vec<ProcessInfo>) -> Vec<Process> {
        infos.into_iter().map(|info| self.process(info)).collect()
    }
}

impl From<Stretch> for Past {
    fn from(stretch: Stretch) -> Self {
        Self {
            from: stretch.from,
            statename: stretch.state.name(),
            changes: stretch.changes,
        }
    }
}

impl Processes {
    pub(super) fn new(now: i64, processes: Vec<Process>) -> Self {
        Self { now, processes }
    }
}

//! What `getProcessInfo` tells of a process.

use super::ProcessState;
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
    /// The last exit code, -1 after a signal, 0 when there is none.
    pub exitstatus: i32,
    /// Where its stdout goes; empty when to no file.
    pub stdout_logfile: Arc<str>,
    /// Where its stderr goes; empty when to no file or into stdout.
    pub stderr_logfile: Arc<str>,
    /// The child's pid; 0 when there is none.
    pub pid: i32,
    /// Seconds since `start` on the monotonic clock; what `uptime` shows.
    pub uptime: u64,
}

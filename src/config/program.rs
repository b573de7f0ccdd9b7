//! `[program:x]` as values: what its instances share, and each instance's own part.

use crate::process::Policy;
use std::sync::Arc;

/// What all instances of a `[program:x]`, `[fcgi-program:x]` or `[eventlistener:x]` share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The program's name.
    pub name: Arc<str>,
    /// Its priority within the group: low starts first and stops last.
    pub priority: i64,
    /// Start its processes when the group is activated.
    pub autostart: bool,
    /// The rules of its processes' lives.
    pub policy: Arc<Policy>,
    /// Send stderr where stdout goes.
    pub redirect_stderr: bool,
    /// Whom its processes run as.
    pub user: Option<ProgramUser>,
    /// Their umask; `None` inherits.
    pub umask: Option<u32>,
    /// `SUPERVISOR_SERVER_URL` for them; `None` is the computed one, empty sets none.
    pub serverurl: Option<String>,
}

/// Whom a program's processes run as (`user`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramUser {
    /// The user id.
    pub uid: u32,
    /// The user's primary group.
    pub gid: u32,
    /// Its name in the password database.
    pub name: String,
}

/// One process instance: what its program's expansions came to for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessConfig {
    /// The process's name; unique within its group.
    pub name: Arc<str>,
    /// What it shares with the program's other instances.
    pub program: Arc<Program>,
    /// The command line, expanded but not split.
    pub command: Arc<str>,
    /// Where it runs; `None` is supervisord's directory.
    pub directory: Option<Arc<str>>,
    /// Its stdout.
    pub stdout: Channel,
    /// Its stderr; without a log where `redirect_stderr` is set.
    pub stderr: Channel,
    /// `[supervisord] environment` overlaid by the program's, sorted by name.
    pub environment: Arc<[(String, String)]>,
}

/// One of a process's two outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The file it is logged to.
    pub log: LogTarget,
    /// Size in bytes at which the file is rotated; 0 or less is never.
    pub maxbytes: i64,
    /// Rotated files to keep; 0 or less truncates instead.
    pub backups: i64,
    /// Log to syslog, too.
    pub syslog: bool,
    /// Bytes of a captured communication to keep; 0 or less captures nothing.
    pub capture_maxbytes: i64,
    /// Emit PROCESS_LOG events.
    pub events_enabled: bool,
}

impl Channel {
    /// Whether its bytes are wanted anywhere, going by the configuration.
    pub fn is_wanted(&self) -> bool {
        self.log != LogTarget::None
            || self.syslog
            || self.capture_maxbytes > 0
            || self.events_enabled
    }
}

/// The file an output is logged to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogTarget {
    /// None.
    None,
    /// A generated name in `childlogdir`.
    Auto,
    /// This one; relative to supervisord's directory when it is opened.
    File(Arc<str>),
}

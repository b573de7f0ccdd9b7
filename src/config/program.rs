//! `[program:x]` as values: what its instances share, and each instance's own part.

use super::error::{ConfigError, Problem};
use super::last::{Last, shared};
use super::section::Section;
use super::users;
use super::values::{autorestart, boolean, exit_codes, integer, name, natural, octal, signal};
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
    pub stdout: Arc<Channel>,
    /// Its stderr; without a log where `redirect_stderr` is set.
    pub stderr: Arc<Channel>,
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

/// The most processes that one program can have; more is a slip of the finger.
const MOST_PROCESSES: i64 = 100_000;

impl Program {
    /// Reads what the instances share. `section` knows the program's and the group's name.
    pub(super) fn read(
        section: &Section<'_>,
        name: Arc<str>,
        last: &mut Last,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            name,
            priority: section.get("priority", integer)?.unwrap_or(999),
            autostart: section.get("autostart", boolean)?.unwrap_or(true),
            policy: shared(&mut last.policy, policy(section)?),
            redirect_stderr: section.get("redirect_stderr", boolean)?.unwrap_or(false),
            serverurl: section.get("serverurl", serverurl)?.flatten(),
            user: section.get("user", users::user)?,
            umask: section.get("umask", octal)?,
        })
    }
}

/// The name of the program that a section is about.
pub(super) fn name_of(section: &Section<'_>) -> Result<Arc<str>, ConfigError> {
    let name = name(section.suffix()).map_err(|problem| section.own_error(problem))?;
    Ok(name.into())
}

fn policy(section: &Section<'_>) -> Result<Policy, ConfigError> {
    let default = Policy::default();
    let seconds =
        |key, default| Ok::<_, ConfigError>(section.get(key, integer)?.unwrap_or(default));
    let mut policy = Policy {
        autorestart: section
            .get("autorestart", autorestart)?
            .unwrap_or(default.autorestart),
        startsecs: seconds("startsecs", default.startsecs)?,
        startretries: seconds("startretries", default.startretries)?,
        stopsignal: section
            .get("stopsignal", signal)?
            .unwrap_or(default.stopsignal),
        stopwaitsecs: seconds("stopwaitsecs", default.stopwaitsecs)?,
        stopasgroup: section.get("stopasgroup", boolean)?.unwrap_or(false),
        killasgroup: false,
        exitcodes: default.exitcodes,
        restart_limit: section.get("restart_limit", natural)?.unwrap_or(0),
    };
    let killasgroup = section.get("killasgroup", boolean)?;
    policy.killasgroup = killasgroup.unwrap_or(policy.stopasgroup);
    if let Some(codes) = section.get("exitcodes", exit_codes)? {
        policy.exitcodes = codes;
    }
    if policy.stopasgroup && !policy.killasgroup {
        return Err(section.error("killasgroup", Problem::KillAsGroup));
    }
    Ok(policy)
}

/// `AUTO` is no URL of its own.
fn serverurl(text: &str) -> Result<Option<String>, Problem> {
    let automatic = text.trim().eq_ignore_ascii_case("auto");
    Ok((!automatic).then(|| text.to_owned()))
}

/// How many processes a program has, and how they are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instances {
    /// The number of processes.
    pub(super) count: i64,
    /// The number of the first.
    pub(super) first: i64,
    /// `process_name`, not expanded.
    pub(super) name: String,
}

impl Instances {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, ConfigError> {
        let count = section.get("numprocs", numprocs)?.unwrap_or(1);
        let first = section.get("numprocs_start", integer)?.unwrap_or(0);
        let template = section.raw("process_name").unwrap_or("%(program_name)s");
        let name = name(template).map_err(|problem| section.error("process_name", problem))?;
        if count > 1 && !name.contains("%(process_num)") {
            return Err(section.error("process_name", Problem::ProcessNum));
        }
        Ok(Self {
            count,
            first,
            name: name.to_owned(),
        })
    }
}

fn numprocs(text: &str) -> Result<i64, Problem> {
    match integer(text)? {
        value if value > MOST_PROCESSES => Err(Problem::Above {
            value,
            bound: MOST_PROCESSES,
        }),
        value => Ok(value),
    }
}

//! `[supervisord]` as a value.

use super::command_line::SupervisordArgs;
use super::error::{ConfigError, Problem};
use super::paths::{absolute, existing_directory, existing_dirpath, temporary_directory};
use super::reading::Surroundings;
use super::section::Section;
use super::users;
use super::values::{boolean, byte_size, integer, log_level, octal};
use crate::process::note::Level;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of supervisord itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervisord {
    /// Where the activity log goes.
    pub logfile: MainLog,
    /// Size in bytes at which the activity log is rotated; 0 or less is never.
    pub logfile_maxbytes: i64,
    /// Rotated activity logs to keep; 0 truncates instead.
    pub logfile_backups: i64,
    /// The least important level that is logged.
    pub loglevel: Level,
    /// The pid file, absolute.
    pub pidfile: PathBuf,
    /// The name in events and AUTO log names.
    pub identifier: String,
    /// Stay in the foreground.
    pub nodaemon: bool,
    /// In the foreground, don't copy the activity log to stdout.
    pub silent: bool,
    /// Where AUTO child logs lie.
    pub childlogdir: PathBuf,
    /// Leave old AUTO child logs alone at start.
    pub nocleanup: bool,
    /// Remove escape sequences from what children write.
    pub strip_ansi: bool,
    /// The umask taken on when daemonizing.
    pub umask: u32,
    /// The directory to change to when daemonizing.
    pub directory: Option<PathBuf>,
    /// The user to run as, by name or uid; it exists.
    pub user: Option<String>,
    /// The soft limit of open files to have at least.
    pub minfds: i64,
    /// Whether `minfds` was asked for (in the file or on the command line), not defaulted.
    pub minfds_given: bool,
    /// The soft limit of processes to have at least.
    pub minprocs: i64,
    /// Whether `minprocs` was asked for.
    pub minprocs_given: bool,
    /// What becomes of the children when supervisord dies.
    pub on_supervisor_death: OnSupervisorDeath,
    /// How long everything may take to stop before it is killed; `None` is no limit.
    pub shutdown_timeout: Option<Duration>,
    /// Take an inet server for an error that is reachable from other machines without a password.
    pub refuse_open_servers: bool,
}

/// What becomes of the children when supervisord dies without stopping them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSupervisorDeath {
    /// They live on.
    #[default]
    Orphan,
    /// The kernel kills them.
    Kill,
}

/// Where the activity log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MainLog {
    /// To this file, absolute.
    File(PathBuf),
    /// To syslog.
    Syslog,
}

impl Supervisord {
    /// Reads `[supervisord]`, each option in turn; the first fault ends the reading. What the
    /// command line gives wins, but the file's value must be good all the same.
    pub(super) fn read(
        section: &Section<'_>,
        args: &SupervisordArgs,
        around: Surroundings<'_>,
    ) -> Result<Self, ConfigError> {
        let Surroundings {
            environment,
            directory: base,
        } = around;
        let directory = |text: &str| existing_directory(text, base, environment);
        let file = |text: &str| Ok(absolute(base, &existing_dirpath(text, base, environment)?));
        let main_log = |text: &str| match text {
            "syslog" => Ok(MainLog::Syslog),
            path => file(path).map(MainLog::File),
        };
        let settings = Settings { section, args };
        Ok(Self {
            minfds: settings.get("minfds", integer)?.unwrap_or(1024),
            minfds_given: settings.is_given("minfds"),
            minprocs: settings.get("minprocs", integer)?.unwrap_or(200),
            minprocs_given: settings.is_given("minprocs"),
            directory: settings.get("directory", directory)?,
            user: settings.get("user", |text| Ok(text.to_owned()))?,
            umask: settings.get("umask", octal)?.unwrap_or(0o022),
            logfile: settings
                .get("logfile", main_log)?
                .unwrap_or_else(|| MainLog::File(base.join("supervisord.log"))),
            logfile_maxbytes: settings
                .get("logfile_maxbytes", byte_size)?
                .unwrap_or(50 << 20),
            logfile_backups: settings.get("logfile_backups", integer)?.unwrap_or(10),
            loglevel: settings.get("loglevel", log_level)?.unwrap_or(Level::Info),
            pidfile: settings
                .get("pidfile", file)?
                .unwrap_or_else(|| base.join("supervisord.pid")),
            identifier: settings
                .get("identifier", |text| Ok(text.to_owned()))?
                .unwrap_or_else(|| "supervisor".to_owned()),
            nodaemon: settings.flag("nodaemon")?,
            silent: settings.flag("silent")?,
            childlogdir: match settings.get("childlogdir", directory)? {
                Some(path) => absolute(base, &path.to_string_lossy()),
                None => temporary_directory(base, environment),
            },
            nocleanup: settings.flag("nocleanup")?,
            strip_ansi: settings.flag("strip_ansi")?,
            on_supervisor_death: settings
                .get("on_supervisor_death", on_supervisor_death)?
                .unwrap_or_default(),
            shutdown_timeout: settings.get("shutdown_timeout", timeout)?.flatten(),
            refuse_open_servers: settings.flag("refuse_open_servers")?,
        })
    }

    /// Refuses a user that doesn't exist.
    pub(super) fn check_user(
        section: &Section<'_>,
        args: &SupervisordArgs,
    ) -> Result<(), ConfigError> {
        match args.given.get("user") {
            Some(given) => Ok(users::user(&given.value).map(drop)?),
            None => section.get("user", users::user).map(drop),
        }
    }
}

/// The options of `[supervisord]`, in the file and on the command line.
struct Settings<'a> {
    section: &'a Section<'a>,
    args: &'a SupervisordArgs,
}

impl Settings<'_> {
    fn get<T>(
        &self,
        key: &str,
        convert: impl Fn(&str) -> Result<T, Problem>,
    ) -> Result<Option<T>, ConfigError> {
        let in_file = self.section.get(key, &convert)?;
        match self.args.given.get(key) {
            Some(given) => Ok(Some(convert(&given.value).map_err(|p| given.refused(p))?)),
            None => Ok(in_file),
        }
    }

    fn flag(&self, key: &str) -> Result<bool, ConfigError> {
        Ok(self.get(key, boolean)?.unwrap_or(false))
    }

    fn is_given(&self, key: &str) -> bool {
        self.section.raw(key).is_some() || self.args.given.contains_key(key)
    }
}

/// Seconds; 0 is no limit.
fn timeout(text: &str) -> Result<Option<Duration>, Problem> {
    let value = integer(text)?;
    let seconds = u64::try_from(value).map_err(|_| Problem::Below { value, bound: 0 })?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

/// What becomes of children, in any case.
fn on_supervisor_death(text: &str) -> Result<OnSupervisorDeath, Problem> {
    match text.to_lowercase().as_str() {
        "orphan" => Ok(OnSupervisorDeath::Orphan),
        "kill" => Ok(OnSupervisorDeath::Kill),
        "adopt" => Err(Problem::Adoption),
        _ => Err(Problem::OnSupervisorDeath(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_timeout_is_none_and_less_is_an_error() {
        assert_eq!(timeout("0"), Ok(None));
        assert_eq!(timeout("90"), Ok(Some(Duration::from_secs(90))));
        let below = Problem::Below {
            value: -1,
            bound: 0,
        };
        assert_eq!(timeout("-1"), Err(below));
    }

    #[test]
    fn what_becomes_of_children_is_said_in_any_case() {
        assert_eq!(on_supervisor_death("KILL"), Ok(OnSupervisorDeath::Kill));
        assert_eq!(on_supervisor_death("orphan"), Ok(OnSupervisorDeath::Orphan));
        assert_eq!(on_supervisor_death("Adopt"), Err(Problem::Adoption));
        assert!(on_supervisor_death("").is_err());
    }
}

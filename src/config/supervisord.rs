//! `[supervisord]` as a value.

use crate::process::note::Level;
use std::path::PathBuf;

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
    /// The user to run as: the text of the option, resolved at start (a uid or a name).
    pub user: Option<String>,
    /// The soft limit of open files to have at least.
    pub minfds: i64,
    /// Whether `minfds` was asked for (in the file or on the command line), not defaulted.
    pub minfds_given: bool,
    /// The soft limit of processes to have at least.
    pub minprocs: i64,
    /// Whether `minprocs` was asked for.
    pub minprocs_given: bool,
}

/// Where the activity log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MainLog {
    /// To this file, absolute.
    File(PathBuf),
    /// To syslog.
    Syslog,
}

//! INI text and command lines to a typed, checked [`Config`].
//!
//! Floor 2. Starts nothing, prints nothing, logs nothing: what is worth telling comes back as an
//! error or a [`Remark`]. Begin at [`load`].

mod channel;
mod check;
pub mod command_line;
mod conversion;
pub mod ctl;
pub mod diff;
pub mod drift;
pub mod environment;
pub mod error;
mod eventlistener;
mod expand;
mod fcgi;
mod files;
pub mod group;
mod groups;
mod include;
mod ini;
mod instance;
mod known;
mod last;
mod lexer;
mod lines;
mod load;
pub mod password;
mod paths;
pub mod pending;
mod plugin;
pub mod program;
mod reading;
mod repeated;
mod repr;
pub mod sample;
mod section;
pub mod server;
mod source;
pub mod supervisord;
pub mod users;
mod values;

pub use check::Checked;
pub use command_line::{Invocation, SupervisordArgs, UsageError};
pub use conversion::FormatFault;
pub use environment::Environment;
pub use error::{ConfigError, Place, Problem};
pub use files::Files;
pub use group::{EventListener, FcgiSocket, FcgiSocketAddress, Group, GroupKind};
pub use lexer::{SplitError, split_command};
pub use load::load;
pub use password::Password;
pub use plugin::Twiddler;
pub use program::{Channel, LogTarget, ProcessConfig, Program, ProgramUser};
pub use repr::repr;
pub use server::{HttpServer, Login, ServerAddress, TlsFiles};
pub use source::Source;
pub use supervisord::{MainLog, OnSupervisorDeath, Supervisord};

use crate::process::note::Level;
use std::path::PathBuf;
use std::sync::Arc;

/// A whole configuration: what one reading of the file, its includes, the command line and the
/// environment came to.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file, absolute.
    pub file: PathBuf,
    /// This and all others that it was read from.
    pub files: Files,
    /// `[supervisord]`, the command line applied.
    pub supervisord: Supervisord,
    /// Every HTTP server in the order in which they are opened: inet, then unix.
    pub servers: Vec<HttpServer>,
    /// Whether `[rpcinterface:supervisor]` is there; without it no `supervisor.*` method exists.
    pub supervisor_rpc: bool,
    /// The interface of `[rpcinterface:twiddler]`, if it is there.
    pub twiddler: Option<Twiddler>,
    /// `[supervisord] environment`, which is part of every process's.
    pub environment: Environment,
    /// Every group, in the order of activation: by priority, then name. The names are unique.
    pub groups: Vec<Arc<Group>>,
    /// What the reading wants told in the log, criticals first, then warnings, then infos.
    pub remarks: Vec<Remark>,
}

impl Config {
    /// The server that children are sent to by `SUPERVISOR_SERVER_URL`: the first unix one, or else
    /// the last inet one.
    pub fn server_url(&self) -> Option<String> {
        let is_unix = |server: &&HttpServer| matches!(server.address, ServerAddress::Unix { .. });
        let unix = self.servers.iter().find(is_unix);
        unix.or(self.servers.last()).map(HttpServer::url)
    }
}

/// A line for the activity log that reading the configuration gave rise to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its level.
    pub level: Level,
    /// Its text.
    pub text: String,
}

impl Remark {
    fn critical(text: String) -> Self {
        let level = Level::Critical;
        Self { level, text }
    }

    fn warn(text: String) -> Self {
        let level = Level::Warn;
        Self { level, text }
    }

    fn info(text: String) -> Self {
        let level = Level::Info;
        Self { level, text }
    }
}

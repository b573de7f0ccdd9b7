//! The command lines of supervisord and supervisorctl.
//!
//! Both are read as the classic `getopt` reads them: options end at the first other word.

mod getopt;
mod search;
mod supervisorctl;
mod supervisord;

pub use supervisorctl::{CtlArgs, parse_supervisorctl};
pub use supervisord::{Given, SupervisordArgs, parse_supervisord};

use std::fmt;
use std::path::{Path, PathBuf};

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation<A> {
    /// To run with these arguments.
    Run(A),
    /// To print this text, which is whole, to stdout and end with success.
    Help(String),
    /// To print the version to stdout and end with success.
    Version,
}

/// A command line, or a configuration, that a program can't start with. `Display` gives the two
/// lines for stderr, without the last newline; the exit status is 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Error: {message}\nFor help, use {program} -h")]
pub struct UsageError {
    /// The program's `argv[0]`.
    pub program: String,
    /// What is wrong.
    pub message: String,
    /// A warning that goes to stderr before it.
    pub warning: Option<&'static str>,
}

impl UsageError {
    /// The exit status that goes with it.
    pub const STATUS: i32 = 2;

    /// An error without a warning.
    pub fn new(program: &str, message: impl fmt::Display) -> Self {
        Self {
            program: program.to_owned(),
            message: message.to_string(),
            warning: None,
        }
    }
}

/// A configuration file as it was named, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// As typed or searched for; messages show this.
    pub shown: String,
    /// The absolute path at the time of the start.
    pub path: PathBuf,
}

impl ConfigFile {
    /// `directory` is the current one.
    fn new(shown: String, directory: &Path) -> Self {
        let path = super::paths::absolute(directory, &shown);
        Self { shown, path }
    }
}

/// The current directory; the root where there is none any more.
fn current_directory() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

//! The options of one of a process's outputs: `stdout_*` and `stderr_*`.

use super::environment::Environment;
use super::error::{ConfigError, Problem};
use super::paths::existing_dirpath;
use super::section::Section;
use super::values::{boolean, byte_size, integer};
use super::{Channel, LogTarget};
use std::path::Path;
use std::sync::Arc;

/// One of the two outputs, by the names of its options.
pub(super) struct Keys {
    logfile: &'static str,
    maxbytes: &'static str,
    backups: &'static str,
    syslog: &'static str,
    capture_maxbytes: &'static str,
    events_enabled: &'static str,
}

pub(super) const STDOUT: Keys = Keys {
    logfile: "stdout_logfile",
    maxbytes: "stdout_logfile_maxbytes",
    backups: "stdout_logfile_backups",
    syslog: "stdout_syslog",
    capture_maxbytes: "stdout_capture_maxbytes",
    events_enabled: "stdout_events_enabled",
};

pub(super) const STDERR: Keys = Keys {
    logfile: "stderr_logfile",
    maxbytes: "stderr_logfile_maxbytes",
    backups: "stderr_logfile_backups",
    syslog: "stderr_syslog",
    capture_maxbytes: "stderr_capture_maxbytes",
    events_enabled: "stderr_events_enabled",
};

/// What all instances share of an output.
#[derive(Clone, Copy)]
pub(super) struct Shared {
    capture_maxbytes: i64,
    events_enabled: bool,
}

impl Keys {
    /// Reads what all instances share.
    pub(super) fn shared(&self, section: &Section<'_>) -> Result<Shared, ConfigError> {
        Ok(Shared {
            capture_maxbytes: section.get(self.capture_maxbytes, byte_size)?.unwrap_or(0),
            events_enabled: section.get(self.events_enabled, boolean)?.unwrap_or(false),
        })
    }

    /// Reads an instance's output; `section` knows the instance's names. What is worth telling is
    /// appended to `told`.
    pub(super) fn channel(
        &self,
        section: &Section<'_>,
        shared: Shared,
        environment: &Environment,
        told: &mut Vec<String>,
    ) -> Result<Channel, ConfigError> {
        let logfile = self.logfile(section, environment)?;
        let mut channel = Channel {
            log: LogTarget::None,
            backups: section.get(self.backups, integer)?.unwrap_or(10),
            maxbytes: section.get(self.maxbytes, byte_size)?.unwrap_or(50 << 20),
            syslog: section.get(self.syslog, boolean)?.unwrap_or(false),
            capture_maxbytes: shared.capture_maxbytes,
            events_enabled: shared.events_enabled,
        };
        let name = section.name;
        match logfile {
            Logfile::Syslog => {
                channel.syslog = true;
                told.push(format!(
                    "For [{name}], {}=syslog but this is deprecated and will be removed.  Use \
                     {}=true to enable syslog instead.",
                    self.logfile, self.syslog
                ));
            }
            Logfile::Target(target) => channel.log = target,
        }
        if channel.log == LogTarget::Auto && channel.maxbytes == 0 {
            told.push(format!(
                "For [{name}], AUTO logging used for {} without rollover, set maxbytes > 0 to \
                 avoid filling up filesystem unintentionally",
                self.logfile
            ));
        }
        Ok(channel)
    }

    /// The name is expanded twice, as the original does: a literal `%` is written `%%%%`.
    fn logfile(
        &self,
        section: &Section<'_>,
        environment: &Environment,
    ) -> Result<Logfile, ConfigError> {
        let key = self.logfile;
        let Some(once) = section.text(key)? else {
            return Ok(Logfile::Target(LogTarget::Auto));
        };
        let twice = section.expand(&once, key, key)?;
        logfile(&twice, environment).map_err(|problem| section.error(key, problem))
    }
}

enum Logfile {
    Target(LogTarget),
    /// The old way to say `syslog=true`.
    Syslog,
}

fn logfile(text: &str, environment: &Environment) -> Result<Logfile, Problem> {
    let target = match text.to_ascii_lowercase().as_str() {
        "none" | "off" | "" => LogTarget::None,
        "auto" => LogTarget::Auto,
        "syslog" => return Ok(Logfile::Syslog),
        // Relative ones start from wherever supervisord is when it opens them.
        _ => LogTarget::File(Arc::from(existing_dirpath(
            text,
            Path::new(""),
            environment,
        )?)),
    };
    Ok(Logfile::Target(target))
}

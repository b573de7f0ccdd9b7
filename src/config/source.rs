//! Where a configuration comes from, to be read again and again.

use super::check::{self, Checked};
use super::command_line::SupervisordArgs;
use super::environment::Environment;
use super::repr::repr;
use super::{Config, ConfigError, ProcessConfig, load};
use std::sync::Arc;

/// What a supervisord was started with: all that its configuration depends on beside the files.
#[derive(Clone, Debug)]
pub struct Source {
    args: SupervisordArgs,
    environment: Environment,
}

impl Source {
    /// `environment` is supervisord's own, as it was at its start.
    pub const fn new(args: SupervisordArgs, environment: Environment) -> Self {
        Self { args, environment }
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// As those of [`load`](super::load()).
    pub fn load(&self) -> Result<Config, ConfigError> {
        load::load(&self.args, &self.environment)
    }

    /// Reads the processes of a program that is in no file. Its options are those of a
    /// `[program:x]`; `config` is what it is to be part of, `group` the name of its group.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn program(
        &self,
        config: &Config,
        group: &str,
        name: &str,
        options: &[(String, String)],
    ) -> Result<Vec<Arc<ProcessConfig>>, String> {
        let known = (&self.args, &self.environment);
        let read = load::program(known, config, group, (name, options));
        // There is no file whose line could be told.
        read.map_err(|error| match error.place.and_then(|place| place.option) {
            Some(option) => format!("{} (option: {})", error.problem, repr(&option)),
            None => error.problem.to_string(),
        })
    }

    /// Reads the configuration to tell all that is wrong with it, and what looks wrong.
    pub fn check(&self) -> Checked {
        check::check(&self.args, &self.environment)
    }
}

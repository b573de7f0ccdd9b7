//! Where a configuration comes from, to be read again and again.

use super::check::{self, Checked};
use super::command_line::SupervisordArgs;
use super::environment::Environment;
use super::{Config, ConfigError, load};

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
    /// As those of [`load`].
    pub fn load(&self) -> Result<Config, ConfigError> {
        load(&self.args, &self.environment)
    }

    /// Reads the configuration to tell all that is wrong with it, and what looks wrong.
    pub fn check(&self) -> Checked {
        check::check(&self.args, &self.environment)
    }
}

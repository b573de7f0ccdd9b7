//! What the manual page says of the actions.

use super::commands::COMMANDS;
use super::options;

/// An action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The word for it.
    pub name: &'static str,
    /// How it is used: lines of a form, tabs and an explanation.
    pub help: &'static str,
    /// Its options beyond Supervisor's, likewise.
    pub options: Vec<&'static str>,
}

/// Every action, sorted by name.
pub fn actions() -> Vec<Action> {
    let action = |command: &super::commands::Command| Action {
        name: command.action,
        help: command.help,
        options: options::help(command.action).collect(),
    };
    COMMANDS.iter().map(action).collect()
}

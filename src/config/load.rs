//! One whole reading of a configuration.

use super::command_line::SupervisordArgs;
use super::conversion::Value;
use super::environment::{Environment, pairs};
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::last::Last;
use super::reading::{Reading, Surroundings};
use super::section::Section;
use super::{Config, Supervisord, groups, include, plugin, server};
use std::cmp::Reverse;

/// Reads the configuration file and its includes, applies the command line, and checks everything.
/// The first fault ends the reading. Done at start, on a reload, and by `reread`.
///
/// `environment` is supervisord's own, as it was at its start.
///
/// # Errors
/// Whatever makes the file unusable, with its place; see [`Problem`].
pub fn load(args: &SupervisordArgs, environment: &Environment) -> Result<Config, ConfigError> {
    let file = &args.config_file;
    let directory = file.path.parent().unwrap_or(&file.path);
    let node = node_name();
    let own = [("host_node_name", Value::Text(&node))];
    let base = Names {
        outer: None,
        own: &own,
        environment: Some(environment),
    };
    let around = Surroundings {
        environment,
        directory: &args.directory,
    };

    let mut document = include::main_file(&file.shown, &file.path)?;
    let mut remarks = include::included_files(&mut document, directory, &base)?;
    if !document.has("supervisord") {
        return Err(ConfigError::from(Problem::NoSection {
            section: "supervisord",
            file: file.shown.clone(),
        }));
    }
    let main = Section::new(&document, "supervisord", &base);
    let supervisord = Supervisord::read(&main, args, around)?;
    let global = global_environment(&main)?;

    let mut reading = Reading {
        document: &document,
        around,
        names: Names {
            environment: Some(&global),
            ..Names::over(&base, &[])
        },
        environment: &global,
        shared_environment: global.clone().into_iter().collect(),
        last: Last::default(),
        remarks: Vec::new(),
    };
    let supervisor_rpc = plugin::read(&mut reading)?;
    let groups = groups::read(&mut reading)?;
    let servers = server::read(&reading, supervisord.refuse_open_servers)?;
    remarks.append(&mut reading.remarks);
    Supervisord::check_user(&main, args)?;

    remarks.sort_by_key(|remark| Reverse(remark.level));
    Ok(Config {
        file: file.path.clone(),
        supervisord,
        servers,
        supervisor_rpc,
        groups,
        remarks,
    })
}

fn global_environment(main: &Section<'_>) -> Result<Environment, ConfigError> {
    let text = main
        .text_as("environment", "environment")?
        .unwrap_or_default();
    pairs(&text).map_err(|problem| main.error("environment", problem))
}

/// The name that `uname -n` tells.
fn node_name() -> String {
    let name = nix::unistd::gethostname().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
pub(super) mod tests;

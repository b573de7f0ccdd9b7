//! One whole reading of a configuration.

use super::command_line::SupervisordArgs;
use super::conversion::Value;
use super::environment::{Environment, pairs};
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::ini::{Document, SourceFile};
use super::instance::processes;
use super::last::Last;
use super::reading::{Found, Reading, Surroundings};
use super::section::Section;
use super::{Config, ProcessConfig, Remark, Supervisord, groups, include, plugin, server};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the configuration file and its includes, applies the command line, and checks everything.
/// Done at start, on a reload, and by `reread`.
///
/// `environment` is supervisord's own, as it was at its start.
///
/// # Errors
/// The first thing that makes the file unusable, with its place; see [`Problem`].
pub fn load(args: &SupervisordArgs, environment: &Environment) -> Result<Config, ConfigError> {
    survey(args, environment)
        .config
        .map_err(|wrong| wrong.first)
}

/// All that one reading finds.
pub(super) struct Survey {
    /// The options of all files, as far as they could be read.
    pub(super) document: Document,
    /// What they come to.
    pub(super) config: Result<Config, Wrong>,
    /// What is worth telling.
    pub(super) remarks: Vec<Remark>,
}

/// Everything that is wrong, in the order of the reading.
pub(super) struct Wrong {
    pub(super) first: ConfigError,
    pub(super) more: Vec<ConfigError>,
}

impl Wrong {
    /// What is wrong, and what else would be if that were not there: in the order of the lines.
    /// An option at fault keeps the others of its section from being read, so what is left is read
    /// again without it, until nothing more comes up.
    pub(super) fn exhaust(
        self,
        args: &SupervisordArgs,
        environment: &Environment,
        mut document: Document,
    ) -> Vec<ConfigError> {
        let mut errors: Vec<_> = std::iter::once(self.first).chain(self.more).collect();
        let mut left_out = BTreeSet::new();
        let file = Arc::new(SourceFile::new("", &args.config_file.path));
        loop {
            let known = left_out.len();
            for (section, option) in errors.iter().filter_map(option_at_fault) {
                document.leave_out(&section, &option);
                if let Some(value) = stand_in(&option) {
                    document.put(&file, &section, &[(option.clone(), value.to_owned())]);
                }
                left_out.insert((section, option));
            }
            if left_out.len() == known {
                break;
            }
            let mut found = Found::default();
            let first = interpret(args, environment, &document, &mut found).err();
            for error in first.into_iter().chain(found.problems) {
                if !errors.contains(&error) && !follows(&error, &left_out) {
                    errors.push(error);
                }
            }
        }
        let line = |error: &ConfigError| {
            let place = error.place.as_deref();
            place.map(|place| (Arc::clone(&place.file), place.line))
        };
        errors.sort_by_key(line);
        errors
    }
}

/// The section and name of an option that can be left out. What is not included can't.
fn option_at_fault(error: &ConfigError) -> Option<(String, String)> {
    let place = error.place.as_deref()?;
    let option = place.option.clone().filter(|_| place.section != "include");
    Some((place.section.clone(), option?))
}

/// A value for an option without which nothing else of its section is read.
fn stand_in(option: &str) -> Option<&'static str> {
    match option {
        "command" => Some("/bin/true"),
        "events" => Some("EVENT"),
        "socket" => Some("tcp://127.0.0.1:1"),
        _ => None,
    }
}

/// Whether an error comes of it that these options have been left out.
fn follows(error: &ConfigError, left_out: &BTreeSet<(String, String)>) -> bool {
    let variables_lack = || left_out.iter().any(|(_, option)| option == "environment");
    match &error.problem {
        Problem::UnknownName { name, .. } if name.starts_with("ENV_") => variables_lack(),
        _ => option_at_fault(error).is_some_and(|option| left_out.contains(&option)),
    }
}

/// Reads everything: a section at fault doesn't keep others from being read.
pub(super) fn survey(args: &SupervisordArgs, environment: &Environment) -> Survey {
    let mut document = Document::new();
    let mut found = Found::default();
    let read = read(args, environment, &mut document, &mut found);
    let config = read.map_err(|first| Wrong {
        first,
        more: found.problems,
    });
    Survey {
        document,
        config,
        remarks: found.remarks,
    }
}

/// The error is the first; others are in `found`. What is wrong with a file's syntax or with
/// `[supervisord]` ends the reading.
fn read(
    args: &SupervisordArgs,
    environment: &Environment,
    document: &mut Document,
    found: &mut Found,
) -> Result<Config, ConfigError> {
    let file = &args.config_file;
    let directory = file.path.parent().unwrap_or(&file.path);
    let node = node_name();
    let own = [("host_node_name", Value::Text(&node))];
    let base = base_names(&own, environment);
    found.files.note(&file.path);
    include::main_file(document, &file.shown, &file.path)?;
    include::included_files(document, directory, &base, found)?;
    interpret(args, environment, document, found)
}

/// What the options of all files come to.
fn interpret(
    args: &SupervisordArgs,
    environment: &Environment,
    document: &Document,
    found: &mut Found,
) -> Result<Config, ConfigError> {
    let file = &args.config_file;
    let node = node_name();
    let own = [("host_node_name", Value::Text(&node))];
    let base = base_names(&own, environment);
    let around = surroundings(args, environment);
    if !document.has("supervisord") {
        return Err(ConfigError::from(Problem::NoSection {
            section: "supervisord",
            file: file.shown.clone(),
        }));
    }
    let main = Section::new(document, "supervisord", &base);
    let supervisord = Supervisord::read(&main, args, around)?;
    let global = global_environment(&main)?;

    let mut reading = reading(document, around, &base, &global, found);
    let plugins = plugin::read(&mut reading);
    let groups = groups::read(&mut reading);
    let servers = server::read(&mut reading, supervisord.refuse_open_servers);
    found.keep(Supervisord::check_user(&main, args));
    found.remarks.sort_by_key(|remark| Reverse(remark.level));
    found.pass()?;
    Ok(Config {
        file: file.path.clone(),
        files: found.files.clone(),
        supervisord,
        servers,
        supervisor_rpc: plugins.supervisor,
        twiddler: plugins.twiddler,
        groups,
        environment: global,
        remarks: found.remarks.clone(),
    })
}

/// Reads the processes of a program that is in no file: its options, and the configuration that it
/// is to be part of.
///
/// # Errors
/// The first thing that is wrong with the options.
pub(super) fn program(
    (args, environment): (&SupervisordArgs, &Environment),
    config: &Config,
    group: &str,
    (name, options): (&str, &[(String, String)]),
) -> Result<Vec<Arc<ProcessConfig>>, ConfigError> {
    let section = format!("program:{name}");
    let mut document = Document::new();
    let file = SourceFile::new(&args.config_file.shown, &config.file);
    document.put(&Arc::new(file), &section, options);
    let node = node_name();
    let own = [("host_node_name", Value::Text(&node))];
    let base = base_names(&own, environment);
    let around = surroundings(args, environment);
    let mut found = Found::default();
    let mut reading = reading(&document, around, &base, &config.environment, &mut found);
    processes(&mut reading, &section, &group.into())
}

fn base_names<'a>(own: &'a [(&'a str, Value<'a>)], environment: &'a Environment) -> Names<'a> {
    Names {
        outer: None,
        own,
        environment: Some(environment),
    }
}

fn surroundings<'a>(args: &'a SupervisordArgs, environment: &'a Environment) -> Surroundings<'a> {
    Surroundings {
        environment,
        directory: &args.directory,
    }
}

/// What programs need, in the `global` environment of `[supervisord]`.
fn reading<'a>(
    document: &'a Document,
    around: Surroundings<'a>,
    base: &'a Names<'a>,
    global: &'a Environment,
    found: &'a mut Found,
) -> Reading<'a> {
    Reading {
        document,
        around,
        names: Names {
            environment: Some(global),
            ..Names::over(base, &[])
        },
        environment: global,
        shared_environment: global.clone().into_iter().collect(),
        last: Last::default(),
        found,
    }
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

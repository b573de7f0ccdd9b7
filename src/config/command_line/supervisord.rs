//! supervisord's command line.

use super::getopt::{Opt, getopt};
use super::search;
use super::{ConfigFile, Invocation, UsageError, current_directory};
use crate::config::environment::Environment;
use crate::config::error::Problem;
use crate::config::paths::{existing_directory, existing_dirpath};
use crate::config::reading::Surroundings;
use crate::config::repr::repr;
use crate::config::values::{byte_size, integer, log_level, octal};
use nix::unistd::getuid;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

/// What supervisord is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisordArgs {
    /// `argv[0]`.
    pub program: String,
    /// The configuration file, named or found.
    pub config_file: ConfigFile,
    /// The current directory at the start, where relative paths begin ever after.
    pub directory: PathBuf,
    /// The options of `[supervisord]` that are set here, by their names in the file.
    pub given: BTreeMap<&'static str, Given>,
    /// Only look the configuration over (`--check`). Not in the help, whose text is known.
    pub check: bool,
    /// To be said on stderr before anything else.
    pub warning: Option<&'static str>,
}

/// A setting given on the command line; its value is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The option: `-l`, `--logfile`.
    pub spelled: String,
    /// Its value, `true` for a flag.
    pub value: String,
}

impl Given {
    /// The problem with the value, with the option that has it.
    pub(in crate::config) fn refused(&self, problem: Problem) -> Problem {
        Problem::Argument {
            option: self.spelled.clone(),
            value: self.value.clone(),
            problem: Box::new(problem),
        }
    }
}

const fn option(key: &'static str, short: char) -> Opt {
    Opt {
        key,
        short: Some(short),
        long: Some(key),
        has_value: true,
    }
}

const fn flag(key: &'static str, short: char) -> Opt {
    Opt {
        has_value: false,
        ..option(key, short)
    }
}

const fn long_only(key: &'static str) -> Opt {
    Opt {
        short: None,
        ..option(key, ' ')
    }
}

const OPTIONS: &[Opt] = &[
    option("configuration", 'c'),
    flag("nodaemon", 'n'),
    flag("silent", 's'),
    flag("help", 'h'),
    Opt {
        long: None,
        ..flag("help", '?')
    },
    flag("version", 'v'),
    option("user", 'u'),
    option("umask", 'm'),
    option("directory", 'd'),
    option("logfile", 'l'),
    option("logfile_maxbytes", 'y'),
    option("logfile_backups", 'z'),
    option("loglevel", 'e'),
    option("pidfile", 'j'),
    option("identifier", 'i'),
    option("childlogdir", 'q'),
    flag("nocleanup", 'k'),
    option("minfds", 'a'),
    flag("strip_ansi", 't'),
    Opt {
        has_value: false,
        ..long_only("check")
    },
    long_only("minprocs"),
    long_only("profile_options"),
];

/// Reads supervisord's `argv` and looks for its configuration file, which is not opened yet.
/// `environment` is its own.
///
/// # Errors
/// Unknown, doubled or wrong options, other words, and no file in any of the default places.
pub fn parse_supervisord(
    argv: &[String],
    environment: &Environment,
) -> Result<Invocation<SupervisordArgs>, UsageError> {
    let (argv0, words) = argv
        .split_first()
        .map_or(("supervisord", &[][..]), |(a, w)| (a, w));
    let program = search::program(argv0, environment);
    let refuse = |message: String| UsageError::new(&program, message);
    let directory = current_directory();
    let around = Surroundings {
        environment,
        directory: &directory,
    };

    let (options, words) = getopt(OPTIONS, words).map_err(refuse)?;
    if !words.is_empty() {
        return Err(refuse(stray(&words)));
    }
    let mut given = BTreeMap::new();
    for option in options {
        let value = match option.key {
            "help" => return Ok(Invocation::Help(help(&program))),
            "version" => return Ok(Invocation::Version),
            key if is_flag(key) => "true".to_owned(),
            _ => option.value,
        };
        let spelled = option.spelled;
        let new = Given { spelled, value };
        check(option.key, &new.value, around)
            .map_err(|problem| refuse(new.refused(problem).to_string()))?;
        set(&mut given, option.key, new).map_err(refuse)?;
    }
    let named = given.remove("configuration").map(|given| given.value);
    let check = given.remove("check").is_some();
    let warning = named.is_none() && getuid().is_root();
    let warning = warning.then_some(search::ROOT_WARNING);
    let shown = match named {
        Some(named) => named,
        None => search_config(&program, &directory).map_err(|message| UsageError {
            warning,
            ..refuse(message)
        })?,
    };
    Ok(Invocation::Run(SupervisordArgs {
        config_file: ConfigFile::new(shown, &directory),
        program,
        directory,
        given,
        check,
        warning,
    }))
}

fn is_flag(key: &str) -> bool {
    OPTIONS
        .iter()
        .any(|option| option.key == key && !option.has_value)
}

fn stray(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| repr(word)).collect();
    format!(
        "positional arguments are not supported: [{}]",
        words.join(", ")
    )
}

/// A setting can be given only once, however it is spelled.
fn set(
    given: &mut BTreeMap<&'static str, Given>,
    key: &'static str,
    new: Given,
) -> Result<(), String> {
    match given.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(new);
            Ok(())
        }
        Entry::Occupied(_) => Err(format!(
            "conflicting command line option {}",
            repr(&new.spelled)
        )),
    }
}

/// Refuses a value that the option can't have. The user is looked up only once the file is read.
fn check(key: &str, value: &str, around: Surroundings<'_>) -> Result<(), Problem> {
    let Surroundings {
        environment,
        directory,
    } = around;
    match key {
        "umask" => octal(value).map(drop),
        "directory" | "childlogdir" => existing_directory(value, directory, environment).map(drop),
        "logfile" | "pidfile" => existing_dirpath(value, directory, environment).map(drop),
        "logfile_maxbytes" => byte_size(value).map(drop),
        "logfile_backups" | "minfds" | "minprocs" => integer(value).map(drop),
        "loglevel" => log_level(value).map(drop),
        _ => Ok(()),
    }
}

fn search_config(program: &str, directory: &std::path::Path) -> Result<String, String> {
    let paths = search::paths(program);
    search::find(&paths, directory).ok_or_else(|| {
        format!(
            "No config file found at default paths ({}); use the -c option to specify a config \
             file at a different path",
            paths.join(", ")
        )
    })
}

fn help(program: &str) -> String {
    include_str!("supervisord.txt").replace("{program}", program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation<SupervisordArgs>, UsageError> {
        let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse_supervisord(&argv, &Environment::new())
    }

    fn args(line: &str) -> SupervisordArgs {
        match parse(line) {
            Ok(Invocation::Run(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn settings_are_kept_by_their_names_in_the_file() {
        let args = args("x/d -nc a.conf --logfile=b.log -t --minprocs 5 --profile_options callers");
        let given: Vec<_> = args
            .given
            .iter()
            .map(|(key, given)| format!("{key} {} {}", given.spelled, given.value))
            .collect();
        assert_eq!(
            given,
            [
                "logfile --logfile b.log",
                "minprocs --minprocs 5",
                "nodaemon -n true",
                "profile_options --profile_options callers",
                "strip_ansi -t true",
            ]
        );
        assert_eq!(args.config_file.shown, "a.conf");
        assert_eq!(args.config_file.path, args.directory.join("a.conf"));
        assert_eq!(args.warning, None);
    }

    #[test]
    fn a_check_is_asked_for_by_its_whole_name() {
        assert!(args("d --check -c a").check);
        assert!(!args("d -c a").check);
        assert!(parse("d --check=1 -c a").is_err());
    }

    #[test]
    fn what_is_wrong_is_told_in_two_lines() {
        for (line, message) in [
            ("-Q", "option -Q not recognized"),
            (
                "-h foo it's",
                "positional arguments are not supported: ['foo', \"it's\"]",
            ),
            (
                "-e noisy",
                "invalid value for -e 'noisy': bad logging level name 'noisy'",
            ),
            (
                "--logfile=/nope/x",
                "invalid value for --logfile '/nope/x': The directory named as part of the path /nope/x does not exist",
            ),
            (
                "-d /nope",
                "invalid value for -d '/nope': /nope is not an existing directory",
            ),
            (
                "-m 9",
                "invalid value for -m '9': 9 can not be converted to an octal type",
            ),
            ("-a x", "invalid value for -a 'x': not a valid integer: 'x'"),
            ("-n -n", "conflicting command line option '-n'"),
            ("-nn", "conflicting command line option '-n'"),
            (
                "-n --nodaemon",
                "conflicting command line option '--nodaemon'",
            ),
            (
                "-l /nope/x -v",
                "invalid value for -l '/nope/x': The directory named as part of the path /nope/x does not exist",
            ),
        ] {
            let told = parse(&format!("bin/d {line}")).unwrap_err().to_string();
            assert_eq!(told, format!("Error: {message}\nFor help, use bin/d -h"));
        }
    }

    #[test]
    fn options_are_obeyed_from_left_to_right() {
        assert_eq!(parse("d -v -l /nope/x"), Ok(Invocation::Version));
        assert_eq!(parse("d -n -v -n -n"), Ok(Invocation::Version));
        let Ok(Invocation::Help(help)) = parse("bin/d -? -v") else {
            panic!("no help");
        };
        assert!(help.contains("\nUsage: bin/d [options]\n") && help.ends_with(")\n\n"));
    }

    #[test]
    fn without_a_file_the_default_places_are_told() {
        let error = parse("/nope/bin/d -n").unwrap_err();
        assert_eq!(
            error.message,
            "No config file found at default paths (/nope/etc/supervisord.conf, \
             /nope/supervisord.conf, supervisord.conf, etc/supervisord.conf, \
             /etc/supervisord.conf, /etc/supervisor/supervisord.conf); use the -c option to \
             specify a config file at a different path"
        );
        assert_eq!(error.warning.is_some(), getuid().is_root());
    }
}

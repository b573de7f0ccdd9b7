//! supervisorctl's command line.

use super::getopt::{Opt, getopt};
use super::search;
use super::{ConfigFile, Invocation, UsageError, current_directory};
use crate::config::environment::Environment;
use crate::config::error::Problem;
use crate::config::repr::repr;
use crate::config::values::url;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What supervisorctl is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CtlArgs {
    /// `argv[0]`.
    pub program: String,
    /// The configuration file, named or found; without one the defaults hold.
    pub config_file: Option<ConfigFile>,
    /// The current directory.
    pub directory: PathBuf,
    /// Whether somebody sits there: `-i`, or no action. An action is all that is done even so.
    pub interactive: bool,
    /// `-s`, used as it is.
    pub serverurl: Option<String>,
    /// `-u`.
    pub username: Option<String>,
    /// `-p`.
    pub password: Option<String>,
    /// `-r`, which wins over the file's `history_file`.
    pub history_file: Option<String>,
    /// `--cacert`, which wins over the file's `cacert`.
    pub cacert: Option<String>,
    /// The options that are meant for the action, as if they stood behind it.
    pub options: Vec<String>,
    /// The action and its arguments, joined by blanks; empty is none.
    pub action: String,
}

const fn option(key: &'static str, short: char) -> Opt {
    Opt {
        key,
        short: Some(short),
        long: Some(key),
        has_value: true,
    }
}

const OPTIONS: &[Opt] = &[
    option("configuration", 'c'),
    Opt {
        has_value: false,
        ..option("help", 'h')
    },
    Opt {
        has_value: false,
        long: None,
        ..option("help", '?')
    },
    Opt {
        has_value: false,
        ..option("interactive", 'i')
    },
    option("serverurl", 's'),
    option("username", 'u'),
    option("password", 'p'),
    option("history_file", 'r'),
    Opt {
        short: None,
        ..option("cacert", ' ')
    },
    option("output", 'o'),
    Opt {
        short: None,
        ..option("timeout", ' ')
    },
    Opt {
        short: None,
        has_value: false,
        ..option("no-wait", ' ')
    },
];

/// Reads supervisorctl's `argv` and looks for its configuration file, which is not opened yet.
/// `environment` is its own.
///
/// # Errors
/// Unknown, doubled or wrong options.
pub fn parse_supervisorctl(
    argv: &[String],
    environment: &Environment,
) -> Result<Invocation<CtlArgs>, UsageError> {
    let (argv0, words) = argv
        .split_first()
        .map_or(("supervisorctl", &[][..]), |(a, w)| (a, w));
    let program = search::program(argv0, environment);
    let refuse = |message: String| UsageError::new(&program, message);
    let directory = current_directory();

    let (options, words) = getopt(OPTIONS, words).map_err(refuse)?;
    let mut given = BTreeMap::new();
    for option in options {
        match option.key {
            "help" => return Ok(Invocation::Help(help(&program))),
            "serverurl" => check_url(&option.spelled, &option.value).map_err(refuse)?,
            _ => {}
        }
        if given.insert(option.key, option.value).is_some() {
            let spelled = repr(&option.spelled);
            return Err(refuse(format!("conflicting command line option {spelled}")));
        }
    }
    let shown = given.remove("configuration");
    let shown = shown.or_else(|| search::find(&search::paths(&program), &directory));
    Ok(Invocation::Run(CtlArgs {
        config_file: shown.map(|shown| ConfigFile::new(shown, &directory)),
        program,
        directory,
        interactive: given.contains_key("interactive") || words.is_empty(),
        serverurl: given.remove("serverurl"),
        username: given.remove("username"),
        password: given.remove("password"),
        history_file: given.remove("history_file"),
        cacert: given.remove("cacert"),
        options: for_the_action(&mut given),
        action: words.join(" "),
    }))
}

fn for_the_action(given: &mut BTreeMap<&'static str, String>) -> Vec<String> {
    let mut options = Vec::new();
    for key in ["output", "timeout", "no-wait"] {
        if let Some(value) = given.remove(key) {
            options.push(format!("--{key}"));
            options.extend((key != "no-wait").then_some(value));
        }
    }
    options
}

fn check_url(spelled: &str, value: &str) -> Result<(), String> {
    url(value).map(drop).map_err(|problem| {
        let problem = Problem::Argument {
            option: spelled.to_owned(),
            value: value.to_owned(),
            problem: Box::new(problem),
        };
        problem.to_string()
    })
}

fn help(program: &str) -> String {
    include_str!("supervisorctl.txt").replace("{program}", program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Invocation<CtlArgs>, String> {
        let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse_supervisorctl(&argv, &Environment::new()).map_err(|error| error.message)
    }

    fn args(line: &str) -> CtlArgs {
        match parse(line) {
            Ok(Invocation::Run(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_after_the_options_are_the_action() {
        let with_action = args("ctl -c a.conf -s unix:///s -u me -p pw -r x tail -f web:*");
        assert_eq!(with_action.action, "tail -f web:*");
        assert_eq!(with_action.serverurl.as_deref(), Some("unix:///s"));
        assert_eq!(with_action.username.as_deref(), Some("me"));
        assert_eq!(with_action.password.as_deref(), Some("pw"));
        assert_eq!(with_action.config_file.unwrap().shown, "a.conf");
        assert_eq!(with_action.history_file.as_deref(), Some("x"));
        assert!(!with_action.interactive);
        assert!(args("ctl -c a.conf").interactive);
        assert!(args("ctl -i status").interactive);
        for spelled in ["--history-file", "--history_file", "--hist", "--history-f"] {
            let history = args(&format!("ctl {spelled} x status")).history_file;
            assert_eq!(history.as_deref(), Some("x"), "{spelled}");
        }
        let options = args("ctl --no-wait -o json status").options;
        assert_eq!(options, ["--output", "json", "--no-wait"]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (line, want) in [
            (
                "-s foo status",
                "invalid value for -s 'foo': value 'foo' is not a URL",
            ),
            ("-v", "option -v not recognized"),
            ("-c", "option -c requires argument"),
            ("--c x", "option --c not a unique prefix"),
            (
                "-i --inter",
                "conflicting command line option '--interactive'",
            ),
        ] {
            assert_eq!(parse(&format!("ctl {line}")), Err(want.to_owned()));
        }
        let Ok(Invocation::Help(help)) = parse("bin/ctl -h") else {
            panic!("no help");
        };
        assert!(help.contains("\nUsage: bin/ctl [options] [action [arguments]]\n"));
    }
}

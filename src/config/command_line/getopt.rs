//! Words to options, by clap, with the rules and the words of the classic `getopt`.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

/// An option of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opt {
    /// What it sets.
    pub(super) key: &'static str,
    /// Its letter.
    pub(super) short: Option<char>,
    /// Its long name.
    pub(super) long: Option<&'static str>,
    /// Whether a value follows.
    pub(super) has_value: bool,
}

/// An option that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// What it sets.
    pub(super) key: &'static str,
    /// `-c`, or `--configuration` for whatever prefix of it was typed.
    pub(super) spelled: String,
    /// Its value; empty for a flag.
    pub(super) value: String,
}

const WORDS: &str = "words";
const GUARD: &str = "\0";

/// Reads the words after the program's name: the options in the order in which they were given,
/// and the words that are none. The error is what to tell the user.
pub(super) fn getopt(
    options: &[Opt],
    words: &[String],
) -> Result<(Vec<Occurrence>, Vec<String>), String> {
    let words = words.iter().map(|word| guard_equals_sign(options, word));
    let mut matches = command(options)
        .try_get_matches_from(words)
        .map_err(|error| told(options, &error))?;
    let rest = matches.remove_many(WORDS).into_iter().flatten();
    let rest = rest.map(unguarded).collect();
    let mut found: Vec<(usize, Occurrence)> = options
        .iter()
        .flat_map(|option| spellings(option).map(move |(id, _)| (option.key, id)))
        .flat_map(|(key, id)| occurrences(&mut matches, key, id))
        .collect();
    found.sort_by_key(|(index, _)| *index);
    let found = found.into_iter().map(|(_, occurrence)| occurrence);
    Ok((found.collect(), rest))
}

/// Each spelling is an argument of its own to clap, so that errors can show the one that was used.
fn command(options: &[Opt]) -> Command {
    let rest = Arg::new(WORDS).num_args(0..).trailing_var_arg(true);
    let args = options.iter().flat_map(|option| {
        spellings(option).map(|(id, arg)| {
            let arg = arg.id(id).action(ArgAction::Append);
            if option.has_value {
                arg.num_args(1).allow_hyphen_values(true)
            } else {
                arg.num_args(0).default_missing_value("")
            }
        })
    });
    Command::new("")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .infer_long_args(true)
        .args(args)
        .arg(rest)
}

fn spellings(option: &Opt) -> impl Iterator<Item = (String, Arg)> {
    let short = option
        .short
        .map(|c| (format!("-{c}"), Arg::new("").short(c)));
    let long = option.long.map(|name| (format!("--{name}"), long(name)));
    short.into_iter().chain(long)
}

/// An underscore may be typed as a hyphen.
fn long(name: &'static str) -> Arg {
    let arg = Arg::new("").long(name);
    match name.contains('_') {
        true => arg.alias(name.replace('_', "-")),
        false => arg,
    }
}

fn occurrences(
    matches: &mut ArgMatches,
    key: &'static str,
    id: String,
) -> Vec<(usize, Occurrence)> {
    let indices: Vec<usize> = matches.indices_of(&id).into_iter().flatten().collect();
    let values = matches.remove_many(&id).into_iter().flatten();
    let occurrence = |value| Occurrence {
        key,
        spelled: id.clone(),
        value: unguarded(value),
    };
    indices.into_iter().zip(values.map(occurrence)).collect()
}

/// In `-c=x` the value is `=x`, of which clap would drop the sign; so it gets a guard, which no
/// word from outside can hold. Whatever the word turns out to be, the guard is taken off again.
fn guard_equals_sign(options: &[Opt], word: &str) -> String {
    let Some(cluster) = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return word.to_owned();
    };
    let has_value = |c| options.iter().any(|o| o.short == Some(c) && o.has_value);
    let Some(end) = cluster.find(has_value) else {
        return word.to_owned();
    };
    let (flags, value) = cluster.split_at(end);
    let (letter, value) = value.split_at(value.chars().next().map_or(0, char::len_utf8));
    let guard = if value.starts_with('=') { GUARD } else { "" };
    format!("-{flags}{letter}{guard}{value}")
}

fn unguarded(word: String) -> String {
    word.replace(GUARD, "")
}

fn told(options: &[Opt], error: &clap::Error) -> String {
    let shown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(shown)) => shown.as_str(),
        _ => "",
    };
    let option = shown.split([' ', '=']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::TooManyValues => format!("option {option} must not have an argument"),
        ErrorKind::UnknownArgument if is_ambiguous(options, option) => {
            format!("option {option} not a unique prefix")
        }
        ErrorKind::UnknownArgument => format!("option {shown} not recognized"),
        _ => format!("option {option} requires argument"),
    }
}

fn is_ambiguous(options: &[Opt], typed: &str) -> bool {
    let prefix = typed.strip_prefix("--");
    let longs = options.iter().filter_map(|option| option.long);
    prefix.is_some_and(|prefix| longs.filter(|long| long.starts_with(prefix)).count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn flag(key: &'static str, short: char) -> Opt {
        Opt {
            key,
            short: Some(short),
            long: Some(key),
            has_value: false,
        }
    }

    const OPTIONS: &[Opt] = &[
        flag("nodaemon", 'n'),
        flag("nocleanup", 'k'),
        Opt {
            has_value: true,
            ..flag("configuration", 'c')
        },
        Opt {
            has_value: true,
            ..flag("log", 'l')
        },
        Opt {
            short: None,
            ..flag("logfile", ' ')
        },
        Opt {
            long: None,
            ..flag("help", '?')
        },
    ];

    /// `spelled=value` for each option, then the other words.
    fn read(line: &str) -> Result<String, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let (options, words) = getopt(OPTIONS, &words)?;
        let shown = options.iter().map(|o| format!("{}={}", o.spelled, o.value));
        Ok(shown.chain(words).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn options_come_in_the_order_in_which_they_were_given() {
        for (line, want) in [
            ("-k -c a -n", "-k= -c=a -n="),
            ("-nkcFILE -n", "-n= -k= -c=FILE -n="),
            ("-c=x -nc=y", "-c==x -n= -c==y"),
            ("-c -n", "-c=-n"),
            ("-c -- x", "-c=-- x"),
            ("-c - -n", "-c=- -n="),
            (
                "--conf=a --configuration b --configuration=",
                "--configuration=a --configuration=b --configuration=",
            ),
            ("--nod --log x", "--nodaemon= --log=x"),
            ("-n a -k --bogus", "-n= a -k --bogus"),
            ("- -n", "- -n"),
            ("-n -- -k --x", "-n= -k --x"),
            ("-?", "-?="),
            ("-c -c=x -- -c=x", "-c=-c=x -c=x"),
            ("-c a=b --log=c=d", "-c=a=b --log=c=d"),
        ] {
            assert_eq!(read(line).as_deref(), Ok(want), "{line}");
        }
    }

    #[test]
    fn errors_are_told_in_getopts_words() {
        for (line, want) in [
            ("-x", "option -x not recognized"),
            ("-nx", "option -x not recognized"),
            ("-n=x", "option -= not recognized"),
            ("--foo", "option --foo not recognized"),
            ("--foo=bar", "option --foo not recognized"),
            ("--no", "option --no not a unique prefix"),
            ("-c", "option -c requires argument"),
            ("-nc", "option -c requires argument"),
            ("--conf", "option --configuration requires argument"),
            ("--nod=1", "option --nodaemon must not have an argument"),
        ] {
            assert_eq!(read(line), Err(want.to_owned()), "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(words in prop::collection::vec("(-{0,2}[a-z?=]{0,6}|.*)", 0..5)) {
            let _ = getopt(OPTIONS, &words);
        }
    }
}

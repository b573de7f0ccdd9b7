//! What a line that is being typed may go on with.

use super::commands::COMMANDS;
use super::options;
use super::reply::Info;
use crate::process::namespec::Display;
use std::collections::BTreeSet;

/// What the next word of an action may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Action,
    Group,
    /// A process.
    Process,
    /// A process or, as `group:*`, a group of several.
    Processes,
    Signal,
    One(&'static [&'static str]),
}

/// The signals that people send to programs.
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "TERM", "CONT", "STOP", "WINCH",
];

/// The states in which a process is not running.
const DOWN: &[&str] = &["EXITED", "FATAL", "STOPPED", "UNKNOWN"];

/// Where the word begins that `line` ends in, and what it may become. `processes` is asked only
/// when one is to be named; the error is that of asking.
pub(super) fn complete<E>(
    line: &str,
    processes: impl FnOnce() -> Result<Vec<Info>, E>,
) -> Result<(usize, Vec<String>), E> {
    let start = line.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    let (before, word) = line.split_at(start);
    let before: Vec<_> = before.split_whitespace().collect();
    let mut found = match before.split_first() {
        None => actions(),
        Some((action, _)) if word.starts_with('-') => {
            let names = options::names(action);
            names.flat_map(|name| spelled(name, word)).collect()
        }
        Some((action, words)) => match kind(action, words) {
            Some(kind) => candidates(kind, processes)?,
            None => Vec::new(),
        },
    };
    found.retain(|candidate| candidate.starts_with(word));
    Ok((start, found))
}

fn actions() -> Vec<String> {
    let actions = COMMANDS.iter().map(|command| command.action);
    let mut actions: Vec<_> = actions.chain(["help"]).map(str::to_owned).collect();
    actions.sort_unstable();
    actions
}

/// An option, or where the word has come to its `=`, the option with each of its values.
fn spelled(option: &str, word: &str) -> Vec<String> {
    let Some(value) = word
        .strip_prefix(option)
        .and_then(|it| it.strip_prefix('='))
    else {
        return vec![option.to_owned()];
    };
    let listed = match (option, value.rfind(',')) {
        ("--ok", Some(comma)) => value.get(..=comma).unwrap_or_default(),
        _ => "",
    };
    let values = values(option).iter();
    values.map(|it| format!("{option}={listed}{it}")).collect()
}

/// What an option may have as its value, where that is one of a few words.
fn values(option: &str) -> &'static [&'static str] {
    match option {
        "-o" | "--output" => &["json", "text"],
        "--for" => &["exited", "running", "stopped"],
        "--ok" => DOWN,
        _ => &[],
    }
}

fn kind(action: &str, words: &[&str]) -> Option<Kind> {
    match words.last() {
        Some(option @ (&"-o" | &"--output" | &"--for" | &"--ok")) => {
            return Some(Kind::One(values(option)));
        }
        Some(&"--timeout" | &"-n" | &"--lines") => return None,
        _ => {}
    }
    Some(match (action, words) {
        ("help", []) => Kind::Action,
        ("add" | "remove" | "update", _) => Kind::Group,
        ("fg", []) | ("pid", _) => Kind::Process,
        ("tail", [] | ["-f"]) => Kind::Process,
        ("tail", [_] | ["-f", _]) => Kind::One(&["stderr", "stdout"]),
        ("signal", []) => Kind::Signal,
        ("completion", []) => Kind::One(&["bash", "fish", "zsh"]),
        ("clear" | "logs" | "restart" | "signal" | "start" | "status" | "stop" | "wait", _) => {
            Kind::Processes
        }
        _ => return None,
    })
}

fn candidates<E>(
    kind: Kind,
    processes: impl FnOnce() -> Result<Vec<Info>, E>,
) -> Result<Vec<String>, E> {
    Ok(match kind {
        Kind::Action => actions(),
        Kind::Signal => SIGNALS.iter().map(|word| (*word).to_owned()).collect(),
        Kind::One(words) => words.iter().map(|word| (*word).to_owned()).collect(),
        Kind::Process => processes()?.iter().map(Info::namespec).collect(),
        Kind::Processes => with_groups(&processes()?),
        Kind::Group => {
            let groups = processes()?.into_iter().map(|info| info.group);
            groups.collect::<BTreeSet<_>>().into_iter().collect()
        }
    })
}

/// Every process, and behind the first of each group whose processes bear other names, `group:*`.
fn with_groups(processes: &[Info]) -> Vec<String> {
    let mut groups = BTreeSet::new();
    let mut names = Vec::new();
    for Info { group, name, .. } in processes {
        if group != name && groups.insert(group) {
            names.push(format!("{group}:*"));
        }
        names.push(Display(group, name).to_string());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(group: &str, name: &str) -> Info {
        Info {
            group: group.into(),
            name: name.into(),
            state: 0,
            statename: String::new(),
            description: String::new(),
            pid: 0,
        }
    }

    fn completed(line: &str) -> String {
        let processes = || {
            Ok::<_, ()>(vec![
                process("cat", "cat"),
                process("m", "m0"),
                process("m", "m1"),
            ])
        };
        let (start, found) = complete(line, processes).unwrap();
        format!("{start} {}", found.join(" "))
    }

    #[test]
    fn each_word_goes_on_with_what_may_stand_there() {
        for (line, want) in [
            ("vers", "0 version"),
            ("re", "0 reload remove reread restart"),
            (" he", "1 help"),
            ("help st", "5 start status stop"),
            ("start ", "6 cat m:* m:m0 m:m1"),
            ("stop cat m:", "9 m:* m:m0 m:m1"),
            ("pid m", "4 m:m0 m:m1"),
            ("update ", "7 cat m"),
            ("signal U", "7 USR1 USR2"),
            ("signal HUP c", "11 cat"),
            ("tail c", "5 cat"),
            ("tail -f cat std", "12 stderr stdout"),
            ("fg cat c", "7 "),
            ("version ", "8 "),
            ("wait --f", "5 --for"),
            ("wait --for=s", "5 --for=stopped"),
            ("status --output=", "7 --output=json --output=text"),
            ("status --ok=STOPPED,E", "7 --ok=STOPPED,EXITED"),
            ("wait --for s", "11 stopped"),
            ("status --o", "7 --ok --output"),
            ("status --ok ST", "12 STOPPED"),
            ("stop --timeout ", "15 "),
            ("bogus ", "6 "),
        ] {
            assert_eq!(completed(line), want, "{line:?}");
        }
    }

    #[test]
    fn nobody_is_asked_for_names_that_are_not_wanted() {
        let (_, found) = complete("help qu", || Err("asked")).unwrap();
        assert_eq!(found, ["quit"]);
        assert_eq!(complete("pid ", || Err("asked")), Err("asked"));
    }
}

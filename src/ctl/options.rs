//! The options of actions. They may stand anywhere among an action's words; a word that is none of
//! its action's options is a name, as it always was.

use super::proxy::Channel;
use super::wait::Goal;
use crate::process::ProcessState;
use std::time::Duration;

/// How many lines of a log `logs` shows.
const DEFAULT_LINES: usize = 10;

/// How an action is to be done and its outcome to be told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    /// `-o json`: standard output gets JSON and nothing else.
    pub(super) json: bool,
    /// `--timeout`: how long to wait for anything.
    pub(super) timeout: Option<Duration>,
    /// Cleared by `--no-wait`: whether the order's end is waited for.
    pub(super) wait: bool,
    /// `--update`: whether the files are read first.
    pub(super) update: bool,
    /// `--for`: what to wait for.
    pub(super) goal: Goal,
    /// `-f`: whether to show what comes.
    pub(super) follow: bool,
    /// `-n`: how many lines of what is there to show.
    pub(super) lines: usize,
    /// `--stderr`: of which log.
    pub(super) channel: Channel,
    /// `--ok`: states that are no failure of `status`.
    pub(super) ok: Vec<ProcessState>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            json: false,
            timeout: None,
            wait: true,
            update: false,
            goal: Goal::Running,
            follow: false,
            lines: DEFAULT_LINES,
            channel: Channel::Stdout,
            ok: Vec::new(),
        }
    }
}

/// An option as it is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opt {
    Output,
    Timeout,
    NoWait,
    Update,
    For,
    Follow,
    Lines,
    Stderr,
    Ok,
}

use Opt::{Follow, For, Lines, NoWait, Output, Stderr, Timeout, Update};

/// The options that an action knows, besides `--timeout`, which all do.
fn of(action: &str) -> &'static [Opt] {
    match action {
        "avail" | "check" | "maintail" | "pid" | "reread" | "tail" | "version" => &[Output],
        "status" => &[Opt::Ok, Output],
        "restart" => &[NoWait, Timeout, Update],
        "start" | "stop" => &[NoWait, Timeout],
        "wait" => &[For, Timeout],
        "logs" => &[Follow, Lines, Stderr, Output],
        _ => &[],
    }
}

/// Actions that are younger than the rule that an unknown option is a name.
const STRICT: &[&str] = &["logs", "wait"];

/// Actions that change something.
const ORDERS: &[&str] = &[
    "add", "clear", "reload", "remove", "restart", "shutdown", "signal", "start", "stop", "update",
];

/// Whether an action changes something.
pub(super) fn is_order(action: &str) -> bool {
    ORDERS.contains(&action)
}

/// The words of an action that changes something that look like options, though not like its own.
/// What stands for a signal is none of them, whatever it looks like.
pub(super) fn doubtful<'a>(action: &str, words: &[&'a str]) -> Vec<&'a str> {
    let names = match (action, words) {
        ("signal", [signal, names @ ..]) if !signal.starts_with("--") => names,
        _ => words,
    };
    let doubtful = |word: &&str| word.len() > 1 && word.starts_with('-') && is_order(action);
    names.iter().copied().filter(doubtful).collect()
}

/// What `help` tells of an action's options.
pub(super) fn help(action: &str) -> impl Iterator<Item = &'static str> {
    of(action).iter().map(|opt| opt.help())
}

/// The long spellings of an action's options.
pub(super) fn names(action: &str) -> impl Iterator<Item = &'static str> {
    of(action).iter().map(|opt| opt.spellings().1)
}

impl Opt {
    const fn spellings(self) -> (&'static str, &'static str) {
        match self {
            Output => ("-o", "--output"),
            Timeout => ("", "--timeout"),
            NoWait => ("", "--no-wait"),
            Update => ("", "--update"),
            For => ("", "--for"),
            Follow => ("-f", "--follow"),
            Lines => ("-n", "--lines"),
            Stderr => ("", "--stderr"),
            Self::Ok => ("", "--ok"),
        }
    }

    /// How `help` tells it.
    const fn help(self) -> &'static str {
        match self {
            Output => "-o json\t\t\tPrint JSON for other programs",
            Timeout => "--timeout <seconds>\tWait no longer than this",
            NoWait => "--no-wait\t\tDo not wait for the outcome",
            Update => "--update\t\tRead the config files first, and update the groups",
            For => "--for <state>\t\trunning (the default), stopped or exited",
            Follow => "-f\t\t\tShow what comes; Ctrl-C to exit",
            Lines => "-n <lines>\t\tHow many lines to show",
            Stderr => "--stderr\t\tShow stderr",
            Self::Ok => "--ok=<state>[,...]\tStates that are no failure, such as STOPPED,EXITED",
        }
    }

    const fn has_value(self) -> bool {
        matches!(self, Output | Timeout | For | Lines | Self::Ok)
    }

    /// The option that a word spells, and the value that it holds behind `=`.
    fn read<'a>(action: &str, word: &'a str) -> Option<(Self, Option<&'a str>)> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        let spells = |opt: &&Self| {
            let (short, long) = opt.spellings();
            name == long || (name == short && !short.is_empty())
        };
        match of(action).iter().chain(&[Timeout]).find(spells) {
            Some(opt) => (value.is_none() || opt.has_value()).then_some((*opt, value)),
            None => Self::read_joined(action, word),
        }
    }

    /// A short option with its value, as in `-n1`. Other words of older actions may be names.
    fn read_joined<'a>(action: &str, word: &'a str) -> Option<(Self, Option<&'a str>)> {
        let mut all = of(action).iter().filter(|_| STRICT.contains(&action));
        all.find_map(|opt| {
            let (short, _) = opt.spellings();
            let value = word.strip_prefix(short)?;
            let is_joined = opt.has_value() && !short.is_empty() && !word.starts_with("--");
            is_joined.then_some((*opt, Some(value)))
        })
    }
}

impl Options {
    /// Takes the options out of an action's words, after those that stood before the action. The
    /// error is what is wrong with them.
    pub(super) fn take<'a>(
        action: &str,
        before: &[String],
        words: &[&'a str],
    ) -> Result<(Self, Vec<&'a str>), String> {
        let mut options = Self::default();
        let before: Vec<_> = before.iter().map(String::as_str).collect();
        if let Some(other) = options.read(action, &before)?.first() {
            return Err(format!("{action} has no option {other}"));
        }
        let rest = options.read(action, words)?;
        let unknown = |word: &&&str| word.starts_with('-') && word.len() > 1;
        match rest.iter().find(unknown) {
            Some(word) if STRICT.contains(&action) => Err(format!("option {word} not recognized")),
            _ => Ok((options, rest)),
        }
    }

    /// Reads what is an option of the action; answers with the rest.
    fn read<'a>(&mut self, action: &str, words: &[&'a str]) -> Result<Vec<&'a str>, String> {
        let (mut words, mut rest) = (words.iter(), Vec::new());
        while let Some(word) = words.next() {
            match Opt::read(action, word) {
                None => rest.push(*word),
                Some((opt, None)) if opt.has_value() => {
                    let value = words.next();
                    let value = value.ok_or_else(|| format!("option {word} requires argument"))?;
                    self.set(opt, value)?;
                }
                Some((opt, value)) => self.set(opt, value.unwrap_or_default())?,
            }
        }
        Ok(rest)
    }

    fn set(&mut self, opt: Opt, value: &str) -> Result<(), String> {
        let refuse = |what| {
            let (_, long) = opt.spellings();
            Err(format!("{long} {value}: {what}"))
        };
        match opt {
            Output => match value {
                "json" => self.json = true,
                "text" => self.json = false,
                _ => return refuse("neither text nor json"),
            },
            Timeout => match seconds(value) {
                Some(timeout) => self.timeout = Some(timeout),
                None => return refuse("no number of seconds"),
            },
            For => match Goal::parse(value) {
                Some(goal) => self.goal = goal,
                None => return refuse("neither running, stopped nor exited"),
            },
            Lines => match value.parse() {
                Ok(lines) => self.lines = lines,
                Err(_) => return refuse("no number of lines"),
            },
            Opt::Ok => match states(value) {
                Some(states) => self.ok = states,
                None => return refuse("no states, which are words as status shows them"),
            },
            NoWait => self.wait = false,
            Update => self.update = true,
            Follow => self.follow = true,
            Stderr => self.channel = Channel::Stderr,
        }
        Ok(())
    }
}

/// States by their names, parted by commas.
fn states(names: &str) -> Option<Vec<ProcessState>> {
    let state = |name: &str| {
        let mut all = ProcessState::ALL.into_iter();
        all.find(|state| state.name().eq_ignore_ascii_case(name))
    };
    names.split(',').map(state).collect()
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(line: &str, before: &[&str]) -> Result<(Options, String), String> {
        let before: Vec<_> = before.iter().map(|word| (*word).to_owned()).collect();
        let words: Vec<_> = line.split_whitespace().collect();
        let (action, words) = words.split_first().unwrap();
        Options::take(action, &before, words).map(|(options, rest)| (options, rest.join(" ")))
    }

    #[test]
    fn options_may_stand_anywhere() {
        let json = Options {
            json: true,
            ..Options::default()
        };
        for line in [
            "status -o json a",
            "status a --output json",
            "status a --output=json",
        ] {
            assert_eq!(taken(line, &[]), Ok((json.clone(), "a".to_owned())));
        }
        assert_eq!(taken("status a", &["-o", "json"]).unwrap().0, json);
        let (options, rest) = taken("stop a --no-wait b --timeout=1.5", &[]).unwrap();
        assert!(!options.wait && rest == "a b");
        assert_eq!(options.timeout, Some(Duration::from_millis(1500)));
        let (options, rest) = taken("status --ok=STOPPED,exited a", &[]).unwrap();
        let ok = [ProcessState::Stopped, ProcessState::Exited];
        assert_eq!((options.ok.as_slice(), rest.as_str()), (&ok[..], "a"));
        let (options, rest) = taken("logs -f -n 3 --stderr a", &[]).unwrap();
        assert_eq!((options.follow, options.lines), (true, 3));
        assert_eq!((options.channel, rest.as_str()), (Channel::Stderr, "a"));
        let (options, rest) = taken("logs -n3 a -ojson", &[]).unwrap();
        assert_eq!((options.lines, options.json, &*rest), (3, true, "a"));
    }

    #[test]
    fn what_is_no_option_of_the_action_stays_a_word() {
        for line in [
            "tail -f -100 a",
            "start -o json",
            "signal HUP --no-wait",
            "status -ojson",
            "stop --no-wait=x",
        ] {
            let words = line.split_once(' ').unwrap().1.to_owned();
            assert_eq!(taken(line, &[]), Ok((Options::default(), words)));
        }
    }

    #[test]
    fn what_is_wrong_with_options_is_told() {
        for (line, before, want) in [
            (
                "start a",
                &["--output", "json"][..],
                "start has no option --output",
            ),
            ("status -o", &[], "option -o requires argument"),
            ("status -o xml", &[], "--output xml: neither text nor json"),
            (
                "stop a --timeout -1",
                &[],
                "--timeout -1: no number of seconds",
            ),
            (
                "stop a --timeout NaN",
                &[],
                "--timeout NaN: no number of seconds",
            ),
            (
                "wait a --for=x",
                &[],
                "--for x: neither running, stopped nor exited",
            ),
            (
                "status --ok=STOPPED,",
                &[],
                "--ok STOPPED,: no states, which are words as status shows them",
            ),
            ("logs -n x a", &[], "--lines x: no number of lines"),
            ("logs -x a", &[], "option -x not recognized"),
        ] {
            assert_eq!(taken(line, before), Err(want.to_owned()), "{line}");
        }
    }
}

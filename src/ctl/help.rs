//! help.

use super::columns::columns;
use super::commands::{self, COMMANDS};
use super::options;
use super::report::Report;

/// How wide the list of actions may be.
const WIDTH: usize = 79;

const TITLE: &str = "default commands (type help <topic>):";

const HELP_HELP: &str = "\
help\t\tPrint a list of available actions
help <action>\tPrint help for <action>";

/// The actions of Supervisor's own supervisorctl. Scripts may have read their list.
const ORIGINAL: &[&str] = &[
    "add", "avail", "clear", "exit", "fg", "maintail", "open", "pid", "quit", "reload", "remove",
    "reread", "restart", "shutdown", "signal", "start", "status", "stop", "tail", "update",
    "version",
];

const MORE_TITLE: &str = "more commands (type help <topic>):";

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What Supervisor's own supervisorctl tells.
    Original,
    /// What there is: for people.
    Whole,
}

/// Tells how to use an action, or without one which actions there are.
pub(super) fn help(report: &mut Report<'_>, topic: &str, extent: Extent) {
    match topic {
        "" => list(report, extent),
        "help" => report.line(HELP_HELP),
        _ => match commands::find(topic) {
            Some(command) => {
                report.line(command.help);
                if extent == Extent::Whole {
                    options::help(topic).for_each(|line| report.line(line));
                }
            }
            None => report.line(format_args!("*** No help on {topic}")),
        },
    }
}

fn list(report: &mut Report<'_>, extent: Extent) {
    let actions = COMMANDS.iter().map(|command| command.action);
    let (original, more): (Vec<_>, Vec<_>) = actions.partition(|it| ORIGINAL.contains(it));
    block(report, TITLE, &original);
    if extent == Extent::Whole {
        block(report, MORE_TITLE, &more);
    }
}

fn block(report: &mut Report<'_>, title: &str, actions: &[&str]) {
    report.line(format_args!("\n{title}"));
    report.line("=".repeat(title.len()));
    report.line(columns(actions, WIDTH));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(topic: &str) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        help(
            &mut Report::new(&mut out, &mut err),
            topic,
            Extent::Original,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn without_a_topic_the_actions_are_listed() {
        let want = "
default commands (type help <topic>):
=====================================
add    exit      open  reload  restart   start   tail   \n\
avail  fg        pid   remove  shutdown  status  update \n\
clear  maintail  quit  reread  signal    stop    version

";
        assert_eq!(told(""), want);
    }

    /// With blanks in place of tabs.
    fn spread(line: &str) -> String {
        let mut text = String::new();
        for part in line.split_inclusive('\t') {
            text += part.trim_end_matches('\t');
            let blanks = if part.ends_with('\t') {
                8 - text.len() % 8
            } else {
                0
            };
            text += &" ".repeat(blanks);
        }
        text
    }

    #[test]
    fn what_is_new_is_told_in_columns_that_fit_a_terminal() {
        let more = COMMANDS.iter().filter(|it| !ORIGINAL.contains(&it.action));
        let told = more.map(|it| it.help.lines().collect());
        let told = told.chain(COMMANDS.iter().map(|it| options::help(it.action).collect()));
        for lines in told.collect::<Vec<Vec<_>>>() {
            let columns = lines.iter().map(|line| {
                let (_, meaning) = line.rsplit_once('\t').unwrap();
                let line = spread(line);
                assert!(line.len() < 80, "{line}");
                line.len() - meaning.len()
            });
            let columns: Vec<_> = columns.collect();
            assert!(
                columns.windows(2).all(|pair| pair[0] == pair[1]),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn people_are_told_what_is_new() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        help(&mut report, "", Extent::Whole);
        help(&mut report, "stop", Extent::Whole);
        drop(report);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\nmore commands (type help <topic>):\n===="));
        assert!(
            text.contains("wait") && text.contains("\n--no-wait\t"),
            "{text}"
        );
    }

    #[test]
    fn a_topic_is_an_action() {
        assert_eq!(
            told("fg"),
            "fg <process>\tConnect to a process in foreground mode\n\t\tCtrl-C to exit\n"
        );
        assert!(told("help").starts_with("help\t\tPrint"));
        assert_eq!(told("EOF"), "*** No help on EOF\n");
        assert_eq!(told("start stop"), "*** No help on start stop\n");
    }
}

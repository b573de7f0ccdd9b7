//! help.

use super::columns::columns;
use super::commands::{self, COMMANDS};
use super::report::Report;

/// How wide the list of actions may be.
const WIDTH: usize = 79;

const TITLE: &str = "default commands (type help <topic>):";

const HELP_HELP: &str = "\
help\t\tPrint a list of available actions
help <action>\tPrint help for <action>";

/// Tells how to use an action, or without one which actions there are.
pub(super) fn help(report: &mut Report<'_>, topic: &str) {
    match topic {
        "" => list(report),
        "help" => report.line(HELP_HELP),
        _ => match commands::find(topic) {
            Some(command) => report.line(command.help),
            None => report.line(format_args!("*** No help on {topic}")),
        },
    }
}

fn list(report: &mut Report<'_>) {
    let actions = COMMANDS.iter().map(|command| command.action);
    // Scripts may have read the list as Supervisor's own supervisorctl prints it.
    let actions: Vec<_> = actions.filter(|action| *action != "check").collect();
    report.line(format_args!("\n{TITLE}"));
    report.line("=".repeat(TITLE.len()));
    report.line(columns(&actions, WIDTH));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(topic: &str) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        help(&mut Report::new(&mut out, &mut err), topic);
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

//! The table of actions.

use super::controller::Controller;
use super::globs::{expand_groups, slices};
use super::{
    Error, check, control, foreground, inspect, log_view, logs, reload, shell, shells, wait,
};

/// One action.
pub(super) struct Command {
    /// The word for it.
    pub(super) action: &'static str,
    /// What `help` prints, and a usage error after its first line.
    pub(super) help: &'static str,
    /// Whether words may follow.
    pub(super) words: Words,
    /// Whether the server is tried first, so that an absent one is told in its own words.
    pub(super) up_check: bool,
    /// Carries it out.
    pub(super) handler: Handler,
}

/// Whether words may follow an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// None; any is a usage error.
    None,
    /// As many as the handler makes sense of.
    Any,
}

/// Carries out an action on the words that follow it. What the user is to know goes to the report;
/// an error is what no handler has words for.
pub(super) type Handler = fn(&mut Controller<'_>, &[&str]) -> Result<(), Error>;

/// Carries out an action on the groups that the words, maybe patterns, stand for.
fn with_groups(
    controller: &mut Controller<'_>,
    names: &[&str],
    handler: Handler,
) -> Result<(), Error> {
    let groups = expand_groups(controller, names)?;
    handler(controller, &slices(&groups))
}

/// The action of this name.
pub(super) fn find(action: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.action == action)
}

/// Every action, in the order in which `help` lists them.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        action: "add",
        help: "add <name> [...]\tActivates any updates in config for process/group",
        words: Words::Any,
        up_check: false,
        handler: |controller, names| with_groups(controller, names, reload::add),
    },
    Command {
        action: "avail",
        help: "avail\t\t\tDisplay all configured processes",
        words: Words::None,
        up_check: false,
        handler: inspect::avail,
    },
    Command {
        action: "check",
        help: "check\t\t\tLook over the daemon's config files, touching nothing",
        words: Words::None,
        up_check: true,
        handler: check::check,
    },
    Command {
        action: "clear",
        help: "\
clear <name>\t\tClear a process' log files.
clear <name> <name>\tClear multiple process' log files
clear all\t\tClear all process' log files",
        words: Words::Any,
        up_check: true,
        handler: logs::clear,
    },
    Command {
        action: "completion",
        help: "completion bash|zsh|fish\tPrint a script for completion in the shell",
        words: Words::Any,
        up_check: false,
        handler: shells::completion,
    },
    Command {
        action: "exit",
        help: "exit\tExit the supervisor shell.",
        words: Words::Any,
        up_check: false,
        handler: shell::quit,
    },
    Command {
        action: "fg",
        help: "\
fg <process>\tConnect to a process in foreground mode
\t\tCtrl-C to exit",
        words: Words::Any,
        up_check: true,
        handler: foreground::fg,
    },
    Command {
        action: "logs",
        help: "\
logs <name> [...]\tLast 10 lines of the stdout of processes or groups
logs -f <name> [...]\tThe same, and what comes; Ctrl-C to exit
logs -n <lines> <name>\tAnother number of lines
logs --stderr <name>\tTheir stderr",
        words: Words::Any,
        up_check: true,
        handler: log_view::logs,
    },
    Command {
        action: "maintail",
        help: "\
maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)
maintail -100\tlast 100 *bytes* of supervisord main log file
maintail\tlast 1600 *bytes* of supervisor main log file
",
        words: Words::Any,
        up_check: true,
        handler: logs::maintail,
    },
    Command {
        action: "open",
        help: "\
open <url>\tConnect to a remote supervisord process.
\t\t(for UNIX domain socket, use unix:///socket/path)",
        words: Words::Any,
        up_check: false,
        handler: inspect::open,
    },
    Command {
        action: "pid",
        help: "\
pid\t\t\tGet the PID of supervisord.
pid <name>\t\tGet the PID of a single child process by name.
pid all\t\t\tGet the PID of every child process, one per line.",
        words: Words::Any,
        up_check: true,
        handler: inspect::pid,
    },
    Command {
        action: "quit",
        help: "quit\tExit the supervisor shell.",
        words: Words::Any,
        up_check: false,
        handler: shell::quit,
    },
    Command {
        action: "reload",
        help: "reload \t\tRestart the remote supervisord.",
        words: Words::None,
        up_check: false,
        handler: reload::reload,
    },
    Command {
        action: "remove",
        help: "remove <name> [...]\tRemoves process/group from active config",
        words: Words::Any,
        up_check: false,
        handler: |controller, names| with_groups(controller, names, reload::remove),
    },
    Command {
        action: "reread",
        help: "reread \t\t\tReload the daemon's configuration files without add/remove",
        words: Words::None,
        up_check: false,
        handler: reload::reread,
    },
    Command {
        action: "restart",
        help: "\
restart <name>\t\tRestart a process
restart <gname>:*\tRestart all processes in a group
restart <name> <name>\tRestart multiple processes or groups
restart all\t\tRestart all processes
Note: restart does not reread config files. For that, see reread and update.",
        words: Words::Any,
        up_check: true,
        handler: control::restart,
    },
    Command {
        action: "shutdown",
        help: "shutdown \tShut the remote supervisord down.",
        words: Words::None,
        up_check: false,
        handler: reload::shutdown,
    },
    Command {
        action: "signal",
        help: "\
signal <signal name> <name>\t\tSignal a process
signal <signal name> <gname>:*\t\tSignal all processes in a group
signal <signal name> <name> <name>\tSignal multiple processes or groups
signal <signal name> all\t\tSignal all processes",
        words: Words::Any,
        up_check: true,
        handler: control::signal,
    },
    Command {
        action: "start",
        help: "\
start <name>\t\tStart a process
start <gname>:*\t\tStart all processes in a group
start <name> <name>\tStart multiple processes or groups
start all\t\tStart all processes",
        words: Words::Any,
        up_check: true,
        handler: control::start,
    },
    Command {
        action: "status",
        help: "\
status <name>\t\tGet status for a single process
status <gname>:*\tGet status for all processes in a group
status <name> <name>\tGet status for multiple named processes
status\t\t\tGet all process status info",
        words: Words::Any,
        // It makes the check itself: its exit code for an absent server is its own.
        up_check: false,
        handler: inspect::status,
    },
    Command {
        action: "stop",
        help: "\
stop <name>\t\tStop a process
stop <gname>:*\t\tStop all processes in a group
stop <name> <name>\tStop multiple processes or groups
stop all\t\tStop all processes",
        words: Words::Any,
        up_check: true,
        handler: control::stop,
    },
    Command {
        action: "tail",
        help: "\
tail [-f] <name> [stdout|stderr] (default stdout)
Ex:
tail -f <name>\t\tContinuous tail of named process stdout
\t\t\tCtrl-C to exit.
tail -100 <name>\tlast 100 *bytes* of process stdout
tail <name> stderr\tlast 1600 *bytes* of process stderr",
        words: Words::Any,
        up_check: true,
        handler: logs::tail,
    },
    Command {
        action: "update",
        help: "\
update\t\t\tReload config and add/remove as necessary, and will restart affected programs
update all\t\tReload config and add/remove as necessary, and will restart affected programs
update <gname> [...]\tUpdate specific groups",
        words: Words::Any,
        up_check: false,
        handler: |controller, names| with_groups(controller, names, reload::update),
    },
    Command {
        action: "version",
        help: "version\t\t\tShow the version of the remote supervisord process",
        words: Words::None,
        up_check: true,
        handler: inspect::version,
    },
    Command {
        action: "wait",
        help: "\
wait <name> [...]\t\tWait until processes or groups are running
wait <name> --for=stopped\tWait until they are not alive
wait <name> --for=exited\tWait until they have ended by themselves",
        words: Words::Any,
        // It makes the check itself: a server that doesn't answer in time is told in its own words.
        up_check: false,
        handler: wait::wait,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_and_each_one_has_help() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.action));
        for command in COMMANDS {
            assert!(
                command.help.starts_with(command.action),
                "{}",
                command.action
            );
        }
    }
}

//! The method table: every method there is, what it takes and gives, and who answers it. A name
//! that is not here reaches nothing.

use super::method::{Method, Param, Run};
use super::role::Role;
use super::{config, logs, pools, supervisor, system, twiddler};
use crate::actors::handle::SupervisorHandle;

/// The method of a name, if there is one in this configuration.
pub(super) fn find(handle: &SupervisorHandle, name: &str) -> Option<&'static Method> {
    let method = lookup(name)?;
    is_offered(handle, name).then_some(method)
}

/// Whether the configuration has the interface to which a method belongs.
fn is_offered(handle: &SupervisorHandle, name: &str) -> bool {
    let config = handle.running_config();
    match name.split('.').next() {
        Some("system") => true,
        Some("twiddler") => config.twiddler.is_some(),
        _ => config.supervisor_rpc,
    }
}

fn lookup(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.names.contains(&name))
}

/// Every name of Supervisor's in this configuration, sorted. Clients compare the list with what
/// they know; our own name spaces are documented.
pub(super) fn names(handle: &SupervisorHandle) -> Vec<&'static str> {
    let mut names: Vec<_> = METHODS.iter().flat_map(|m| m.names).copied().collect();
    names.retain(|name| !is_ours(name) && is_offered(handle, name));
    names.sort_unstable();
    names
}

/// Whether neither Supervisor nor a plug-in of its has such a method.
fn is_ours(name: &str) -> bool {
    let space = name.split('.').next();
    !matches!(space, Some("supervisor" | "system" | "twiddler"))
}

const PROCESS: Param = Param::new("string", "name", "the process, as 'name' or 'group:name'");
const PROCESSES: Param = Param::new(
    "string",
    "name",
    "the process, as 'name' or 'group:name', or a whole group as 'group:*'",
);
const GROUP: Param = Param::new("string", "name", "the group");
const SIGNAL: Param = Param::new("string", "signal", "a name ('HUP') or a number ('1')");
const OFFSET: Param = Param::new(
    "int",
    "offset",
    "the byte to start at; negative: from the end",
);
const LENGTH: Param = Param::new("int", "length", "how many bytes; 0 is all there are");
const SINCE: Param = Param::new("int", "offset", "the byte up to which the log is known");
const MOST: Param = Param::new("int", "length", "how many bytes to return at most");
const WAIT: Param = Param::new(
    "boolean",
    "wait",
    "answer when it is done; true when left out",
)
.optional();

const DONE: (&str, &str) = ("boolean", "result true, or a fault");
const RESULTS: (&str, &str) = ("array", "result a status struct for each process acted on");
const TEXT: (&str, &str) = ("string", "result the text");
const TAIL: (&str, &str) = (
    "array",
    "result [string text, int offset to go on at, bool whether bytes were left out]",
);

/// What most methods have in common; the table says what differs.
const PLAIN: Method = Method::plain(DONE);

static METHODS: &[Method] = &[
    Method {
        names: &["supervisor.getAPIVersion", "supervisor.getVersion"],
        returns: ("string", "version"),
        help: "Return the version of this interface",
        role: Role::Reader,
        run: Run::Now(supervisor::api_version),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getSupervisorVersion"],
        returns: ("string", "version"),
        help: "Return the version of supervisord",
        role: Role::Reader,
        run: Run::Now(supervisor::version),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getIdentification"],
        returns: ("string", "identifier"),
        help: "Return the name that the configuration gives this supervisord",
        role: Role::Reader,
        run: Run::Now(supervisor::identification),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getState"],
        returns: ("struct", "state with int statecode, string statename"),
        help: "Return what supervisord as a whole is doing",
        role: Role::Reader,
        run: Run::Now(supervisor::state),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getPID"],
        returns: ("int", "PID"),
        help: "Return the PID of supervisord",
        role: Role::Reader,
        run: Run::Now(supervisor::pid),
        ..PLAIN
    },
    Method {
        names: &["supervisor.readLog", "supervisor.readMainLog"],
        params: &[OFFSET, LENGTH],
        returns: TEXT,
        help: "Read a part of supervisord's own log",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(logs::read_main(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.clearLog"],
        help: "Remove supervisord's own log and begin a new one",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(logs::clear_main(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.shutdown"],
        help: "Stop every process, then supervisord; answered at once",
        run: Run::Later(|handle, args| Box::pin(supervisor::shutdown(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.restart"],
        help: "Stop every process, read the configuration and start over; answered at once",
        run: Run::Later(|handle, args| Box::pin(supervisor::restart(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.reloadConfig"],
        returns: (
            "array",
            "result [[added, changed, removed]]: names of groups",
        ),
        help: "Read the configuration and tell which groups differ from those that are active. \
               Nothing is started or stopped",
        run: Run::Later(|handle, args| Box::pin(supervisor::reload_config(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.addProcessGroup"],
        params: &[GROUP],
        help: "Activate a group of the configuration last read",
        run: Run::Later(|handle, args| Box::pin(supervisor::add_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.removeProcessGroup"],
        params: &[GROUP],
        help: "Deactivate a group whose processes are all stopped",
        run: Run::Later(|handle, args| Box::pin(supervisor::remove_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.startProcess"],
        params: &[PROCESSES, WAIT],
        help: "Start a process",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::start(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.startProcessGroup"],
        params: &[GROUP, WAIT],
        returns: RESULTS,
        help: "Start every process of a group that is not up",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::start_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.startAllProcesses"],
        params: &[WAIT],
        returns: RESULTS,
        help: "Start every process that is not up",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::start_all(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.stopProcess"],
        params: &[PROCESSES, WAIT],
        help: "Stop a process",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::stop(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.stopProcessGroup"],
        params: &[GROUP, WAIT],
        returns: RESULTS,
        help: "Stop every process of a group that is up",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::stop_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.stopAllProcesses"],
        params: &[WAIT],
        returns: RESULTS,
        help: "Stop every process that is up",
        role: Role::Operator,
        run: Run::Awaiting(|handle, args| Box::pin(supervisor::stop_all(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.signalProcess"],
        params: &[PROCESSES, SIGNAL],
        help: "Send a signal to a process",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(supervisor::signal(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.signalProcessGroup"],
        params: &[GROUP, SIGNAL],
        returns: RESULTS,
        help: "Send a signal to every process of a group",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(supervisor::signal_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.signalAllProcesses"],
        params: &[SIGNAL],
        returns: RESULTS,
        help: "Send a signal to every process",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(supervisor::signal_all(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getProcessInfo"],
        params: &[PROCESS],
        returns: ("struct", "result what is known of the process"),
        help: "Tell about a process",
        role: Role::Reader,
        run: Run::Now(supervisor::process_info),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getAllProcessInfo"],
        returns: (
            "array",
            "result a struct as of getProcessInfo for each process",
        ),
        help: "Tell about every process, sorted by group and name",
        role: Role::Reader,
        run: Run::Now(supervisor::all_process_info),
        ..PLAIN
    },
    Method {
        names: &["supervisor.getAllConfigInfo"],
        returns: ("array", "result a struct of options for each process"),
        help: "Tell how every process is configured by the configuration last read",
        role: Role::Reader,
        run: Run::Now(supervisor::all_config_info),
        ..PLAIN
    },
    Method {
        names: &["supervisor.sendProcessStdin"],
        params: &[
            PROCESS,
            Param::new("string", "chars", "what to write, as UTF-8"),
        ],
        help: "Write to a process's stdin",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(supervisor::send_stdin(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.sendRemoteCommEvent"],
        params: &[
            Param::new("string", "type", "what the event's header tells as type"),
            Param::new("string", "data", "the event's body"),
        ],
        help: "Send an event to the listeners that subscribed to REMOTE_COMMUNICATION",
        always: true,
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(supervisor::send_event(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["config.check"],
        returns: (
            "struct",
            "result with string file, array errors, array warnings, string summary",
        ),
        help: "Look the configuration file over. Nothing is taken on",
        always: true,
        run: Run::Later(|handle, args| Box::pin(config::check(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["config.getPending"],
        returns: (
            "array",
            "result structs with string section, option, change, remedy ('reload' or 'restart')",
        ),
        help: "Tell what the configuration last read changes that no update of groups takes on",
        role: Role::Reader,
        run: Run::Now(config::pending),
        ..PLAIN
    },
    Method {
        names: &["config.getDrift"],
        returns: (
            "array",
            "result structs with string group, name, change ('available', 'changed' or \
             'disappeared')",
        ),
        help: "Tell which processes the configuration files, as they are now, have otherwise than \
               they are active. Nothing is taken on",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(config::drift(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["config.updateProcessGroup"],
        params: &[GROUP],
        help: "Bring an active group in line with the configuration last read. Only processes \
               that changed in a way that a running child could notice are restarted",
        run: Run::Later(|handle, args| Box::pin(config::update_group(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["logs.reopen"],
        help: "Close all logs and open what lies at their paths now, as SIGUSR2 has it",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(logs::reopen(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["events.getAllPoolInfo"],
        returns: (
            "array",
            "result a struct of settings, counts and listeners for each pool",
        ),
        help: "Tell about every pool of event listeners, sorted by group",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(pools::all_pool_info(handle, args))),
        ..PLAIN
    },
    Method {
        names: &[
            "supervisor.readProcessStdoutLog",
            "supervisor.readProcessLog",
        ],
        params: &[PROCESS, OFFSET, LENGTH],
        returns: TEXT,
        help: "Read a part of a process's stdout log",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(logs::read_stdout(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.readProcessStderrLog"],
        params: &[PROCESS, OFFSET, LENGTH],
        returns: TEXT,
        help: "Read a part of a process's stderr log",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(logs::read_stderr(handle, args))),
        ..PLAIN
    },
    Method {
        names: &[
            "supervisor.tailProcessStdoutLog",
            "supervisor.tailProcessLog",
        ],
        params: &[PROCESS, SINCE, MOST],
        returns: TAIL,
        help: "Read the end of a process's stdout log",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(logs::tail_stdout(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.tailProcessStderrLog"],
        params: &[PROCESS, SINCE, MOST],
        returns: TAIL,
        help: "Read the end of a process's stderr log",
        role: Role::Reader,
        run: Run::Later(|handle, args| Box::pin(logs::tail_stderr(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.clearProcessLogs", "supervisor.clearProcessLog"],
        params: &[PROCESS],
        help: "Remove a process's logs and begin new ones",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(logs::clear(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["supervisor.clearAllProcessLogs"],
        returns: RESULTS,
        help: "Remove every process's logs and begin new ones",
        role: Role::Operator,
        run: Run::Later(|handle, args| Box::pin(logs::clear_all(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["twiddler.getAPIVersion"],
        returns: ("string", "version"),
        help: "Return the version of this interface",
        role: Role::Reader,
        run: Run::Now(twiddler::api_version),
        ..PLAIN
    },
    Method {
        names: &["twiddler.getGroupNames"],
        returns: ("array", "result names"),
        help: "Return the names of all active groups",
        role: Role::Reader,
        run: Run::Now(twiddler::group_names),
        ..PLAIN
    },
    Method {
        names: &["twiddler.log"],
        params: &[
            Param::new("string", "message", "the line"),
            Param::new(
                "string|int",
                "level",
                "its name or number; INFO when left out",
            )
            .optional(),
        ],
        help: "Write a line to supervisord's own log",
        run: Run::Now(twiddler::log),
        ..PLAIN
    },
    Method {
        names: &["twiddler.addProgramToGroup"],
        params: &[
            Param::new("string", "group_name", "an active group"),
            Param::new("string", "program_name", "the program's name"),
            Param::new("struct", "program_options", "options as in [program:x]"),
        ],
        help: "Add a program to a group; its processes start if their options say so. It lasts \
               until the group is updated or supervisord restarted",
        run: Run::Later(|handle, args| Box::pin(twiddler::add_program(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["twiddler.removeProcessFromGroup"],
        params: &[
            Param::new("string", "group_name", "an active group"),
            Param::new("string", "process_name", "a process in it that is stopped"),
        ],
        help: "Remove a process from a group",
        run: Run::Later(|handle, args| Box::pin(twiddler::remove_process(handle, args))),
        ..PLAIN
    },
    Method {
        names: &["system.listMethods"],
        returns: ("array", "result names"),
        help: "Return the names of all methods",
        always: true,
        role: Role::Reader,
        run: Run::Now(system::list_methods),
        ..PLAIN
    },
    Method {
        names: &["system.methodHelp"],
        params: &[Param::new("string", "name", "the method")],
        returns: TEXT,
        help: "Return a text about a method",
        always: true,
        role: Role::Reader,
        run: Run::Now(system::method_help),
    },
    Method {
        names: &["system.methodSignature"],
        params: &[Param::new("string", "name", "the method")],
        returns: (
            "array",
            "result the type of the result, then those of the parameters",
        ),
        help: "Return the types that a method gives and takes",
        always: true,
        role: Role::Reader,
        run: Run::Now(system::method_signature),
    },
    Method {
        names: &["system.multicall"],
        params: &[Param::new(
            "array",
            "calls",
            "structs with string methodName, array params",
        )],
        returns: (
            "array",
            "result the result of each call, or its fault as a struct",
        ),
        help: "Carry out several calls, one after the other. Results are not wrapped into arrays",
        always: true,
        role: Role::Reader,
        run: Run::Awaiting(|handle, args| Box::pin(system::multicall(handle, args))),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once() {
        let mut names: Vec<_> = METHODS.iter().flat_map(|m| m.names).collect();
        names.sort_unstable();
        assert_eq!(names.len(), 52);
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn only_names_that_clients_know_are_listed() {
        let names = METHODS.iter().flat_map(|m| m.names);
        let mut ours: Vec<_> = names.filter(|name| is_ours(name)).collect();
        ours.sort_unstable();
        let known = [
            "config.check",
            "config.getDrift",
            "config.getPending",
            "config.updateProcessGroup",
            "events.getAllPoolInfo",
            "logs.reopen",
        ];
        assert_eq!(ours, known.each_ref());
    }

    #[test]
    fn signatures_name_the_result_first() {
        let signature = |name| lookup(name).unwrap().signature();
        assert_eq!(signature("supervisor.getPID"), ["int"]);
        assert_eq!(
            signature("supervisor.startProcess"),
            ["boolean", "string", "boolean"]
        );
        assert_eq!(
            signature("supervisor.tailProcessLog"),
            ["array", "string", "int", "int"]
        );
        assert_eq!(signature("system.multicall"), ["array", "array"]);
    }

    #[test]
    fn help_tells_parameters_and_result() {
        assert_eq!(
            lookup("supervisor.getPID").unwrap().help(),
            "Return the PID of supervisord\n\n@return int PID\n"
        );
        assert!(METHODS.iter().all(|m| !m.help.is_empty()));
    }

    #[test]
    fn the_manual_has_every_method_of_supervisors() {
        let manual = include_str!("../../docs/xml-rpc.md");
        for name in METHODS.iter().flat_map(|method| method.names) {
            let told = name.strip_prefix("supervisor.").unwrap_or(name);
            let is_ours = !name.starts_with("supervisor.") && !name.starts_with("system.");
            assert!(is_ours || manual.contains(&format!("`{told}")), "{name}");
        }
    }

    #[test]
    fn only_wait_may_be_left_out() {
        let takes = |name, count| lookup(name).unwrap().takes(count);
        assert!(takes("supervisor.startProcess", 1) && takes("supervisor.startProcess", 2));
        assert!(!takes("supervisor.startProcess", 0) && !takes("supervisor.startProcess", 3));
        assert!(takes("supervisor.stopAllProcesses", 0));
        assert!(!takes("supervisor.getPID", 1));
    }

    #[test]
    fn names_that_reach_into_things_are_unknown() {
        for name in [
            "getPID",
            "supervisor.",
            "supervisor._update",
            "supervisor.getPID.x",
            "",
        ] {
            assert!(lookup(name).is_none(), "{name}");
        }
    }
}

//! What a new reading changes against what is active: groups, and the processes in them.

use super::{Channel, EventListener, Group, GroupKind, LogTarget, ProcessConfig, Program};
use crate::events::PayloadLength;
use std::collections::HashMap;
use std::sync::Arc;

/// The names of what differs between two configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New ones, in the order of the new configuration.
    pub added: Vec<Arc<str>>,
    /// Those that are in both and differ, in the order of the new configuration.
    pub changed: Vec<Arc<str>>,
    /// Those that are gone, in the order of the old configuration.
    pub removed: Vec<Arc<str>>,
}

/// Compares the groups last read against the active ones, by name.
pub fn groups(active: &[Arc<Group>], read: &[Arc<Group>]) -> Changes {
    let pairs = |groups: &[Arc<Group>]| named(groups, |group| &group.name);
    compare(&pairs(active), &pairs(read), |old, new| {
        same_group(old, new)
    })
}

/// How a process as it was read differs from the active one of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It doesn't.
    None,
    /// In nothing that a running child could notice: in its rules, its priority, its autostart or
    /// the sizes of its logs.
    Live,
    /// In more than that: only a new child can have it.
    Whole,
}

/// Compares a process with the active one of its name; each comes with its group.
///
/// Processes of another kind of group, of a pool that hears other events or is told their length
/// in another way, or on another FastCGI socket are others.
pub fn process(
    (active, old): (&Group, &ProcessConfig),
    (read, new): (&Group, &ProcessConfig),
) -> Difference {
    if !same_audience(&active.kind, &read.kind)
        || payload_length(&active.kind) != payload_length(&read.kind)
        || socket_url(active, old) != socket_url(read, new)
    {
        Difference::Whole
    } else if same_process(old, new) {
        Difference::None
    } else if same_child(old, new) {
        Difference::Live
    } else {
        Difference::Whole
    }
}

/// Whether the groups are pools that hear the same events, or both are none.
pub fn same_audience(old: &GroupKind, new: &GroupKind) -> bool {
    let events = |kind: &GroupKind| match kind {
        GroupKind::EventListener(listener) => Some(listener.events.clone()),
        GroupKind::Plain | GroupKind::Fcgi => None,
    };
    events(old) == events(new)
}

fn payload_length(kind: &GroupKind) -> Option<PayloadLength> {
    match kind {
        GroupKind::EventListener(listener) => Some(listener.payload_length),
        GroupKind::Plain | GroupKind::Fcgi => None,
    }
}

fn socket_url(group: &Group, process: &ProcessConfig) -> Option<String> {
    let mut sockets = group.sockets.iter();
    let (_, socket) = sockets.find(|(program, _)| *program == process.program.name)?;
    Some(socket.address.url())
}

/// Whether two processes differ in nothing that a child could notice while it runs.
fn same_child(old: &ProcessConfig, new: &ProcessConfig) -> bool {
    let sized = |channel: &Channel, like: &Channel| {
        Arc::new(Channel {
            maxbytes: like.maxbytes,
            backups: like.backups,
            ..channel.clone()
        })
    };
    let program = Program {
        policy: Arc::clone(&old.program.policy),
        priority: old.program.priority,
        autostart: old.program.autostart,
        ..Program::clone(&new.program)
    };
    let alike = ProcessConfig {
        program: Arc::new(program),
        stdout: sized(&new.stdout, &old.stdout),
        stderr: sized(&new.stderr, &old.stderr),
        ..new.clone()
    };
    same_process(old, &alike)
}

type Named<T> = Vec<(Arc<str>, Arc<T>)>;

fn named<T>(items: &[Arc<T>], name: impl Fn(&T) -> &Arc<str>) -> Named<T> {
    items
        .iter()
        .map(|item| (Arc::clone(name(item)), Arc::clone(item)))
        .collect()
}

fn compare<T>(old: &Named<T>, new: &Named<T>, same: impl Fn(&T, &T) -> bool) -> Changes {
    let known: HashMap<&str, &T> = old.iter().map(|(name, item)| (&**name, &**item)).collect();
    let mut changes = Changes::default();
    for (name, item) in new {
        match known.get(&**name) {
            None => changes.added.push(Arc::clone(name)),
            Some(before) if !same(before, item) => changes.changed.push(Arc::clone(name)),
            Some(_) => {}
        }
    }
    let kept: HashMap<&str, ()> = new.iter().map(|(name, _)| (&**name, ())).collect();
    let gone = old.iter().filter(|(name, _)| !kept.contains_key(&**name));
    changes.removed = gone.map(|(name, _)| Arc::clone(name)).collect();
    changes
}

/// Whether two groups of one name come to the same; the order of the processes counts.
pub fn same_group(old: &Group, new: &Group) -> bool {
    let Group {
        name,
        priority,
        kind,
        processes,
        sockets,
    } = new;
    (&old.name, old.priority, &old.sockets) == (name, *priority, sockets)
        && same_kind(&old.kind, kind)
        && old.processes.len() == processes.len()
        && old
            .processes
            .iter()
            .zip(processes)
            .all(|(old, new)| same_process(old, new))
}

fn same_kind(old: &GroupKind, new: &GroupKind) -> bool {
    match (old, new) {
        (GroupKind::EventListener(old), GroupKind::EventListener(new)) => {
            let EventListener {
                buffer_size,
                events,
                restart_on_protocol_error,
                payload_length,
                outputwaitsecs,
            } = new;
            (old.buffer_size, &old.events) == (*buffer_size, events)
                && old.restart_on_protocol_error == *restart_on_protocol_error
                && old.payload_length == *payload_length
                && old.outputwaitsecs == *outputwaitsecs
        }
        (old, new) => old == new,
    }
}

/// Whether two processes of one name come to the same.
pub fn same_process(old: &ProcessConfig, new: &ProcessConfig) -> bool {
    let ProcessConfig {
        name,
        program,
        command,
        directory,
        stdout,
        stderr,
        environment,
    } = new;
    (&old.name, &old.command, &old.directory) == (name, command, directory)
        && (Arc::ptr_eq(&old.program, program) || same_program(&old.program, program))
        && same_channel(&old.stdout, stdout)
        && same_channel(&old.stderr, stderr)
        && old.environment == *environment
}

/// A user is its id; the program's own name shows in nothing that it does.
fn same_program(old: &Program, new: &Program) -> bool {
    let Program {
        name: _,
        priority,
        autostart,
        policy,
        redirect_stderr,
        user,
        umask,
        serverurl,
    } = new;
    let uid = |program: &Program| program.user.as_ref().map(|user| user.uid);
    (old.priority, old.autostart, &old.policy) == (*priority, *autostart, policy)
        && (old.redirect_stderr, old.umask) == (*redirect_stderr, *umask)
        && uid(old) == user.as_ref().map(|user| user.uid)
        && old.serverurl == *serverurl
}

/// An AUTO log is as good as the one there is.
fn same_channel(old: &Channel, new: &Channel) -> bool {
    let Channel {
        log,
        maxbytes,
        backups,
        syslog,
        capture_maxbytes,
        events_enabled,
    } = new;
    (*log == LogTarget::Auto || old.log == *log)
        && (old.maxbytes, old.backups, old.syslog) == (*maxbytes, *backups, *syslog)
        && (old.capture_maxbytes, old.events_enabled) == (*capture_maxbytes, *events_enabled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::load_text;

    /// What `groups` finds between two files, as `+added ~changed -removed`.
    fn between(old: &str, new: &str) -> String {
        let read = |text: &str| load_text(&format!("[supervisord]\n{text}")).unwrap().groups;
        let changes = groups(&read(old), &read(new));
        shown(&changes)
    }

    fn shown(changes: &Changes) -> String {
        let marked = |mark: &str, names: &[Arc<str>]| {
            names
                .iter()
                .map(|name| format!("{mark}{name} "))
                .collect::<String>()
        };
        [
            marked("+", &changes.added),
            marked("~", &changes.changed),
            marked("-", &changes.removed),
        ]
        .concat()
    }

    #[test]
    fn groups_are_added_changed_and_removed_in_order() {
        let program = |name: &str, more: &str| format!("[program:{name}]\ncommand=x\n{more}\n");
        let old = [
            program("z", "priority=1"),
            program("m", ""),
            program("a", ""),
        ]
        .concat();
        assert_eq!(between(&old, &old), "");
        let new = [
            program("m", "priority=5"),
            program("d", ""),
            program("c", "priority=2"),
        ];
        assert_eq!(between(&old, &new.concat()), "+c +d ~m -z -a ");
    }

    #[test]
    fn whatever_a_process_is_made_of_counts() {
        let old = "[program:x]\ncommand=x\nnumprocs=2\nprocess_name=%(process_num)d";
        for option in [
            "command=y",
            "directory=/",
            "priority=1",
            "autostart=false",
            "autorestart=true",
            "startsecs=2",
            "startretries=2",
            "exitcodes=1",
            "stopsignal=INT",
            "stopwaitsecs=2",
            "stopasgroup=true",
            "killasgroup=true",
            "redirect_stderr=true",
            "user=root",
            "umask=0",
            "serverurl=x",
            "environment=A=1",
            "stdout_logfile=NONE",
            "stderr_logfile_maxbytes=1",
            "stdout_logfile_backups=1",
            "stdout_syslog=true",
            "stderr_capture_maxbytes=1",
            "stdout_events_enabled=true",
            "numprocs=3",
            "restart_limit=1",
        ] {
            assert_eq!(between(old, &format!("{old}\n{option}")), "~x ", "{option}");
        }
    }

    #[test]
    fn other_words_for_the_same_are_no_change() {
        let of = |options: &str| format!("[program:x]\ncommand=x\n{options}");
        for (old, new) in [
            ("stopsignal=TERM", "stopsignal=15"),
            ("environment=A=1,B=2", "environment=B=2,A=1"),
            ("stdout_logfile=NONE", "stdout_logfile=AUTO"),
            ("", "nonsense=1"),
        ] {
            assert_eq!(between(&of(old), &of(new)), "", "{old} {new}");
        }
        assert_eq!(
            between(&of("stdout_logfile=AUTO"), &of("stdout_logfile=NONE")),
            "~x "
        );
    }

    #[test]
    fn kinds_of_groups_have_their_own_marks() {
        let listener = |more: &str| format!("[eventlistener:e]\ncommand=x\n{more}\n");
        assert_eq!(
            between(
                &listener("events=TICK_5,EVENT"),
                &listener("events=EVENT,TICK_5")
            ),
            ""
        );
        assert_eq!(
            between(&listener("events=TICK_5"), &listener("events=TICK_60")),
            "~e "
        );
        for other in [
            "buffer_size=11",
            "restart_on_protocol_error=true",
            "payload_length=characters",
            "outputwaitsecs=0",
        ] {
            let other = format!("events=EVENT\n{other}");
            assert_eq!(between(&listener("events=EVENT"), &listener(&other)), "~e ");
        }

        let fcgi = |more: &str| format!("[fcgi-program:f]\ncommand=x\nsocket={more}\n");
        let unix = fcgi("unix:///s");
        assert_eq!(between(&unix, &fcgi("unix:///t")), "~f ");
        for other in ["socket_mode=0600", "socket_backlog=3", "socket_owner=root"] {
            let other = fcgi(&format!("unix:///s\n{other}"));
            assert_eq!(between(&unix, &other), "~f ");
        }
        assert_eq!(between(&unix, "[program:f]\ncommand=x\n"), "~f ");

        let members = "[program:a]\ncommand=x\n[program:b]\ncommand=x\n[group:g]\nprograms=";
        assert_eq!(
            between(&format!("{members}a,b"), &format!("{members}b,a")),
            "~g "
        );
    }

    fn group(text: &str) -> Arc<Group> {
        let config = load_text(&format!("[supervisord]\n{text}\n")).unwrap();
        Arc::clone(&config.groups[0])
    }

    /// How the processes of the second group differ from those of the first.
    fn differences(old: &Group, new: &Group) -> Vec<Difference> {
        let pairs = old.processes.iter().zip(&new.processes);
        pairs
            .map(|(before, after)| process((old, before), (new, after)))
            .collect()
    }

    #[test]
    fn what_a_child_cannot_notice_can_be_had_without_a_new_one() {
        let of = |options: &str| group(&format!("[program:x]\ncommand=x\n{options}"));
        let old = of("");
        assert_eq!(differences(&old, &old), [Difference::None]);
        for live in [
            "autorestart=true",
            "startsecs=5\nstartretries=9",
            "exitcodes=1,2",
            "restart_limit=7",
            "stopsignal=INT\nstopwaitsecs=99\nstopasgroup=true",
            "priority=1\nautostart=false",
            "stdout_logfile_maxbytes=1\nstderr_logfile_backups=1",
        ] {
            assert_eq!(differences(&old, &of(live)), [Difference::Live], "{live}");
        }
        for whole in [
            "directory=/",
            "user=root",
            "environment=A=1",
            "serverurl=x",
            "umask=0\nstartsecs=5",
            "stdout_logfile=NONE",
            "redirect_stderr=true",
            "stderr_syslog=true",
            "stdout_events_enabled=true",
            "stdout_capture_maxbytes=1",
        ] {
            assert_eq!(
                differences(&old, &of(whole)),
                [Difference::Whole],
                "{whole}"
            );
        }
    }

    #[test]
    fn processes_of_a_changed_group_are_told_apart() {
        let of = |environment: &str| {
            group(&format!(
                "[program:x]\ncommand=x\nnumprocs=2\nprocess_name=%(process_num)d\n\
                 environment={environment}"
            ))
        };
        let (old, new) = (of("A=1"), of("A=%(process_num)d"));
        assert_eq!(
            differences(&old, &new),
            [Difference::Whole, Difference::None]
        );
    }

    #[test]
    fn processes_on_another_socket_are_others() {
        let of = |b: &str| {
            group(&format!(
                "[fcgi-program:a]\ncommand=x\nsocket=unix:///a\n\
                 [fcgi-program:b]\ncommand=x\nsocket=unix:///{b}\n[group:g]\nprograms=a,b"
            ))
        };
        assert_eq!(
            differences(&of("b"), &of("c")),
            [Difference::None, Difference::Whole]
        );
    }

    #[test]
    fn listeners_notice_other_events_but_no_other_buffer() {
        let of = |options: &str| group(&format!("[eventlistener:e]\ncommand=x\nevents={options}"));
        let old = of("TICK_5");
        let buffer = of("TICK_5\nbuffer_size=20");
        assert_eq!(differences(&old, &buffer), [Difference::None]);
        for other in ["TICK", "TICK_5\npayload_length=characters"] {
            assert_eq!(differences(&old, &of(other)), [Difference::Whole]);
        }
        assert_eq!(
            differences(&old, &group("[program:e]\ncommand=x")),
            [Difference::Whole]
        );
    }
}

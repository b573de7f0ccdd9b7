//! What the methods' results look like on the wire: the keys and types that clients know.

use super::role::Role;
use super::secret::shown_to;
use crate::actors::handle::{GroupChanges, Outcome};
use crate::config::{Channel, Group, LogTarget, ProcessConfig};
use crate::logging::tail;
use crate::process::fault::SUCCESS;
use crate::process::{Autorestart, Fault, ProcessInfo};
use crate::xmlrpc::encode::Bytes;
use crate::xmlrpc::{Encode, Members, Writer};
use jiff::tz::TimeZone;
use std::sync::Arc;

/// A process, as getProcessInfo tells it.
pub(super) struct Process(pub(super) ProcessInfo);

impl Encode for Process {
    fn encode(&self, out: &mut Writer) {
        let info = &self.0;
        out.structure(|to| {
            to.member("name", &info.name);
            to.member("group", &info.group);
            to.member("description", &info.description(&TimeZone::system()));
            to.member("start", &capped(info.start));
            to.member("stop", &capped(info.stop));
            to.member("now", &capped(info.now));
            to.member("state", &info.state.code());
            to.member("statename", info.state.name());
            to.member("spawnerr", &info.spawnerr);
            to.member("exitstatus", &info.exitstatus());
            to.member("logfile", &info.stdout_logfile);
            to.member("stdout_logfile", &info.stdout_logfile);
            to.member("stderr_logfile", &info.stderr_logfile);
            to.member("pid", &info.pid);
        });
    }
}

/// Times stay within 32 bits, which is all that some clients read.
fn capped(seconds: i64) -> i64 {
    seconds.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
}

impl Encode for Outcome {
    fn encode(&self, out: &mut Writer) {
        let (status, description) = match &self.result {
            Ok(()) => (SUCCESS, "OK".to_owned()),
            Err(fault) => (fault.code.number(), fault.to_string()),
        };
        out.structure(|to| {
            to.member("name", &self.name);
            to.member("group", &self.group);
            to.member("status", &status);
            to.member("description", &description);
        });
    }
}

/// A fault among the results of a multicall.
impl Encode for Fault {
    fn encode(&self, out: &mut Writer) {
        out.fault(self.code.number(), &self.to_string());
    }
}

/// `[[added, changed, removed]]`.
impl Encode for GroupChanges {
    fn encode(&self, out: &mut Writer) {
        out.array([[&self.added, &self.changed, &self.removed].as_slice()]);
    }
}

/// `[text, offset, overflow]`, the answer to a tail of a log.
pub(super) struct Tail(pub(super) tail::Tail);

impl Encode for Tail {
    fn encode(&self, out: &mut Writer) {
        let text = Bytes(&self.0.bytes);
        out.array([&text as &dyn Encode, &self.0.offset, &self.0.overflow]);
    }
}

/// A configured process, as getAllConfigInfo tells it.
pub(super) struct Configured {
    pub(super) group: Arc<Group>,
    pub(super) process: Arc<ProcessConfig>,
    /// Whether its group is active.
    pub(super) inuse: bool,
    /// The process itself, when it is active.
    pub(super) info: Option<ProcessInfo>,
    /// Who is told.
    pub(super) role: Role,
}

impl Configured {
    /// The file of an output: its path, `none` or, where no name was generated yet, `auto`.
    fn logfile(&self, log: &LogTarget, generated: impl Fn(&ProcessInfo) -> &Arc<str>) -> Arc<str> {
        match log {
            LogTarget::None => "none".into(),
            LogTarget::File(path) => Arc::clone(path),
            LogTarget::Auto => match self.info.as_ref().map(generated) {
                Some(path) if !path.is_empty() => Arc::clone(path),
                _ => "auto".into(),
            },
        }
    }
}

impl Encode for Configured {
    fn encode(&self, out: &mut Writer) {
        let (process, program) = (&*self.process, &*self.process.program);
        let policy = &*program.policy;
        let stdout = self.logfile(&process.stdout.log, |info| &info.stdout_logfile);
        let stderr = self.logfile(&process.stderr.log, |info| &info.stderr_logfile);
        out.structure(|to| {
            to.member("autostart", &program.autostart);
            match policy.autorestart {
                Autorestart::Never => to.member("autorestart", &false),
                Autorestart::Unexpected => to.member("autorestart", "unexpected"),
                Autorestart::Always => to.member("autorestart", &true),
            }
            to.member("directory", process.directory.as_deref().unwrap_or("none"));
            match &program.user {
                Some(user) => to.member("uid", &i64::from(user.uid)),
                None => to.member("uid", "none"),
            }
            to.member("command", &*shown_to(self.role, &process.command));
            let exitcodes: Vec<_> = policy.exitcodes.iter().copied().map(i32::from).collect();
            to.member("exitcodes", &exitcodes);
            to.member("group", &self.group.name);
            to.member("group_prio", &self.group.priority);
            to.member("inuse", &self.inuse);
            to.member("killasgroup", &policy.killasgroup);
            to.member("name", &process.name);
            to.member("process_prio", &program.priority);
            to.member("redirect_stderr", &program.redirect_stderr);
            to.member("startretries", &policy.startretries);
            to.member("startsecs", &policy.startsecs);
            to.member("stopsignal", &policy.stopsignal.number());
            to.member("stopwaitsecs", &policy.stopwaitsecs);
            let serverurl = program.serverurl.as_deref().unwrap_or("none");
            to.member("serverurl", &*shown_to(self.role, serverurl));
            channel(to, &STDOUT, &process.stdout, &stdout);
            channel(to, &STDERR, &process.stderr, &stderr);
        });
    }
}

/// The keys of one output, in the order in which [`channel`] writes them.
type ChannelKeys = [&'static str; 6];

const STDOUT: ChannelKeys = [
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stdout_logfile",
    "stdout_logfile_backups",
    "stdout_logfile_maxbytes",
    "stdout_syslog",
];

const STDERR: ChannelKeys = [
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
    "stderr_logfile",
    "stderr_logfile_backups",
    "stderr_logfile_maxbytes",
    "stderr_syslog",
];

fn channel(to: &mut Members<'_>, keys: &ChannelKeys, channel: &Channel, logfile: &Arc<str>) {
    let [capture, events, file, backups, maxbytes, syslog] = keys;
    to.member(capture, &channel.capture_maxbytes);
    to.member(events, &channel.events_enabled);
    to.member(file, logfile);
    to.member(backups, &channel.backups);
    to.member(maxbytes, &channel.maxbytes);
    to.member(syslog, &channel.syslog);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{FaultCode, Moment, ProcessState, StateHistory};
    use crate::xmlrpc::{Value, decode, encode};

    fn seen(of: &dyn Encode) -> Value {
        let answer = decode::response(encode::response(of).as_bytes());
        answer.unwrap().unwrap()
    }

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn a_process_has_the_keys_and_types_that_clients_know() {
        let info = ProcessInfo {
            name: "cat".into(),
            group: "cats".into(),
            start: 1_795_251_156,
            stop: 0,
            now: 1 << 40,
            state: ProcessState::Running,
            spawnerr: "".into(),
            exit: None,
            stdout_logfile: "/l/cat.out".into(),
            stderr_logfile: "".into(),
            pid: 11939,
            uptime: 152,
            restarts: 0,
            states: Arc::new(StateHistory::new(ProcessState::Running, Moment::default())),
        };
        let want = [
            ("name", text("cat")),
            ("group", text("cats")),
            ("description", text("pid 11939, uptime 0:02:32")),
            ("start", Value::Int(1_795_251_156)),
            ("stop", Value::Int(0)),
            ("now", Value::Int(i64::from(i32::MAX))),
            ("state", Value::Int(20)),
            ("statename", text("RUNNING")),
            ("spawnerr", text("")),
            ("exitstatus", Value::Int(0)),
            ("logfile", text("/l/cat.out")),
            ("stdout_logfile", text("/l/cat.out")),
            ("stderr_logfile", text("")),
            ("pid", Value::Int(11939)),
        ];
        let want = want.map(|(key, value)| (key.to_owned(), value));
        assert_eq!(seen(&Process(info)), Value::Struct(want.to_vec()));
    }

    #[test]
    fn an_outcome_is_ok_or_a_faults_number_and_text() {
        let outcome = |result| {
            let (group, name) = ("g".into(), "p".into());
            let value = seen(&Outcome {
                group,
                name,
                result,
            });
            let of = |key| value.get(key).cloned().unwrap();
            [of("group"), of("name"), of("status"), of("description")]
        };
        let (group, name) = (text("g"), text("p"));
        assert_eq!(
            outcome(Ok(())),
            [group.clone(), name.clone(), Value::Int(80), text("OK")]
        );
        assert_eq!(
            outcome(Err(Fault::new(FaultCode::SpawnError, "g:p"))),
            [group, name, Value::Int(50), text("SPAWN_ERROR: g:p")]
        );
    }

    #[test]
    fn changes_are_three_lists_in_a_list() {
        let changes = GroupChanges {
            added: vec!["a".into(), "b".into()],
            changed: vec![],
            removed: vec!["c".into()],
        };
        let list = |names: &[&str]| Value::Array(names.iter().map(|name| text(name)).collect());
        let want = Value::Array(vec![list(&["a", "b"]), list(&[]), list(&["c"])]);
        assert_eq!(seen(&changes), Value::Array(vec![want]));
    }

    #[test]
    fn a_tail_is_text_offset_and_overflow() {
        let tail = Tail(tail::Tail {
            bytes: b"x\xff".to_vec(),
            offset: 3 << 30,
            overflow: true,
        });
        let want = vec![text("x\u{fffd}"), Value::Int(3 << 30), Value::Bool(true)];
        assert_eq!(seen(&tail), Value::Array(want));
    }

    #[test]
    fn a_configured_process_has_thirty_keys() {
        let value = seen(&configured());
        let Value::Struct(members) = &value else {
            panic!("{value:?}");
        };
        assert_eq!(members.len(), 30);
        for (key, want) in [
            ("autorestart", text("unexpected")),
            ("directory", text("none")),
            ("uid", text("none")),
            ("serverurl", text("none")),
            ("exitcodes", Value::Array(vec![Value::Int(0)])),
            ("inuse", Value::Bool(true)),
            ("stopsignal", Value::Int(15)),
            ("stdout_logfile", text("auto")),
            ("stderr_logfile", text("none")),
            ("stdout_logfile_maxbytes", Value::Int(4 << 30)),
        ] {
            assert_eq!(value.get(key), Some(&want), "{key}");
        }
    }

    fn configured() -> Configured {
        use crate::config::{GroupKind, Program};
        let channel = |log| Channel {
            log,
            maxbytes: 4 << 30,
            backups: 10,
            syslog: false,
            capture_maxbytes: 0,
            events_enabled: false,
        };
        let program = Program {
            name: "cat".into(),
            priority: 999,
            autostart: true,
            policy: Arc::default(),
            redirect_stderr: false,
            user: None,
            umask: None,
            serverurl: None,
        };
        let process = Arc::new(ProcessConfig {
            name: "cat".into(),
            program: Arc::new(program),
            command: "/bin/cat".into(),
            directory: None,
            stdout: Arc::new(channel(LogTarget::Auto)),
            stderr: Arc::new(channel(LogTarget::None)),
            environment: Arc::new([]),
        });
        let group = Group {
            name: "cat".into(),
            priority: 999,
            kind: GroupKind::Plain,
            processes: vec![Arc::clone(&process)],
            sockets: vec![],
        };
        Configured {
            group: Arc::new(group),
            process,
            inuse: true,
            info: None,
            role: Role::Admin,
        }
    }
}

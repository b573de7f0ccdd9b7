//! The configuration as JSON, in the words of getAllConfigInfo; without what is secret.

use crate::actors::SupervisorHandle;
use crate::config::{self, Config, Group, GroupKind, HttpServer, LogTarget, MainLog, Supervisord};
use crate::process::Autorestart;
use crate::rpc::role::Role;
use crate::rpc::secret::{self, is_secret};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The configuration last read.
#[derive(Serialize)]
pub(super) struct WholeConfig {
    file: String,
    supervisord: Map<String, Value>,
    servers: Vec<Server>,
    groups: Vec<GroupConfig>,
}

/// An HTTP server.
#[derive(Serialize)]
struct Server {
    section: String,
    address: String,
    url: String,
    authentication: bool,
    tls: bool,
    exposed: bool,
}

/// A configured group.
#[derive(Serialize)]
struct GroupConfig {
    name: Arc<str>,
    kind: &'static str,
    priority: i64,
    inuse: bool,
    processes: Vec<ProcessConfig>,
}

/// A configured process.
#[derive(Serialize)]
pub(super) struct ProcessConfig {
    group: Arc<str>,
    name: Arc<str>,
    inuse: bool,
    group_prio: i64,
    process_prio: i64,
    command: Arc<str>,
    directory: Option<Arc<str>>,
    uid: Option<u32>,
    autostart: bool,
    autorestart: Value,
    exitcodes: Vec<u8>,
    startsecs: i64,
    startretries: i64,
    stopsignal: i32,
    stopwaitsecs: i64,
    killasgroup: bool,
    redirect_stderr: bool,
    serverurl: Option<String>,
    stdout: Channel,
    stderr: Channel,
    environment: Vec<Variable>,
}

/// A configured output.
#[derive(Serialize)]
struct Channel {
    logfile: Arc<str>,
    logfile_maxbytes: i64,
    logfile_backups: i64,
    capture_maxbytes: i64,
    events_enabled: bool,
    syslog: bool,
}

/// A configured variable.
#[derive(Serialize)]
struct Variable {
    name: String,
    value: Option<String>,
}

impl WholeConfig {
    /// What is told of a configuration to who has this role.
    pub(super) fn new(config: &Config, handle: &SupervisorHandle, role: Role) -> Self {
        let group = |group: &Arc<Group>| GroupConfig {
            name: group.name.clone(),
            kind: kind(group),
            priority: group.priority,
            inuse: handle.has_group(&group.name),
            processes: processes(group, handle.has_group(&group.name), role),
        };
        Self {
            file: config.file.display().to_string(),
            supervisord: supervisord(&config.supervisord),
            servers: config.servers.iter().map(Server::new).collect(),
            groups: config.groups.iter().map(group).collect(),
        }
    }
}

/// What the configuration last read changes that no update of groups takes on.
#[derive(Serialize)]
pub(super) struct AllPending {
    pending: Vec<Pending>,
}

/// One such change.
#[derive(Serialize)]
struct Pending {
    section: String,
    option: Option<&'static str>,
    change: &'static str,
    remedy: &'static str,
}

impl AllPending {
    pub(super) fn new(handle: &SupervisorHandle) -> Self {
        let told = |pending: config::pending::Pending| Pending {
            section: pending.section,
            option: pending.option,
            change: pending.change.name(),
            remedy: pending.remedy.name(),
        };
        Self {
            pending: handle.pending().into_iter().map(told).collect(),
        }
    }
}

/// What looking the configuration over came to.
#[derive(Serialize)]
pub(super) struct Checked {
    file: String,
    errors: Vec<String>,
    warnings: Vec<String>,
    summary: String,
}

impl From<config::Checked> for Checked {
    fn from(checked: config::Checked) -> Self {
        Self {
            file: checked.file,
            errors: checked.errors,
            warnings: checked.warnings,
            summary: checked.summary,
        }
    }
}

/// What a group's processes are.
pub(super) const fn kind(group: &Group) -> &'static str {
    match group.kind {
        GroupKind::Plain => "plain",
        GroupKind::Fcgi => "fcgi",
        GroupKind::EventListener(_) => "eventlistener",
    }
}

fn processes(group: &Group, inuse: bool, role: Role) -> Vec<ProcessConfig> {
    let process =
        |process: &Arc<config::ProcessConfig>| ProcessConfig::new(group, process, inuse, role);
    group.processes.iter().map(process).collect()
}

impl Server {
    fn new(server: &HttpServer) -> Self {
        Self {
            section: server.section.clone(),
            address: server.address.to_string(),
            url: server.url(),
            authentication: !server.is_open(),
            tls: server.tls.is_some(),
            exposed: server.is_exposed(),
        }
    }
}

fn supervisord(settings: &Supervisord) -> Map<String, Value> {
    let logfile = match &settings.logfile {
        MainLog::File(path) => path.display().to_string(),
        MainLog::Syslog => "syslog".to_owned(),
    };
    let options = [
        ("logfile", json!(logfile)),
        ("logfile_maxbytes", json!(settings.logfile_maxbytes)),
        ("logfile_backups", json!(settings.logfile_backups)),
        ("loglevel", json!(settings.loglevel.name())),
        ("pidfile", json!(settings.pidfile.display().to_string())),
        ("identifier", json!(settings.identifier)),
        ("nodaemon", json!(settings.nodaemon)),
        ("silent", json!(settings.silent)),
        (
            "childlogdir",
            json!(settings.childlogdir.display().to_string()),
        ),
        ("nocleanup", json!(settings.nocleanup)),
        ("strip_ansi", json!(settings.strip_ansi)),
        ("umask", json!(format!("{:03o}", settings.umask))),
        ("user", json!(settings.user)),
        ("minfds", json!(settings.minfds)),
        ("minprocs", json!(settings.minprocs)),
    ];
    let options = options
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    options.collect()
}

impl ProcessConfig {
    /// What is told of a process of a group to who has this role.
    pub(super) fn new(
        group: &Group,
        process: &config::ProcessConfig,
        inuse: bool,
        role: Role,
    ) -> Self {
        let program = &*process.program;
        let policy = &*program.policy;
        Self {
            group: group.name.clone(),
            name: process.name.clone(),
            inuse,
            group_prio: group.priority,
            process_prio: program.priority,
            command: secret::shown_to(role, &process.command).into(),
            directory: process.directory.clone(),
            uid: program.user.as_ref().map(|user| user.uid),
            autostart: program.autostart,
            autorestart: match policy.autorestart {
                Autorestart::Never => json!(false),
                Autorestart::Unexpected => json!("unexpected"),
                Autorestart::Always => json!(true),
            },
            exitcodes: policy.exitcodes.clone(),
            startsecs: policy.startsecs,
            startretries: policy.startretries,
            stopsignal: policy.stopsignal.number(),
            stopwaitsecs: policy.stopwaitsecs,
            killasgroup: policy.killasgroup,
            redirect_stderr: program.redirect_stderr,
            serverurl: program
                .serverurl
                .as_deref()
                .map(|url| secret::shown_to(role, url).into_owned()),
            stdout: Channel::new(&process.stdout),
            stderr: Channel::new(&process.stderr),
            environment: process.environment.iter().map(Variable::new).collect(),
        }
    }
}

impl Channel {
    fn new(channel: &config::Channel) -> Self {
        Self {
            logfile: match &channel.log {
                LogTarget::None => "none".into(),
                LogTarget::Auto => "auto".into(),
                LogTarget::File(path) => path.clone(),
            },
            logfile_maxbytes: channel.maxbytes,
            logfile_backups: channel.backups,
            capture_maxbytes: channel.capture_maxbytes,
            events_enabled: channel.events_enabled,
            syslog: channel.syslog,
        }
    }
}

impl Variable {
    fn new((name, value): &(String, String)) -> Self {
        Self {
            name: name.clone(),
            value: (!is_secret(name, value)).then(|| value.clone()),
        }
    }
}

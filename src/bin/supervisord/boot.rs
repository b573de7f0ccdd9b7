//! From the command line to supervising, and back when it ends.

use super::reachable::{self, SharedServers, lock};
use super::room;
use super::servers::Servers;
use std::cmp::Reverse;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use supervisor::actors::{self, Ending, Run};
use supervisor::config::{Config, Environment, MainLog, Source, Supervisord, SupervisordArgs};
use supervisor::events::SerialCounter;
use supervisor::logging::syslog::{DEV_LOG, Syslog};
use supervisor::logging::{ActivityHandle, ActivityLog, ActivityTarget, Rotation, auto};
use supervisor::os::limits::{Minimum, ensure};
use supervisor::os::pidfile::{self, Pidfile};
use supervisor::os::{daemon, descriptors, identity, signal};
use supervisor::process::note::Level;

/// How long the end waits for the last lines of the activity log.
const LAST_LINES: Duration = Duration::from_secs(5);

/// A line for the activity log.
type Line = (Level, String);

/// A message for the user; nothing runs.
pub(super) type Fatal = Box<dyn std::error::Error>;

/// Runs supervisord to its end.
pub(super) fn supervise(arguments: SupervisordArgs, environment: Environment) -> Result<(), Fatal> {
    let source = Arc::new(Source::new(arguments, environment));
    let config = source.load()?;
    House::prepare(&config)?.run(config, &source)
}

/// What lies around the actors and outlives a restart.
struct House {
    servers: SharedServers,
    activity: ActivityHandle,
    pidfile: Option<Pidfile>,
    open_files: Option<u64>,
    serials: SerialCounter,
}

impl House {
    /// All that is done before anything is supervised, in the order in which mistakes are cheap:
    /// what can fail comes before what changes files of a supervisord that may be running.
    fn prepare(config: &Config) -> Result<Self, Fatal> {
        let settings = &config.supervisord;
        signal::ignore_write_failures()?;
        signal::keep_exit_statuses()?;
        descriptors::close_inherited_on_exec()?;
        let mut lines = become_user(settings)?;
        lines.extend(minimum(
            Minimum::OpenFiles,
            settings.minfds,
            settings.minfds_given,
        )?);
        lines.extend(minimum(
            Minimum::Processes,
            settings.minprocs,
            settings.minprocs_given,
        )?);
        let open_files = room::raise_open_files(config).for_children();
        pidfile::check(&settings.pidfile)?;
        let servers = Servers::open(&config.servers)?;
        let mut log = open_log(settings)?;
        lines.extend(
            config
                .remarks
                .iter()
                .map(|remark| (remark.level, remark.text.clone())),
        );
        lines.sort_by_key(|(level, _)| Reverse(*level));
        lines.extend(about_servers(&servers));
        for (level, text) in lines {
            log.log(level, &text);
        }
        if !settings.nodaemon {
            let lines = daemon::daemonize(settings.directory.as_deref(), settings.umask)?;
            lines.iter().for_each(|(level, text)| log.log(*level, text));
        }
        let activity = ActivityHandle::start(log)?;
        Ok(Self {
            servers: SharedServers::new(servers.into()),
            activity,
            pidfile: None,
            open_files,
            serials: SerialCounter::default(),
        })
    }

    /// Supervises, over and over as long as a restart is asked for.
    fn run(&mut self, mut config: Config, source: &Arc<Source>) -> Result<(), Fatal> {
        loop {
            self.clean_childlogdir(&config.supervisord);
            self.write_pidfile(&config.supervisord.pidfile);
            self.name_survivors(&config);
            let room = room::for_clients(&config);
            let run = Run {
                config,
                source: source.clone(),
                activity: self.activity.clone(),
                open_files: self.open_files,
                serials: self.serials.clone(),
            };
            let (first, servers) = (lock(&self.servers).to_serve()?, self.servers.clone());
            let (ending, serials) = actors::run(run, move |handle, until| {
                reachable::serve(first, room, servers, handle, until)
            })?;
            self.serials = serials;
            match ending {
                Ending::Restart(next) => config = self.change_over(*next),
                Ending::Exit => {
                    std::mem::take(&mut *lock(&self.servers)).close();
                    self.pidfile.take().into_iter().for_each(Pidfile::remove);
                    self.activity.stop(LAST_LINES);
                    return Ok(());
                }
            }
        }
    }

    /// Takes on another configuration between two runs. What it asks for in vain is told and
    /// stays as it was: the programs are worth more.
    fn change_over(&mut self, config: Config) -> Config {
        let settings = &config.supervisord;
        self.activity.stop(LAST_LINES);
        match open_log(settings).and_then(|log| Ok(ActivityHandle::start(log)?)) {
            Ok(activity) => self.activity = activity,
            Err(error) => eprintln!("supervisord: {error}"),
        }
        let mut lines = become_user(settings).unwrap_or_else(critical);
        lines.extend(
            config
                .remarks
                .iter()
                .map(|remark| (remark.level, remark.text.clone())),
        );
        lines.sort_by_key(|(level, _)| Reverse(*level));
        let mut servers = lock(&self.servers);
        let errors = servers.change_over(&config.servers);
        lines.extend(errors.into_iter().flat_map(critical));
        lines.extend(about_servers(&servers));
        drop(servers);
        for (level, text) in lines {
            self.activity.log(level, text);
        }
        room::raise_open_files(&config);
        config
    }

    fn clean_childlogdir(&self, settings: &Supervisord) {
        if !settings.nocleanup {
            for warning in auto::clean(&settings.childlogdir, &settings.identifier) {
                self.activity.log(Level::Warn, warning);
            }
        }
    }

    fn write_pidfile(&mut self, path: &Path) {
        self.pidfile.take().into_iter().for_each(Pidfile::remove);
        match Pidfile::write(path) {
            Ok(pidfile) => self.pidfile = Some(pidfile),
            Err(error) => self.activity.log(Level::Critical, error.to_string()),
        }
        let pid = std::process::id();
        self.activity
            .log(Level::Info, format!("supervisord started with pid {pid}"));
    }

    /// Looks for children that were left alone, where a pid file says that it may have been so.
    fn name_survivors(&self, config: &Config) {
        if self.pidfile.as_ref().is_some_and(Pidfile::was_left_behind) {
            actors::name_survivors(config, &self.activity);
        }
    }
}

fn critical(error: impl Display) -> Vec<Line> {
    vec![(Level::Critical, error.to_string())]
}

fn minimum(which: Minimum, wanted: i64, given: bool) -> Result<Option<Line>, Fatal> {
    Ok(ensure(which, wanted, given)?)
}

fn become_user(settings: &Supervisord) -> Result<Vec<Line>, Fatal> {
    let Some(user) = &settings.user else {
        let text = "Supervisor is running as root.  Privileges were not dropped because no user \
            is specified in the config file.  If you intend to run as root, you can set \
            user=root in the config file to avoid this message.";
        let is_root = identity::is_root();
        return Ok(is_root
            .then(|| (Level::Critical, text.to_owned()))
            .into_iter()
            .collect());
    };
    let uid = identity::uid_of(user)?;
    identity::drop_privileges(uid)?;
    Ok(vec![(
        Level::Info,
        format!("Set uid to user {uid} succeeded"),
    )])
}

fn open_log(settings: &Supervisord) -> Result<ActivityLog, Fatal> {
    let target = match &settings.logfile {
        MainLog::Syslog => ActivityTarget::Syslog(Syslog::new("supervisord", Path::new(DEV_LOG))),
        MainLog::File(path) => ActivityTarget::File {
            path: path.clone(),
            rotation: Rotation::new(settings.logfile_maxbytes, settings.logfile_backups),
        },
    };
    let echo = settings.nodaemon && !settings.silent;
    let opened = ActivityLog::open(target, settings.loglevel, echo);
    opened.map_err(|error| format!("could not open logfile {}: {error}", describe(settings)).into())
}

fn describe(settings: &Supervisord) -> String {
    match &settings.logfile {
        MainLog::Syslog => "syslog".to_owned(),
        MainLog::File(path) => path.display().to_string(),
    }
}

fn about_servers(servers: &Servers) -> Vec<Line> {
    let mut lines = Vec::new();
    for server in servers.configs() {
        lines.push((
            Level::Info,
            "RPC interface 'supervisor' initialized".to_owned(),
        ));
        if server.is_open() {
            let text = format!(
                "Server '{}' running without any HTTP authentication checking",
                server.section
            );
            lines.push((Level::Critical, text));
        }
        if server.is_exposed() {
            let text = format!(
                "Server '{}' at {} lets anybody who reaches it from another machine run commands \
                 here: set username and password, or listen at 127.0.0.1",
                server.section, server.address
            );
            lines.push((Level::Critical, text));
        }
    }
    lines
}

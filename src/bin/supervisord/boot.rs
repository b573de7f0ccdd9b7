//! From the command line to supervising, and back when it ends.

use super::reachable::{self, SharedServers, lock};
use super::room;
use super::servers::{ServerError, Servers};
use std::cmp::Reverse;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use supervisor::actors::{self, Ending, Run};
use supervisor::config::pending::keep_until_restart;
use supervisor::config::{Config, Environment, MainLog, Source, Supervisord, SupervisordArgs};
use supervisor::events::SerialCounter;
use supervisor::logging::syslog::{DEV_LOG, Syslog};
use supervisor::logging::{ActivityHandle, ActivityLog, ActivityTarget, Rotation, auto};
use supervisor::os::errno::io_error_words;
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
    /// What the process was started with.
    started_with: Supervisord,
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
        let mut lines = become_user(config)?;
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
        let servers = Servers::open(&config.servers)
            .map_err(|error| in_file(config, name_holder(error, &settings.pidfile)))?;
        let mut log = open_log(config)?;
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
            started_with: settings.clone(),
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
    fn change_over(&mut self, mut config: Config) -> Config {
        let kept = keep_until_restart(&self.started_with, &mut config.supervisord);
        let logged = self.change_log(&config);
        let mut lines = logged.map_or_else(critical, |()| Vec::new());
        lines.extend(kept.into_iter().map(needs_restart));
        lines.extend(about_root(&config.supervisord));
        lines.extend(
            config
                .remarks
                .iter()
                .map(|remark| (remark.level, remark.text.clone())),
        );
        lines.sort_by_key(|(level, _)| Reverse(*level));
        let mut servers = lock(&self.servers);
        let errors = servers.change_over(&config.servers);
        let errors = errors.into_iter().map(|error| in_file(&config, error));
        lines.extend(errors.flat_map(critical));
        lines.extend(about_servers(&servers));
        drop(servers);
        for (level, text) in lines {
            self.activity.log(level, text);
        }
        room::raise_open_files(&config);
        config
    }

    /// Goes over to the log of another configuration; the one before ends only when the other is
    /// open.
    fn change_log(&mut self, config: &Config) -> Result<(), Fatal> {
        let activity = ActivityHandle::start(open_log(config)?)?;
        std::mem::replace(&mut self.activity, activity).stop(LAST_LINES);
        Ok(())
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

fn needs_restart(option: &str) -> Line {
    let text =
        format!("[supervisord] {option}: changed; takes effect after a restart of supervisord");
    (Level::Warn, text)
}

/// An error, and on a line of its own the option that asks for what failed.
fn asked_for(config: &Config, error: impl Display, option: &str, value: impl Display) -> Fatal {
    let place = format!("See section [supervisord]: {option}={value}");
    in_file(config, format!("{error}\n{place}"))
}

fn in_file(config: &Config, error: impl Display) -> Fatal {
    format!("{error} (file: {})", config.file.display()).into()
}

/// An error, and who may hold the socket, where it is in use and the pid file tells.
fn name_holder(error: ServerError, pidfile: &Path) -> String {
    match pidfile::read(pidfile) {
        Ok(pid) if error.is_held() => {
            let place = pidfile.display();
            format!("The pidfile {place} names pid {pid}.\n{error}")
        }
        _ => error.to_string(),
    }
}

fn become_user(config: &Config) -> Result<Vec<Line>, Fatal> {
    let Some(user) = &config.supervisord.user else {
        return Ok(about_root(&config.supervisord).into_iter().collect());
    };
    let refused = |error: &dyn Display| asked_for(config, error, "user", user);
    let uid = identity::uid_of(user).map_err(|error| refused(&error))?;
    identity::drop_privileges(uid)
        .map_err(|error| refused(&format_args!("{error}: {user} (uid {uid})")))?;
    Ok(vec![(
        Level::Info,
        format!("Set uid to user {uid} succeeded"),
    )])
}

fn about_root(settings: &Supervisord) -> Option<Line> {
    let text = "Supervisor is running as root.  Privileges were not dropped because no user \
        is specified in the config file.  If you intend to run as root, you can set \
        user=root in the config file to avoid this message.";
    let is_unasked = settings.user.is_none() && identity::is_root();
    is_unasked.then(|| (Level::Critical, text.to_owned()))
}

fn open_log(config: &Config) -> Result<ActivityLog, Fatal> {
    let settings = &config.supervisord;
    let target = match &settings.logfile {
        MainLog::Syslog => ActivityTarget::Syslog(Syslog::new("supervisord", Path::new(DEV_LOG))),
        MainLog::File(path) => ActivityTarget::File {
            path: path.clone(),
            rotation: Rotation::new(settings.logfile_maxbytes, settings.logfile_backups),
        },
    };
    let echo = settings.nodaemon && !settings.silent;
    let opened = ActivityLog::open(target, settings.loglevel, echo);
    opened.map_err(|error| {
        let (log, why) = (describe(settings), io_error_words(&error));
        let error = format!("could not open logfile {log}: {why}");
        asked_for(config, error, "logfile", log)
    })
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

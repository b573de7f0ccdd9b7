//! What a new reading changes outside the groups, which no update of groups takes on.

use super::{Config, HttpServer, Supervisord, Twiddler};
use std::collections::BTreeMap;

/// Something in the file that supervisord has read and does not follow yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The section.
    pub section: String,
    /// The option, where it is only one.
    pub option: Option<&'static str>,
    /// What became of it.
    pub change: Change,
    /// What makes supervisord follow it.
    pub remedy: Remedy,
}

/// What became of a part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Available,
    /// It has another value.
    Changed,
    /// It is gone.
    Disappeared,
}

impl Change {
    /// The word for it that `reread` uses for groups.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Changed => "changed",
            Self::Disappeared => "disappeared",
        }
    }
}

/// What makes supervisord follow a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// A reload, which keeps the process.
    Reload,
    /// Only a new process.
    Restart,
}

impl Remedy {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
        }
    }
}

/// Compares the configuration last read against the one that supervisord was started or reloaded
/// with.
pub fn pending(running: &Config, read: &Config) -> Vec<Pending> {
    let options = options(&running.supervisord, &read.supervisord);
    let options = options.into_iter().map(|(option, remedy)| Pending {
        section: "supervisord".to_owned(),
        option: Some(option),
        change: Change::Changed,
        remedy,
    });
    options
        .chain(sections(&servers(running), &servers(read)))
        .chain(sections(&plugins(running), &plugins(read)))
        .collect()
}

/// Leaves those settings as they are that only a new process can follow; tells which were to change.
pub fn keep_until_restart(running: &Supervisord, read: &mut Supervisord) -> Vec<&'static str> {
    let kept = options(running, read).into_iter();
    let kept = kept.filter(|(_, remedy)| *remedy == Remedy::Restart);
    let kept = kept.map(|(option, _)| option).collect();
    let running = running.clone();
    read.nodaemon = running.nodaemon;
    read.umask = running.umask;
    read.directory = running.directory;
    read.user = running.user;
    read.minfds = running.minfds;
    read.minfds_given = running.minfds_given;
    read.minprocs = running.minprocs;
    read.minprocs_given = running.minprocs_given;
    kept
}

/// The options of `[supervisord]` that differ. Its `environment` is part of every process.
fn options(old: &Supervisord, new: &Supervisord) -> Vec<(&'static str, Remedy)> {
    use Remedy::{Reload, Restart};
    let Supervisord {
        logfile,
        logfile_maxbytes,
        logfile_backups,
        loglevel,
        pidfile,
        identifier,
        nodaemon,
        silent,
        childlogdir,
        nocleanup,
        strip_ansi,
        umask,
        directory,
        user,
        minfds,
        minfds_given: _,
        minprocs,
        minprocs_given: _,
        on_supervisor_death,
        shutdown_timeout,
        refuse_open_servers,
    } = new;
    let compared = [
        ("logfile", old.logfile == *logfile, Reload),
        (
            "logfile_maxbytes",
            old.logfile_maxbytes == *logfile_maxbytes,
            Reload,
        ),
        (
            "logfile_backups",
            old.logfile_backups == *logfile_backups,
            Reload,
        ),
        ("loglevel", old.loglevel == *loglevel, Reload),
        ("pidfile", old.pidfile == *pidfile, Reload),
        ("identifier", old.identifier == *identifier, Reload),
        ("nodaemon", old.nodaemon == *nodaemon, Restart),
        ("silent", old.silent == *silent, Reload),
        ("childlogdir", old.childlogdir == *childlogdir, Reload),
        ("nocleanup", old.nocleanup == *nocleanup, Reload),
        ("strip_ansi", old.strip_ansi == *strip_ansi, Reload),
        ("umask", old.umask == *umask, Restart),
        ("directory", old.directory == *directory, Restart),
        ("user", old.user == *user, Restart),
        ("minfds", old.minfds == *minfds, Restart),
        ("minprocs", old.minprocs == *minprocs, Restart),
        (
            "on_supervisor_death",
            old.on_supervisor_death == *on_supervisor_death,
            Reload,
        ),
        (
            "shutdown_timeout",
            old.shutdown_timeout == *shutdown_timeout,
            Reload,
        ),
        (
            "refuse_open_servers",
            old.refuse_open_servers == *refuse_open_servers,
            Reload,
        ),
    ];
    let differ = compared.into_iter().filter(|(_, same, _)| !same);
    differ.map(|(option, _, remedy)| (option, remedy)).collect()
}

/// Sections by name, with what they come to.
type Sections<T> = BTreeMap<String, T>;

fn servers(config: &Config) -> Sections<&HttpServer> {
    let servers = config.servers.iter();
    servers
        .map(|server| (server.section.clone(), server))
        .collect()
}

fn plugins(config: &Config) -> Sections<Option<&Twiddler>> {
    let supervisor = config.supervisor_rpc.then_some(("supervisor", None));
    let twiddler = config.twiddler.as_ref();
    let twiddler = twiddler.map(|twiddler| ("twiddler", Some(twiddler)));
    let plugins = supervisor.into_iter().chain(twiddler);
    plugins
        .map(|(name, plugin)| (format!("rpcinterface:{name}"), plugin))
        .collect()
}

fn sections<T: PartialEq>(old: &Sections<T>, new: &Sections<T>) -> Vec<Pending> {
    let pending = |section: &String, change| Pending {
        section: section.clone(),
        option: None,
        change,
        remedy: Remedy::Reload,
    };
    let kept = new.iter().filter_map(|(section, value)| {
        let change = match old.get(section) {
            None => Change::Available,
            Some(before) if before != value => Change::Changed,
            Some(_) => return None,
        };
        Some(pending(section, change))
    });
    let gone = old.keys().filter(|section| !new.contains_key(*section));
    let gone = gone.map(|section| pending(section, Change::Disappeared));
    kept.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::load_text;

    /// What is pending between two files, as `section option change remedy`.
    fn between(old: &str, new: &str) -> Vec<String> {
        let found = pending(&load_text(old).unwrap(), &load_text(new).unwrap());
        let shown = found.into_iter().map(|found| {
            let option = found.option.unwrap_or("-");
            let (change, remedy) = (found.change.name(), found.remedy.name());
            format!("{} {option} {change} {remedy}", found.section)
        });
        shown.collect()
    }

    #[test]
    fn options_of_supervisord_are_told_one_by_one() {
        let old = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\n";
        let new = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\nloglevel=debug\numask=0\n";
        assert_eq!(
            between(old, new),
            [
                "supervisord loglevel changed reload",
                "supervisord umask changed restart"
            ]
        );
        let given = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\nminfds=1024\n";
        assert!(between(old, given).is_empty());
    }

    #[test]
    fn what_needs_a_new_process_stays_as_it_is() {
        let base = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\n";
        let more = "loglevel=debug\nnodaemon=true\numask=0\ndirectory=/tmp\nuser=nobody\n\
                    minfds=7\nminprocs=8\n";
        let running = load_text(base).unwrap().supervisord;
        let mut read = load_text(&format!("{base}{more}")).unwrap().supervisord;
        let kept = keep_until_restart(&running, &mut read);
        let all = [
            "nodaemon",
            "umask",
            "directory",
            "user",
            "minfds",
            "minprocs",
        ];
        assert_eq!(kept, all);
        assert_eq!(options(&running, &read), [("loglevel", Remedy::Reload)]);
    }

    #[test]
    fn servers_and_interfaces_come_change_and_go() {
        let base = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\n";
        let inet = "[inet_http_server]\nport=1\n[inet_http_server:b]\nport=2\n";
        let other = "[inet_http_server]\nport=3\n[unix_http_server]\nfile=/tmp/s\n\
                     [rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=\
                     supervisor.rpcinterface:make_main_rpcinterface\n";
        assert_eq!(
            between(&format!("{base}{inet}"), &format!("{base}{other}")),
            [
                "inet_http_server - changed reload",
                "unix_http_server - available reload",
                "inet_http_server:b - disappeared reload",
                "rpcinterface:supervisor - available reload",
            ]
        );
    }

    #[test]
    fn programs_are_none_of_it() {
        let base = "[supervisord]\nlogfile=/tmp/a\npidfile=/tmp/p\n";
        let more = format!("{base}environment=A=1\n[program:x]\ncommand=x\n");
        assert!(between(base, &more).is_empty());
    }
}

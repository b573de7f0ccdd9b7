//! Children of an earlier supervisord that died without stopping them.

use crate::config::Config;
use crate::logging::ActivityHandle;
use crate::os::errno::io_error_words;
use crate::os::procfs::{Leader, earlier_leaders};
use crate::process::Pid;
use crate::process::namespec::Display;
use crate::process::note::Level;
use std::collections::HashMap;
use std::thread;

/// Names in the log, each in a line, the processes of this configuration that an earlier
/// supervisord has left running. They are looked for on a thread of their own, which delays
/// nothing.
pub fn name_survivors(config: &Config, activity: &ActivityHandle) {
    let (ours, log) = (Ours::of(config), activity.clone());
    let look = move || {
        for leader in earlier_leaders().into_iter().flatten() {
            if let Some(name) = ours.name(&leader) {
                log.log(Level::Warn, warning(&name, leader.pid));
            }
        }
    };
    let looking = thread::Builder::new()
        .name("survivors".to_owned())
        .spawn(look);
    if let Err(error) = looking {
        let error = io_error_words(&error);
        let text = format!("can't look for children of an earlier supervisord: {error}");
        activity.log(Level::Warn, text);
    }
}

fn warning(name: &str, pid: Pid) -> String {
    format!(
        "'{name}' (pid {pid}) of an earlier supervisord still runs, and is not under our control; \
         unless you want it beside the one that we run, stop it: kill {pid}"
    )
}

/// The processes of a configuration, and how their environment would tell them.
struct Ours {
    /// The URL of the server that each is sent to, by group and name.
    servers: HashMap<(String, String), Option<String>>,
}

impl Ours {
    fn of(config: &Config) -> Self {
        let general = config.server_url();
        let mut servers = HashMap::new();
        for group in &config.groups {
            for process in &group.processes {
                let server = process.program.serverurl.as_ref().or(general.as_ref());
                let server = server.filter(|url| !url.is_empty()).cloned();
                servers.insert((group.name.to_string(), process.name.to_string()), server);
            }
        }
        Self { servers }
    }

    /// Its name, if it was started as one of ours: by a supervisord with the same server, or
    /// with none if we have none.
    fn name(&self, leader: &Leader) -> Option<String> {
        leader.variable("SUPERVISOR_ENABLED")?;
        let group = leader.variable("SUPERVISOR_GROUP_NAME")?;
        let process = leader.variable("SUPERVISOR_PROCESS_NAME")?;
        let server = self.servers.get(&(group.to_owned(), process.to_owned()))?;
        let is_ours = server.as_deref() == leader.variable("SUPERVISOR_SERVER_URL");
        is_ours.then(|| Display(group, process).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "unix:///run/s.sock";

    /// The name that is found for a process with these variables, where `web` has processes `a`,
    /// sent to the socket, and `b`, sent nowhere.
    fn name(variables: &[(&str, &str)]) -> Option<String> {
        let entry = |name: &str, url: Option<&str>| {
            (("web".to_owned(), name.to_owned()), url.map(str::to_owned))
        };
        let ours = Ours {
            servers: HashMap::from([entry("a", Some(URL)), entry("b", None)]),
        };
        let words = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}\0"));
        ours.name(&Leader::new(7, words.collect::<String>().into_bytes()))
    }

    const WEB: (&str, &str) = ("SUPERVISOR_GROUP_NAME", "web");
    const A: (&str, &str) = ("SUPERVISOR_PROCESS_NAME", "a");
    const B: (&str, &str) = ("SUPERVISOR_PROCESS_NAME", "b");
    const ENABLED: (&str, &str) = ("SUPERVISOR_ENABLED", "1");
    const SERVER: (&str, &str) = ("SUPERVISOR_SERVER_URL", URL);

    #[test]
    fn a_process_is_known_by_its_names_and_its_server() {
        assert_eq!(name(&[ENABLED, SERVER, WEB, A]).as_deref(), Some("web:a"));
        assert_eq!(name(&[ENABLED, WEB, B]).as_deref(), Some("web:b"));
    }

    #[test]
    fn another_supervisords_process_is_not_ours() {
        let elsewhere = ("SUPERVISOR_SERVER_URL", "unix:///run/t.sock");
        assert_eq!(name(&[ENABLED, elsewhere, WEB, A]), None);
        assert_eq!(name(&[ENABLED, SERVER, WEB, B]), None);
        assert_eq!(name(&[ENABLED, WEB, A]), None);
    }

    #[test]
    fn what_no_supervisord_started_and_what_is_not_configured_is_not_ours() {
        assert_eq!(name(&[SERVER, WEB, A]), None);
        assert_eq!(name(&[ENABLED, SERVER, A]), None);
        assert_eq!(name(&[ENABLED, SERVER, WEB]), None);
        let other = ("SUPERVISOR_PROCESS_NAME", "c");
        assert_eq!(name(&[ENABLED, SERVER, WEB, other]), None);
        assert_eq!(name(&[]), None);
    }
}

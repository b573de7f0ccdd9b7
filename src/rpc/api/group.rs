//! Groups as JSON: those that are active, and those that are only configured.

use super::config::kind;
use super::process::{Process, Teller};
use crate::actors::SupervisorHandle;
use crate::config::Group;
use crate::os::clock;
use crate::process::{Fault, ProcessInfo};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The groups at one moment.
#[derive(Serialize)]
pub(super) struct Groups {
    now: i64,
    groups: Vec<Told>,
}

/// One group with its processes.
#[derive(Serialize)]
pub(super) struct GroupDetail {
    now: i64,
    group: Told,
    processes: Vec<Process>,
}

/// A group.
#[derive(Serialize)]
struct Told {
    name: Arc<str>,
    kind: &'static str,
    priority: i64,
    inuse: bool,
    states: BTreeMap<&'static str, usize>,
}

impl Told {
    fn active(group: &Group, processes: &[ProcessInfo]) -> Self {
        let mut states = BTreeMap::new();
        for info in processes {
            *states.entry(info.state.name()).or_default() += 1;
        }
        Self {
            name: group.name.clone(),
            kind: kind(group),
            priority: group.priority,
            inuse: true,
            states,
        }
    }

    fn configured(group: &Group) -> Self {
        Self {
            inuse: false,
            ..Self::active(group, &[])
        }
    }
}

impl Groups {
    /// Every group, sorted by name.
    pub(super) fn new(handle: &SupervisorHandle) -> Self {
        let config = handle.last_read_config();
        let idle = config
            .groups
            .iter()
            .filter(|group| !handle.has_group(&group.name));
        let mut groups: Vec<_> = idle.map(|group| Told::configured(group)).collect();
        for group in handle.active_groups() {
            // One that was removed meanwhile has no processes.
            let processes = handle.group_process_info(&group.name).unwrap_or_default();
            groups.push(Told::active(&group, &processes));
        }
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            now: clock::now().unix_seconds(),
            groups,
        }
    }
}

impl GroupDetail {
    /// An active group, or one that is only configured and has no processes yet.
    ///
    /// # Errors
    /// BAD_NAME when it is neither.
    pub(super) fn new(
        handle: &SupervisorHandle,
        name: &str,
        teller: &Teller,
    ) -> Result<Self, Fault> {
        let now = clock::now().unix_seconds();
        let (group, processes) = match handle.active_group(name) {
            Ok(group) => {
                let processes = handle.group_process_info(name)?;
                (Told::active(&group, &processes), processes)
            }
            Err(unknown) => {
                let config = handle.last_read_config();
                let group = config.groups.iter().find(|group| *group.name == *name);
                (Told::configured(group.ok_or(unknown)?), Vec::new())
            }
        };
        Ok(Self {
            now,
            group,
            processes: teller.processes(processes),
        })
    }
}

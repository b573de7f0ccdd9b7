//! The snapshots that clients read without asking any actor.
//!
//! Written on the control thread, read from any. Each process has a cell of its own, so that a
//! change costs the same however many processes there are; the index changes only when a group
//! is added or removed.

use super::batch::Members;
use super::listener_pool::ListenerPool;
use super::process::Process;
use crate::config::Config;
use crate::os::clock;
use crate::process::{Moment, Mood, Namespec, ProcessInfo, ProcessState};
use actix::Addr;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

/// What is told of one process.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// Its state.
    pub(super) state: ProcessState,
    /// The child's pid, 0 when there is none.
    pub(super) pid: i32,
    /// The last attempt to spawn it in Unix seconds, 0 is never.
    pub(super) start: i64,
    /// The same on the monotonic clock.
    pub(super) started_at: Duration,
    /// The last exit in Unix seconds, 0 is never.
    pub(super) stop: i64,
    /// The last exit code, 0 when there is none.
    pub(super) exitstatus: i32,
    /// Why it last failed.
    pub(super) spawnerr: Arc<str>,
}

/// One process's place in the registry.
#[derive(Debug)]
pub(super) struct ProcessCell {
    pub(super) group: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) stdout_logfile: Arc<str>,
    pub(super) stderr_logfile: Arc<str>,
    snapshot: Mutex<Snapshot>,
}

impl ProcessCell {
    /// The cell of a process that was never started.
    pub(super) fn new(
        group: Arc<str>,
        name: Arc<str>,
        stdout_logfile: Arc<str>,
        stderr_logfile: Arc<str>,
    ) -> Self {
        let snapshot = Mutex::new(Snapshot {
            state: ProcessState::Stopped,
            pid: 0,
            start: 0,
            started_at: Duration::ZERO,
            stop: 0,
            exitstatus: 0,
            spawnerr: Arc::default(),
        });
        Self {
            group,
            name,
            stdout_logfile,
            stderr_logfile,
            snapshot,
        }
    }

    /// Replaces what is told.
    pub(super) fn set(&self, snapshot: Snapshot) {
        *self.lock() = snapshot;
    }

    /// The state as of now.
    pub(super) fn state(&self) -> ProcessState {
        self.lock().state
    }

    /// What `getProcessInfo` tells.
    pub(super) fn info(&self, now: Moment) -> ProcessInfo {
        let snapshot = self.lock().clone();
        ProcessInfo {
            name: self.name.clone(),
            group: self.group.clone(),
            start: snapshot.start,
            stop: snapshot.stop,
            now: now.unix_seconds(),
            state: snapshot.state,
            spawnerr: snapshot.spawnerr,
            exitstatus: snapshot.exitstatus,
            stdout_logfile: self.stdout_logfile.clone(),
            stderr_logfile: self.stderr_logfile.clone(),
            pid: snapshot.pid,
            uptime: now.monotonic.saturating_sub(snapshot.started_at).as_secs(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A process that clients can name. It is shared, not cloned: a clone of an address allocates.
pub(super) struct ProcessEntry {
    pub(super) cell: Arc<ProcessCell>,
    pub(super) addr: Addr<Process>,
}

type Groups = BTreeMap<Arc<str>, Arc<Members>>;

/// Everything that can be read without asking an actor.
pub(super) struct Registry {
    groups: RwLock<Groups>,
    mood: RwLock<Mood>,
    /// The configuration last read.
    config: RwLock<Arc<Config>>,
    /// The one that this run began with.
    running: Arc<Config>,
}

impl Registry {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            groups: RwLock::default(),
            mood: RwLock::new(Mood::Running),
            config: RwLock::new(config.clone()),
            running: config,
        }
    }

    pub(super) fn mood(&self) -> Mood {
        *read(&self.mood)
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        *write(&self.mood) = mood;
    }

    /// The configuration last read.
    pub(super) fn config(&self) -> Arc<Config> {
        read(&self.config).clone()
    }

    /// The configuration that this run began with. What is outside of groups holds as it says.
    pub(super) fn running_config(&self) -> &Arc<Config> {
        &self.running
    }

    pub(super) fn set_config(&self, config: Arc<Config>) {
        *write(&self.config) = config;
    }

    pub(super) fn add(&self, members: Arc<Members>) {
        write(&self.groups).insert(members.config().name.clone(), members);
    }

    pub(super) fn remove(&self, group: &str) {
        write(&self.groups).remove(group);
    }

    pub(super) fn has_group(&self, group: &str) -> bool {
        read(&self.groups).contains_key(group)
    }

    /// The pools of event listeners, sorted by group.
    pub(super) fn pools(&self) -> Vec<Addr<ListenerPool>> {
        let groups = read(&self.groups);
        groups
            .values()
            .filter_map(|members| members.pool().cloned())
            .collect()
    }

    /// The names of all groups, sorted.
    pub(super) fn group_names(&self) -> Vec<Arc<str>> {
        read(&self.groups).keys().cloned().collect()
    }

    /// The process that a namespec names; `None` when there is none or it names a group.
    pub(super) fn process(&self, spec: &Namespec) -> Option<Arc<ProcessEntry>> {
        let name = spec.process.as_deref()?;
        let groups = read(&self.groups);
        groups.get(spec.group.as_str())?.named(name).cloned()
    }

    /// Every process, sorted by group, then name.
    pub(super) fn all_process_info(&self) -> Vec<ProcessInfo> {
        let cells = self.cells();
        let now = clock::now();
        cells.iter().map(|cell| cell.info(now)).collect()
    }

    /// Whether nothing of a group runs.
    pub(super) fn is_stopped(&self, group: &str) -> bool {
        read(&self.groups)
            .get(group)
            .is_none_or(|members| members.are_stopped())
    }

    /// The names of the processes that are not stopped, sorted by group, then name.
    pub(super) fn unstopped(&self) -> Vec<Arc<str>> {
        let cells = self.cells();
        let unstopped = cells.iter().filter(|cell| !cell.state().is_stopped());
        unstopped.map(|cell| cell.name.clone()).collect()
    }

    /// The cells are gathered first, so that the index is not held while they are read.
    fn cells(&self) -> Vec<Arc<ProcessCell>> {
        let groups = read(&self.groups);
        groups
            .values()
            .flat_map(|members| members.by_name().map(|entry| entry.cell.clone()))
            .collect()
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

//! The snapshots that clients read without asking any actor.
//!
//! Written on the control thread, read from any. Each process has a cell of its own, so that a
//! change costs the same however many processes there are; the index changes only when a group
//! is added or removed.

use super::batch::Members;
use super::handle::Vitals;
use super::listener_pool::ListenerPool;
use super::log_counts::LogCounts;
use super::news::{News, Watchers};
use super::process::Process;
use crate::config::{Config, Group};
use crate::os::clock;
use crate::process::{
    Change, Ending, Exit, ExitStatus, History, Moment, Mood, Namespec, ProcessInfo, ProcessState,
    StateHistory,
};
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
    /// How it ended last.
    pub(super) exit: Option<ExitStatus>,
    /// Why it last failed.
    pub(super) spawnerr: Arc<str>,
    /// It is being stopped and then starts by itself.
    pub(super) is_restarting: bool,
}

/// One process's place in the registry.
#[derive(Debug)]
pub(super) struct ProcessCell {
    pub(super) group: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) stdout_logfile: Arc<str>,
    pub(super) stderr_logfile: Arc<str>,
    pub(super) log_counts: Arc<LogCounts>,
    told: Mutex<Told>,
}

/// What a cell tells.
#[derive(Debug)]
struct Told {
    now: Snapshot,
    /// Shared with those who were told of it, and copied when it changes meanwhile.
    states: Arc<StateHistory>,
    /// Made when there is something to remember.
    past: Option<Box<History>>,
}

impl ProcessCell {
    /// The cell of a process that was never started.
    pub(super) fn new(
        group: Arc<str>,
        name: Arc<str>,
        stdout_logfile: Arc<str>,
        stderr_logfile: Arc<str>,
        log_counts: Arc<LogCounts>,
    ) -> Self {
        let state = ProcessState::Stopped;
        let now = Snapshot {
            state,
            pid: 0,
            start: 0,
            started_at: Duration::ZERO,
            stop: 0,
            exit: None,
            spawnerr: Arc::default(),
            is_restarting: false,
        };
        Self {
            group,
            name,
            stdout_logfile,
            stderr_logfile,
            log_counts,
            told: Mutex::new(Told {
                now,
                states: Arc::new(StateHistory::new(state, clock::now())),
                past: None,
            }),
        }
    }

    /// Replaces what is told.
    pub(super) fn set(&self, snapshot: Snapshot) {
        self.lock().now = snapshot;
    }

    /// The state as of now.
    pub(super) fn state(&self) -> ProcessState {
        self.lock().now.state
    }

    /// Whether it runs or is about to: what a stop is for.
    pub(super) fn is_to_run(&self) -> bool {
        let told = self.lock();
        told.now.state.is_running() || told.now.is_restarting
    }

    /// The child's pid, 0 when there is none.
    pub(super) fn pid(&self) -> i32 {
        self.lock().now.pid
    }

    /// Remembers that the process entered a state.
    fn entered(&self, state: ProcessState) {
        Arc::make_mut(&mut self.lock().states).enter(state, clock::now());
    }

    /// Counts a restart that nobody asked for.
    pub(super) fn restarted(&self) {
        let mut told = self.lock();
        let restarts = &mut told.past.get_or_insert_default().restarts;
        *restarts = restarts.saturating_add(1);
    }

    /// Remembers how a child ended.
    pub(super) fn exited(&self, exit: Exit) {
        self.lock().past.get_or_insert_default().remember(exit);
    }

    fn vitals(&self, now: Moment) -> Vitals {
        let (logged, lost) = self.log_counts.read();
        let (endings, statuses) = match self.lock().past.as_deref() {
            Some(past) => (
                Ending::ALL.map(|ending| past.count(ending)),
                past.statuses().to_vec(),
            ),
            None => ([0; Ending::ALL.len()], Vec::new()),
        };
        Vitals {
            info: self.info(now),
            endings,
            statuses,
            logged,
            lost,
        }
    }

    /// What is remembered beyond the last start and the last end.
    pub(super) fn history(&self) -> History {
        self.lock().past.as_deref().cloned().unwrap_or_default()
    }

    /// What `getProcessInfo` tells.
    pub(super) fn info(&self, now: Moment) -> ProcessInfo {
        let (snapshot, states, restarts) = {
            let told = self.lock();
            let restarts = told.past.as_ref().map_or(0, |past| past.restarts);
            (told.now.clone(), told.states.clone(), restarts)
        };
        ProcessInfo {
            name: self.name.clone(),
            group: self.group.clone(),
            start: snapshot.start,
            stop: snapshot.stop,
            now: now.unix_seconds(),
            state: snapshot.state,
            spawnerr: snapshot.spawnerr,
            exit: snapshot.exit,
            stdout_logfile: self.stdout_logfile.clone(),
            stderr_logfile: self.stderr_logfile.clone(),
            pid: snapshot.pid,
            uptime: now.monotonic.saturating_sub(snapshot.started_at).as_secs(),
            restarts,
            states,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
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
    pub(super) started: Moment,
    pub(super) watchers: Watchers,
}

impl Registry {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            groups: RwLock::default(),
            mood: RwLock::new(Mood::Running),
            config: RwLock::new(config.clone()),
            running: config,
            started: clock::now(),
            watchers: Watchers::default(),
        }
    }

    pub(super) fn mood(&self) -> Mood {
        *read(&self.mood)
    }

    pub(super) fn set_mood(&self, mood: Mood) {
        *write(&self.mood) = mood;
        self.watchers.tell(|| News::Mood(mood));
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
        let group = members.config().name.clone();
        write(&self.groups).insert(group.clone(), members);
        self.watchers.tell(|| News::GroupAdded(group));
    }

    pub(super) fn remove(&self, group: &str) {
        write(&self.groups).remove(group);
        self.watchers.tell(|| News::GroupRemoved(group.into()));
    }

    pub(super) fn has_group(&self, group: &str) -> bool {
        read(&self.groups).contains_key(group)
    }

    /// The configuration of every active group, by name.
    pub(super) fn group_configs(&self) -> Vec<Arc<Group>> {
        let groups = read(&self.groups);
        groups
            .values()
            .map(|members| members.config().clone())
            .collect()
    }

    /// The configuration of an active group.
    pub(super) fn group_config(&self, group: &str) -> Option<Arc<Group>> {
        Some(read(&self.groups).get(group)?.config().clone())
    }

    /// Every process of a group, sorted by name; `None` when it is not active.
    pub(super) fn group_process_info(&self, group: &str) -> Option<Vec<ProcessInfo>> {
        let cells: Vec<_> = {
            let groups = read(&self.groups);
            let entries = groups.get(group)?.by_name();
            entries.map(|entry| entry.cell.clone()).collect()
        };
        let now = clock::now();
        Some(cells.iter().map(|cell| cell.info(now)).collect())
    }

    /// What is counted of every process, sorted by group, then name.
    pub(super) fn all_vitals(&self) -> Vec<Vitals> {
        let (cells, now) = (self.cells(), clock::now());
        cells.iter().map(|cell| cell.vitals(now)).collect()
    }

    /// The children that there are, by the processes they belong to.
    pub(super) fn pids(&self) -> Vec<(Arc<ProcessCell>, i32)> {
        let children = self.cells().into_iter().map(|cell| {
            let pid = cell.pid();
            (cell, pid)
        });
        children.filter(|(_, pid)| *pid > 0).collect()
    }

    /// Remembers a process's new state, and tells whoever watches of it.
    pub(super) fn process_changed(&self, cell: &ProcessCell, change: &Change) {
        cell.entered(change.to);
        self.watchers.tell(|| {
            let mut info = cell.info(clock::now());
            // By now it may have gone on to another.
            info.state = change.to;
            if !info.state.is_signallable() {
                info.pid = 0;
            }
            if change.to == ProcessState::Exited {
                let status = cell.history().exits().next().map(|exit| exit.status);
                info.exit = status.or(info.exit);
            }
            News::Process {
                from: change.from,
                info,
            }
        });
    }

    /// Tells whoever watches that a process that is STARTING has a child now.
    pub(super) fn process_spawned(&self, cell: &ProcessCell) {
        self.watchers.tell(|| News::Process {
            from: ProcessState::Starting,
            info: cell.info(clock::now()),
        });
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

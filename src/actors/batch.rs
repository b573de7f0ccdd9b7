//! Orders to many processes: whom, in which order, and one answer.

use super::handle::Outcome;
use super::listener_pool::ListenerPool;
use super::process::{Hurry, MoodChanged, Prepare, Process, ShutDown, Stop};
use super::registry::{ProcessCell, ProcessEntry};
use crate::config::{Group, ProcessConfig};
use crate::process::{Fault, FaultCode, Mood, ProcessState, namespec};
use actix::dev::ToEnvelope;
use actix::{Actor, Addr, Handler, Message};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Orders that are handed out before other messages get their turn. A spawn takes a third of a
/// millisecond; ten thousand in a row would keep signals and clients waiting for seconds.
const ORDERS_A_TURN: usize = 20;

/// The processes of a group, in the order of the configuration.
pub(super) struct Members {
    config: Arc<Group>,
    entries: Box<[Arc<ProcessEntry>]>,
    /// Their places in the order of their names.
    by_name: Box<[usize]>,
    /// That of event listeners.
    pool: Option<Addr<ListenerPool>>,
}

impl Members {
    /// `entries` are those of the group's processes; event listeners have a `pool`.
    pub(super) fn new(
        config: Arc<Group>,
        entries: Box<[Arc<ProcessEntry>]>,
        pool: Option<Addr<ListenerPool>>,
    ) -> Self {
        let mut by_name: Box<[usize]> = (0..entries.len()).collect();
        by_name.sort_by(|&a, &b| entries[a].cell.name.cmp(&entries[b].cell.name));
        Self {
            config,
            entries,
            by_name,
            pool,
        }
    }

    pub(super) fn config(&self) -> &Arc<Group> {
        &self.config
    }

    /// The pool of event listeners that the group is, if it is one.
    pub(super) const fn pool(&self) -> Option<&Addr<ListenerPool>> {
        self.pool.as_ref()
    }

    pub(super) fn entries(&self) -> &[Arc<ProcessEntry>] {
        &self.entries
    }

    /// Sorted by name.
    pub(super) fn by_name(&self) -> impl Iterator<Item = &Arc<ProcessEntry>> {
        self.by_name.iter().map(|&place| &self.entries[place])
    }

    /// The process of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<ProcessEntry>> {
        let name_at = |place: &usize| (*self.entries[*place].cell.name).cmp(name);
        let found = self.by_name.binary_search_by(name_at).ok()?;
        Some(&self.entries[self.by_name[found]])
    }

    /// Whether nothing runs.
    pub(super) fn are_stopped(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.all(|entry| entry.cell.state().is_stopped())
    }

    /// Those that start with their group, in the order of the configuration.
    pub(super) fn autostarted(&self) -> Vec<Arc<ProcessEntry>> {
        let autostart = self.pairs().filter(|(config, _)| config.program.autostart);
        autostart.map(|(_, entry)| entry.clone()).collect()
    }

    /// Those whose state is of the kind, low priorities first.
    pub(super) fn ascending(
        &self,
        wanted: impl Fn(ProcessState) -> bool,
    ) -> Vec<Arc<ProcessEntry>> {
        let mut chosen: Vec<_> = self
            .pairs()
            .filter(|(_, entry)| wanted(entry.cell.state()))
            .collect();
        chosen.sort_by_key(|(config, _)| config.program.priority);
        chosen.into_iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// The same, high priorities first.
    fn descending(&self, wanted: impl Fn(ProcessState) -> bool) -> Vec<Arc<ProcessEntry>> {
        let mut chosen = self.ascending(wanted);
        chosen.reverse();
        chosen
    }

    /// Those that are chosen, by priority: what is to be stopped together.
    pub(super) fn levels(&self, chosen: impl Fn(&ProcessEntry) -> bool) -> Levels {
        let mut levels = Levels::new();
        for (config, entry) in self.pairs().filter(|(_, entry)| chosen(entry)) {
            levels
                .entry((self.config.priority, config.program.priority))
                .or_default()
                .push(entry.clone());
        }
        levels
    }

    /// Each process with its configuration, in the order of the configuration.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&Arc<ProcessConfig>, &Arc<ProcessEntry>)> {
        self.config.processes.iter().zip(&self.entries)
    }
}

/// Processes by the priority of their group, then by their own.
pub(super) type Levels = BTreeMap<(i64, i64), Vec<Arc<ProcessEntry>>>;

/// Stops what runs of the groups, by priority of the group, then of the process: the highest number
/// first, equal ones together. With `wait`, a priority is gone before the next is told to go.
pub(super) async fn stop_each(groups: &[Arc<Members>], wait: bool) -> Vec<Outcome> {
    let mut levels = Levels::new();
    for group in groups {
        for (priority, running) in group.levels(|entry| entry.cell.is_to_run()) {
            levels.entry(priority).or_default().extend(running);
        }
    }
    let mut outcomes = Vec::new();
    for (_, mut level) in levels.into_iter().rev() {
        level.reverse();
        outcomes.extend(order_each(level, |name| Stop { name, wait }).await);
    }
    outcomes
}

/// Stops processes for good, in the same order: none of them starts any more, whoever asks.
pub(super) async fn retire_each(levels: Levels) {
    for process in levels.values().flatten() {
        process.addr.do_send(MoodChanged(Mood::Shutdown));
    }
    for (_, mut level) in levels.into_iter().rev() {
        level.reverse();
        // Refused by those that don't run. Of them, some may be stopping for somebody else.
        let (wait, entries) = (true, level.clone());
        order_each(level, |name| Stop { name, wait }).await;
        join_all(entries.iter().map(|entry| entry.addr.send(ShutDown))).await;
    }
}

/// Stops what is left of the groups for good, all at once: in each the highest priority number
/// first. With `hurried`, kills it.
pub(super) async fn shut_down_each(groups: Vec<Arc<Members>>, hurried: bool) {
    let left = groups
        .iter()
        .flat_map(|group| group.descending(|state| !state.is_stopped()));
    let stop = |entry: Arc<ProcessEntry>| {
        let stopped = entry.addr.send(ShutDown);
        if hurried {
            entry.addr.do_send(Hurry);
        }
        stopped
    };
    let stops: Vec<_> = left.map(stop).collect();
    join_all(stops).await;
}

/// Gives every process an order, in this order; the answers in the order in which they come.
pub(super) async fn order_each<M>(
    targets: Vec<Arc<ProcessEntry>>,
    order: impl Fn(String) -> M,
) -> Vec<Outcome>
where
    M: Message<Result = Result<(), Fault>> + Send + 'static,
    Process: Handler<M>,
    <Process as Actor>::Context: ToEnvelope<Process, M>,
{
    let mut answers = FuturesUnordered::new();
    for turn in targets.chunks(ORDERS_A_TURN) {
        answers.extend(turn.iter().map(|entry| ask(entry, &order)));
        tokio::task::yield_now().await;
    }
    answers.collect().await
}

/// The same for orders that spawn: a log that is slow to open does not let a later process
/// overtake.
pub(super) async fn start_each<M>(
    targets: Vec<Arc<ProcessEntry>>,
    order: impl Fn(String) -> M,
) -> Vec<Outcome>
where
    M: Message<Result = Result<(), Fault>> + Send + 'static,
    Process: Handler<M>,
    <Process as Actor>::Context: ToEnvelope<Process, M>,
{
    let mut answers = FuturesUnordered::new();
    for turn in targets.chunks(ORDERS_A_TURN) {
        join_all(turn.iter().map(|entry| entry.addr.send::<Prepare>(Prepare))).await;
        answers.extend(turn.iter().map(|entry| ask(entry, &order)));
        tokio::task::yield_now().await;
    }
    answers.collect().await
}

/// Sends at once; the future is the answer.
fn ask<M, F>(
    ProcessEntry { cell, addr }: &ProcessEntry,
    order: F,
) -> impl Future<Output = Outcome> + use<M, F>
where
    M: Message<Result = Result<(), Fault>> + Send + 'static,
    F: Fn(String) -> M,
    Process: Handler<M>,
    <Process as Actor>::Context: ToEnvelope<Process, M>,
{
    let answer = addr.send(order(
        namespec::Display(&cell.group, &cell.name).to_string(),
    ));
    let cell = cell.clone();
    async move { outcome(&cell, answer.await) }
}

fn outcome(cell: &ProcessCell, answer: Result<Result<(), Fault>, actix::MailboxError>) -> Outcome {
    Outcome {
        group: cell.group.clone(),
        name: cell.name.clone(),
        result: answer.unwrap_or_else(|_| Err(Fault::bare(FaultCode::ShutdownState))),
    }
}

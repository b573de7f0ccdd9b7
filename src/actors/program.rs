//! A group of process instances: orders on all of them, and one answer.

use super::batch::{Members, order_each, start_each, stop_each};
use super::handle::Outcome;
use super::process::{ClearLogs, Process, SendSignal, Start};
use super::registry::ProcessEntry;
use super::resources::Resources;
use super::shared::Shared;
use crate::config::Group;
use crate::process::{ProcessState, Signal};
use actix::{Actor, Context, Handler, Message, ResponseFuture};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Start the processes that are not running; with `wait`, answer when each is up or has failed.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct StartAll {
    pub(super) wait: bool,
}

/// Stop the processes that are running; with `wait`, answer when they are gone.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct StopAll {
    pub(super) wait: bool,
}

/// Send a signal to the processes that have a child.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct SignalAll {
    pub(super) signal: Signal,
}

/// Clear the logs of all processes.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct ClearAllLogs;

/// The actor of a group. It is made when it is first asked for something: of many programs with
/// one process each, few ever are.
pub(super) struct Program {
    members: Arc<Members>,
}

impl Program {
    pub(super) const fn new(members: Arc<Members>) -> Self {
        Self { members }
    }
}

/// Starts the actors of a group's processes, but for those that are there already. Gives the
/// members, and which of them were started.
pub(super) fn launch(
    config: Arc<Group>,
    shared: &Shared,
    there: &HashMap<Arc<str>, Arc<ProcessEntry>>,
    resources: &Rc<Resources>,
) -> (Arc<Members>, Vec<Arc<ProcessEntry>>) {
    let mut launched = Vec::new();
    let entries = config.processes.iter().map(|process| {
        let known = there.get(&process.name).cloned();
        known.unwrap_or_else(|| {
            let entry = Process::launch(process.clone(), &config, shared.role(process), resources);
            launched.push(entry.clone());
            entry
        })
    });
    let entries = entries.collect();
    shared.introduce(&launched);
    let members = Members::new(config, entries, shared.pool().cloned());
    (Arc::new(members), launched)
}

impl Actor for Program {
    type Context = Context<Self>;
}

impl Handler<StartAll> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, StartAll { wait }: StartAll, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.members.ascending(|state| !state.is_running());
        Box::pin(start_each(chosen, move |name| Start { name, wait }))
    }
}

impl Handler<StopAll> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, StopAll { wait }: StopAll, _: &mut Context<Self>) -> Self::Result {
        let group = self.members.clone();
        Box::pin(async move { stop_each(&[group], wait).await })
    }
}

impl Handler<SignalAll> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, SignalAll { signal }: SignalAll, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.members.ascending(ProcessState::is_signallable);
        Box::pin(order_each(chosen, move |name| SendSignal { name, signal }))
    }
}

impl Handler<ClearAllLogs> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, _: ClearAllLogs, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.members.ascending(|_| true);
        Box::pin(order_each(chosen, |name| ClearLogs { name }))
    }
}

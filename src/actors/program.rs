//! A group of process instances: orders on all of them, and one answer.

use super::batch::{Members, order_each, start_each, stop_each};
use super::fcgi_socket::SharedSocket;
use super::handle::Outcome;
use super::listener_pool::{ListenerPool, Seat, TakeSeats};
use super::process::{ClearLogs, Process, Role, SendSignal, Start};
use super::registry::ProcessEntry;
use super::resources::Resources;
use crate::config::{EventListener, FcgiSocket, Group, GroupKind, ProcessConfig};
use crate::process::{ProcessState, Signal};
use actix::{Actor, Addr, Context, Handler, Message, ResponseFuture};
use std::cell::RefCell;
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

/// Starts the actors of a group's processes and, for event listeners, of their pool.
pub(super) fn launch(config: Arc<Group>, resources: &Rc<Resources>) -> Members {
    let pool = match &config.kind {
        GroupKind::EventListener(listener) => Some(pool(&config, listener, resources)),
        GroupKind::Plain | GroupKind::Fcgi => None,
    };
    let sockets = sockets(&config, resources);
    let role = |number, process: &ProcessConfig| match (&pool, sockets.get(&process.program.name)) {
        (Some(pool), _) => Role::Listener(Box::new(Seat {
            pool: pool.clone(),
            number,
        })),
        (None, Some(socket)) => Role::FastCgi(socket.clone()),
        (None, None) => Role::Plain,
    };
    let process = |(number, process): (usize, &Arc<ProcessConfig>)| {
        Process::launch(process.clone(), &config, role(number, process), resources)
    };
    let entries: Box<[_]> = config.processes.iter().enumerate().map(process).collect();
    if let Some(pool) = &pool {
        let seated = |entry: &Arc<ProcessEntry>| (entry.cell.name.clone(), entry.addr.downgrade());
        pool.do_send(TakeSeats(entries.iter().map(seated).collect()));
    }
    Members::new(config, entries, pool)
}

/// Starts a pool and lets it hear what happens from now on.
fn pool(group: &Group, listener: &EventListener, resources: &Rc<Resources>) -> Addr<ListenerPool> {
    let pool = ListenerPool::new(group, listener, resources).start();
    resources
        .events
        .subscribe(group.name.clone(), listener.events.clone(), pool.clone());
    pool
}

type Sockets = HashMap<Arc<str>, Rc<RefCell<SharedSocket>>>;

/// The FastCGI sockets of the group, by program.
fn sockets(group: &Group, resources: &Resources) -> Sockets {
    let shared = |socket: &FcgiSocket| {
        Rc::new(RefCell::new(SharedSocket::new(
            socket.clone(),
            resources.activity.clone(),
        )))
    };
    group
        .sockets
        .iter()
        .map(|(program, socket)| (program.clone(), shared(socket)))
        .collect()
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

//! A group of process instances: orders on all of them, and one answer.

use super::fcgi_socket::SharedSocket;
use super::handle::Outcome;
use super::listener_pool::{ListenerPool, Seat, TakeSeats};
use super::process::{
    Autostart, ClearLogs, Hurry, MoodChanged, Process, ReopenLogs, Role, SendSignal, ShutDown,
    Start, Stop,
};
use super::registry::{ProcessCell, ProcessEntry};
use super::resources::Resources;
use crate::config::{EventListener, FcgiSocket, Group, GroupKind, ProcessConfig};
use crate::process::{Fault, FaultCode, Mood, ProcessState, Signal, namespec};
use actix::dev::ToEnvelope;
use actix::{Actor, Addr, Context, Handler, Message, ResponseFuture};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Orders that are handed out before other messages get their turn. A spawn takes a third of a
/// millisecond; ten thousand in a row would keep signals and clients waiting for seconds.
pub(super) const ORDERS_A_TURN: usize = 20;

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

/// Start what has `autostart`, in the order of the configuration.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct AutostartAll;

/// Stop everything for good; answer when nothing is left.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ShutDownAll;

/// Pass something on to every process.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(super) enum ToAll {
    /// supervisord's mood changed.
    Mood(Mood),
    /// Kill what is still stopping.
    Hurry,
    /// Reopen the logs.
    ReopenLogs,
}

/// The actor of a group.
pub(super) struct Program {
    config: Arc<Group>,
    /// In the order of the configuration.
    processes: Vec<ProcessEntry>,
}

impl Program {
    /// Starts the actors of the group's processes and, for event listeners, of their pool.
    pub(super) fn new(config: Arc<Group>, resources: &Rc<Resources>) -> Self {
        let pool = match &config.kind {
            GroupKind::EventListener(listener) => Some(pool(&config, listener, resources)),
            GroupKind::Plain | GroupKind::Fcgi => None,
        };
        let sockets = sockets(&config, resources);
        let role =
            |number, process: &ProcessConfig| match (&pool, sockets.get(&process.program.name)) {
                (Some(pool), _) => Role::Listener(Seat {
                    pool: pool.clone(),
                    number,
                }),
                (None, Some(socket)) => Role::FastCgi(socket.clone()),
                (None, None) => Role::Plain,
            };
        let processes: Vec<_> = config
            .processes
            .iter()
            .enumerate()
            .map(|(number, process)| {
                Process::launch(process.clone(), &config, role(number, process), resources)
            })
            .collect();
        if let Some(pool) = &pool {
            let seated = |entry: &ProcessEntry| (entry.cell.name.clone(), entry.addr.clone());
            pool.do_send(TakeSeats(processes.iter().map(seated).collect()));
        }
        Self { config, processes }
    }

    pub(super) fn processes(&self) -> &[ProcessEntry] {
        &self.processes
    }

    /// The processes whose state is of the kind, low priorities first.
    fn ascending(&self, wanted: impl Fn(ProcessState) -> bool) -> Vec<ProcessEntry> {
        let mut chosen: Vec<_> = self
            .config
            .processes
            .iter()
            .zip(&self.processes)
            .filter(|(_, entry)| wanted(entry.cell.state()))
            .collect();
        chosen.sort_by_key(|(config, _)| config.program.priority);
        chosen.into_iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// The same, high priorities first.
    fn descending(&self, wanted: impl Fn(ProcessState) -> bool) -> Vec<ProcessEntry> {
        let mut chosen = self.ascending(wanted);
        chosen.reverse();
        chosen
    }
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
        let chosen = self.ascending(|state| !state.is_running());
        Box::pin(order_each(chosen, move |name| Start { name, wait }))
    }
}

impl Handler<StopAll> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, StopAll { wait }: StopAll, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.descending(ProcessState::is_running);
        Box::pin(order_each(chosen, move |name| Stop { name, wait }))
    }
}

impl Handler<SignalAll> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, SignalAll { signal }: SignalAll, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.ascending(ProcessState::is_signallable);
        Box::pin(order_each(chosen, move |name| SendSignal { name, signal }))
    }
}

impl Handler<ClearAllLogs> for Program {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, _: ClearAllLogs, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.ascending(|_| true);
        Box::pin(order_each(chosen, |name| ClearLogs { name }))
    }
}

impl Handler<AutostartAll> for Program {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: AutostartAll, _: &mut Context<Self>) -> Self::Result {
        let chosen: Vec<Addr<Process>> = self
            .config
            .processes
            .iter()
            .zip(&self.processes)
            .filter(|(config, _)| config.program.autostart)
            .map(|(_, entry)| entry.addr.clone())
            .collect();
        Box::pin(async move {
            for turn in chosen.chunks(ORDERS_A_TURN) {
                turn.iter().for_each(|process| process.do_send(Autostart));
                tokio::task::yield_now().await;
            }
        })
    }
}

impl Handler<ShutDownAll> for Program {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: ShutDownAll, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.descending(|state| !state.is_stopped());
        Box::pin(async move {
            let mut stopping: FuturesUnordered<_> = chosen
                .iter()
                .map(|entry| entry.addr.send(ShutDown))
                .collect();
            while stopping.next().await.is_some() {}
        })
    }
}

impl Handler<ToAll> for Program {
    type Result = ();

    fn handle(&mut self, message: ToAll, _: &mut Context<Self>) {
        for ProcessEntry { addr, .. } in &self.processes {
            match message {
                ToAll::Mood(mood) => addr.do_send(MoodChanged(mood)),
                ToAll::Hurry => addr.do_send(Hurry),
                ToAll::ReopenLogs => addr.do_send(ReopenLogs),
            }
        }
    }
}

/// Gives every process its order, in this order; the answers in the order in which they come.
async fn order_each<M>(targets: Vec<ProcessEntry>, order: impl Fn(String) -> M) -> Vec<Outcome>
where
    M: Message<Result = Result<(), Fault>> + Send + 'static,
    Process: Handler<M>,
    <Process as Actor>::Context: ToEnvelope<Process, M>,
{
    let answers = FuturesUnordered::new();
    for turn in targets.chunks(ORDERS_A_TURN) {
        for ProcessEntry { cell, addr } in turn {
            let name = namespec::Display(&cell.group, &cell.name).to_string();
            let answer = addr.send(order(name));
            answers.push(async move { outcome(cell, answer.await) });
        }
        tokio::task::yield_now().await;
    }
    answers.collect().await
}

fn outcome(cell: &ProcessCell, answer: Result<Result<(), Fault>, actix::MailboxError>) -> Outcome {
    Outcome {
        group: cell.group.clone(),
        name: cell.name.clone(),
        result: answer.unwrap_or_else(|_| Err(Fault::bare(FaultCode::ShutdownState))),
    }
}

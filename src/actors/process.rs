//! One process instance: drives its machine, and keeps those who wait for an answer.

use super::fcgi_socket::SharedSocket;
use super::launch::{self, ChildStdin};
use super::listener_pool::Seat;
use super::log_thread::Writer;
use super::log_writer::Write;
use super::outputs::{LogEnds, Outputs};
use super::protocol::{Protocol, ReadProtocol};
use super::registry::{ProcessCell, ProcessEntry, Snapshot};
use super::resources::Resources;
use super::stdin::{Refused, Stdin};
use crate::config::{Group, ProcessConfig};
use crate::events::{self, Event, OutputChannel, Source};
use crate::os::{Errno, children, clock, procfs, signal};
use crate::process::{
    Effect, Effects, Ending, Exit, ExitStatus, Fact, Fault, FaultCode, Kill, Machine, Mood, Note,
    Order, Pid, ProcessState, Signal, SignalError, Wait, history,
};
use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture,
    ResponseFuture, SpawnHandle, WrapFuture,
};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often the log says that a stop is still waited for.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// Start it, as a client asks; `name` is how the client calls it.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct Start {
    pub(super) name: String,
    pub(super) wait: bool,
}

/// Stop it, as a client asks.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct Stop {
    pub(super) name: String,
    pub(super) wait: bool,
}

/// Send it a signal.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct SendSignal {
    pub(super) name: String,
    pub(super) signal: Signal,
}

/// Write to its stdin.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct WriteStdin {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Remove its logs and start new ones.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct ClearLogs {
    pub(super) name: String,
}

/// Open its logs, because it is about to be started.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Prepare;

/// Start it because its group was activated.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct Autostart {
    pub(super) name: String,
}

/// It is configured so from now on, which its child can't notice.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct TakeConfig(pub(super) Arc<ProcessConfig>);

/// Its child was reaped.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ChildExited(pub(super) Pid, pub(super) ExitStatus);

/// It wrote something that concerns others than its log. Answered when listeners have had room
/// for all of it.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Output {
    pub(super) channel: OutputChannel,
    pub(super) said: Vec<Said>,
}

/// What a child wrote, the one of the moment or an earlier one.
pub(super) struct Said {
    pub(super) author: Pid,
    pub(super) words: Words,
}

/// Of which kind it is.
pub(super) enum Words {
    /// Plain output of a channel with `*_events_enabled`.
    Plain(Vec<u8>),
    /// A communication, captured between its tokens.
    Captured(Vec<u8>),
}

/// Write an event to its stdin.
#[derive(Message)]
#[rtype(result = "Result<(), Refused>")]
pub(super) struct Deliver(pub(super) Vec<u8>);

/// supervisord's mood changed; to a process that is no more wanted, it is as if it did.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(super) struct MoodChanged(pub(super) Mood);

/// Stop because supervisord stops; answered when nothing is left.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ShutDown;

/// If it is being stopped, kill it now.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(super) struct Hurry;

/// Reopen its logs.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(super) struct ReopenLogs;

/// Somebody who waits for the machine to come to something.
struct Waiter {
    wait: Wait,
    /// How it calls the process.
    name: String,
    reply: oneshot::Sender<Result<(), Fault>>,
}

/// The one timer of a process: when it fires, on the monotonic clock.
struct Timer {
    at: Duration,
    handle: SpawnHandle,
}

/// What a process is beside a program's instance.
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// It shares its program's FastCGI socket.
    FastCgi(Rc<RefCell<SharedSocket>>),
    /// It listens to events.
    Listener(Box<Seat>),
}

/// What belongs to the child of the moment.
#[derive(Default)]
struct Child {
    stdin: Option<Stdin>,
    /// The stdout of an event listener.
    protocol: Option<Rc<Protocol>>,
    /// It was reaped and its output is being drained: its pid may be anybody's by now.
    is_reaped: bool,
    /// Its logs were opened for it in advance.
    logs_are_open: bool,
    /// It holds its program's FastCGI socket.
    holds_socket: bool,
}

/// The actor of a process instance.
pub(super) struct Process {
    config: Arc<ProcessConfig>,
    cell: Arc<ProcessCell>,
    resources: Rc<Resources>,
    role: Role,
    machine: Machine,
    outputs: Outputs,
    child: Child,
    timer: Option<Timer>,
    waiters: Vec<Waiter>,
}

impl Process {
    /// Starts the actor of a process of the group; its child comes later.
    pub(super) fn launch(
        config: Arc<ProcessConfig>,
        group: &Group,
        role: Role,
        resources: &Rc<Resources>,
    ) -> Arc<ProcessEntry> {
        let outputs = Outputs::new(&config, group, resources);
        let cell = Arc::new(ProcessCell::new(
            group.name.clone(),
            config.name.clone(),
            outputs.stdout_logfile(),
            outputs.stderr_logfile(),
            outputs.counts().clone(),
        ));
        let process = Self {
            machine: Machine::new(config.program.policy.clone()),
            config,
            cell: cell.clone(),
            resources: resources.clone(),
            role,
            outputs,
            child: Child::default(),
            timer: None,
            waiters: Vec::new(),
        };
        Arc::new(ProcessEntry {
            cell,
            addr: process.start(),
        })
    }

    fn note(&self, note: &Note) {
        let activity = &self.resources.activity;
        if activity.is_enabled(note.level()) {
            activity.log(note.level(), note.about(&self.config.name).to_string());
        }
    }

    fn fact(&mut self, fact: Fact, ctx: &mut Context<Self>) {
        let effects = self.machine.fact(fact, clock::now());
        self.take(effects, ctx);
    }

    /// Carries out what no order has brought about.
    fn take(&mut self, effects: Effects, ctx: &mut Context<Self>) {
        if history::is_restart(&effects) {
            self.cell.restarted();
        }
        self.carry_out(effects, ctx);
    }

    fn order(&mut self, order: Order, ctx: &mut Context<Self>) -> Result<(), FaultCode> {
        let effects = self.machine.order(order, clock::now())?;
        self.carry_out(effects, ctx);
        Ok(())
    }

    /// Carries out what the machine decided. What fails is a fact that it decides on in turn.
    fn carry_out(&mut self, effects: Effects, ctx: &mut Context<Self>) {
        let mut pending = VecDeque::from(effects);
        while let Some(effect) = pending.pop_front() {
            let fact = match effect {
                Effect::Spawn => self.spawn(ctx),
                Effect::Kill(kill) => self.kill(kill),
                Effect::Note(note) => {
                    self.note(&note);
                    None
                }
                Effect::Changed(change) => {
                    self.publish();
                    let Resources {
                        events, registry, ..
                    } = &*self.resources;
                    events.process_changed(&self.cell, &change);
                    registry.process_changed(&self.cell, &change);
                    if let Role::Listener(seat) = &self.role {
                        seat.entered(change.to);
                    }
                    None
                }
            };
            if let Some(fact) = fact {
                pending.extend(self.machine.fact(fact, clock::now()));
            }
        }
        let pid_told = self.cell.pid();
        self.publish();
        if self.machine.state() == ProcessState::Starting && self.cell.pid() != pid_told {
            self.resources.registry.process_spawned(&self.cell);
        }
        self.arm(ctx);
        self.settle();
    }

    fn publish(&self) {
        let record = self.machine.record();
        self.cell.set(Snapshot {
            state: self.machine.state(),
            pid: self.machine.pid().unwrap_or_default(),
            start: record.start,
            started_at: record.started_at,
            stop: record.stop,
            exitstatus: record.exitstatus.unwrap_or_default(),
            spawnerr: record.spawnerr.clone(),
        });
    }

    /// Sets the timer to the machine's deadline, unless it is set so already.
    fn arm(&mut self, ctx: &mut Context<Self>) {
        let deadline = self.machine.deadline();
        if deadline == self.timer.as_ref().map(|timer| timer.at) {
            return;
        }
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer.handle);
        }
        self.timer = deadline.map(|at| {
            let wait = at.saturating_sub(clock::now().monotonic);
            Timer {
                at,
                handle: ctx.run_later(wait, Self::deadline_reached),
            }
        });
    }

    fn deadline_reached(&mut self, ctx: &mut Context<Self>) {
        self.timer = None;
        // A child that is dead but not yet reaped must not be called RUNNING, and needs no kill:
        // its exit is on the way and decides.
        if !self.child.is_reaped && !self.machine.pid().is_some_and(children::has_exited) {
            self.fact(Fact::DeadlineReached, ctx);
        }
    }

    fn settle(&mut self) {
        let machine = &self.machine;
        let settled = self.waiters.extract_if(.., |waiter| {
            waiter.reply.is_closed() || machine.outcome(waiter.wait).is_some()
        });
        let settled: Vec<_> = settled.collect();
        for Waiter { wait, name, reply } in settled {
            if let Some(outcome) = self.machine.outcome(wait) {
                // Whoever asked may be gone.
                let _ = reply.send(outcome.map_err(|code| self.fault(code, &name)));
            }
        }
    }

    /// The answer to an order that was accepted: now, or when the machine comes to it.
    fn answer(&mut self, wait: Wait, name: String) -> ResponseFuture<Result<(), Fault>> {
        if let Some(outcome) = self.machine.outcome(wait) {
            return ready(outcome.map_err(|code| self.fault(code, &name)));
        }
        let (reply, answer) = oneshot::channel();
        let gone = Fault::new(FaultCode::AbnormalTermination, name.as_str());
        self.waiters.push(Waiter { wait, name, reply });
        Box::pin(async move { answer.await.unwrap_or(Err(gone)) })
    }

    fn fault(&self, code: FaultCode, name: &str) -> Fault {
        match (code, self.machine.state()) {
            (FaultCode::Failed, ProcessState::Unknown) => {
                Fault::new(code, format!("{name} is in an unknown process state"))
            }
            (FaultCode::Failed, ProcessState::Stopping) => Fault::new(code, self.survives(name)),
            _ => Fault::new(code, name),
        }
    }

    /// What is said of a child that SIGKILL has not ended.
    fn survives(&self, name: &str) -> String {
        let is_out_of_reach = self.machine.pid().is_some_and(procfs::is_out_of_reach);
        let why = if is_out_of_reach {
            " (it sleeps in the kernel, state D)"
        } else {
            ""
        };
        format!("{name} lives on though it was killed{why}")
    }

    /// Spawns the child, at once where nobody wants its output, else when its logs are open.
    fn spawn(&mut self, ctx: &mut Context<Self>) -> Option<Fact> {
        let logs_are_open = std::mem::take(&mut self.child.logs_are_open);
        if logs_are_open || !self.outputs.are_wanted() {
            return Some(self.spawn_child(ctx));
        }
        let opened = self
            .outputs
            .open(&ctx.address(), &self.config.name, &self.resources);
        let spawned = opened.into_actor(self).map(|opened, process, ctx| {
            let fact = match opened {
                Ok(()) => process.spawn_child(ctx),
                Err(reason) => Fact::SpawnFailed {
                    reason: reason.into(),
                },
            };
            process.fact(fact, ctx);
        });
        ctx.spawn(spawned);
        None
    }

    fn spawn_child(&mut self, ctx: &mut Context<Self>) -> Fact {
        match self.try_spawn(ctx) {
            Ok(pid) => Fact::Spawned { pid },
            Err(reason) => {
                self.release_socket();
                self.outputs.close();
                Fact::SpawnFailed {
                    reason: reason.into(),
                }
            }
        }
    }

    fn try_spawn(&mut self, ctx: &mut Context<Self>) -> Result<Pid, String> {
        let command = launch::command(&self.config).map_err(|error| error.to_string())?;
        let stdin = self.child_stdin()?;
        let outputs = self.outputs.for_child();
        let group = &self.cell.group;
        let spawned = launch::spawn_child(
            &self.config,
            group,
            &command,
            stdin,
            outputs,
            &self.resources,
        );
        let (pid, mut ours) = spawned.map_err(|error| error.text(&self.config.name))?;
        self.resources.adopt_child(pid, ctx.address().downgrade());
        self.child.is_reaped = false;
        self.child.stdin = ours.stdin.take().map(Stdin::new);
        if let Role::Listener(_) = &self.role {
            self.listen(ours.stdout.take(), ctx);
        }
        self.outputs.attach(&mut ours, pid);
        Ok(pid)
    }

    fn listen(&mut self, stdout: Option<OwnedFd>, ctx: &mut Context<Self>) {
        let protocol = stdout.and_then(|pipe| Protocol::new(pipe).ok());
        if let Some(protocol) = &protocol {
            ctx.spawn(ReadProtocol::new(protocol.clone()));
        }
        self.child.protocol = protocol;
    }

    /// Whether this is the pipe from the child of the moment.
    pub(super) fn listens_by(&self, protocol: &Rc<Protocol>) -> bool {
        let current = self.child.protocol.as_ref();
        current.is_some_and(|current| Rc::ptr_eq(current, protocol))
    }

    /// Who logs its stdout, as an event listener; nobody where that is not wanted.
    pub(super) fn logged_by(&self) -> Option<&Writer> {
        self.outputs.stdout_writer()
    }

    /// It wrote this as an event listener.
    pub(super) fn heard(&self, piece: Vec<u8>) {
        if let Role::Listener(seat) = &self.role {
            seat.said(piece);
        }
    }

    /// Hears what a listener that has ended wrote last.
    fn hear_rest(&mut self) {
        let Some(protocol) = self.child.protocol.take() else {
            return;
        };
        let rest = protocol.rest();
        if let Some(writer) = self.logged_by() {
            writer.do_send(Write(rest.clone()));
        }
        self.heard(rest);
    }

    fn child_stdin(&mut self) -> Result<ChildStdin, String> {
        let Role::FastCgi(socket) = &self.role else {
            return Ok(ChildStdin::Pipe);
        };
        let socket = socket.borrow_mut().acquire()?;
        self.child.holds_socket = true;
        Ok(ChildStdin::Socket(socket))
    }

    fn release_socket(&mut self) {
        if let Role::FastCgi(socket) = &self.role
            && std::mem::take(&mut self.child.holds_socket)
        {
            socket.borrow_mut().release();
        }
    }

    fn kill(&self, kill: Kill) -> Option<Fact> {
        let Kill {
            pid, signal, group, ..
        } = kill;
        let sent = if self.child.is_reaped && self.machine.pid() == Some(pid) {
            Err(Errno::ESRCH)
        } else {
            signal::kill(pid, signal, group)
        };
        let error = match sent.err()? {
            Errno::ESRCH => SignalError::NoSuchProcess,
            errno => SignalError::Other(errno.to_string().into()),
        };
        Some(Fact::SignalFailed { kill, error })
    }

    fn exited(&mut self, pid: Pid, status: ExitStatus, logs: LogEnds, ctx: &mut Context<Self>) {
        self.release_socket();
        self.child.is_reaped = false;
        let (now, start) = (clock::now(), self.machine.record().start);
        let effects = self.machine.fact(Fact::Exited { pid, status }, now);
        if let Some(ending) = Ending::of(&effects) {
            self.cell.exited(Exit {
                pid,
                start,
                stop: now.unix_seconds(),
                status,
                ending,
                stdout: logs.stdout,
                stderr: logs.stderr,
            });
        }
        self.take(effects, ctx);
    }

    fn event(&self, channel: OutputChannel, Said { author, words }: Said) -> Event {
        let source = Source {
            name: self.cell.name.clone(),
            group: self.cell.group.clone(),
        };
        let output = |data| events::Output {
            source,
            pid: author,
            channel,
            data,
        };
        match words {
            Words::Plain(data) => Event::ProcessLog(output(data)),
            Words::Captured(data) => Event::ProcessCommunication(output(data)),
        }
    }

    fn report_waiting(&mut self, ctx: &mut Context<Self>) {
        if self.machine.state() == ProcessState::Stopping {
            self.note(&Note::WaitingToStop);
            ctx.run_later(REPORT_EVERY, Self::report_waiting);
        }
    }
}

fn ready<T: 'static>(value: T) -> ResponseFuture<T> {
    Box::pin(std::future::ready(value))
}

impl Actor for Process {
    type Context = Context<Self>;
}

impl Handler<Start> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, Start { name, wait }: Start, ctx: &mut Context<Self>) -> Self::Result {
        if let Err(error) = launch::command(&self.config) {
            return ready(Err(Fault::new(error.code(), error.to_string())));
        }
        if let Err(code) = self.order(Order::Start, ctx) {
            return ready(Err(self.fault(code, &name)));
        }
        let start = self.machine.wait_for_start();
        if wait {
            return self.answer(start, name);
        }
        match self.machine.outcome(start) {
            Some(Err(code @ FaultCode::SpawnError)) => ready(Err(self.fault(code, &name))),
            _ => ready(Ok(())),
        }
    }
}

impl Handler<Stop> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, Stop { name, wait }: Stop, ctx: &mut Context<Self>) -> Self::Result {
        if let Err(code) = self.order(Order::Stop, ctx) {
            return ready(Err(self.fault(code, &name)));
        }
        let stop = self.machine.wait_for_stop();
        if wait {
            self.report_waiting(ctx);
            return self.answer(stop, name);
        }
        match self.machine.outcome(stop) {
            Some(Err(code)) => ready(Err(self.fault(code, &name))),
            _ => ready(Ok(())),
        }
    }
}

impl Handler<SendSignal> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, message: SendSignal, ctx: &mut Context<Self>) -> Self::Result {
        let order = Order::Signal(message.signal);
        self.order(order, ctx)
            .map_err(|code| self.fault(code, &message.name))
    }
}

impl Handler<WriteStdin> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, message: WriteStdin, _: &mut Context<Self>) -> Self::Result {
        let WriteStdin { name, bytes } = message;
        let is_alive = self.machine.pid().is_some() && !self.child.is_reaped;
        if !is_alive || self.machine.state() == ProcessState::Stopping {
            return Err(Fault::new(FaultCode::NotRunning, name));
        }
        let Some(stdin) = &self.child.stdin else {
            return Err(Fault::new(FaultCode::NoFile, name));
        };
        stdin.write(&bytes).map_err(|refused| refused.fault(&name))
    }
}

impl Handler<ClearLogs> for Process {
    type Result = ResponseFuture<Result<(), Fault>>;

    fn handle(&mut self, ClearLogs { name }: ClearLogs, ctx: &mut Context<Self>) -> Self::Result {
        let cleared = self.outputs.clear(&ctx.address(), &self.resources);
        Box::pin(async move {
            cleared
                .await
                .map_err(|_| Fault::new(FaultCode::Failed, name))
        })
    }
}

impl Handler<Prepare> for Process {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Prepare, ctx: &mut Context<Self>) -> Self::Result {
        let opened = self
            .outputs
            .open(&ctx.address(), &self.config.name, &self.resources);
        // A failure is told by the start, which tries again.
        Box::pin(opened.into_actor(self).map(|opened, process, _| {
            process.child.logs_are_open = opened.is_ok();
        }))
    }
}

impl Handler<Autostart> for Process {
    type Result = Result<(), Fault>;

    fn handle(&mut self, Autostart { name }: Autostart, ctx: &mut Context<Self>) -> Self::Result {
        self.order(Order::Start, ctx)
            .map_err(|code| self.fault(code, &name))
    }
}

impl Handler<TakeConfig> for Process {
    type Result = ();

    fn handle(&mut self, TakeConfig(config): TakeConfig, ctx: &mut Context<Self>) {
        self.outputs.resize(&config);
        self.fact(Fact::PolicyChanged(config.program.policy.clone()), ctx);
        self.config = config;
    }
}

impl Handler<ChildExited> for Process {
    type Result = ();

    fn handle(&mut self, ChildExited(pid, status): ChildExited, ctx: &mut Context<Self>) {
        self.child.is_reaped = true;
        self.child.stdin = None;
        self.hear_rest();
        if !self.outputs.are_wanted() {
            return self.exited(pid, status, LogEnds::default(), ctx);
        }
        // What it wrote is in its log before anybody hears of its end.
        let drained = self.outputs.drain().into_actor(self);
        ctx.spawn(drained.map(move |logs, process, ctx| process.exited(pid, status, logs, ctx)));
    }
}

impl Handler<Output> for Process {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, output: Output, _: &mut Context<Self>) -> Self::Result {
        let Output { channel, said } = output;
        let emitted = said.into_iter().map(|said| self.event(channel, said));
        if let Role::Listener(_) = self.role {
            // Waiting for its own pool, it would wait for itself.
            emitted.for_each(|event| self.resources.events.emit(event));
            return ready(());
        }
        let (emitted, resources): (Vec<_>, _) = (emitted.collect(), self.resources.clone());
        Box::pin(async move {
            for event in emitted {
                resources.events.room_for(event.event_type()).await;
                resources.events.emit(event);
            }
        })
    }
}

impl Handler<Deliver> for Process {
    type Result = Result<(), Refused>;

    fn handle(&mut self, Deliver(bytes): Deliver, _: &mut Context<Self>) -> Self::Result {
        let stdin = self.child.stdin.as_ref().ok_or(Refused::Closed)?;
        stdin.write(&bytes)
    }
}

impl Handler<MoodChanged> for Process {
    type Result = ();

    fn handle(&mut self, MoodChanged(mood): MoodChanged, ctx: &mut Context<Self>) {
        self.fact(Fact::MoodChanged(mood), ctx);
    }
}

impl Handler<ShutDown> for Process {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: ShutDown, ctx: &mut Context<Self>) -> Self::Result {
        let order = match self.machine.state() {
            ProcessState::Backoff => Order::GiveUp,
            _ => Order::Stop,
        };
        // Refused where it is stopping or stopped already.
        let _ = self.order(order, ctx);
        let stopped = self.answer(self.machine.wait_for_stop(), String::new());
        Box::pin(async move { drop(stopped.await) })
    }
}

impl Handler<Hurry> for Process {
    type Result = ();

    fn handle(&mut self, _: Hurry, ctx: &mut Context<Self>) {
        // Refused where nothing is being stopped.
        let _ = self.order(Order::KillNow, ctx);
    }
}

impl Handler<ReopenLogs> for Process {
    type Result = ();

    fn handle(&mut self, _: ReopenLogs, _: &mut Context<Self>) {
        self.outputs.reopen();
    }
}

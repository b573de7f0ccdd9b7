//! One process instance: drives its machine, and keeps those who wait for an answer.

mod handlers;
mod messages;

pub(super) use messages::{
    Autostart, ChildExited, ClearLogs, Deliver, Hurry, MoodChanged, Output, Prepare,
    ProtocolBroken, ReopenLogs, Said, SendSignal, ShutDown, Start, Stop, TakeConfig, TellAll,
    Words, WriteStdin,
};

use super::fcgi_socket::SharedSocket;
use super::launch::{self, ChildStdin};
use super::listener_pool::Seat;
use super::log_thread::Writer;
use super::log_writer::Write;
use super::lookup::Found;
use super::outputs::{AllWritten, Outputs};
use super::protocol::{Protocol, ReadProtocol};
use super::registry::{ProcessCell, ProcessEntry, Snapshot};
use super::resources::Resources;
use super::stdin::Stdin;
use crate::config::{Group, ProcessConfig};
use crate::events::{self, Event, OutputChannel, Source};
use crate::os::{Errno, children, clock, procfs, signal};
use crate::process::note::Level;
use crate::process::{
    Effect, Effects, Ending, Exit, ExitStatus, Fact, Fault, FaultCode, Kill, Machine, Note, Order,
    Pid, ProcessState, SignalError, Wait, history,
};
use actix::{
    Actor, ActorFutureExt, AsyncContext, Context, ResponseFuture, SpawnHandle, WrapFuture,
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
    /// The host of that socket is being looked up.
    lookup: Option<SpawnHandle>,
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
                    self.give_up_lookup(ctx)
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
            exit: record.exit,
            spawnerr: record.spawnerr.clone(),
            is_restarting: self.machine.is_restarting(),
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
            return self.spawn_logged(ctx);
        }
        let opened = self
            .outputs
            .open(&ctx.address(), &self.config.name, &self.resources);
        let spawned = opened.into_actor(self).map(|opened, process, ctx| {
            let fact = match opened {
                Ok(()) => process.spawn_logged(ctx),
                Err(reason) => Some(Fact::SpawnFailed {
                    reason: reason.into(),
                }),
            };
            if let Some(fact) = fact {
                process.fact(fact, ctx);
            }
        });
        ctx.spawn(spawned);
        None
    }

    /// Spawns the child, at once or when the host of its FastCGI socket is known.
    fn spawn_logged(&mut self, ctx: &mut Context<Self>) -> Option<Fact> {
        let lookup = match &self.role {
            Role::FastCgi(socket) => socket.borrow_mut().look_up(),
            Role::Plain | Role::Listener(_) => None,
        };
        let Some(lookup) = lookup else {
            return Some(self.spawn_child(None, ctx));
        };
        let spawned = lookup.into_actor(self).map(|found, process, ctx| {
            process.child.lookup = None;
            let fact = process.spawn_child(Some(found), ctx);
            process.fact(fact, ctx);
        });
        self.child.lookup = Some(ctx.spawn(spawned));
        None
    }

    /// Whatever it becomes in place of STARTING: no resolver is waited for.
    fn give_up_lookup(&mut self, ctx: &mut Context<Self>) -> Option<Fact> {
        let lookup = self.child.lookup.take()?;
        ctx.cancel_future(lookup);
        self.outputs.close();
        let Role::FastCgi(socket) = &self.role else {
            return None;
        };
        let reason = socket.borrow().failed("it is to be stopped");
        Some(Fact::SpawnFailed {
            reason: reason.into(),
        })
    }

    fn spawn_child(&mut self, host: Option<Found>, ctx: &mut Context<Self>) -> Fact {
        match self.try_spawn(host, ctx) {
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

    fn try_spawn(&mut self, host: Option<Found>, ctx: &mut Context<Self>) -> Result<Pid, String> {
        let command = launch::command(&self.config).map_err(|error| error.to_string())?;
        let stdin = self.child_stdin(host)?;
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
        if let Role::Listener(seat) = &self.role
            && !piece.is_empty()
        {
            self.tell_heard(&piece);
            seat.said(piece);
        }
    }

    /// It has closed its stdout as an event listener, be it because it ends.
    pub(super) fn heard_all(&self) {
        if let Role::Listener(seat) = &self.role {
            seat.fell_silent();
        }
    }

    fn tell_heard(&self, piece: &[u8]) {
        let activity = &self.resources.activity;
        if activity.is_enabled(Level::Debug) {
            let (listener, bytes) = (self.cell.name.clone(), piece.to_vec());
            let note = events::Note::Wrote { listener, bytes };
            activity.log(Level::Debug, note.to_string());
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

    fn child_stdin(&mut self, host: Option<Found>) -> Result<ChildStdin, String> {
        let Role::FastCgi(socket) = &self.role else {
            return Ok(ChildStdin::Pipe);
        };
        let socket = socket.borrow_mut().acquire(host)?;
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

    fn exited(
        &mut self,
        pid: Pid,
        status: ExitStatus,
        written: AllWritten,
        ctx: &mut Context<Self>,
    ) {
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
                stdout: written.stdout,
                stderr: written.stderr,
            });
        }
        self.take(effects, ctx);
    }

    fn source(&self) -> Source {
        Source {
            name: self.cell.name.clone(),
            group: self.cell.group.clone(),
        }
    }

    fn event(&self, channel: OutputChannel, Said { author, words }: Said) -> Event {
        let output = |data| events::Output {
            source: self.source(),
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

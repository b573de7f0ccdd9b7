//! The root: owns what must outlive any one actor, and takes what concerns all of them.

use super::batch::{Members, order_each, start_each, stop_each};
use super::fcgi_socket::Hold;
use super::groups::{ActiveGroup, Groups};
use super::handle::{GroupChanges, Outcome};
use super::listener_pool::Close;
use super::process::{
    Autostart, ChildExited, ClearLogs, MoodChanged, Process, ReopenLogs, SendSignal, ShutDown,
    Start,
};
use super::program::{self, Program};
use super::registry::{ProcessEntry, Registry};
use super::resources::Resources;
use super::shared::Shared;
use super::shutdown::Stopping;
use super::ticks::TickClock;
use super::{Ending, Outside};
use crate::config::{Config, Group, Source, diff};
use crate::events::Event;
use crate::os::children;
use crate::process::note::Level;
use crate::process::{Fault, FaultCode, Mood, ProcessState, Signal};
use actix::{
    Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, ResponseActFuture,
    ResponseFuture, WrapFuture,
};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A signal came from the system.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct OsSignal(pub(super) Signal);

/// The actor of a group; `None` when no such group is active.
#[derive(Message)]
#[rtype(result = "Option<Addr<Program>>")]
pub(super) struct ProgramOf(pub(super) String);

/// Start every process that is not running.
#[derive(Message)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct StartEverything {
    pub(super) wait: bool,
}

/// Stop every process that is running.
#[derive(Message)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct StopEverything {
    pub(super) wait: bool,
}

/// Send a signal to every process that has a child.
#[derive(Message)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct SignalEverything {
    pub(super) signal: Signal,
}

/// Clear the logs of every process.
#[derive(Message)]
#[rtype(result = "Vec<Outcome>")]
pub(super) struct ClearEverything;

/// Read the configuration anew and compare.
#[derive(Message)]
#[rtype(result = "Result<GroupChanges, Fault>")]
pub(super) struct ReloadConfig;

/// Activate a group of the configuration last read.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct AddGroup(pub(super) String);

/// Deactivate a group.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct RemoveGroup(pub(super) String);

/// Reopen all logs, as SIGUSR2 has it.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ReopenEverything;

/// Emit a REMOTE_COMMUNICATION event.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct RemoteCommunication {
    pub(super) kind: String,
    pub(super) data: String,
}

/// Stop everything and exit.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Shutdown;

/// Read the configuration anew; where it is good, stop everything and start over with it.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct Restart;

/// The root actor.
pub(super) struct Supervisor {
    pub(super) resources: Rc<Resources>,
    pub(super) registry: Arc<Registry>,
    pub(super) groups: Groups,
    source: Arc<Source>,
    pub(super) outside: Outside,
    /// The stop in progress.
    pub(super) stopping: Option<Stopping>,
    pub(super) clock: TickClock,
}

impl Supervisor {
    pub(super) fn new(
        resources: Rc<Resources>,
        registry: Arc<Registry>,
        source: Arc<Source>,
        outside: Outside,
    ) -> Self {
        Self {
            resources,
            registry,
            groups: Groups::default(),
            source,
            outside,
            stopping: None,
            clock: TickClock::default(),
        }
    }

    pub(super) fn say(&self, level: Level, text: impl Into<String>) {
        self.resources.activity.log(level, text.into());
    }

    /// The processes of all groups that are chosen in each, low priorities first.
    fn ascending(
        &self,
        choose: impl Fn(&Members) -> Vec<Arc<ProcessEntry>>,
    ) -> Vec<Arc<ProcessEntry>> {
        self.groups
            .ascending()
            .flat_map(|group| choose(&group.members))
            .collect()
    }

    pub(super) fn tell_all<M>(&self, message: &M)
    where
        M: Message<Result = ()> + Clone + Send + 'static,
        Process: Handler<M, Result = ()>,
    {
        let groups = self.groups.ascending();
        let processes = groups.flat_map(|group| group.members.entries());
        processes.for_each(|process| process.addr.do_send(message.clone()));
    }

    /// Makes the actors of a group and lets clients see them.
    fn activate(&mut self, config: Arc<Group>) -> Arc<Members> {
        let shared = Shared::new(&config, None, &self.resources);
        let nobody = HashMap::new();
        let (members, _) = program::launch(config.clone(), &shared, &nobody, &self.resources);
        self.registry.add(members.clone());
        self.resources
            .events
            .emit(Event::GroupAdded(config.name.clone()));
        self.groups
            .insert(ActiveGroup::new(members.clone(), shared));
        members
    }

    /// Starts processes; sockets are held until they have been.
    pub(super) fn autostart(
        &self,
        chosen: Vec<Arc<ProcessEntry>>,
        holds: Vec<Hold>,
        ctx: &mut Context<Self>,
    ) {
        let started = start_each(chosen, |name| Autostart { name });
        // Refused only where a client was faster.
        ctx.spawn(started.into_actor(self).map(|_, _, _| drop(holds)));
    }

    /// Takes every child that has ended and tells its process.
    fn reap(&self) {
        while let Some((pid, status)) = children::reap() {
            match self.resources.forget_child(pid) {
                Some(process) => process.do_send(ChildExited(pid, status)),
                None => self.say(Level::Info, format!("reaped unknown pid {pid} ({status})")),
            }
        }
    }

    /// Reads the configuration on a thread of its own; a big file keeps nobody waiting.
    fn load(&self) -> impl Future<Output = Result<Config, String>> + 'static {
        let source = self.source.clone();
        let loaded = tokio::task::spawn_blocking(move || source.load());
        async move {
            let loaded = loaded.await.map_err(|error| error.to_string())?;
            loaded.map_err(|error| error.to_string())
        }
    }

    fn take_candidate(&self, config: Config) -> GroupChanges {
        let config = Arc::new(config);
        let changes = diff::groups(&self.groups.configs(), &config.groups);
        self.registry.set_config(config);
        GroupChanges {
            added: changes.added,
            changed: changes.changed,
            removed: changes.removed,
        }
    }

    fn refuse(&self, why: String) -> Fault {
        self.say(
            Level::Error,
            format!("the configuration is not taken: {why}"),
        );
        Fault::new(FaultCode::CantReread, why)
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let config = self.registry.config();
        for group in &config.groups {
            self.activate(group.clone());
        }
        // Nobody sees a supervisord that has no processes yet.
        self.outside.door.send_replace(true);
        self.resources.events.emit(Event::SupervisorRunning);
        self.autostart(self.ascending(Members::autostarted), Vec::new(), ctx);
        self.arm_ticks(ctx);
    }
}

impl Handler<OsSignal> for Supervisor {
    type Result = ();

    fn handle(&mut self, OsSignal(signal): OsSignal, ctx: &mut Context<Self>) {
        match signal {
            Signal::CHLD => {
                self.reap();
                self.say(Level::Debug, "received SIGCHLD indicating a child quit");
            }
            Signal::TERM | Signal::INT | Signal::QUIT => {
                self.say(
                    Level::Warn,
                    format!("received {signal} indicating exit request"),
                );
                self.exit_requested(ctx);
            }
            Signal::HUP if self.registry.mood() == Mood::Shutdown => self.say(
                Level::Warn,
                "ignored SIGHUP indicating restart request (shutdown in progress)",
            ),
            Signal::HUP => {
                self.say(Level::Warn, "received SIGHUP indicating restart request");
                ctx.notify(Restart);
            }
            Signal::USR2 => {
                self.say(
                    Level::Info,
                    "received SIGUSR2 indicating log reopen request",
                );
                self.reopen_logs();
            }
            _ => {}
        }
    }
}

impl Supervisor {
    fn reopen_logs(&self) {
        self.say(Level::Info, "supervisord logreopen");
        self.resources.activity.reopen();
        self.tell_all(&ReopenLogs);
    }
}

impl Handler<ProgramOf> for Supervisor {
    type Result = Option<Addr<Program>>;

    fn handle(&mut self, ProgramOf(group): ProgramOf, _: &mut Context<Self>) -> Self::Result {
        Some(self.groups.get_mut(&group)?.program())
    }
}

impl Handler<StartEverything> for Supervisor {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, message: StartEverything, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.ascending(|group| group.ascending(|state| !state.is_running()));
        let wait = message.wait;
        Box::pin(start_each(chosen, move |name| Start { name, wait }))
    }
}

impl Handler<StopEverything> for Supervisor {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, message: StopEverything, _: &mut Context<Self>) -> Self::Result {
        let groups: Vec<_> = self
            .groups
            .ascending()
            .map(|group| group.members.clone())
            .collect();
        Box::pin(async move { stop_each(&groups, message.wait).await })
    }
}

impl Handler<SignalEverything> for Supervisor {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, message: SignalEverything, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.ascending(|group| group.ascending(ProcessState::is_signallable));
        let signal = message.signal;
        Box::pin(order_each(chosen, move |name| SendSignal { name, signal }))
    }
}

impl Handler<ClearEverything> for Supervisor {
    type Result = ResponseFuture<Vec<Outcome>>;

    fn handle(&mut self, _: ClearEverything, _: &mut Context<Self>) -> Self::Result {
        let chosen = self.ascending(|group| group.ascending(|_| true));
        Box::pin(order_each(chosen, |name| ClearLogs { name }))
    }
}

impl Handler<ReloadConfig> for Supervisor {
    type Result = ResponseActFuture<Self, Result<GroupChanges, Fault>>;

    fn handle(&mut self, _: ReloadConfig, _: &mut Context<Self>) -> Self::Result {
        let loaded = self.load().into_actor(self);
        Box::pin(loaded.map(|loaded, root, _| match loaded {
            Ok(config) => Ok(root.take_candidate(config)),
            Err(why) => Err(root.refuse(why)),
        }))
    }
}

impl Handler<AddGroup> for Supervisor {
    type Result = Result<(), Fault>;

    fn handle(&mut self, AddGroup(name): AddGroup, ctx: &mut Context<Self>) -> Self::Result {
        let config = self.registry.config();
        let Some(group) = config.groups.iter().find(|group| *group.name == *name) else {
            return Err(Fault::new(FaultCode::BadName, name));
        };
        if self.groups.contains(&name) {
            return Err(Fault::new(FaultCode::AlreadyAdded, name));
        }
        if self.registry.mood() != Mood::Running {
            return Err(Fault::bare(FaultCode::ShutdownState));
        }
        let members = self.activate(group.clone());
        self.autostart(members.autostarted(), Vec::new(), ctx);
        self.arm_ticks(ctx);
        Ok(())
    }
}

impl Handler<RemoveGroup> for Supervisor {
    type Result = Result<(), Fault>;

    fn handle(&mut self, RemoveGroup(name): RemoveGroup, ctx: &mut Context<Self>) -> Self::Result {
        if !self.groups.contains(&name) {
            return Err(Fault::new(FaultCode::BadName, name));
        }
        if !self.registry.is_stopped(&name) {
            return Err(Fault::new(FaultCode::StillRunning, name));
        }
        if let Some(removed) = self.groups.remove(&name) {
            // One that is just about to be started is not.
            removed.members.entries().iter().for_each(|process| {
                process.addr.do_send(MoodChanged(Mood::Shutdown));
                process.addr.do_send(ShutDown);
            });
            if let Some(pool) = removed.members.pool() {
                pool.do_send(Close);
            }
        }
        self.registry.remove(&name);
        self.resources.events.unsubscribe(&name);
        self.resources.events.emit(Event::GroupRemoved(name.into()));
        self.arm_ticks(ctx);
        Ok(())
    }
}

impl Handler<ReopenEverything> for Supervisor {
    type Result = ();

    fn handle(&mut self, _: ReopenEverything, _: &mut Context<Self>) {
        self.reopen_logs();
    }
}

impl Handler<RemoteCommunication> for Supervisor {
    type Result = ();

    fn handle(&mut self, message: RemoteCommunication, _: &mut Context<Self>) {
        let RemoteCommunication { kind, data } = message;
        self.resources
            .events
            .emit(Event::RemoteCommunication { kind, data });
    }
}

impl Handler<Shutdown> for Supervisor {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Context<Self>) {
        self.begin_stopping(Ending::Exit, ctx);
    }
}

impl Handler<Restart> for Supervisor {
    type Result = ResponseActFuture<Self, Result<(), Fault>>;

    fn handle(&mut self, _: Restart, _: &mut Context<Self>) -> Self::Result {
        let loaded = self.load().into_actor(self);
        Box::pin(loaded.map(|loaded, root, ctx| match loaded {
            Ok(config) => {
                root.begin_stopping(Ending::Restart(Box::new(config)), ctx);
                Ok(())
            }
            Err(why) => Err(root.refuse(why)),
        }))
    }
}

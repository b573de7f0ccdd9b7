//! The only door to the actors: a verb for each thing that can be asked.

use super::listener_pool::Describe;
use super::news::News;
use super::process::{ClearLogs, Process, SendSignal, Start, Stop, WriteStdin};
use super::program::{ClearAllLogs, Program, SignalAll, StartAll, StopAll};
use super::registry::{ProcessCell, ProcessEntry, Registry};
use super::supervisor::{
    AddGroup, ClearEverything, ProgramOf, ReloadConfig, RemoteCommunication, RemoveGroup,
    ReopenEverything, Restart, Shutdown, SignalEverything, StartEverything, StopEverything,
    Supervisor,
};
use super::twiddle::{AddProcesses, RemoveProcess};
use super::update::UpdateGroup;
use crate::config::drift::{Drift, drift};
use crate::config::pending::{Pending, pending};
use crate::config::{Checked, Config, ConfigError, Group, MainLog, Source};
use crate::events::PoolInfo;
use crate::logging::ActivityHandle;
use crate::os::clock;
use crate::os::errno::io_error_words;
use crate::process::note::Level;
use crate::process::{
    Ending, ExitStatus, Fault, FaultCode, History, Moment, Mood, Namespec, Pid, ProcessInfo, Signal,
};
use actix::dev::ToEnvelope;
use actix::prelude::SendError;
use actix::{Actor, Addr, Handler, Message};
use futures_util::future::join_all;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{broadcast, oneshot};
use tokio::task::spawn_blocking;

/// A handle on the running supervisor; cheap to clone, usable from any thread.
///
/// Verbs that take the name of one process take it as the client wrote it (`group:name` or
/// `name`) and put it into their faults in that form. An order is answered when it is *done*; a
/// dropped future does not undo it.
#[derive(Clone)]
pub struct SupervisorHandle {
    pub(super) root: Addr<Supervisor>,
    pub(super) registry: Arc<Registry>,
    pub(super) activity: ActivityHandle,
    pub(super) identifier: Arc<str>,
    pub(super) source: Arc<Source>,
}

/// How an order on a whole group, or on all processes, went for one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The process's group.
    pub group: Arc<str>,
    /// The process.
    pub name: Arc<str>,
    /// How it went.
    pub result: Result<(), Fault>,
}

/// What is counted of a process since its group was activated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// What clients are told of it.
    pub info: ProcessInfo,
    /// How often its children ended, by [`Ending::ALL`].
    pub endings: [u32; Ending::ALL.len()],
    /// How often they left which status; see [`History::statuses`].
    pub statuses: Vec<(ExitStatus, u32)>,
    /// Bytes that came to its logs.
    pub logged: u64,
    /// Bytes that could not be logged and are lost.
    pub lost: u64,
}

/// A child and the process it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The process's group.
    pub group: Arc<str>,
    /// The process.
    pub name: Arc<str>,
    /// The child's pid.
    pub pid: Pid,
}

/// Names of groups that differ between the configuration last read and what is active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// In the configuration, not active.
    pub added: Vec<Arc<str>>,
    /// Active, configured differently.
    pub changed: Vec<Arc<str>>,
    /// Active, no longer in the configuration.
    pub removed: Vec<Arc<str>>,
}

impl SupervisorHandle {
    /// What supervisord as a whole is doing.
    pub fn mood(&self) -> Mood {
        self.registry.mood()
    }

    /// supervisord's name (`identifier`).
    pub fn identifier(&self) -> Arc<str> {
        self.identifier.clone()
    }

    /// When this run began.
    pub fn started(&self) -> Moment {
        self.registry.started
    }

    /// Every active process, sorted by group, then name.
    pub fn all_process_info(&self) -> Vec<ProcessInfo> {
        self.registry.all_process_info()
    }

    /// One process.
    ///
    /// # Errors
    /// BAD_NAME when no process has the name; names of whole groups are none.
    pub fn process_info(&self, name: &str) -> Result<ProcessInfo, Fault> {
        Ok(self.entry(name)?.cell.info(clock::now()))
    }

    /// What is remembered of one process beyond its last start and its last end.
    ///
    /// # Errors
    /// BAD_NAME.
    pub fn process_history(&self, name: &str) -> Result<History, Fault> {
        Ok(self.entry(name)?.cell.history())
    }

    /// What is counted of every active process, sorted by group, then name.
    pub fn all_vitals(&self) -> Vec<Vitals> {
        self.registry.all_vitals()
    }

    /// The children that there are, by group and name of their processes.
    pub fn children(&self) -> Vec<Child> {
        let child = |(cell, pid): (Arc<ProcessCell>, Pid)| Child {
            group: cell.group.clone(),
            name: cell.name.clone(),
            pid,
        };
        self.registry.pids().into_iter().map(child).collect()
    }

    /// What happens from now on. Costs something only while somebody holds it.
    pub fn watch(&self) -> broadcast::Receiver<News> {
        self.registry.watchers.watch()
    }

    /// The configurations with which groups are active, sorted by name.
    pub fn active_groups(&self) -> Vec<Arc<Group>> {
        self.registry.group_configs()
    }

    /// The configuration with which a group is active.
    ///
    /// # Errors
    /// BAD_NAME when it is not.
    pub fn active_group(&self, group: &str) -> Result<Arc<Group>, Fault> {
        let config = self.registry.group_config(group);
        config.ok_or_else(|| Fault::new(FaultCode::BadName, group))
    }

    /// Every process of an active group, sorted by name.
    ///
    /// # Errors
    /// BAD_NAME when it is not active.
    pub fn group_process_info(&self, group: &str) -> Result<Vec<ProcessInfo>, Fault> {
        let info = self.registry.group_process_info(group);
        info.ok_or_else(|| Fault::new(FaultCode::BadName, group))
    }

    /// Whether a group of the name is active.
    pub fn has_group(&self, group: &str) -> bool {
        self.registry.has_group(group)
    }

    /// The configuration last read: by the start, a restart or [`Self::reload_config`].
    pub fn last_read_config(&self) -> Arc<Config> {
        self.registry.config()
    }

    /// The configuration of the last start or restart. What is outside of groups holds as it says.
    pub fn running_config(&self) -> &Config {
        self.registry.running_config()
    }

    /// Looks the configuration over as it is in its files now; nothing is taken on.
    ///
    /// # Errors
    /// FAILED when that ends before it is done.
    pub async fn check_config(&self) -> Result<Checked, Fault> {
        let source = self.source.clone();
        let checked = spawn_blocking(move || source.check()).await;
        checked.map_err(|error| Fault::new(FaultCode::Failed, error.to_string()))
    }

    /// Which processes the files, as they are now, configure otherwise than they are active.
    /// Nothing is taken on.
    ///
    /// # Errors
    /// CANT_REREAD with the reason, FAILED when that ends before it is done.
    pub async fn drift(&self) -> Result<Vec<Drift>, Fault> {
        let (source, active) = (self.source.clone(), self.active_groups());
        let last_read = self.registry.config();
        let compare = move || match last_read.files.are_unchanged() {
            true => Ok(drift(&active, &last_read.groups)),
            false => Ok(drift(&active, &source.load()?.groups)),
        };
        let compared: Result<Result<_, ConfigError>, _> = spawn_blocking(compare).await;
        let compared =
            compared.map_err(|error| Fault::new(FaultCode::Failed, error.to_string()))?;
        compared.map_err(|error| Fault::new(FaultCode::CantReread, error.to_string()))
    }

    /// The names of the active groups, sorted.
    pub fn group_names(&self) -> Vec<Arc<str>> {
        self.registry.group_names()
    }

    /// Adds a program to an active group; its autostart processes start. It is no part of the
    /// file: the next update of the group drops it. `options` are those of a `[program:x]`.
    ///
    /// # Errors
    /// BAD_NAME when no such group is active or one of the processes is there already,
    /// INCORRECT_PARAMETERS when the options make no program.
    pub async fn add_program(
        &self,
        group: &str,
        program: &str,
        options: Vec<(String, String)>,
    ) -> Result<(), Fault> {
        let group = self.twiddled(group)?;
        let (source, config) = (self.source.clone(), self.registry.config());
        let (name, of) = (program.to_owned(), group.clone());
        let read = move || source.program(&config, &of, &name, &options);
        let read = spawn_blocking(read).await;
        let read = read.map_err(|error| Fault::new(FaultCode::Failed, error.to_string()))?;
        let processes = read.map_err(|why| Fault::new(FaultCode::IncorrectParameters, why))?;
        self.ask_root(AddProcesses { group, processes }).await?
    }

    /// Removes a process from its group.
    ///
    /// # Errors
    /// BAD_NAME when no such group or process is active, STILL_RUNNING.
    pub async fn remove_process(&self, group: &str, process: &str) -> Result<(), Fault> {
        let (group, process) = (self.twiddled(group)?, process.to_owned());
        self.ask_root(RemoveProcess { group, process }).await?
    }

    fn twiddled(&self, group: &str) -> Result<String, Fault> {
        if self.has_group(group) {
            return Ok(group.to_owned());
        }
        Err(Fault::new(FaultCode::BadName, format!("group: {group}")))
    }

    /// What the configuration last read changes that [`Self::update_group`] does not take on.
    pub fn pending(&self) -> Vec<Pending> {
        pending(self.registry.running_config(), &self.registry.config())
    }

    /// The activity log's file; `None` when it goes to syslog.
    pub fn main_log(&self) -> Option<PathBuf> {
        self.activity.path().map(Path::to_owned)
    }

    /// Whether the activity log takes lines of the level.
    pub fn logs(&self, level: Level) -> bool {
        self.activity.is_enabled(level)
    }

    /// Says a line in the activity log.
    pub fn log(&self, level: Level, text: String) {
        self.activity.log(level, text);
    }

    /// Starts a process. With `wait`, the answer comes when it is RUNNING or has failed.
    ///
    /// # Errors
    /// BAD_NAME, NO_FILE and NOT_EXECUTABLE (the command), ALREADY_STARTED, FAILED, SPAWN_ERROR,
    /// ABNORMAL_TERMINATION.
    pub async fn start_process(&self, name: &str, wait: bool) -> Result<(), Fault> {
        self.ask_process(name, |name| Start { name, wait }).await
    }

    /// Starts the processes of a group that are not running; the others are left out.
    ///
    /// # Errors
    /// BAD_NAME when no such group is active.
    pub async fn start_group(&self, group: &str, wait: bool) -> Result<Vec<Outcome>, Fault> {
        self.ask_group(group, StartAll { wait }).await
    }

    /// Starts every process that is not running, low priorities first.
    pub async fn start_all(&self, wait: bool) -> Vec<Outcome> {
        self.ask_root(StartEverything { wait })
            .await
            .unwrap_or_default()
    }

    /// Stops a process. With `wait`, the answer comes when it is gone.
    ///
    /// # Errors
    /// BAD_NAME, NOT_RUNNING, FAILED.
    pub async fn stop_process(&self, name: &str, wait: bool) -> Result<(), Fault> {
        self.ask_process(name, |name| Stop { name, wait }).await
    }

    /// Stops the running processes of a group; the others are left out.
    ///
    /// # Errors
    /// BAD_NAME when no such group is active.
    pub async fn stop_group(&self, group: &str, wait: bool) -> Result<Vec<Outcome>, Fault> {
        self.ask_group(group, StopAll { wait }).await
    }

    /// Stops every running process, high priorities first.
    pub async fn stop_all(&self, wait: bool) -> Vec<Outcome> {
        self.ask_root(StopEverything { wait })
            .await
            .unwrap_or_default()
    }

    /// Sends a signal to a process.
    ///
    /// # Errors
    /// BAD_NAME, NOT_RUNNING, FAILED.
    pub async fn signal_process(&self, name: &str, signal: Signal) -> Result<(), Fault> {
        self.ask_process(name, |name| SendSignal { name, signal })
            .await
    }

    /// Sends a signal to the processes of a group that have a child.
    ///
    /// # Errors
    /// BAD_NAME when no such group is active.
    pub async fn signal_group(&self, group: &str, signal: Signal) -> Result<Vec<Outcome>, Fault> {
        self.ask_group(group, SignalAll { signal }).await
    }

    /// Sends a signal to every process that has a child.
    pub async fn signal_all(&self, signal: Signal) -> Vec<Outcome> {
        self.ask_root(SignalEverything { signal })
            .await
            .unwrap_or_default()
    }

    /// Writes to a process's stdin. What its pipe does not take at once is kept and follows.
    ///
    /// # Errors
    /// BAD_NAME, NOT_RUNNING, NO_FILE when its stdin is closed, FAILED when too much is kept.
    pub async fn send_process_stdin(&self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        self.ask_process(name, |name| WriteStdin { name, bytes })
            .await
    }

    /// Removes a process's logs and starts new ones, whether it runs or not.
    ///
    /// # Errors
    /// BAD_NAME, FAILED.
    pub async fn clear_process_logs(&self, name: &str) -> Result<(), Fault> {
        self.ask_process(name, |name| ClearLogs { name }).await
    }

    /// Clears the logs of the processes of a group.
    ///
    /// # Errors
    /// BAD_NAME when no such group is active.
    pub async fn clear_group_logs(&self, group: &str) -> Result<Vec<Outcome>, Fault> {
        self.ask_group(group, ClearAllLogs).await
    }

    /// Clears the logs of every process.
    pub async fn clear_all_process_logs(&self) -> Vec<Outcome> {
        self.ask_root(ClearEverything).await.unwrap_or_default()
    }

    /// Removes the activity log and starts a new one.
    ///
    /// # Errors
    /// NO_FILE when there is none, FAILED when it can't be removed.
    pub async fn clear_main_log(&self) -> Result<(), Fault> {
        if self.main_log().is_none_or(|path| !path.exists()) {
            return Err(Fault::bare(FaultCode::NoFile));
        }
        let (done, cleared) = oneshot::channel();
        self.activity.clear(move |result| drop(done.send(result)));
        match cleared.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Fault::new(FaultCode::Failed, io_error_words(&error))),
            Err(_) => Err(Fault::bare(FaultCode::Failed)),
        }
    }

    /// Emits a REMOTE_COMMUNICATION event. Waits for the root only while that lags behind: the
    /// event comes before whatever is asked of the root afterwards.
    pub async fn send_remote_comm_event(&self, kind: String, data: String) {
        let event = RemoteCommunication { kind, data };
        if let Err(SendError::Full(event)) = self.root.try_send(event) {
            let _ = self.ask_root(event).await;
        }
    }

    /// Reopens the activity log and the logs of all processes, after somebody has rotated them.
    pub async fn reopen_logs(&self) {
        let _ = self.ask_root(ReopenEverything).await;
    }

    /// The pools of event listeners, sorted by group.
    pub async fn all_pool_info(&self) -> Vec<PoolInfo> {
        let pools = self.registry.pools();
        let told = join_all(pools.iter().map(|pool| pool.send(Describe))).await;
        // One that was removed meanwhile does not answer.
        told.into_iter().flatten().collect()
    }

    /// Reads the configuration anew and tells what differs from what is active. Starts and stops
    /// nothing.
    ///
    /// # Errors
    /// CANT_REREAD with the reason; the configuration read before stays in force.
    pub async fn reload_config(&self) -> Result<GroupChanges, Fault> {
        self.ask_root(ReloadConfig).await?
    }

    /// Activates a group of the configuration last read; its autostart processes start.
    ///
    /// # Errors
    /// BAD_NAME when the configuration has no such group, ALREADY_ADDED.
    pub async fn add_group(&self, group: &str) -> Result<(), Fault> {
        self.ask_root(AddGroup(group.to_owned())).await?
    }

    /// Brings an active group in line with the configuration last read. Processes whose own part
    /// changed in a way that a running child could notice stop and start anew, processes that are
    /// gone stop, new ones start if they are to; the others keep their children. What no child
    /// notices is taken on at once.
    ///
    /// # Errors
    /// BAD_NAME when the group is not active or the configuration has no such group, STILL_RUNNING
    /// when a process won't stop, FAILED when somebody else changes the group meanwhile.
    pub async fn update_group(&self, group: &str) -> Result<(), Fault> {
        self.ask_root(UpdateGroup(group.to_owned())).await?
    }

    /// Deactivates a group.
    ///
    /// # Errors
    /// BAD_NAME when it is not active, STILL_RUNNING.
    pub async fn remove_group(&self, group: &str) -> Result<(), Fault> {
        self.ask_root(RemoveGroup(group.to_owned())).await?
    }

    /// Begins to stop everything in order to exit; answers at once.
    pub async fn shutdown(&self) {
        let _ = self.ask_root(Shutdown).await;
    }

    /// Begins to stop everything in order to start over with the configuration read anew.
    ///
    /// # Errors
    /// CANT_REREAD with the reason; everything runs on.
    pub async fn restart(&self) -> Result<(), Fault> {
        self.ask_root(Restart).await?
    }

    /// The activity log's file as configured; what `readLog` names when there is none.
    pub fn configured_main_log(&self) -> MainLog {
        self.running_config().supervisord.logfile.clone()
    }

    fn entry(&self, name: &str) -> Result<Arc<ProcessEntry>, Fault> {
        self.registry
            .process(&Namespec::parse(name))
            .ok_or_else(|| Fault::new(FaultCode::BadName, name))
    }

    async fn ask_process<M>(
        &self,
        name: &str,
        message: impl FnOnce(String) -> M,
    ) -> Result<(), Fault>
    where
        M: Message<Result = Result<(), Fault>> + Send + 'static,
        Process: Handler<M>,
        <Process as Actor>::Context: ToEnvelope<Process, M>,
    {
        let process = self.entry(name)?;
        answer(process.addr.send(message(name.to_owned())).await)?
    }

    async fn ask_group<M>(&self, group: &str, message: M) -> Result<Vec<Outcome>, Fault>
    where
        M: Message<Result = Vec<Outcome>> + Send + 'static,
        Program: Handler<M>,
        <Program as Actor>::Context: ToEnvelope<Program, M>,
    {
        let program = self.ask_root(ProgramOf(group.to_owned())).await?;
        let program = program.ok_or_else(|| Fault::new(FaultCode::BadName, group))?;
        answer(program.send(message).await)
    }

    async fn ask_root<M>(&self, message: M) -> Result<M::Result, Fault>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        Supervisor: Handler<M>,
        <Supervisor as Actor>::Context: ToEnvelope<Supervisor, M>,
    {
        answer(self.root.send(message).await)
    }
}

/// An actor that is gone has been removed or is shutting down with everything else.
fn answer<T>(reply: Result<T, actix::MailboxError>) -> Result<T, Fault> {
    reply.map_err(|_| Fault::bare(FaultCode::ShutdownState))
}

//! The only door to the actors: an async verb for each thing that can be asked.

use crate::config::Config;
use crate::process::{Fault, Mood, ProcessInfo, Signal};
use std::path::PathBuf;
use std::sync::Arc;

/// A handle on the running supervisor; cheap to clone, usable from any thread.
///
/// Verbs that take the name of one process take it as the client wrote it (`group:name` or
/// `name`) and put it into their faults in that form. An order is answered when it is *done*: a
/// dropped future does not undo it.
#[derive(Clone)]
pub struct SupervisorHandle {}

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

/// Which of a process's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputChannel {
    /// Its stdout.
    Stdout,
    /// Its stderr.
    Stderr,
}

// Bodies follow with the actors; the signatures are what rpc builds on.
#[allow(clippy::todo, clippy::unused_async, unused_variables, missing_docs)]
impl SupervisorHandle {
    // What can be read without asking an actor.
    pub fn mood(&self) -> Mood {
        todo!()
    }
    pub fn identifier(&self) -> Arc<str> {
        todo!()
    }
    /// Every active process, sorted by group, then name.
    pub fn all_process_info(&self) -> Vec<ProcessInfo> {
        todo!()
    }
    /// One process; BAD_NAME with `name` when there is none (group forms, too).
    pub fn process_info(&self, name: &str) -> Result<ProcessInfo, Fault> {
        todo!()
    }
    pub fn has_group(&self, group: &str) -> bool {
        todo!()
    }
    /// The configuration last read (by start, restart or `reload_config`), and whether each of
    /// its groups is active.
    pub fn last_read_config(&self) -> Arc<Config> {
        todo!()
    }
    /// The activity log's file; `None` when it goes to syslog.
    pub fn main_log(&self) -> Option<PathBuf> {
        todo!()
    }
    /// Whether an activity-log line of the level is written at all.
    pub fn logs(&self, level: crate::process::note::Level) -> bool {
        todo!()
    }
    /// Says a line in the activity log.
    pub fn log(&self, level: crate::process::note::Level, text: String) {
        todo!()
    }

    // Orders. None checks the mood: a caller that must refuse while shutting down asks `mood`.
    pub async fn start_process(&self, name: &str, wait: bool) -> Result<(), Fault> {
        todo!()
    }
    pub async fn start_group(&self, group: &str, wait: bool) -> Result<Vec<Outcome>, Fault> {
        todo!()
    }
    pub async fn start_all(&self, wait: bool) -> Vec<Outcome> {
        todo!()
    }
    pub async fn stop_process(&self, name: &str, wait: bool) -> Result<(), Fault> {
        todo!()
    }
    pub async fn stop_group(&self, group: &str, wait: bool) -> Result<Vec<Outcome>, Fault> {
        todo!()
    }
    pub async fn stop_all(&self, wait: bool) -> Vec<Outcome> {
        todo!()
    }
    pub async fn signal_process(&self, name: &str, signal: Signal) -> Result<(), Fault> {
        todo!()
    }
    pub async fn signal_group(&self, group: &str, signal: Signal) -> Result<Vec<Outcome>, Fault> {
        todo!()
    }
    pub async fn signal_all(&self, signal: Signal) -> Vec<Outcome> {
        todo!()
    }
    pub async fn send_process_stdin(&self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        todo!()
    }
    pub async fn clear_process_logs(&self, name: &str) -> Result<(), Fault> {
        todo!()
    }
    pub async fn clear_all_process_logs(&self) -> Vec<Outcome> {
        todo!()
    }
    pub async fn clear_main_log(&self) -> Result<(), Fault> {
        todo!()
    }
    pub async fn send_remote_comm_event(&self, kind: String, data: String) {
        todo!()
    }
    pub async fn reload_config(&self) -> Result<GroupChanges, Fault> {
        todo!()
    }
    pub async fn add_group(&self, group: &str) -> Result<(), Fault> {
        todo!()
    }
    pub async fn remove_group(&self, group: &str) -> Result<(), Fault> {
        todo!()
    }
    pub async fn shutdown(&self) {
        todo!()
    }
    pub async fn restart(&self) {
        todo!()
    }
}

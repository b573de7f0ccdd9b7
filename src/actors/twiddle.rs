//! Processes that clients add to groups and remove from them while supervisord runs.

use super::batch::Members;
use super::groups::ActiveGroup;
use super::supervisor::Supervisor;
use crate::config::{Config, Files, Group, ProcessConfig};
use crate::process::{Fault, FaultCode, Mood};
use actix::fut::ready;
use actix::{ActorFutureExt, Context, Handler, Message, ResponseActFuture};
use std::sync::Arc;

/// Add these processes to a group.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct AddProcesses {
    pub(super) group: String,
    pub(super) processes: Vec<Arc<ProcessConfig>>,
}

/// Remove a process from its group.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct RemoveProcess {
    pub(super) group: String,
    pub(super) process: String,
}

type Answer = ResponseActFuture<Supervisor, Result<(), Fault>>;

impl Supervisor {
    /// Gives a group other processes, as if it had been configured so.
    fn twiddle(
        &self,
        group: &str,
        change: impl FnOnce(&Members) -> Result<Vec<Arc<ProcessConfig>>, Fault>,
    ) -> Answer {
        let planned = self.twiddled(group, change);
        let (active, after) = match planned {
            Ok(planned) => planned,
            Err(fault) => return Box::pin(ready(Err(fault))),
        };
        let before = active.members.config().clone();
        let changed = self.change_group(active, after.clone());
        Box::pin(changed.map(move |result, root, _| {
            if result.is_ok() {
                root.show_as_configured(&before, after);
            }
            result
        }))
    }

    fn twiddled(
        &self,
        group: &str,
        change: impl FnOnce(&Members) -> Result<Vec<Arc<ProcessConfig>>, Fault>,
    ) -> Result<(&ActiveGroup, Arc<Group>), Fault> {
        let Some(active) = self.groups.get(group) else {
            return Err(Fault::new(FaultCode::BadName, format!("group: {group}")));
        };
        if self.registry.mood() != Mood::Running {
            return Err(Fault::bare(FaultCode::ShutdownState));
        }
        let after = Group {
            processes: change(&active.members)?,
            ..Group::clone(active.members.config())
        };
        Ok((active, Arc::new(after)))
    }

    /// The configuration last read shows what became of a group that was as it says.
    fn show_as_configured(&self, before: &Arc<Group>, after: Arc<Group>) {
        let config = self.registry.config();
        let mut groups = config.groups.clone();
        if let Some(group) = groups.iter_mut().find(|group| Arc::ptr_eq(group, before)) {
            *group = after;
            let config = Config {
                // No file says so.
                files: Files::default(),
                groups,
                ..Config::clone(&config)
            };
            self.registry.set_config(Arc::new(config));
        }
    }
}

impl Handler<AddProcesses> for Supervisor {
    type Result = Answer;

    fn handle(&mut self, message: AddProcesses, _: &mut Context<Self>) -> Self::Result {
        let AddProcesses { group, processes } = message;
        self.twiddle(&group, |members| {
            let known = processes.iter().find_map(|new| members.named(&new.name));
            match known {
                Some(known) => Err(Fault::new(FaultCode::BadName, &*known.cell.name)),
                None => Ok([members.config().processes.as_slice(), &processes].concat()),
            }
        })
    }
}

impl Handler<RemoveProcess> for Supervisor {
    type Result = Answer;

    fn handle(&mut self, message: RemoveProcess, _: &mut Context<Self>) -> Self::Result {
        let RemoveProcess { group, process } = message;
        self.twiddle(&group, |members| match members.named(&process) {
            None => Err(Fault::new(FaultCode::BadName, process)),
            Some(entry) if !entry.cell.state().is_stopped() => {
                Err(Fault::new(FaultCode::StillRunning, process))
            }
            Some(_) => {
                let mut processes = members.config().processes.clone();
                processes.retain(|known| *known.name != *process);
                Ok(processes)
            }
        })
    }
}

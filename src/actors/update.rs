//! A group takes on another configuration, process by process: only those whose own part changed
//! in a way that a child could notice are stopped and start anew.

use super::batch::{Members, retire_each};
use super::fcgi_socket::Hold;
use super::groups::ActiveGroup;
use super::process::{MoodChanged, TakeConfig};
use super::program;
use super::registry::ProcessEntry;
use super::shared::Shared;
use super::supervisor::Supervisor;
use crate::config::diff::{self, Difference};
use crate::config::{Group, ProcessConfig};
use crate::events::Event;
use crate::process::{Fault, FaultCode, Mood, ProcessState};
use actix::fut::ready;
use actix::{
    ActorFuture, ActorFutureExt, Context, Handler, Message, ResponseActFuture, WrapFuture,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bring a group in line with the configuration last read.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(super) struct UpdateGroup(pub(super) String);

/// What another configuration comes to for a group.
struct Change {
    before: Arc<Members>,
    after: Arc<Group>,
    /// Processes that go on as they are.
    staying: HashMap<Arc<str>, Arc<ProcessEntry>>,
    /// Those of them that take on something.
    adapting: Vec<(Arc<ProcessEntry>, Arc<ProcessConfig>)>,
    /// Sockets that stay open meanwhile.
    holds: Vec<Hold>,
}

impl Change {
    fn new(active: &ActiveGroup, after: Arc<Group>) -> Self {
        let before = active.members.clone();
        let mut change = Self {
            before: before.clone(),
            after: after.clone(),
            staying: HashMap::new(),
            adapting: Vec::new(),
            holds: active.shared.hold(&after),
        };
        let new: HashMap<_, _> = after.processes.iter().map(|new| (&new.name, new)).collect();
        for (old, entry) in before.pairs() {
            if let Some(new) = new.get(&old.name) {
                change.compare(old, new, entry);
            }
        }
        change
    }

    fn compare(
        &mut self,
        old: &ProcessConfig,
        new: &Arc<ProcessConfig>,
        entry: &Arc<ProcessEntry>,
    ) {
        let difference = diff::process((self.before.config(), old), (&self.after, new));
        match difference {
            Difference::None => {}
            // Without a child there is nothing to spare, and whoever mended a process that would
            // not start wants to see it started.
            Difference::Live if has_child(entry.cell.state()) => {
                self.adapting.push((entry.clone(), new.clone()));
            }
            Difference::Live | Difference::Whole => return,
        }
        self.staying.insert(old.name.clone(), entry.clone());
    }

    /// Those that are no more, or are to be started anew.
    fn ending(&self) -> impl Iterator<Item = &Arc<ProcessEntry>> {
        let entries = self.before.entries().iter();
        entries.filter(|entry| self.ends(entry))
    }

    fn ends(&self, entry: &ProcessEntry) -> bool {
        !self.staying.contains_key(&entry.cell.name)
    }
}

const fn has_child(state: ProcessState) -> bool {
    matches!(
        state,
        ProcessState::Starting
            | ProcessState::Running
            | ProcessState::Stopping
            | ProcessState::Unknown
    )
}

impl Supervisor {
    /// Changes an active group to another configuration; ends when what had to stop has stopped
    /// and the rest has begun.
    pub(super) fn change_group(
        &self,
        active: &ActiveGroup,
        after: Arc<Group>,
    ) -> impl ActorFuture<Self, Output = Result<(), Fault>> + use<> {
        let change = Change::new(active, after);
        let ending = change.before.levels(|entry| change.ends(entry));
        let retired = retire_each(ending).into_actor(self);
        retired.map(|(), root, ctx| match root.may_change(&change) {
            Ok(()) => {
                root.finish_change(change, ctx);
                Ok(())
            }
            Err(fault) => {
                root.call_off(&change);
                Err(fault)
            }
        })
    }

    fn may_change(&self, change: &Change) -> Result<(), Fault> {
        let name = &change.after.name;
        if self.registry.mood() != Mood::Running {
            return Err(Fault::bare(FaultCode::ShutdownState));
        }
        let active = self.groups.get(name);
        if active.is_none_or(|active| !Arc::ptr_eq(&active.members, &change.before)) {
            let why = format!("somebody else changed {name} meanwhile");
            return Err(Fault::new(FaultCode::Failed, why));
        }
        let is_stopped = |entry: &Arc<ProcessEntry>| entry.cell.state().is_stopped();
        match change.ending().all(is_stopped) {
            true => Ok(()),
            false => Err(Fault::new(FaultCode::StillRunning, &**name)),
        }
    }

    /// Those that were to be no more and still belong to the group may start again.
    fn call_off(&self, change: &Change) {
        let mood = self.registry.mood();
        let Some(active) = self.groups.get(&change.after.name) else {
            return;
        };
        let belongs = |entry: &&Arc<ProcessEntry>| {
            let known = active.members.named(&entry.cell.name);
            known.is_some_and(|known| Arc::ptr_eq(known, entry))
        };
        let spared = change.ending().filter(belongs);
        spared.for_each(|entry| entry.addr.do_send(MoodChanged(mood)));
    }

    fn finish_change(&mut self, change: Change, ctx: &mut Context<Self>) {
        let Some(active) = self.groups.get(&change.after.name) else {
            return;
        };
        let (group, starting) = self.regroup(active, &change);
        self.groups.replace(group);
        self.autostart(starting, change.holds, ctx);
        self.arm_ticks(ctx);
    }

    /// The group as it is after a change, and who is to start.
    fn regroup(
        &self,
        active: &ActiveGroup,
        change: &Change,
    ) -> (ActiveGroup, Vec<Arc<ProcessEntry>>) {
        let (resources, after) = (&self.resources, &change.after);
        let former = Some((&**change.before.config(), &active.shared));
        let shared = Shared::new(after, former, resources);
        let (members, launched) =
            program::launch(after.clone(), &shared, &change.staying, resources);
        for (entry, config) in &change.adapting {
            entry.addr.do_send(TakeConfig(config.clone()));
        }
        let new: HashSet<_> = launched.iter().map(|entry| &entry.cell.name).collect();
        let mut starting = members.autostarted();
        starting.retain(|entry| new.contains(&entry.cell.name));
        self.registry.add(members.clone());
        (ActiveGroup::new(members, shared), starting)
    }
}

impl Handler<UpdateGroup> for Supervisor {
    type Result = ResponseActFuture<Self, Result<(), Fault>>;

    fn handle(&mut self, UpdateGroup(name): UpdateGroup, _: &mut Context<Self>) -> Self::Result {
        let config = self.registry.config();
        let read = config.groups.iter().find(|group| *group.name == *name);
        let active = self.groups.get(&name);
        let (Some(active), Some(read)) = (active, read) else {
            return Box::pin(ready(Err(Fault::new(FaultCode::BadName, name))));
        };
        let changed = self.change_group(active, read.clone());
        Box::pin(changed.map(|result, root, _| {
            // Listeners know a group that changes as one that goes and comes.
            if result.is_ok() {
                let name: Arc<str> = name.into();
                root.resources
                    .events
                    .emit(Event::GroupRemoved(name.clone()));
                root.resources.events.emit(Event::GroupAdded(name));
            }
            result
        }))
    }
}

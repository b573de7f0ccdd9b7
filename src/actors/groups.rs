//! The active groups, by name and in the order in which they are started.

use super::batch::Members;
use super::program::Program;
use super::shared::Shared;
use crate::config::Group;
use actix::{Actor, Addr};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A group that is active.
pub(super) struct ActiveGroup {
    pub(super) members: Arc<Members>,
    pub(super) shared: Shared,
    program: Option<Addr<Program>>,
}

impl ActiveGroup {
    /// Its processes, and what they share.
    pub(super) const fn new(members: Arc<Members>, shared: Shared) -> Self {
        Self {
            members,
            shared,
            program: None,
        }
    }

    /// Its actor, made when it is first asked for.
    pub(super) fn program(&mut self) -> Addr<Program> {
        let made = || Program::new(self.members.clone()).start();
        self.program.get_or_insert_with(made).clone()
    }
}

/// Priority, then the order of activation.
type Place = (i64, u64);

/// The active groups. Adding and removing one costs the same however many there are, but for a
/// logarithm.
#[derive(Default)]
pub(super) struct Groups {
    ordered: BTreeMap<Place, ActiveGroup>,
    places: HashMap<Arc<str>, Place>,
    activations: u64,
}

impl Groups {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Puts a group behind those of its priority.
    pub(super) fn insert(&mut self, group: ActiveGroup) {
        let config = group.members.config();
        let place = (config.priority, self.activations);
        self.activations += 1;
        self.places.insert(config.name.clone(), place);
        self.ordered.insert(place, group);
    }

    /// Puts a group in the place of its former self. It moves only where its priority changes.
    pub(super) fn replace(&mut self, group: ActiveGroup) {
        let config = group.members.config();
        let place = self.places.get(&config.name);
        let place = place.filter(|(priority, _)| *priority == config.priority);
        match place.and_then(|place| self.ordered.get_mut(place)) {
            Some(former) => *former = group,
            None => {
                self.remove(&config.name.clone());
                self.insert(group);
            }
        }
    }

    /// The group of this name.
    pub(super) fn get(&self, name: &str) -> Option<&ActiveGroup> {
        self.ordered.get(self.places.get(name)?)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut ActiveGroup> {
        self.ordered.get_mut(self.places.get(name)?)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<ActiveGroup> {
        let place = self.places.remove(name)?;
        self.ordered.remove(&place)
    }

    /// Low priorities first; equal ones in the order of activation.
    pub(super) fn ascending(&self) -> impl DoubleEndedIterator<Item = &ActiveGroup> {
        self.ordered.values()
    }

    /// What the active groups were configured to be, low priorities first.
    pub(super) fn configs(&self) -> Vec<Arc<Group>> {
        self.ascending()
            .map(|group| group.members.config().clone())
            .collect()
    }

    /// The groups of the highest priority number below `limit` (of the highest of all, without
    /// one), and that priority: those that stop next, together.
    pub(super) fn last_to_start(&self, limit: Option<i64>) -> Option<(i64, Vec<Arc<Members>>)> {
        let below = limit.map_or(i64::MAX, |limit| limit.saturating_sub(1));
        let range = ..=(below, u64::MAX);
        let (&(priority, _), _) = self.ordered.range(range).next_back()?;
        let same = (priority, 0)..=(priority, u64::MAX);
        let groups = self.ordered.range(same).rev();
        let groups = groups.map(|(_, group)| group.members.clone());
        Some((priority, groups.collect()))
    }
}

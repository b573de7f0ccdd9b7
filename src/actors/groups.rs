//! The active groups, by name and in the order in which they are started.

use super::batch::Members;
use super::program::Program;
use super::shared::Shared;
use crate::config::Group;
use actix::Addr;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A group that is active.
pub(super) struct ActiveGroup {
    pub(super) members: Arc<Members>,
    pub(super) program: Addr<Program>,
    pub(super) shared: Shared,
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
        let place = (group.members.config().priority, self.activations);
        self.activations += 1;
        self.places
            .insert(group.members.config().name.clone(), place);
        self.ordered.insert(place, group);
    }

    pub(super) fn get(&self, name: &str) -> Option<&ActiveGroup> {
        self.ordered.get(self.places.get(name)?)
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
    pub(super) fn last_to_start(&self, limit: Option<i64>) -> Option<(i64, Vec<&ActiveGroup>)> {
        let below = limit.map_or(i64::MAX, |limit| limit.saturating_sub(1));
        let range = ..=(below, u64::MAX);
        let (&(priority, _), _) = self.ordered.range(range).next_back()?;
        let same = (priority, 0)..=(priority, u64::MAX);
        let groups = self.ordered.range(same).rev().map(|(_, group)| group);
        Some((priority, groups.collect()))
    }
}

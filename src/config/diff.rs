//! What differs.
use super::Group;
use std::sync::Arc;
/// Changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// New.
    pub added: Vec<Arc<str>>,
    /// Different.
    pub changed: Vec<Arc<str>>,
    /// Gone.
    pub removed: Vec<Arc<str>>,
}
/// Compares.
pub fn groups(active: &[Arc<Group>], new: &[Arc<Group>]) -> Changes {
    let mut c = Changes::default();
    for n in new {
        match active.iter().find(|a| a.name == n.name) {
            None => c.added.push(n.name.clone()),
            Some(a) if a != n => c.changed.push(n.name.clone()),
            _ => {}
        }
    }
    c.removed = active
        .iter()
        .filter(|a| !new.iter().any(|n| n.name == a.name))
        .map(|a| a.name.clone())
        .collect();
    c
}

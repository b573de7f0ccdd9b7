//! Which processes the files configure otherwise than they are active.

use super::diff::{self, Difference};
use super::pending::Change;
use super::{Group, ProcessConfig};
use std::collections::HashMap;
use std::sync::Arc;

/// A process that is not as the files have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Its group.
    pub group: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What became of it in the files.
    pub change: Change,
}

type Processes<'a> = HashMap<(&'a str, &'a str), (&'a Group, &'a ProcessConfig)>;

/// Compares the processes of the groups just read against the active ones: first those that the
/// files have, in their order, then those that they don't.
pub fn drift(active: &[Arc<Group>], read: &[Arc<Group>]) -> Vec<Drift> {
    let (known, wanted) = (by_name(active), by_name(read));
    let differs = pairs(read).filter_map(|(group, process)| {
        let change = match known.get(&key(group, process)) {
            None => Change::Available,
            Some(old) if diff::process(*old, (group, process)) == Difference::None => return None,
            Some(_) => Change::Changed,
        };
        Some(drifted(group, process, change))
    });
    let gone = pairs(active).filter(|(group, process)| !wanted.contains_key(&key(group, process)));
    let gone = gone.map(|(group, process)| drifted(group, process, Change::Disappeared));
    differs.chain(gone).collect()
}

fn drifted(group: &Group, process: &ProcessConfig, change: Change) -> Drift {
    let (group, name) = (group.name.clone(), process.name.clone());
    Drift {
        group,
        name,
        change,
    }
}

fn by_name(groups: &[Arc<Group>]) -> Processes<'_> {
    pairs(groups)
        .map(|(group, process)| (key(group, process), (group, process)))
        .collect()
}

fn pairs<'a>(groups: &'a [Arc<Group>]) -> impl Iterator<Item = (&'a Group, &'a ProcessConfig)> {
    let of = |group: &'a Arc<Group>| group.processes.iter().map(|it| (&**group, &**it));
    groups.iter().flat_map(of)
}

fn key<'a>(group: &'a Group, process: &'a ProcessConfig) -> (&'a str, &'a str) {
    (&group.name, &process.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::load_text;

    /// What has drifted between two files, as `group:name change`.
    fn between(old: &str, new: &str) -> Vec<String> {
        let read = |text: &str| load_text(&format!("[supervisord]\n{text}")).unwrap().groups;
        let found = drift(&read(old), &read(new)).into_iter();
        let shown = found.map(|it| format!("{}:{} {}", it.group, it.name, it.change.name()));
        shown.collect()
    }

    #[test]
    fn only_processes_that_differ_have_drifted() {
        let old = "[program:a]\ncommand=x\n[program:b]\ncommand=x\n[program:c]\ncommand=x\n\
                   [group:g]\nprograms=a,b\n";
        assert_eq!(between(old, old), [""; 0]);
        let rules = old.replacen("command=x", "command=x\nautorestart=false", 1);
        assert_eq!(between(old, &rules), ["g:a changed"]);
        let moved = old.replace("=a,b", "=a\npriority=1");
        assert_eq!(between(old, &moved), ["b:b available", "g:b disappeared"]);
    }
}

//! `restart --update`: the files are read first, and nobody is restarted twice.

use super::controller::Controller;
use super::give::{restart_all, targets};
use super::globs::Glob;
use super::goal::Goal;
use super::order::Target;
use super::reply::{Changes, Configured, Drift, Info};
use super::wait;
use super::{Error, reload};
use crate::process::Namespec;
use crate::process::namespec::Display;
use std::collections::BTreeSet;

/// Brings the groups of the named processes in line with the files, as `update` does, then
/// restarts those that this does not start.
pub(super) fn renew(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    let drift = controller.supervisor().drift();
    let Some(changes) = reload::read(controller)? else {
        return Ok(());
    };
    let plan = Plan {
        before: controller.supervisor().all_process_info()?,
        configured: controller.supervisor().all_config_info()?,
        drift: drift?,
        changes,
    };
    let groups = plan.groups(names);
    reload::bring_in_line(controller, &plan.changes, |group| groups.contains(group))?;

    let after = controller.supervisor().all_process_info()?;
    let starting = plan.starting(&after);
    let mut names = names.to_vec();
    names.retain(|name| !plan.is_gone(name, &after));
    let targets = targets(controller, &names)?;
    let (left, mine) = parted(targets, &after, &starting);
    restart_all(controller, &left)?;
    controller.options.goal = Goal::Started;
    match controller.options.wait {
        true => wait::patiently(controller, mine, after),
        false => Ok(()),
    }
}

/// What there was, and what the files have.
struct Plan {
    before: Vec<Info>,
    configured: Vec<Configured>,
    /// What differs. A server that can't tell replaces groups as a whole.
    drift: Option<Vec<Drift>>,
    changes: Changes,
}

impl Plan {
    /// The groups of the processes that the names mean, active ones and those that the file has.
    fn groups(&self, names: &[&str]) -> BTreeSet<String> {
        let active = self.before.iter().map(|it| (&it.group, &it.name));
        let all = active.chain(self.configured.iter().map(|it| (&it.group, &it.name)));
        let meant = all.filter(|(group, name)| names.iter().any(|it| means(it, group, name)));
        meant.map(|(group, _)| group.clone()).collect()
    }

    /// The names of the processes that the update has started, or is about to.
    fn starting(&self, after: &[Info]) -> BTreeSet<String> {
        let Changes { added, changed, .. } = &self.changes;
        let groups: BTreeSet<_> = added.iter().chain(changed).collect();
        let drift = self.drift.as_ref();
        let drift: Option<BTreeSet<_>> = drift.map(|all| all.iter().map(Drift::namespec).collect());
        let differs = |now: &Info| match &drift {
            Some(drift) => drift.contains(&now.namespec()),
            None => groups.contains(&now.group),
        };
        let alive = self.before.iter().filter(|it| it.pid != 0);
        let alive: BTreeSet<_> = alive.map(|it| (it.namespec(), it.pid)).collect();
        let goes_on = |now: &Info| alive.contains(&(now.namespec(), now.pid));
        let automatic = self.configured.iter().filter(|it| it.autostart);
        let automatic = automatic.map(|it| Display(&it.group, &it.name).to_string());
        let automatic: BTreeSet<_> = automatic.collect();
        let replaced = after.iter().filter(|it| differs(it) && !goes_on(it));
        let replaced = replaced.map(Info::namespec);
        replaced.filter(|name| automatic.contains(name)).collect()
    }

    /// Whether a name meant something that is no more.
    fn is_gone(&self, name: &str, after: &[Info]) -> bool {
        let any = |all: &[Info]| all.iter().any(|it| means(name, &it.group, &it.name));
        any(&self.before) && !any(after)
    }
}

fn means(word: &str, group: &str, name: &str) -> bool {
    let spec = Namespec::parse(word);
    let is_meant = spec.group == group && spec.process.is_none_or(|process| process == name);
    let glob = Glob::parse(word);
    word == "all" || is_meant || glob.is_some_and(|glob| glob.matches(group, name))
}

/// Who of the targets is to be restarted, and the names of those who are starting anyway.
fn parted(
    targets: Vec<Target>,
    all: &[Info],
    starting: &BTreeSet<String>,
) -> (Vec<Target>, Vec<String>) {
    let (mut left, mut mine) = (Vec::new(), Vec::new());
    for target in targets {
        let members = members(&target, all).into_iter();
        let (done, rest): (Vec<_>, Vec<_>) = members.partition(|name| starting.contains(name));
        match done.is_empty() {
            true => left.push(target),
            false => left.extend(rest.into_iter().map(Target::Process)),
        }
        mine.extend(done);
    }
    (left, mine)
}

/// The names of the processes of a target.
fn members(target: &Target, all: &[Info]) -> Vec<String> {
    let all = all.iter();
    match target {
        Target::All => all.map(Info::namespec).collect(),
        Target::Group(group) => {
            let members = all.filter(|it| it.group == *group);
            members.map(Info::namespec).collect()
        }
        Target::Process(_) => vec![target.name()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &str, pid: i64) -> Info {
        let Namespec { group, process } = Namespec::parse(name);
        Info {
            group,
            name: process.unwrap(),
            state: 0,
            statename: String::new(),
            description: String::new(),
            pid,
        }
    }

    fn configured(name: &str, autostart: bool) -> Configured {
        let Namespec { group, process } = Namespec::parse(name);
        Configured {
            group,
            name: process.unwrap(),
            inuse: true,
            autostart,
            group_prio: 0,
            process_prio: 0,
        }
    }

    fn drifted(name: &str) -> Drift {
        let Namespec { group, process } = Namespec::parse(name);
        Drift {
            group,
            name: process.unwrap(),
            change: "changed".to_owned(),
        }
    }

    #[test]
    fn who_starts_by_the_update_is_left_out() {
        let names = ["g:same", "g:rules", "g:other", "new", "idle"];
        let mut plan = Plan {
            before: ["g:same", "g:rules", "g:other"]
                .map(|it| process(it, 7))
                .to_vec(),
            configured: names.map(|it| configured(it, it != "idle")).to_vec(),
            drift: Some(["g:rules", "g:other", "new", "idle"].map(drifted).to_vec()),
            changes: Changes {
                added: vec!["new".to_owned(), "idle".to_owned()],
                changed: vec!["g".to_owned()],
                removed: vec![],
            },
        };
        assert_eq!(
            Vec::from_iter(plan.groups(&["g:same", "n?w"])),
            ["g", "new"]
        );
        let pids = [7, 7, 8, 0, 0];
        let after: Vec<_> = names
            .iter()
            .zip(pids)
            .map(|(it, pid)| process(it, pid))
            .collect();
        let starting = plan.starting(&after);
        assert_eq!(Vec::from_iter(&starting), ["g:other", "new"]);
        let left = |name| parted(Target::of([name]), &after, &starting).0;
        let mine = |name| parted(Target::of([name]), &after, &starting).1;
        assert_eq!(mine("all"), ["g:other", "new"]);
        assert_eq!(left("g:*"), Target::of(["g:same", "g:rules"]));
        assert_eq!(left("new"), []);
        assert_eq!(left("all"), Target::of(["g:same", "g:rules", "idle"]));
        for name in ["idle", "nope", "h:*"] {
            assert_eq!(left(name), Target::of([name]));
        }
        plan.drift = None;
        let after: Vec<_> = names.iter().map(|it| process(it, 9)).collect();
        let all = ["g:other", "g:rules", "g:same", "new"];
        assert_eq!(Vec::from_iter(&plan.starting(&after)), all);
    }
}

//! Shell patterns in place of names: `web_*`, `celery:worker_1?`, `web*:*`.

use super::Error;
use super::controller::Controller;
use super::reply::Info;
use crate::process::Namespec;
use glob::Pattern;
use std::collections::BTreeSet;

/// A pattern for processes.
pub(super) struct Glob {
    /// `None` is any group.
    group: Option<Pattern>,
    process: Pattern,
}

impl Glob {
    /// Reads `process` or `group:process`, if it is a pattern at all: a whole group, `group:*`, is
    /// none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !is_pattern(text) {
            return None;
        }
        let (group, process) = match text.split_once(':') {
            None => (None, text),
            Some((group, "" | "*")) if !is_pattern(group) => return None,
            Some((group, "")) => (Some(group), "*"),
            Some((group, process)) => (Some(group), process),
        };
        Some(Self {
            group: group.map(Pattern::new).transpose().ok()?,
            process: Pattern::new(process).ok()?,
        })
    }

    /// Whether a process fits.
    pub(super) fn matches(&self, group: &str, process: &str) -> bool {
        let pattern = self.group.as_ref();
        pattern.is_none_or(|pattern| pattern.matches(group)) && self.process.matches(process)
    }
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The names, with the processes that match in place of each pattern. A pattern that none matches
/// stays, to be refused as any name that nothing bears.
pub(super) fn expand(
    controller: &mut Controller<'_>,
    names: &[&str],
) -> Result<Vec<String>, Error> {
    let owned = || names.iter().map(|name| (*name).to_owned()).collect();
    if names.contains(&"all") || !names.iter().any(|name| Glob::parse(name).is_some()) {
        return Ok(owned());
    }
    let all = controller.supervisor().all_process_info()?;
    Ok(replaced(names, |name| matching(name, &all)))
}

fn matching(name: &str, all: &[Info]) -> Vec<String> {
    let literal = Namespec::parse(name).to_string();
    let Some(glob) = Glob::parse(name) else {
        return Vec::new();
    };
    if all.iter().any(|info| info.namespec() == literal) {
        return Vec::new();
    }
    let matching = all
        .iter()
        .filter(|info| glob.matches(&info.group, &info.name));
    matching.map(Info::namespec).collect()
}

/// The same, with its members in the place of each whole group, too: for actions that know only
/// processes.
pub(super) fn expand_members(
    controller: &mut Controller<'_>,
    names: &[&str],
) -> Result<Vec<String>, Error> {
    let is_group = |name: &&str| Namespec::parse(name).process.is_none();
    if !names.iter().any(is_group) {
        return expand(controller, names);
    }
    let all = controller.supervisor().all_process_info()?;
    Ok(replaced(names, |name| match matching(name, &all) {
        found if found.is_empty() => members(name, &all),
        found => found,
    }))
}

fn members(name: &str, all: &[Info]) -> Vec<String> {
    let Namespec { group, process } = Namespec::parse(name);
    let members = all.iter().filter(|info| info.group == group);
    match process {
        None => members.map(Info::namespec).collect(),
        Some(_) => Vec::new(),
    }
}

/// The same for the names of groups, active ones and those that the file has.
pub(super) fn expand_groups(
    controller: &mut Controller<'_>,
    names: &[&str],
) -> Result<Vec<String>, Error> {
    let mut groups = BTreeSet::new();
    if names.iter().any(|name| is_pattern(name)) {
        let active = controller.supervisor().all_process_info()?;
        let configured = controller
            .supervisor()
            .all_config_info()
            .unwrap_or_default();
        groups.extend(active.into_iter().map(|info| info.group));
        groups.extend(configured.into_iter().map(|process| process.group));
    }
    Ok(replaced(names, |name| match Pattern::new(name) {
        Ok(pattern) if is_pattern(name) => {
            let matching = groups.iter().filter(|group| pattern.matches(group));
            matching.cloned().collect()
        }
        _ => Vec::new(),
    }))
}

/// The names with what stands for each in its place, if anything does; nothing comes twice that
/// was not named twice.
fn replaced(names: &[&str], stand_ins: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for name in names {
        let mut found = stand_ins(name);
        if found.is_empty() {
            seen.insert((*name).to_owned());
            all.push((*name).to_owned());
        }
        found.retain(|name| seen.insert(name.clone()));
        all.extend(found);
    }
    all
}

/// Strings as slices.
pub(super) fn slices(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(namespec: &str) -> Info {
        let spec = Namespec::parse(namespec);
        Info {
            name: spec.process.unwrap_or_default(),
            group: spec.group,
            state: 0,
            statename: String::new(),
            description: String::new(),
            pid: 0,
        }
    }

    fn expanded(names: &str) -> String {
        let processes = ["cat", "web:web_0", "web:web_1", "webx:web_10", "odd:a*"];
        let all = processes.map(process);
        let names: Vec<_> = names.split(' ').collect();
        replaced(&names, |name| matching(name, &all)).join(" ")
    }

    #[test]
    fn patterns_become_what_they_match() {
        for (names, want) in [
            ("web_*", "web:web_0 web:web_1 webx:web_10"),
            ("web:web_?", "web:web_0 web:web_1"),
            ("web*:*_1*", "web:web_1 webx:web_10"),
            ("*:", "cat web:web_0 web:web_1 webx:web_10 odd:a*"),
            ("[!w]*", "cat odd:a*"),
            ("web:web_1 web:*_? cat", "web:web_1 web:web_0 cat"),
            ("cat cat", "cat cat"),
        ] {
            assert_eq!(expanded(names), want, "{names}");
        }
    }

    #[test]
    fn a_group_is_its_members() {
        let all = ["cat", "web:web_0", "web:web_1"].map(process);
        for (name, want) in [
            ("web:*", &["web:web_0", "web:web_1"][..]),
            ("cat:", &["cat"]),
            ("web:web_0", &[]),
            ("nope:*", &[]),
        ] {
            assert_eq!(members(name, &all), want, "{name}");
        }
    }

    #[test]
    fn other_names_stay_as_they_are() {
        for names in [
            "web:*", "web:", "no_*", "no:*x", "cat nope", "[", "***", "odd:a*",
        ] {
            assert_eq!(expanded(names), names);
        }
    }
}

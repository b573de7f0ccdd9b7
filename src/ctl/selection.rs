//! Which processes a user's names mean.

use super::globs::Glob;
use super::reply::Info;
use super::report::Report;
use crate::process::Namespec;
use std::collections::BTreeSet;

/// The processes with these names, in the order of the names; without any, or with `all` among
/// them, every one. A name that fits none is told, with this exit status.
pub(super) fn select<'a, T: AsRef<Info>>(
    report: &mut Report<'_>,
    all: &'a [T],
    names: &[&str],
    unknown: u8,
) -> Vec<&'a T> {
    if names.is_empty() || names.contains(&"all") {
        return all.iter().collect();
    }
    let mut selected = Vec::new();
    for name in names {
        let found = find(all, name);
        if found.is_empty() {
            let spec = Namespec::parse(name);
            match &spec.process {
                Some(_) => report.line(format_args!("{name}: ERROR (no such process)")),
                None => report.line(format_args!("{}: ERROR (no such group)", spec.group)),
            }
            report.fail(unknown);
        }
        selected.extend(found);
    }
    selected
}

fn find<'a, T: AsRef<Info>>(all: &'a [T], name: &str) -> Vec<&'a T> {
    let spec = Namespec::parse(name);
    let found: Vec<_> = all.iter().filter(|it| fits(&spec, it.as_ref())).collect();
    match Glob::parse(name) {
        Some(glob) if found.is_empty() => {
            let matches = |info: &Info| glob.matches(&info.group, &info.name);
            all.iter().filter(|it| matches(it.as_ref())).collect()
        }
        _ => found,
    }
}

/// Whether a name means a process.
pub(super) fn fits(spec: &Namespec, info: &Info) -> bool {
    spec.group == info.group && spec.process.as_ref().is_none_or(|name| *name == info.name)
}

/// Their names, each once.
pub(super) fn distinct_names(selected: &[&Info]) -> Vec<String> {
    let mut names: Vec<_> = selected.iter().map(|info| info.namespec()).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

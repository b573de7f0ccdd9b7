//! reread, update, add, remove, reload, shutdown.

use super::controller::Controller;
use super::reply::{Changes, Pending};
use super::{Error, exit_status};
use crate::process::FaultCode;
use serde_json::{Value as Json, json};

/// `reread`
pub(super) fn reread(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    let changes = match controller.supervisor().reload_config() {
        Err(error) if error.is_fault(FaultCode::ShutdownState) => {
            controller.refuse("supervisor shutting down");
            return Ok(());
        }
        Err(Error::Fault(fault)) => {
            controller.refuse(fault);
            return Ok(());
        }
        changes => changes?,
    };
    if controller.options.json {
        let pending = controller.supervisor().pending()?;
        controller.report.document(as_json(&changes, &pending));
        return Ok(());
    }
    for line in differences(&changes) {
        controller.report.line(line);
    }
    tell_pending(controller)
}

/// The same for other programs, with what no update takes on.
fn as_json(changes: &Changes, pending: &[Pending]) -> Json {
    let pending = pending.iter().map(|it| {
        let option = Some(&it.option).filter(|option| !option.is_empty());
        json!({
            "section": it.section, "option": option, "change": it.change, "remedy": it.remedy,
        })
    });
    json!({
        "added": changes.added,
        "changed": changes.changed,
        "removed": changes.removed,
        "pending": pending.collect::<Vec<_>>(),
    })
}

/// What no update takes on goes to stderr: scripts read the lines about groups.
fn tell_pending(controller: &mut Controller<'_>) -> Result<(), Error> {
    for pending in controller.supervisor().pending()? {
        let option = match pending.option.as_str() {
            "" => String::new(),
            option => format!(" {option}"),
        };
        controller.report.error_line(format_args!(
            "[{}]{option}: {}; takes effect after a {} of supervisord",
            pending.section, pending.change, pending.remedy
        ));
    }
    Ok(())
}

/// What a new reading of the file came to, by the groups' names.
fn differences(changes: &Changes) -> Vec<String> {
    let mut found: Vec<_> = [
        (&changes.added, "available"),
        (&changes.changed, "changed"),
        (&changes.removed, "disappeared"),
    ]
    .into_iter()
    .flat_map(|(groups, word)| groups.iter().map(move |group| (group, word)))
    .collect();
    found.sort();
    if found.is_empty() {
        return vec!["No config updates to processes".to_owned()];
    }
    let line = |(group, word)| format!("{group}: {word}");
    found.into_iter().map(line).collect()
}

/// `update [GROUP...]`: rereads, then brings the groups in line with the file.
pub(super) fn update(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    let Some(changes) = read(controller)? else {
        return Ok(());
    };
    let only = if words.contains(&"all") { &[] } else { words };
    complain_of_unknown(controller, &changes, only)?;
    let meant = |group: &str| only.is_empty() || only.contains(&group);
    bring_in_line(controller, &changes, meant)
}

/// Has the server read its file, in order to follow it; `None` when it refuses, which is told.
pub(super) fn read(controller: &mut Controller<'_>) -> Result<Option<Changes>, Error> {
    match controller.supervisor().reload_config() {
        Err(error) if error.is_fault(FaultCode::ShutdownState) => {
            controller.refuse("already shutting down");
            Ok(None)
        }
        Err(Error::Fault(fault)) => {
            controller.refuse(fault);
            Ok(None)
        }
        changes => changes.map(Some),
    }
}

/// Has those groups follow the file that are meant, and tells what none can.
pub(super) fn bring_in_line(
    controller: &mut Controller<'_>,
    changes: &Changes,
    meant: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let meant = |group: &&String| meant(group);
    for group in changes.removed.iter().filter(meant) {
        remove_group(controller, group)?;
    }
    for group in changes.changed.iter().filter(meant) {
        update_group(controller, group)?;
    }
    for group in changes.added.iter().filter(meant) {
        controller.supervisor().add_process_group(group)?;
        log(controller, group, "added process group");
    }
    tell_pending(controller)
}

fn complain_of_unknown(
    controller: &mut Controller<'_>,
    changes: &Changes,
    groups: &[&str],
) -> Result<(), Error> {
    if groups.is_empty() {
        return Ok(());
    }
    let active = controller.supervisor().all_process_info()?;
    for group in groups {
        let known = active.iter().any(|info| info.group == *group)
            || changes.added.iter().any(|added| added == group);
        if !known {
            controller.refuse(format_args!("no such group: {group}"));
        }
    }
    Ok(())
}

fn remove_group(controller: &mut Controller<'_>, group: &str) -> Result<(), Error> {
    let outcomes = controller.supervisor().stop_process_group(group)?;
    log(controller, group, "stopped");
    let failed = i64::from(FaultCode::Failed.number());
    if outcomes.iter().any(|outcome| outcome.status == failed) {
        log(controller, group, "has problems; not removing");
        controller.report.fail(exit_status::GENERIC);
        return Ok(());
    }
    controller.supervisor().remove_process_group(group)?;
    log(controller, group, "removed process group");
    Ok(())
}

/// Has the server see to what changed. One that can't, as Supervisor's own, is led to replace the
/// group as a whole.
fn update_group(controller: &mut Controller<'_>, group: &str) -> Result<(), Error> {
    match controller.supervisor().update_process_group(group) {
        Err(error) if error.is_fault(FaultCode::UnknownMethod) => {
            return replace_group(controller, group);
        }
        updated => updated?,
    }
    log(controller, group, "stopped");
    log(controller, group, "updated process group");
    Ok(())
}

fn replace_group(controller: &mut Controller<'_>, group: &str) -> Result<(), Error> {
    controller.supervisor().stop_process_group(group)?;
    log(controller, group, "stopped");
    controller.supervisor().remove_process_group(group)?;
    controller.supervisor().add_process_group(group)?;
    log(controller, group, "updated process group");
    Ok(())
}

fn log(controller: &mut Controller<'_>, group: &str, what: &str) {
    controller.report.line(format_args!("{group}: {what}"));
}

/// `add GROUP...`
pub(super) fn add(controller: &mut Controller<'_>, groups: &[&str]) -> Result<(), Error> {
    for group in groups {
        match controller.supervisor().add_process_group(group) {
            Ok(()) => log(controller, group, "added process group"),
            Err(error) if error.is_fault(FaultCode::AlreadyAdded) => {
                // What was wanted is so: no failure.
                controller
                    .report
                    .line("ERROR: process group already active");
            }
            Err(error) if error.is_fault(FaultCode::ShutdownState) => {
                controller.refuse("shutting down");
            }
            Err(error) if error.is_fault(FaultCode::BadName) => {
                controller.refuse(format_args!("no such process/group: {group}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// `remove GROUP...`
pub(super) fn remove(controller: &mut Controller<'_>, groups: &[&str]) -> Result<(), Error> {
    for group in groups {
        match controller.supervisor().remove_process_group(group) {
            Ok(()) => log(controller, group, "removed process group"),
            Err(error) if error.is_fault(FaultCode::StillRunning) => {
                controller.refuse(format_args!("process/group still running: {group}"));
            }
            Err(error) if error.is_fault(FaultCode::BadName) => {
                controller.refuse(format_args!("no such process/group: {group}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// `reload`: restarts supervisord.
pub(super) fn reload(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    if !controller.confirm("Really restart the remote supervisord process")? {
        return Ok(());
    }
    match controller.supervisor().restart() {
        Ok(()) => controller.report.line("Restarted supervisord"),
        Err(error) if error.is_fault(FaultCode::ShutdownState) => {
            controller.refuse("already shutting down");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// `shutdown`
pub(super) fn shutdown(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    if !controller.confirm("Really shut the remote supervisord process down")? {
        return Ok(());
    }
    match controller.supervisor().shutdown() {
        Ok(()) => controller.report.line("Shut down"),
        Err(error) if error.is_fault(FaultCode::ShutdownState) => {
            // What was wanted is under way: no failure.
            controller.report.line("ERROR: already shutting down");
        }
        Err(error @ (Error::Refused(_) | Error::NoSuchFile(_))) => {
            controller.refuse(format_args!("{error} (already shut down?)"));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_sorted_by_group() {
        let changes = Changes {
            added: vec!["new".into(), "b".into()],
            changed: vec!["m".into()],
            removed: vec!["off".into(), "a".into()],
        };
        let lines = [
            "a: disappeared",
            "b: available",
            "m: changed",
            "new: available",
            "off: disappeared",
        ];
        assert_eq!(differences(&changes), lines);
        assert_eq!(
            differences(&Changes::default()),
            ["No config updates to processes"]
        );
    }
}

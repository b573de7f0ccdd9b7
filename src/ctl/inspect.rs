//! status, pid, avail, version, open.

use super::controller::Controller;
use super::globs::expand_members;
use super::paint::{Color, Painted};
use super::reply::{Configured, Info};
use super::report::Report;
use super::selection::select;
use super::{Error, exit_status};
use crate::process::namespec::Display;
use crate::process::{FaultCode, ProcessState};
use serde_json::{Value as Json, json};

/// The narrowest column of names.
const NAME_WIDTH: usize = 30;

/// `status [NAME...]`
pub(super) fn status(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if !controller.up_check()? {
        controller.report.fail(exit_status::STATUS_UNKNOWN);
        return Ok(());
    }
    if controller.options.json {
        return status_json(controller, names);
    }
    let all = controller.supervisor().all_process_info()?;
    let shown = select(
        &mut controller.report,
        &all,
        names,
        exit_status::STATUS_UNKNOWN,
    );
    show(&mut controller.report, &shown, controller.screen.color());
    let ok = &controller.options.ok;
    fail_for_stopped(&mut controller.report, ok, shown.into_iter());
    Ok(())
}

fn status_json(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    let all = controller.supervisor().full_process_info()?;
    let report = &mut controller.report;
    let shown = select(report, &all, names, exit_status::STATUS_UNKNOWN);
    let objects: Vec<_> = shown.iter().map(|process| &process.json).collect();
    report.document(json!(objects));
    let ok = &controller.options.ok;
    fail_for_stopped(report, ok, shown.iter().map(|process| &process.info));
    Ok(())
}

fn show(report: &mut Report<'_>, shown: &[&Info], color: bool) {
    let names: Vec<_> = shown.iter().map(|info| info.namespec()).collect();
    let longest = names.iter().map(|name| name.chars().count()).max();
    let width = longest.unwrap_or(0).max(NAME_WIDTH) + 3;
    for (info, name) in shown.iter().zip(&names) {
        let state = info.process_state().filter(|_| color);
        let statename = Painted(state.and_then(Color::of_state), &info.statename);
        let description = &info.description;
        report.line(format_args!("{name:width$}{statename:<10}{description}"));
    }
}

/// A process that is not running is a failure, unless its state is one of those that are well.
fn fail_for_stopped<'a>(
    report: &mut Report<'_>,
    ok: &[ProcessState],
    mut shown: impl Iterator<Item = &'a Info>,
) {
    let fails = |state: ProcessState| state.is_stopped() && !ok.contains(&state);
    if shown.any(|info| info.process_state().is_some_and(fails)) {
        report.fail(exit_status::STATUS_NOT_RUNNING);
    }
}

/// `pid [NAME...]`
pub(super) fn pid(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        let pid = controller.supervisor().pid()?;
        controller.tell(pid, || json!({"pid": pid}));
        return Ok(());
    }
    let mut pids = Vec::new();
    if names.contains(&"all") {
        for info in controller.supervisor().all_process_info()? {
            show_pid(controller, &mut pids, &info.namespec(), info.pid);
        }
    } else {
        for name in expand_members(controller, names)? {
            pid_of(controller, &mut pids, &name)?;
        }
    }
    if controller.options.json {
        controller.report.document(json!(pids));
    }
    Ok(())
}

/// Shows a pid in a line of its own, or puts it into `pids`, which will be shown together.
fn show_pid(controller: &mut Controller<'_>, pids: &mut Vec<Json>, name: &str, pid: i64) {
    match controller.options.json {
        true => pids.push(json!({"name": name, "pid": pid})),
        false => controller.report.line(pid),
    }
}

fn pid_of(controller: &mut Controller<'_>, pids: &mut Vec<Json>, name: &str) -> Result<(), Error> {
    match controller.supervisor().process_info(name) {
        Err(error) if error.is_fault(FaultCode::BadName) => {
            let line = format_args!("No such process {name}");
            controller.report.line(line);
            controller.report.fail(exit_status::GENERIC);
        }
        info => {
            let info = info?;
            show_pid(controller, pids, &info.namespec(), info.pid);
            if info.pid == 0 {
                controller.report.fail(exit_status::NOT_RUNNING);
            }
        }
    }
    Ok(())
}

/// `avail`
pub(super) fn avail(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    if controller.options.json {
        let all = controller.supervisor().full_config_info()?;
        controller.report.document(all);
        return Ok(());
    }
    match controller.supervisor().all_config_info() {
        Err(error) if error.is_fault(FaultCode::ShutdownState) => {
            controller.refuse("supervisor shutting down");
        }
        all => {
            for configured in all? {
                controller.report.line(available(&configured));
            }
        }
    }
    Ok(())
}

fn available(process: &Configured) -> String {
    let name = Display(&process.group, &process.name).to_string();
    let inuse = if process.inuse { "in use" } else { "avail" };
    let start = if process.autostart { "auto" } else { "manual" };
    let (group, own) = (process.group_prio, process.process_prio);
    format!("{name:<32} {inuse:<9} {start:<9} {group}:{own}")
}

/// `version`
pub(super) fn version(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    let version = controller.supervisor().supervisor_version()?;
    controller.tell(&version, || json!({"version": version}));
    Ok(())
}

/// `open URL`: from now on that server is meant. Whether it answers is told, but no failure.
pub(super) fn open(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    let schemes = ["http://", "https://", "unix://"];
    let known = |url: &&str| schemes.iter().any(|scheme| url.starts_with(scheme));
    let Some(url) = words.first().copied().filter(known) else {
        controller.refuse("url must be http:// or unix://");
        return Ok(());
    };
    controller.client.serverurl = url.to_owned();
    let before = controller.report.status();
    status(controller, &[])?;
    controller.report.fail(before);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(group: &str, name: &str, state: ProcessState, description: &str) -> Info {
        Info {
            group: group.into(),
            name: name.into(),
            state: state.code().into(),
            statename: state.name().into(),
            description: description.into(),
            pid: 0,
        }
    }

    fn status_of(all: &[Info], names: &[&str]) -> (String, u8) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        let shown = select(&mut report, all, names, exit_status::STATUS_UNKNOWN);
        show(&mut report, &shown, false);
        fail_for_stopped(&mut report, &[], shown.into_iter());
        let status = report.status();
        drop(report);
        (String::from_utf8(out).unwrap(), status)
    }

    fn some() -> Vec<Info> {
        vec![
            info("cat", "cat", ProcessState::Running, "pid 7, uptime 0:00:01"),
            info("m", "m0", ProcessState::Starting, ""),
            info("m", "m1", ProcessState::Exited, "Not started"),
        ]
    }

    #[test]
    fn a_row_has_name_state_and_description() {
        let table = "\
cat                              RUNNING   pid 7, uptime 0:00:01
m:m0                             STARTING  \n\
m:m1                             EXITED    Not started
";
        assert_eq!(status_of(&some(), &[]), (table.to_owned(), 3));
        assert_eq!(status_of(&some(), &["cat", "all"]), (table.to_owned(), 3));
        assert_eq!(status_of(&[], &[]), (String::new(), 0));
    }

    #[test]
    fn names_select_in_their_own_order_and_may_repeat() {
        let (text, status) = status_of(&some(), &["m:m0", "cat", "cat:cat"]);
        let names: Vec<_> = text.lines().filter_map(|l| l.split(' ').next()).collect();
        assert_eq!((names, status), (vec!["m:m0", "cat", "cat"], 0));
    }

    #[test]
    fn unknown_names_come_first_and_a_stopped_process_has_the_last_word() {
        let (text, status) = status_of(&some(), &["cat", "m", "no:*", "no:"]);
        let want = "\
m: ERROR (no such process)
no: ERROR (no such group)
no: ERROR (no such group)
cat  ";
        assert!(text.starts_with(want), "{text}");
        assert_eq!(status, 4);
        assert_eq!(status_of(&some(), &["no", "m:*"]).1, 3);
        let (text, status) = status_of(&some(), &["n*", "c?t"]);
        assert!(text.starts_with("n*: ERROR (no such process)\ncat  "));
        assert_eq!(status, 4);
    }

    #[test]
    fn a_long_name_widens_the_column() {
        let long = "n".repeat(40);
        let all = [info(&long, &long, ProcessState::Running, "up")];
        assert_eq!(status_of(&all, &[]).0, format!("{long}   RUNNING   up\n"));
    }

    #[test]
    fn what_is_available_is_told_in_columns() {
        let process = Configured {
            group: "multi".into(),
            name: "multi_00".into(),
            inuse: true,
            autostart: false,
            group_prio: 5,
            process_prio: 999,
        };
        let line = "multi:multi_00                   in use    manual    5:999";
        assert_eq!(available(&process), line);
    }
}

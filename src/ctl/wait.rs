//! wait.

use super::controller::Controller;
use super::goal::Standing;
use super::reply::Info;
use super::selection::{distinct_names, select};
use super::{Error, exit_status};
use crate::process::{FaultCode, Namespec};
use std::time::{Duration, Instant};

/// How long after the first look to look again, and how long at most. Supervisord offers its
/// clients no event to wait for.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// `wait NAME... [--for=running|stopped|exited]`
pub(super) fn wait(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("wait", "wait requires a process name");
        return Ok(());
    }
    let named = names.iter().map(|name| Namespec::parse(name).to_string());
    let mut waiting: Vec<_> = named.collect();
    let result = begin(controller, names, &mut waiting);
    tell_late(controller, result, waiting)
}

/// Watches these processes, who were `seen` so, until all have come to the goal or never will.
pub(super) fn patiently(
    controller: &mut Controller<'_>,
    mut waiting: Vec<String>,
    seen: Vec<Info>,
) -> Result<(), Error> {
    let result = watch(controller, &mut waiting, seen, Instant::now());
    tell_late(controller, result, waiting)
}

/// Tells for whom the time was too short, where it was.
fn tell_late(
    controller: &mut Controller<'_>,
    result: Result<(), Error>,
    waiting: Vec<String>,
) -> Result<(), Error> {
    if !matches!(result, Err(Error::TimedOut)) {
        return result;
    }
    for name in waiting {
        controller
            .report
            .line(format_args!("{name}: ERROR (timed out)"));
        controller.report.fail(exit_status::GENERIC);
    }
    Ok(())
}

/// Finds out whom the names mean, and watches them.
fn begin(
    controller: &mut Controller<'_>,
    names: &[&str],
    waiting: &mut Vec<String>,
) -> Result<(), Error> {
    let began = Instant::now();
    if !controller.up_check()? {
        return Ok(());
    }
    let all = controller.supervisor().all_process_info()?;
    let selected = select(&mut controller.report, &all, names, exit_status::GENERIC);
    *waiting = distinct_names(&selected);
    watch(controller, waiting, all, began)
}

/// Looks again and again, with growing pauses, until nobody is waited for any more.
fn watch(
    controller: &mut Controller<'_>,
    waiting: &mut Vec<String>,
    mut seen: Vec<Info>,
    began: Instant,
) -> Result<(), Error> {
    let mut pause = FIRST_PAUSE;
    loop {
        waiting.retain(|name| !tell(controller, name, &seen));
        if waiting.is_empty() {
            return Ok(());
        }
        controller.report.flush();
        let timeout = controller.options.timeout;
        controller.client.patience = timeout.map(|most| most.saturating_sub(began.elapsed()));
        let interrupt = controller.client.interrupt()?;
        interrupt.wait_until(Some(Instant::now() + pause), &[])?;
        drop(interrupt);
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        seen = look(controller, waiting)?;
    }
}

fn look(controller: &mut Controller<'_>, waiting: &[String]) -> Result<Vec<Info>, Error> {
    let [name] = waiting else {
        return controller.supervisor().all_process_info();
    };
    match controller.supervisor().process_info(name) {
        Err(error) if error.is_fault(FaultCode::BadName) => Ok(Vec::new()),
        info => Ok(vec![info?]),
    }
}

/// Tells how a process stands, if that is for good.
fn tell(controller: &mut Controller<'_>, name: &str, seen: &[Info]) -> bool {
    let spec = Namespec::parse(name);
    let fits = |info: &&Info| info.group == spec.group && spec.process.as_ref() == Some(&info.name);
    let goal = controller.options.goal;
    let standing = match seen.iter().find(fits) {
        Some(info) => goal.standing(info),
        None => Standing::Never("no such process"),
    };
    match standing {
        Standing::OnTheWay => return false,
        Standing::Reached => controller
            .report
            .line(format_args!("{name}: {}", goal.word())),
        Standing::Never(why) => {
            controller
                .report
                .line(format_args!("{name}: ERROR ({why})"));
            controller.report.fail(exit_status::NOT_RUNNING);
        }
    }
    true
}

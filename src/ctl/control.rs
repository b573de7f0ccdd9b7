//! start, stop, restart, signal.

use super::controller::Controller;
use super::drift::Question;
use super::give::give;
use super::globs::{expand, slices};
use super::order::{Order, Target};
use super::renew::renew;
use super::{Error, exit_status};

/// Whom the names mean.
pub(super) fn targets(
    controller: &mut Controller<'_>,
    names: &[&str],
) -> Result<Vec<Target>, Error> {
    Ok(Target::of(slices(&expand(controller, names)?)))
}

/// `start NAME...`
pub(super) fn start(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("start", "start requires a process name");
        controller.report.fail(exit_status::INVALID_ARGUMENTS);
        return Ok(());
    }
    let targets = targets(controller, names)?;
    let wait = controller.options.wait;
    with_drift(controller, &targets, |controller| {
        give(controller, Order::Start { wait }, &targets)
    })
}

/// `stop NAME...`
pub(super) fn stop(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("stop", "stop requires a process name");
        return Ok(());
    }
    let targets = targets(controller, names)?;
    let wait = controller.options.wait;
    give(controller, Order::Stop { wait }, &targets)
}

/// `restart NAME...`: stops all of them, then starts all of them. Whoever doesn't want to wait
/// still waits for the stops, without which nothing could start.
pub(super) fn restart(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("restart", "restart requires a process name");
        return Ok(());
    }
    if controller.options.update {
        return renew(controller, names);
    }
    let targets = targets(controller, names)?;
    with_drift(controller, &targets, |controller| {
        restart_all(controller, &targets)
    })
}

/// Restarts the targets, if there are any.
pub(super) fn restart_all(
    controller: &mut Controller<'_>,
    targets: &[Target],
) -> Result<(), Error> {
    let wait = controller.options.wait;
    give(controller, Order::Stop { wait: true }, targets)?;
    give(controller, Order::Start { wait }, targets)
}

/// Gives orders, then tells of which targets the files have another idea.
fn with_drift(
    controller: &mut Controller<'_>,
    targets: &[Target],
    orders: impl FnOnce(&mut Controller<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let question = Question::ask(&controller.client)?;
    orders(controller)?;
    let Controller { client, report, .. } = controller;
    question.map_or(Ok(()), |question| question.tell(client, report, targets))
}

/// `signal SIGNAL NAME...`
pub(super) fn signal(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    match words {
        [signal, names @ ..] if !names.is_empty() => {
            let targets = targets(controller, names)?;
            give(controller, Order::Signal(signal), &targets)
        }
        _ => {
            controller.usage("signal", "signal requires a signal name and a process name");
            Ok(())
        }
    }
}

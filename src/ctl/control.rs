//! start, stop, restart, signal.

use super::calls::Calls;
use super::client::Client;
use super::controller::Controller;
use super::drift::Question;
use super::globs::{expand, slices};
use super::ledger::{Ledger, Telling};
use super::order::{Order, Target};
use super::progress::Progress;
use super::proxy::Supervisor;
use super::renew::renew;
use super::reply::Info;
use super::{Error, exit_status};
use crate::process::ProcessState::{Stopped, Stopping};
use std::collections::BTreeSet;

/// Gives an order to all targets at once, and tells what becomes of it.
fn give(
    controller: &mut Controller<'_>,
    order: Order<'_>,
    targets: &[Target],
) -> Result<(), Error> {
    let Controller {
        client,
        report,
        screen,
        ..
    } = controller;
    report.flush();
    let telling = match screen.out {
        true => Telling::AsTheyEnd,
        false => Telling::InOrder,
    };
    let mut calls = Calls::new(client, targets.iter().map(|to| order.call(to)).collect());
    let mut ledger = Ledger::new(client, order.verb(), targets, telling);
    let progress = Progress::new(*screen);
    let interrupt = client.interrupt()?;
    let mut answers = Vec::new();
    while !calls.is_done() {
        match calls.step(&interrupt, progress.next()) {
            Err(Error::TimedOut) => break,
            ended => answers.extend(ended?),
        }
        if !order.is_checked() {
            ledger.end_all(report, answers.drain(..))?;
        }
        progress.show(report, ledger.ended(), targets.len());
        report.flush();
    }
    drop(interrupt);
    if order.is_checked() {
        ledger.refuse(still_down(client));
        ledger.end_all(report, answers)?;
    }
    ledger.close(report)
}

/// The processes that an order to start, not waited for, has not started: one that is stopping
/// takes it for done. A look that fails says nothing against the order.
fn still_down(client: &Client) -> BTreeSet<String> {
    let seen = Supervisor(client).all_process_info().unwrap_or_default();
    let down = |info: &&Info| matches!(info.process_state(), Some(Stopping | Stopped));
    seen.iter().filter(down).map(Info::namespec).collect()
}

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

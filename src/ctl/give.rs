//! Orders: how they are given, and what is told until the last has come to its end.

use super::Error;
use super::calls::{Calls, Ended};
use super::client::Client;
use super::controller::Controller;
use super::interrupt::Interrupt;
use super::ledger::{Ledger, Telling};
use super::order::{Order, Target};
use super::progress::Progress;
use super::proxy::Supervisor;
use super::reply::Info;
use super::report::Report;
use super::watch::Watch;
use crate::process::ProcessState::{Stopped, Stopping};
use std::collections::BTreeSet;

/// An order for several targets, under way.
struct Giving<'a> {
    client: &'a Client,
    order: Order<'a>,
    calls: Calls<'a>,
    ledger: Ledger<'a>,
    watch: Watch<'a>,
    progress: Progress,
    /// Answers that are held against the states that follow before they are told.
    unchecked: Vec<Ended>,
}

/// Gives an order to all targets at once, and tells what becomes of it.
pub(super) fn give(
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
    let watched = screen.out || screen.progress();
    let mut giving = Giving {
        client,
        order,
        watch: Watch::begin(client, order, targets, watched)?,
        calls: Calls::new(client, targets.iter().map(|to| order.call(to)).collect()),
        ledger: Ledger::new(client, order.verb(), targets, telling),
        progress: Progress::new(*screen),
        unchecked: Vec::new(),
    };
    let interrupt = client.interrupt()?;
    while !giving.calls.is_done() {
        match giving.step(report, &interrupt) {
            Err(Error::TimedOut) => break,
            done => done?,
        }
    }
    drop(interrupt);
    giving.finish(report)
}

impl Giving<'_> {
    /// Waits until there is something to tell, and tells it.
    fn step(&mut self, report: &mut Report<'_>, interrupt: &Interrupt) -> Result<(), Error> {
        if let Some(look) = self.watch.look() {
            self.calls.by_the_way(look);
        }
        let moments = self.progress.next().into_iter().chain(self.watch.next());
        for ended in self.calls.step(interrupt, moments.min())? {
            self.take(report, ended)?;
        }
        let (ended, all) = self.watch.count();
        self.progress.show(report, ended, all);
        report.flush();
        Ok(())
    }

    /// Takes an answer, or what a look by the way has shown.
    fn take(&mut self, report: &mut Report<'_>, ended: Ended) -> Result<(), Error> {
        let (number, answer) = ended;
        if self.watch.is_look(number) {
            let read = |answer| Supervisor(self.client).read("getAllProcessInfo", &answer);
            let seen: Vec<_> = answer.and_then(read).unwrap_or_default();
            self.ledger.tell_ahead(report, self.watch.see(&seen));
            return Ok(());
        }
        self.watch.end(number);
        match self.order.is_checked() {
            true => self.unchecked.push((number, answer)),
            false => self.ledger.end(report, number, answer)?,
        }
        Ok(())
    }

    fn finish(mut self, report: &mut Report<'_>) -> Result<(), Error> {
        if self.order.is_checked() {
            self.ledger.refuse(still_down(self.client));
            self.ledger.end_all(report, self.unchecked)?;
        }
        self.ledger.close(report)
    }
}

/// The processes that an order to start, not waited for, has not started: one that is stopping
/// takes it for done. A look that fails says nothing against the order.
fn still_down(client: &Client) -> BTreeSet<String> {
    let seen = Supervisor(client).all_process_info().unwrap_or_default();
    let down = |info: &&Info| matches!(info.process_state(), Some(Stopping | Stopped));
    seen.iter().filter(down).map(Info::namespec).collect()
}

//! How far orders have come. One call orders a whole group, or all, and is answered when the last
//! process has come to its end; who watches is told of each as it does, by looking now and then.

use super::Error;
use super::calls::Call;
use super::client::Client;
use super::order::{Order, Target};
use super::proxy::Supervisor;
use super::reply::Info;
use crate::process::ProcessState;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long after a look to look again.
const PERIOD: Duration = Duration::from_millis(250);

/// The processes that an order concerns.
pub(super) struct Watch<'a> {
    order: Order<'a>,
    /// Those that have not come to their end, by target.
    open: Vec<Open>,
    /// How many there were.
    all: usize,
    looks: Looks,
}

/// Whom of a target an order has yet to be carried out for.
enum Open {
    /// The process that the target is: its answer comes by itself.
    Itself,
    /// These, who were found in these states.
    Members(BTreeMap<String, ProcessState>),
}

/// When to look.
enum Looks {
    /// Not at all.
    Never,
    /// At this moment.
    At(Instant),
    /// When the look that is under way has shown something.
    UnderWay,
}

impl<'a> Watch<'a> {
    /// Finds out whom of the targets the order will concern, if somebody watches and the order is
    /// one for many whose end is waited for. A look that fails shows nobody.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn begin(
        client: &Client,
        order: Order<'a>,
        targets: &[Target],
        watched: bool,
    ) -> Result<Self, Error> {
        let many = |target: &Target| !matches!(target, Target::Process(_));
        if !watched || order.goal().is_none() || !targets.iter().any(many) {
            return Ok(Self::new(order, targets, &[], Looks::Never));
        }
        let seen = match Supervisor(client).all_process_info() {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            seen => seen.unwrap_or_default(),
        };
        let looks = Looks::At(Instant::now() + PERIOD);
        Ok(Self::new(order, targets, &seen, looks))
    }

    fn new(order: Order<'a>, targets: &[Target], seen: &[Info], looks: Looks) -> Self {
        let concerned = |info: &Info| {
            let state = info.process_state().filter(|state| order.concerns(*state));
            state.map(|state| (info.namespec(), state))
        };
        let open = targets.iter().map(|target| match target {
            Target::All => Open::Members(seen.iter().filter_map(concerned).collect()),
            Target::Group(group) => {
                let members = seen.iter().filter(|it| it.group == *group);
                Open::Members(members.filter_map(concerned).collect())
            }
            Target::Process(_) => Open::Itself,
        });
        let open: Vec<_> = open.collect();
        let all = open.iter().map(Open::count).sum();
        Self {
            order,
            open,
            all,
            looks,
        }
    }

    /// When the next look is due.
    pub(super) const fn next(&self) -> Option<Instant> {
        match self.looks {
            Looks::At(moment) => Some(moment),
            Looks::Never | Looks::UnderWay => None,
        }
    }

    /// The call for a look that is due.
    pub(super) fn look(&mut self) -> Option<Call> {
        if self.next()? > Instant::now() {
            return None;
        }
        self.looks = Looks::UnderWay;
        Some(Call {
            method: "supervisor.getAllProcessInfo",
            params: Vec::new(),
        })
    }

    /// Whether a call of this number is a look: those of the targets come first.
    pub(super) const fn is_look(&self, number: usize) -> bool {
        number >= self.open.len()
    }

    /// Takes what a look has shown; the names of those that have newly come to where the order
    /// wants them.
    pub(super) fn see(&mut self, seen: &[Info]) -> Vec<String> {
        self.looks = Looks::At(Instant::now() + PERIOD);
        let mut arrived = Vec::new();
        for info in seen {
            let Some(now) = info.process_state() else {
                continue;
            };
            let (name, mut has_ended) = (info.namespec(), false);
            for open in &mut self.open {
                has_ended |= open.end(&name, |before| self.order.is_over(before, now));
            }
            if has_ended && self.order.goal() == Some(now) {
                arrived.push(name);
            }
        }
        arrived
    }

    /// A target has been answered for.
    pub(super) fn end(&mut self, number: usize) {
        if let Some(open) = self.open.get_mut(number) {
            *open = Open::Members(BTreeMap::new());
        }
    }

    /// How many processes have come to their end, and of how many.
    pub(super) fn count(&self) -> (usize, usize) {
        let open: usize = self.open.iter().map(Open::count).sum();
        (self.all - open, self.all)
    }
}

impl Open {
    fn count(&self) -> usize {
        match self {
            Self::Itself => 1,
            Self::Members(members) => members.len(),
        }
    }

    /// Lets a member go that has come to its end; false where there is none such.
    fn end(&mut self, name: &str, is_over: impl Fn(ProcessState) -> bool) -> bool {
        let Self::Members(members) = self else {
            return false;
        };
        let over = members.get(name).is_some_and(|before| is_over(*before));
        over && members.remove(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessState::{Backoff, Exited, Fatal, Running, Starting, Stopped, Stopping};
    use super::*;
    use crate::process::Namespec;

    fn seen(states: &[(&str, ProcessState)]) -> Vec<Info> {
        let info = |(name, state): &(&str, ProcessState)| {
            let Namespec { group, process } = Namespec::parse(name);
            Info {
                group,
                name: process.unwrap(),
                state: state.code().into(),
                statename: state.name().to_owned(),
                description: String::new(),
                pid: 0,
            }
        };
        states.iter().map(info).collect()
    }

    #[test]
    fn each_process_of_an_order_for_many_counts_and_is_told_when_it_is_seen_to_stop() {
        let targets = Target::of(["g:*", "a"]);
        let order = Order::Stop { wait: true };
        let found = [
            ("g:1", Running),
            ("g:2", Starting),
            ("g:3", Stopped),
            ("g:4", Running),
        ];
        let mut watch = Watch::new(order, &targets, &seen(&found), Looks::Never);
        assert_eq!(watch.count(), (0, 4));
        let now = [
            ("g:1", Stopping),
            ("g:2", Stopped),
            ("g:3", Stopped),
            ("g:4", Exited),
        ];
        assert_eq!(watch.see(&seen(&now)), ["g:2"]);
        assert_eq!(watch.count(), (2, 4));
        assert_eq!(watch.see(&seen(&now)), [""; 0]);
        watch.end(1);
        assert_eq!(watch.count(), (3, 4));
        watch.end(0);
        assert_eq!(watch.count(), (4, 4));
    }

    #[test]
    fn a_start_that_fails_is_over_but_left_to_the_answer() {
        let order = Order::Start { wait: true };
        let found = [("a", Stopped), ("b", Exited), ("c", Fatal), ("d", Running)];
        let mut watch = Watch::new(order, &Target::of(["all"]), &seen(&found), Looks::Never);
        let now = [
            ("a", Starting),
            ("b", Running),
            ("c", Backoff),
            ("d", Stopped),
        ];
        assert_eq!(watch.see(&seen(&now)), ["b"]);
        assert_eq!(watch.count(), (2, 3));
    }
}

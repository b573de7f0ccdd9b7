//! What the processes of a group share: the sockets of FastCGI programs, the pool of listeners.

use super::event_bus::EventBus;
use super::fcgi_socket::{Hold, SharedSocket};
use super::listener_pool::{Adjust, Close, LeaveSeats, ListenerPool, Seat, TakeSeats};
use super::process::Role;
use super::registry::ProcessEntry;
use super::resources::Resources;
use crate::config::{EventListener, FcgiSocket, Group, GroupKind, ProcessConfig, diff};
use actix::{Actor, Addr};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// A program's socket, with the address that tells whether it is still the same one.
struct Socket {
    program: Arc<str>,
    url: String,
    shared: Rc<RefCell<SharedSocket>>,
}

/// A pool and the numbers of its processes' seats.
struct Seats {
    pool: Addr<ListenerPool>,
    numbers: BTreeMap<Arc<str>, usize>,
}

/// Shared by the processes of one group.
#[derive(Default)]
pub(super) struct Shared {
    sockets: Box<[Socket]>,
    seats: Option<Box<Seats>>,
}

impl Shared {
    /// What the group's processes share from now on: what `before`, its former self, had and is
    /// still the same, and the rest anew. A pool hears what happens from now on.
    pub(super) fn new(
        group: &Group,
        before: Option<(&Group, &Self)>,
        resources: &Rc<Resources>,
    ) -> Self {
        let sockets = group.sockets.iter().map(|(program, socket)| {
            let known = before.and_then(|(_, shared)| shared.socket(program));
            Socket::new(program, socket, known, resources)
        });
        Self {
            sockets: sockets.collect(),
            seats: Seats::new(group, before, resources).map(Box::new),
        }
    }

    /// The part of a process in it.
    pub(super) fn role(&self, process: &ProcessConfig) -> Role {
        if let Some(seats) = &self.seats {
            let pool = seats.pool.clone();
            let number = seats.numbers.get(&process.name).copied();
            let number = number.unwrap_or_default();
            return Role::Listener(Box::new(Seat { pool, number }));
        }
        match self.socket(&process.program.name) {
            Some(socket) => Role::FastCgi(socket.shared.clone()),
            None => Role::Plain,
        }
    }

    /// Tells the pool of new processes.
    pub(super) fn introduce(&self, launched: &[Arc<ProcessEntry>]) {
        let Some(seats) = &self.seats else {
            return;
        };
        let seated = |entry: &Arc<ProcessEntry>| {
            let name = entry.cell.name.clone();
            let number = *seats.numbers.get(&name)?;
            Some((number, name, entry.addr.downgrade()))
        };
        seats
            .pool
            .do_send(TakeSeats(launched.iter().filter_map(seated).collect()));
    }

    /// The pool of event listeners.
    pub(super) fn pool(&self) -> Option<&Addr<ListenerPool>> {
        self.seats.as_ref().map(|seats| &seats.pool)
    }

    /// Keeps the open sockets that `group` is to have, too, for as long as the result lives.
    pub(super) fn hold(&self, group: &Group) -> Vec<Hold> {
        let stays = |(program, socket): &(Arc<str>, FcgiSocket)| {
            let known = self.socket(program)?;
            known.is(socket).then(|| Hold::on(&known.shared))?
        };
        group.sockets.iter().filter_map(stays).collect()
    }

    fn socket(&self, program: &str) -> Option<&Socket> {
        let mut sockets = self.sockets.iter();
        sockets.find(|socket| *socket.program == *program)
    }
}

impl Socket {
    fn new(
        program: &Arc<str>,
        config: &FcgiSocket,
        known: Option<&Self>,
        resources: &Resources,
    ) -> Self {
        let shared = match known.filter(|known| known.is(config)) {
            Some(known) => {
                known.shared.borrow_mut().configure(config.clone());
                known.shared.clone()
            }
            None => Rc::new(RefCell::new(SharedSocket::new(
                config.clone(),
                resources.activity.clone(),
            ))),
        };
        Self {
            program: program.clone(),
            url: config.address.url(),
            shared,
        }
    }

    fn is(&self, config: &FcgiSocket) -> bool {
        self.url == config.address.url()
    }
}

impl Seats {
    fn new(
        group: &Group,
        before: Option<(&Group, &Shared)>,
        resources: &Rc<Resources>,
    ) -> Option<Self> {
        let known = before.and_then(|(before, shared)| Some((before, shared.seats.as_deref()?)));
        match (&group.kind, known) {
            (GroupKind::EventListener(listener), Some((before, seats)))
                if diff::same_audience(&before.kind, &group.kind) =>
            {
                Some(seats.changed(group, listener))
            }
            (kind, known) => {
                if let Some((_, seats)) = known {
                    seats.close(&group.name, &resources.events);
                }
                match kind {
                    GroupKind::EventListener(listener) => {
                        Some(Self::first(group, listener, resources))
                    }
                    GroupKind::Plain | GroupKind::Fcgi => None,
                }
            }
        }
    }

    fn first(group: &Group, listener: &EventListener, resources: &Rc<Resources>) -> Self {
        let pool = ListenerPool::new(group, listener, resources).start();
        resources
            .events
            .subscribe(group.name.clone(), listener.events.clone(), pool.clone());
        let names = group.processes.iter().map(|process| process.name.clone());
        let numbers = names.zip(0..).collect();
        Self { pool, numbers }
    }

    /// The same pool with other processes: whoever stays keeps its number.
    fn changed(&self, group: &Group, listener: &EventListener) -> Self {
        let mut next = self.numbers.values().max().map_or(0, |most| most + 1);
        let mut number = |name: &Arc<str>| {
            self.numbers.get(name).copied().unwrap_or_else(|| {
                next += 1;
                next - 1
            })
        };
        let names = group.processes.iter().map(|process| &process.name);
        let numbers: BTreeMap<_, _> = names.map(|name| (name.clone(), number(name))).collect();
        let left = self
            .numbers
            .iter()
            .filter(|(name, _)| !numbers.contains_key(*name));
        let left = left.map(|(_, number)| *number).collect();
        self.pool.do_send(LeaveSeats(left));
        self.pool.do_send(Adjust(listener.clone()));
        Self {
            pool: self.pool.clone(),
            numbers,
        }
    }

    fn close(&self, group: &str, events: &EventBus) {
        events.unsubscribe(group);
        self.pool.do_send(Close);
    }
}

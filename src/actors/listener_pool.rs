//! A pool of event listeners: keeps events until one of its processes is ready for them.

use super::process::{Deliver, Process};
use super::resources::Resources;
use crate::config::{EventListener, Group};
use crate::events::{Delivery, Event, Listener, ListenerState, Outcome, Pool, envelope, note};
use crate::process::ProcessState;
use crate::process::note::Level;
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use std::rc::Rc;
use std::sync::Arc;

/// An event that the pool subscribed to.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Accept {
    pub(super) event: Arc<Event>,
    pub(super) serial: u64,
}

/// The pool's processes, in the order of the configuration.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct TakeSeats(pub(super) Vec<(Arc<str>, Addr<Process>)>);

/// One of the pool's processes entered a state.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ListenerEntered {
    pub(super) seat: usize,
    pub(super) state: ProcessState,
}

/// One of the pool's processes wrote to its stdout.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ListenerSaid {
    pub(super) seat: usize,
    pub(super) bytes: Vec<u8>,
}

/// A process's place in a pool.
#[derive(Clone)]
pub(super) struct Seat {
    pub(super) pool: Addr<ListenerPool>,
    pub(super) number: usize,
}

impl Seat {
    pub(super) fn entered(&self, state: ProcessState) {
        self.pool.do_send(ListenerEntered {
            seat: self.number,
            state,
        });
    }

    pub(super) fn said(&self, bytes: Vec<u8>) {
        self.pool.do_send(ListenerSaid {
            seat: self.number,
            bytes,
        });
    }
}

/// One listener, as the pool sees it.
struct Seated {
    name: Arc<str>,
    process: Addr<Process>,
    protocol: Listener,
    /// RUNNING: only then is it given anything.
    running: bool,
}

/// The actor of a pool.
pub(super) struct ListenerPool {
    group: Arc<str>,
    pool: Pool,
    listeners: Vec<Seated>,
    resources: Rc<Resources>,
}

impl ListenerPool {
    /// A pool without processes yet; they take their seats when they exist.
    pub(super) fn new(group: &Group, listener: &EventListener, resources: &Rc<Resources>) -> Self {
        Self {
            group: group.name.clone(),
            pool: Pool::new(listener.events.clone(), listener.buffer_size),
            listeners: Vec::new(),
            resources: resources.clone(),
        }
    }

    fn say(&self, (level, text): (Level, String)) {
        self.resources.activity.log(level, text);
    }

    /// Gives events to listeners until one of both runs out. The first that is ready gets the
    /// oldest.
    fn dispatch(&mut self, ctx: &mut Context<Self>) {
        let ready =
            |seated: &Seated| seated.running && seated.protocol.state() == ListenerState::Ready;
        while let Some(seat) = self.listeners.iter().position(ready)
            && let Some(delivery) = self.pool.hand_out()
        {
            self.send(seat, delivery, ctx);
        }
    }

    fn send(&mut self, seat: usize, delivery: Delivery, ctx: &mut Context<Self>) {
        let bytes = envelope(&self.resources.identifier, &self.group, &delivery);
        let serial = delivery.serial;
        let Some(seated) = self.listeners.get_mut(seat) else {
            return;
        };
        if let Err(delivery) = seated.protocol.take(delivery) {
            return self.put_back(delivery);
        }
        let name = seated.name.clone();
        let sent = seated.process.send(Deliver(bytes)).into_actor(self);
        let told = sent.map(move |sent, pool, ctx| match sent {
            Ok(Ok(())) => pool.say(note::sent(serial, &name)),
            Ok(Err(_)) | Err(_) => {
                pool.say(note::epipe(serial, &name));
                pool.vacate(seat);
                pool.dispatch(ctx);
            }
        });
        ctx.spawn(told);
    }

    /// The listener can't finish what it has in hand: another one gets it.
    fn vacate(&mut self, seat: usize) {
        let delivery = self
            .listeners
            .get_mut(seat)
            .and_then(|seated| seated.protocol.reset());
        if let Some(delivery) = delivery {
            self.put_back(delivery);
        }
    }

    fn put_back(&mut self, delivery: Delivery) {
        let (len, size) = (self.pool.len(), self.pool.buffer_size());
        self.say(note::rebuffering(delivery.serial, &self.group, len, size));
        if let Some(discarded) = self.pool.put_back(delivery) {
            self.say(note::overflowed(&self.group, discarded.serial));
        }
    }

    fn settle(&mut self, name: &str, outcome: Outcome) {
        note::outcome(name, &outcome)
            .into_iter()
            .for_each(|said| self.say(said));
        match outcome {
            Outcome::Ready | Outcome::Processed(_) => {}
            Outcome::Rejected { delivery, .. } => self.put_back(delivery),
            Outcome::Violation(violation) => {
                violation
                    .delivery
                    .into_iter()
                    .for_each(|delivery| self.put_back(delivery));
            }
        }
    }
}

impl Actor for ListenerPool {
    type Context = Context<Self>;
}

impl Handler<TakeSeats> for ListenerPool {
    type Result = ();

    fn handle(&mut self, TakeSeats(processes): TakeSeats, _: &mut Context<Self>) {
        let seated = |(name, process)| Seated {
            name,
            process,
            protocol: Listener::new(),
            running: false,
        };
        self.listeners = processes.into_iter().map(seated).collect();
    }
}

impl Handler<Accept> for ListenerPool {
    type Result = ();

    fn handle(&mut self, Accept { event, serial }: Accept, ctx: &mut Context<Self>) {
        for discarded in self.pool.accept(event, serial) {
            self.say(note::overflowed(&self.group, discarded.serial));
        }
        self.dispatch(ctx);
    }
}

impl Handler<ListenerEntered> for ListenerPool {
    type Result = ();

    fn handle(&mut self, message: ListenerEntered, ctx: &mut Context<Self>) {
        let ListenerEntered { seat, state } = message;
        if let Some(seated) = self.listeners.get_mut(seat) {
            seated.running = state == ProcessState::Running;
        }
        if state.is_stopped() || state == ProcessState::Backoff {
            self.vacate(seat);
        }
        self.dispatch(ctx);
    }
}

impl Handler<ListenerSaid> for ListenerPool {
    type Result = ();

    fn handle(&mut self, ListenerSaid { seat, bytes }: ListenerSaid, ctx: &mut Context<Self>) {
        let Some(seated) = self.listeners.get_mut(seat) else {
            return;
        };
        let (name, outcomes) = (seated.name.clone(), seated.protocol.feed(&bytes));
        for outcome in outcomes {
            self.settle(&name, outcome);
        }
        self.dispatch(ctx);
    }
}

//! From whatever happens to the pools that subscribed to it.

use super::listener_pool::{Accept, AwaitRoom, ListenerPool};
use super::registry::ProcessCell;
use crate::events::{Event, EventType, SerialCounter, Source, StateChange};
use crate::process::{Change, ProcessState};
use actix::Addr;
use futures_util::future::join_all;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One pool and what it wants to hear.
struct Subscription {
    pool: Addr<ListenerPool>,
    group: Arc<str>,
    wanted: BTreeSet<EventType>,
}

/// Hands events to the pools that want them, and numbers them. Lives on the control thread.
#[derive(Default)]
pub(super) struct EventBus {
    subscriptions: RefCell<Vec<Subscription>>,
    serials: RefCell<SerialCounter>,
}

impl EventBus {
    pub(super) fn new(serials: SerialCounter) -> Self {
        Self {
            subscriptions: RefCell::default(),
            serials: RefCell::new(serials),
        }
    }

    /// The numbers, to go on with after a restart.
    pub(super) fn serials(&self) -> SerialCounter {
        self.serials.borrow().clone()
    }

    pub(super) fn subscribe(
        &self,
        group: Arc<str>,
        wanted: BTreeSet<EventType>,
        pool: Addr<ListenerPool>,
    ) {
        let subscription = Subscription {
            pool,
            group,
            wanted,
        };
        self.subscriptions.borrow_mut().push(subscription);
    }

    pub(super) fn unsubscribe(&self, group: &str) {
        self.subscriptions
            .borrow_mut()
            .retain(|subscription| &*subscription.group != group);
    }

    /// Whether any pool wants events of the type.
    pub(super) fn is_wanted(&self, event_type: EventType) -> bool {
        self.subscriptions
            .borrow()
            .iter()
            .any(|subscription| subscription.wants(event_type))
    }

    /// Hands an event out. It gets a number only when somebody wants it.
    pub(super) fn emit(&self, event: Event) {
        let event_type = event.event_type();
        if !self.is_wanted(event_type) {
            return;
        }
        let serial = self.serials.borrow_mut().assign();
        let event = Arc::new(event);
        for subscription in &*self.subscriptions.borrow() {
            if subscription.wants(event_type) {
                subscription.pool.do_send(Accept {
                    event: event.clone(),
                    serial,
                });
            }
        }
    }

    /// Ends when every pool that wants such output has room for a piece of it, which `who` wrote and
    /// is to be emitted then.
    pub(super) fn room_for(
        &self,
        event_type: EventType,
        who: &Source,
    ) -> impl Future<Output = ()> + use<> {
        let subscriptions = self.subscriptions.borrow();
        let wants = |subscription: &&Subscription| subscription.wants(event_type);
        let pools = subscriptions.iter().filter(wants);
        let ask = |subscription: &Subscription| subscription.pool.send(AwaitRoom(who.clone()));
        let room = join_all(pools.map(ask));
        async move { drop(room.await) }
    }

    /// Tells of a process's new state.
    pub(super) fn process_changed(&self, cell: &ProcessCell, change: &Change) {
        if self.subscriptions.borrow().is_empty() {
            return;
        }
        let source = Source {
            name: cell.name.clone(),
            group: cell.group.clone(),
        };
        let to = state_change(change);
        self.emit(Event::ProcessState {
            source,
            from: change.from,
            to,
        });
    }
}

impl Subscription {
    fn wants(&self, event_type: EventType) -> bool {
        self.wanted.iter().any(|wanted| wanted.covers(event_type))
    }
}

fn state_change(change: &Change) -> StateChange {
    let pid = change.pid.unwrap_or_default();
    let tries = change.tries;
    match change.to {
        ProcessState::Stopped => StateChange::Stopped { pid },
        ProcessState::Starting => StateChange::Starting { tries },
        ProcessState::Running => StateChange::Running { pid },
        ProcessState::Backoff => StateChange::Backoff { tries },
        ProcessState::Stopping => StateChange::Stopping { pid },
        ProcessState::Exited => StateChange::Exited {
            pid,
            expected: change.expected,
        },
        ProcessState::Fatal => StateChange::Fatal,
        ProcessState::Unknown => StateChange::Unknown,
    }
}

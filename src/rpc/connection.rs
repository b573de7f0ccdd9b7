//! Clients' connections, for as long as they last, and who has to leave when there are too many.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::Notify;

/// All connections, and how many there may be.
pub(super) struct Connections {
    room: usize,
    all: RefCell<Vec<Rc<Connection>>>,
    /// Counts the ends of requests, so that it is known whose was the latest.
    uses: Cell<u64>,
    /// One has gone, or has become idle.
    freed: Notify,
}

/// A client's connection.
pub(super) struct Connection {
    among: Rc<Connections>,
    /// How many of its requests are being answered.
    answering: Cell<usize>,
    /// When it was last of use, in uses of all connections.
    used: Cell<u64>,
    /// How many bytes have come since a request last began.
    received: Cell<usize>,
    is_hung_up: Cell<bool>,
    hung_up: Notify,
    dismissed: Notify,
}

/// A connection's place among all, until it is dropped.
pub(super) struct Seat(Rc<Connection>);

/// A connection while a request of it is being answered.
pub(super) struct Busy(Rc<Connection>);

impl Connections {
    /// With room for so many, at least one.
    pub(super) fn new(room: usize) -> Rc<Self> {
        Rc::new(Self {
            room: room.max(1),
            all: RefCell::default(),
            uses: Cell::default(),
            freed: Notify::new(),
        })
    }

    /// A place for one more. Where there is none left, the connection that has been idle for
    /// longest leaves; where all are busy, one of them is waited for.
    pub(super) async fn admit(self: &Rc<Self>) -> Seat {
        while self.all.borrow().len() >= self.room {
            if !self.dismiss_idle(self.latest_use()) {
                self.freed.notified().await;
            }
        }
        let connection = Rc::new(Connection {
            among: self.clone(),
            answering: Cell::default(),
            used: Cell::new(self.next_use()),
            received: Cell::default(),
            is_hung_up: Cell::default(),
            hung_up: Notify::new(),
            dismissed: Notify::new(),
        });
        self.all.borrow_mut().push(connection.clone());
        Seat(connection)
    }

    /// The number of the latest use of any connection; being let in is one.
    pub(super) fn latest_use(&self) -> u64 {
        self.uses.get()
    }

    /// Has the connection leave that has been idle for longest, of those that were not used since
    /// that use. Whether there is one.
    pub(super) fn dismiss_idle(&self, since: u64) -> bool {
        let idle = {
            let all = self.all.borrow();
            let is_idle =
                |one: &&Rc<Connection>| one.answering.get() == 0 && one.used.get() <= since;
            let idle = all.iter().filter(is_idle);
            idle.min_by_key(|one| one.used.get()).cloned()
        };
        idle.inspect(|idle| {
            self.remove(idle);
            idle.dismissed.notify_one();
        })
        .is_some()
    }

    fn remove(&self, connection: &Rc<Connection>) {
        let mut all = self.all.borrow_mut();
        if let Some(at) = all.iter().position(|one| Rc::ptr_eq(one, connection)) {
            all.swap_remove(at);
        }
    }

    fn next_use(&self) -> u64 {
        self.uses.set(self.uses.get() + 1);
        self.uses.get()
    }
}

impl Connection {
    /// A request begins to be answered.
    pub(super) fn begin(self: &Rc<Self>) -> Busy {
        self.answering.set(self.answering.get() + 1);
        self.received.set(0);
        Busy(self.clone())
    }

    /// More bytes have come; how many it are since a request last began.
    pub(super) fn receive(&self, bytes: usize) -> usize {
        self.received.set(self.received.get().saturating_add(bytes));
        self.received.get()
    }

    /// The client will send no more; it may still wait for an answer.
    pub(super) fn hang_up(&self) {
        self.is_hung_up.set(true);
        self.hung_up.notify_one();
    }

    /// Waits until the connection is to be closed because others need the room.
    pub(super) async fn dismissed(&self) {
        self.dismissed.notified().await;
    }
}

impl Seat {
    pub(super) const fn connection(&self) -> &Rc<Connection> {
        &self.0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.among.remove(&self.0);
        self.0.among.freed.notify_one();
    }
}

impl Busy {
    /// Waits until the client sends no more: it has gone, or it waits for an end.
    pub(super) async fn hung_up(&self) {
        while !self.0.is_hung_up.get() {
            self.0.hung_up.notified().await;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Connection {
            among,
            answering,
            used,
            ..
        } = &*self.0;
        answering.set(answering.get() - 1);
        used.set(among.next_use());
        among.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn admit(connections: &Rc<Connections>) -> Option<Seat> {
        connections.admit().now_or_never()
    }

    fn is_dismissed(seat: &Seat) -> bool {
        seat.connection().dismissed().now_or_never().is_some()
    }

    #[test]
    fn who_has_been_idle_for_longest_leaves_for_who_comes() {
        let connections = Connections::new(2);
        let [first, second] = [(); 2].map(|()| admit(&connections).unwrap());
        drop(first.connection().begin());
        let third = admit(&connections).unwrap();
        assert!(is_dismissed(&second) && !is_dismissed(&first));
        drop(second);
        let fourth = admit(&connections).unwrap();
        assert!(is_dismissed(&first));
        assert!(!is_dismissed(&third) && !is_dismissed(&fourth));
    }

    #[test]
    fn who_was_of_use_meanwhile_stays() {
        let connections = Connections::new(2);
        let [first, second] = [(); 2].map(|()| admit(&connections).unwrap());
        let since = connections.latest_use();
        drop(first.connection().begin());
        assert!(connections.dismiss_idle(since));
        assert!(is_dismissed(&second) && !is_dismissed(&first));
        assert!(!connections.dismiss_idle(since));
    }

    #[test]
    fn who_is_busy_stays_and_is_waited_for() {
        let connections = Connections::new(1);
        let seat = admit(&connections).unwrap();
        let busy = seat.connection().begin();
        assert!(admit(&connections).is_none());
        assert!(!is_dismissed(&seat));
        drop(busy);
        assert!(admit(&connections).is_some());
    }

    #[test]
    fn a_place_is_free_when_its_connection_has_gone() {
        let connections = Connections::new(1);
        for _ in 0..3 {
            let seat = admit(&connections).unwrap();
            let _busy = seat.connection().begin();
        }
    }

    #[test]
    fn hanging_up_is_told_before_and_after() {
        let connections = Connections::new(1);
        let seat = admit(&connections).unwrap();
        let busy = seat.connection().begin();
        assert!(busy.hung_up().now_or_never().is_none());
        seat.connection().hang_up();
        for _ in 0..2 {
            assert!(busy.hung_up().now_or_never().is_some());
        }
    }
}

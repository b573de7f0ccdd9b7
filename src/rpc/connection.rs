//! One client's connection, for as long as it lasts, and who has to leave when there are too many.

use super::listeners::Door;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::Notify;

/// What is known of a connection.
pub(super) struct Connection {
    /// What its client must show.
    pub(super) door: Door,
    /// Its requests that are being answered.
    answering: Cell<usize>,
    /// When it was last of use, counted in uses of all connections.
    used: Cell<u64>,
    hung_up: Cell<bool>,
    /// Something of this has changed.
    changed: Notify,
    asked_to_leave: Notify,
}

impl Connection {
    /// The client will send no more. It may still wait for an answer.
    pub(super) fn hang_up(&self) {
        self.hung_up.set(true);
        self.changed.notify_waiters();
    }

    /// Waits until the client has said that it will send no more.
    pub(super) async fn is_hung_up(&self) {
        while !self.hung_up.get() {
            self.changed.notified().await;
        }
    }

    /// Waits until the connection has to be closed, so that others find room.
    pub(super) async fn must_leave(&self) {
        self.asked_to_leave.notified().await;
    }
}

/// All connections, and how many there may be.
pub(super) struct Connections {
    room: usize,
    all: RefCell<Vec<Rc<Connection>>>,
    uses: Cell<u64>,
    /// One has gone, or has become idle.
    freed: Notify,
}

impl Connections {
    /// None, with room for so many, at least one.
    pub(super) fn new(room: usize) -> Rc<Self> {
        Rc::new(Self {
            room: room.max(1),
            all: RefCell::default(),
            uses: Cell::default(),
            freed: Notify::new(),
        })
    }

    /// Adds one, when there is room for it: where there is none, the one that has been idle for
    /// longest leaves, and where none is idle, it is waited for.
    pub(super) async fn admit(self: &Rc<Self>, door: Door) -> Seat {
        while self.all.borrow().len() >= self.room {
            match self.longest_idle() {
                Some(idle) => self.dismiss(&idle),
                None => self.freed.notified().await,
            }
        }
        let connection = Rc::new(Connection {
            door,
            answering: Cell::new(0),
            used: Cell::new(self.next_use()),
            hung_up: Cell::new(false),
            changed: Notify::new(),
            asked_to_leave: Notify::new(),
        });
        self.all.borrow_mut().push(connection.clone());
        Seat {
            connection,
            connections: self.clone(),
        }
    }

    fn longest_idle(&self) -> Option<Rc<Connection>> {
        let all = self.all.borrow();
        let idle = all.iter().filter(|one| one.answering.get() == 0);
        idle.min_by_key(|one| one.used.get()).cloned()
    }

    fn dismiss(&self, connection: &Rc<Connection>) {
        self.remove(connection);
        connection.asked_to_leave.notify_one();
    }

    fn remove(&self, connection: &Rc<Connection>) {
        self.all
            .borrow_mut()
            .retain(|one| !Rc::ptr_eq(one, connection));
    }

    fn next_use(&self) -> u64 {
        self.uses.set(self.uses.get() + 1);
        self.uses.get()
    }
}

/// A connection's place among all; free again when it is dropped.
pub(super) struct Seat {
    connection: Rc<Connection>,
    connections: Rc<Connections>,
}

impl Seat {
    pub(super) const fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    /// A request of it is being answered, until what this gives is dropped.
    pub(super) fn begin(&self) -> Busy {
        let count = &self.connection.answering;
        count.set(count.get() + 1);
        Busy {
            connection: self.connection.clone(),
            connections: self.connections.clone(),
        }
    }
}

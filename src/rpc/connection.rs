//! Clients' connections, for as long as they last, and who has to leave when there are too many.
//!
//! No listener can take all of the room: half of it is shared out among them, and what belongs to
//! one waits for its clients. Nor can streams, which go on for as long as their clients like.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;

/// All connections, and how many there may be.
pub(super) struct Connections {
    room: usize,
    all: RefCell<Vec<Rc<Connection>>>,
    /// The sections of the listeners that connections come by.
    listeners: RefCell<Vec<String>>,
    /// Counts the ends of requests, so that it is known whose was the latest.
    uses: Cell<u64>,
    /// One has gone, or has become idle.
    freed: Notify,
}

/// A listener, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListenerId(usize);

/// Whose stream it is: the name that was shown, if one is asked for.
type Listening = Option<Arc<str>>;

/// A client's connection.
pub(super) struct Connection {
    among: Rc<Connections>,
    by: ListenerId,
    /// How many of its requests are being answered.
    answering: Cell<usize>,
    /// What it is answered with has no end.
    stream: RefCell<Option<Listening>>,
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
            listeners: RefCell::default(),
            uses: Cell::default(),
            freed: Notify::new(),
        })
    }

    /// The listener of a section.
    pub(super) fn listener(&self, section: &str) -> ListenerId {
        let mut listeners = self.listeners.borrow_mut();
        let known = listeners.iter().position(|one| one == section);
        ListenerId(known.unwrap_or_else(|| {
            listeners.push(section.to_owned());
            listeners.len() - 1
        }))
    }

    /// A place for one more. Where there is none left, the connection that has been idle for
    /// longest leaves; where all are busy, one of them is waited for.
    pub(super) async fn admit(self: &Rc<Self>, by: ListenerId) -> Seat {
        loop {
            let freed = self.freed.notified();
            if self.has_room(by) {
                break;
            }
            let in_the_way = |one: &Connection| one.by == by || self.surplus(one.by) > 0;
            if !self.dismiss(in_the_way, self.latest_use()) {
                freed.await;
            }
        }
        let connection = Rc::new(Connection {
            among: self.clone(),
            by,
            answering: Cell::default(),
            stream: RefCell::default(),
            used: Cell::new(self.next_use()),
            received: Cell::default(),
            is_hung_up: Cell::default(),
            hung_up: Notify::new(),
            dismissed: Notify::new(),
        });
        self.all.borrow_mut().push(connection.clone());
        Seat(connection)
    }

    /// Whether one more may come by this listener: what the others have not used of their shares
    /// stays free.
    fn has_room(&self, by: ListenerId) -> bool {
        let listeners = (0..self.listeners.borrow().len()).map(ListenerId);
        let others = listeners.filter(|other| *other != by);
        let kept: usize = others
            .map(|other| self.share().saturating_sub(self.count(other)))
            .sum();
        self.all.borrow().len() + kept < self.room
    }

    /// How many places belong to each listener.
    fn share(&self) -> usize {
        self.room / 2 / self.listeners.borrow().len().max(1)
    }

    /// How many have come by a listener beyond its share.
    fn surplus(&self, by: ListenerId) -> usize {
        self.count(by).saturating_sub(self.share())
    }

    fn count(&self, by: ListenerId) -> usize {
        self.all.borrow().iter().filter(|one| one.by == by).count()
    }

    /// The number of the latest use of any connection; being let in is one.
    pub(super) fn latest_use(&self) -> u64 {
        self.uses.get()
    }

    /// Has the connection leave that has been idle for longest, of those that were not used since
    /// that use. Whether there is one.
    pub(super) fn dismiss_idle(&self, since: u64) -> bool {
        self.dismiss(|_| true, since)
    }

    fn dismiss(&self, may_go: impl Fn(&Connection) -> bool, since: u64) -> bool {
        self.dismiss_first(|one| one.answering.get() == 0 && one.used.get() <= since && may_go(one))
    }

    /// Where too many listen, has the one leave who has listened for longest, of whoever has most.
    fn bound_streams(&self) {
        let mut streams: HashMap<Listening, usize> = HashMap::new();
        for one in &*self.all.borrow() {
            if let Some(listening) = &*one.stream.borrow() {
                *streams.entry(listening.clone()).or_default() += 1;
            }
        }
        if streams.values().sum::<usize>() <= self.room / 2 {
            return;
        }
        let most = streams.into_iter().max_by_key(|(_, count)| *count);
        let most = most.map(|(listening, _)| listening);
        self.dismiss_first(|one| *one.stream.borrow() == most);
    }

    /// Has the connection leave that was not used for longest, of those that may. Whether there is
    /// one.
    fn dismiss_first(&self, may_go: impl Fn(&Connection) -> bool) -> bool {
        let first = {
            let all = self.all.borrow();
            let those = all.iter().filter(|one| may_go(one));
            those.min_by_key(|one| one.used.get()).cloned()
        };
        first
            .inspect(|first| {
                self.remove(first);
                first.dismissed.notify_one();
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
        self.0.among.freed.notify_waiters();
    }
}

impl Busy {
    /// What it is answered with has no end. Whoever has listened for longest may have to leave.
    pub(super) fn listen(&self, client: Option<Arc<str>>) {
        let Connection { among, used, .. } = &*self.0;
        used.set(among.next_use());
        self.0.stream.replace(Some(client));
        among.bound_streams();
    }

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
            stream,
            used,
            ..
        } = &*self.0;
        answering.set(answering.get() - 1);
        stream.take();
        used.set(among.next_use());
        among.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn admit(connections: &Rc<Connections>) -> Option<Seat> {
        admit_by(connections, "unix")
    }

    fn admit_by(connections: &Rc<Connections>, section: &str) -> Option<Seat> {
        connections
            .admit(connections.listener(section))
            .now_or_never()
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

    #[test]
    fn each_listener_keeps_its_share() {
        let connections = Connections::new(8);
        let [unix, _] = ["unix", "inet"].map(|section| connections.listener(section));
        let come = |section| {
            let seat = admit_by(&connections, section)?;
            let busy = seat.connection().begin();
            Some((seat, busy))
        };
        let many: Vec<_> = std::iter::from_fn(|| come("inet")).collect();
        assert_eq!(many.len(), 6);
        let few: Vec<_> = std::iter::from_fn(|| come("unix")).collect();
        assert_eq!(few.len(), 2);
        drop(many);
        drop(few);
        let idle: Vec<_> = (0..6)
            .filter_map(|_| admit_by(&connections, "inet"))
            .collect();
        let busy: Vec<_> = std::iter::from_fn(|| come("unix")).collect();
        assert_eq!((busy.len(), connections.count(unix)), (6, 6));
        assert_eq!(idle.iter().filter(|seat| is_dismissed(seat)).count(), 4);
    }

    #[test]
    fn of_too_many_streams_one_of_whoever_has_most_ends() {
        let connections = Connections::new(6);
        let listen = |name: &str| {
            let seat = admit(&connections).unwrap();
            let busy = seat.connection().begin();
            busy.listen(Some(name.into()));
            (seat, busy)
        };
        let (few, _few) = listen("few");
        let (first, _first) = listen("many");
        let (second, second_is_busy) = listen("many");
        assert!(!is_dismissed(&first));
        let (_third, _third_is_busy) = listen("many");
        assert!(is_dismissed(&first) && !is_dismissed(&few) && !is_dismissed(&second));
        drop(second_is_busy);
        let _fourth = listen("many");
        assert!(!is_dismissed(&few) && !is_dismissed(&second));
    }
}

//! A pool's buffer and its listeners together: who gets which event, and what follows from what
//! they answer.
//!
//! Facts go in; what is to be done about them comes out as [`Duty`]s, for others to carry out in
//! this order.

#[cfg(test)]
mod random_desks;
#[cfg(test)]
mod tests;

use super::{
    Attendance, Delivery, Event, Listener, ListenerInfo, ListenerState, Note, Outcome, Pool,
    PoolInfo, envelope,
};
use crate::process::ProcessState;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Rejections in a row that are followed by another try at once.
const FREE_REJECTIONS: u32 = 10;
/// The first pause after that; it doubles with each further rejection.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The offence of a listener that says it is ready and has not read what it was sent.
const UNREAD: &str = "its stdin is left unread";

/// The offence of one that has closed it.
const DEAF: &str = "its stdin is closed";

/// Something to be done about a pool. A `seat` is a listener's place in it, which it keeps for as
/// long as it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Write to the listener's stdin, and report how that went.
    Deliver {
        /// Whose.
        seat: usize,
        /// The event.
        serial: u64,
        /// The number of this duty: an event may have to be delivered again.
        number: u64,
        /// The event, as the listener reads it.
        bytes: Vec<u8>,
    },
    /// Say a line.
    Say(Note),
    /// Call [`Desk::resume`] after this time.
    Pause(Duration),
    /// Call [`Desk::still_deaf`] in a while, when a listener that was about to end has ended.
    SuspectDeaf {
        /// Whose.
        seat: usize,
        /// The number of the duty to deliver that could not be done.
        number: u64,
    },
    /// Restart the listener in a while, if [`Desk::restart`] still says so.
    Restart {
        /// Whose.
        seat: usize,
    },
}

/// Why an event did not reach a listener's stdin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDelivered {
    /// It has closed its stdin, or is gone.
    Closed,
    /// It leaves too much there unread.
    Full,
}

/// A pool and its listeners.
#[derive(Debug)]
pub struct Desk {
    server: Arc<str>,
    name: Arc<str>,
    pool: Pool,
    /// Those with low numbers are served first.
    seats: BTreeMap<usize, Seat>,
    restarts: bool,
    accepted: u64,
    /// Duties to deliver so far.
    deliveries: u64,
    processed: u64,
    rejected: u64,
    /// Rejections since an event was last processed.
    rejections: u32,
    /// Nothing is handed out until [`Desk::resume`].
    paused: bool,
}

#[derive(Debug)]
struct Seat {
    name: Arc<str>,
    listener: Listener,
    process: ProcessState,
    /// It has closed its stdin, and gets nothing any more.
    is_deaf: bool,
    /// The number of the last duty to deliver it something.
    delivery: u64,
    offence: String,
}

impl Seat {
    fn is_ready(&self) -> bool {
        self.process == ProcessState::Running
            && !self.is_deaf
            && self.listener.state() == ListenerState::Ready
    }

    /// Whether it may take another event some time, without being restarted.
    fn may_serve(&self) -> bool {
        matches!(self.process, ProcessState::Starting | ProcessState::Running)
            && !self.is_deaf
            && self.listener.state() != ListenerState::Unknown
    }
}

impl Desk {
    /// The pool of the group `name`, whose listeners know supervisord as `server`. Listeners that
    /// break the protocol are to be restarted where `restarts` says so.
    pub fn new(server: Arc<str>, name: Arc<str>, pool: Pool, restarts: bool) -> Self {
        Self {
            server,
            name,
            pool,
            seats: BTreeMap::new(),
            restarts,
            accepted: 0,
            deliveries: 0,
            processed: 0,
            rejected: 0,
            rejections: 0,
            paused: false,
        }
    }

    /// Gives seats to listeners' processes, none of which has a child yet. Whoever had one of them
    /// before has left it.
    pub fn seat(&mut self, listeners: impl IntoIterator<Item = (usize, Arc<str>)>) {
        let seat = |(number, name)| {
            let seat = Seat {
                name,
                listener: Listener::new(),
                process: ProcessState::Stopped,
                is_deaf: false,
                delivery: 0,
                offence: String::new(),
            };
            (number, seat)
        };
        self.seats.extend(listeners.into_iter().map(seat));
    }

    /// A listener's process is no more.
    pub fn leave(&mut self, seat: usize) -> Vec<Duty> {
        let duties = self.entered(seat, ProcessState::Stopped);
        self.seats.remove(&seat);
        duties
    }

    /// Keeps so many events from now on, and restarts listeners that break the protocol or not.
    pub fn adjust(&mut self, buffer_size: usize, restarts: bool) -> Vec<Duty> {
        let mut duties = Vec::new();
        self.restarts = restarts;
        for discarded in self.pool.resize(buffer_size) {
            self.overflowed(&discarded, &mut duties);
        }
        duties
    }

    /// Its group's name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The events that no listener has in hand.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// An event happened that the pool subscribed to.
    pub fn accepted(&mut self, event: Arc<Event>, serial: u64) -> Vec<Duty> {
        let mut duties = Vec::new();
        self.accepted += 1;
        for discarded in self.pool.accept(event, serial) {
            self.overflowed(&discarded, &mut duties);
        }
        self.hand_out(&mut duties);
        duties
    }

    /// A listener's process entered a state. Its last output was told before.
    pub fn entered(&mut self, seat: usize, state: ProcessState) -> Vec<Duty> {
        let mut duties = Vec::new();
        let Some(seat) = self.seats.get_mut(&seat) else {
            return duties;
        };
        seat.process = state;
        if state.is_stopped() || matches!(state, ProcessState::Backoff | ProcessState::Starting) {
            seat.is_deaf = false;
            let in_hand = seat.listener.reset();
            self.put_back(in_hand, &mut duties);
        }
        self.hand_out(&mut duties);
        duties
    }

    /// A listener wrote to its stdout, in whatever cuts.
    pub fn said(&mut self, seat: usize, bytes: &[u8]) -> Vec<Duty> {
        let mut duties = Vec::new();
        let outcomes = self
            .seats
            .get_mut(&seat)
            .map(|seat| seat.listener.feed(bytes));
        for outcome in outcomes.into_iter().flatten() {
            self.settle(seat, outcome, &mut duties);
        }
        self.hand_out(&mut duties);
        duties
    }

    /// A [`Duty::Deliver`] was done.
    pub fn delivered(&self, seat: usize, serial: u64) -> Option<Duty> {
        let listener = self.seats.get(&seat)?.name.clone();
        Some(Duty::Say(Note::Sent { serial, listener }))
    }

    /// The [`Duty::Deliver`] of this number could not be done. By now the listener may be gone, or
    /// another one may be in its place: then the event has been put back already.
    pub fn not_delivered(&mut self, seat: usize, number: u64, why: NotDelivered) -> Vec<Duty> {
        let mut duties = Vec::new();
        let concerned = self.seats.get_mut(&seat);
        let missed = concerned
            .filter(|seat| seat.delivery == number)
            .and_then(|seat| {
                let delivery = seat.listener.miss()?;
                seat.is_deaf = true;
                Some((seat.name.clone(), delivery))
            });
        let Some((listener, delivery)) = missed else {
            return duties;
        };
        let serial = delivery.serial;
        match why {
            NotDelivered::Closed => {
                duties.push(Duty::Say(Note::StdinClosed { serial, listener }));
                duties.push(Duty::SuspectDeaf { seat, number });
            }
            NotDelivered::Full => self.unread(seat, &mut duties),
        }
        self.put_back(Some(delivery), &mut duties);
        self.hand_out(&mut duties);
        duties
    }

    /// The time of a [`Duty::SuspectDeaf`] is over. A listener that lives on has broken the
    /// protocol.
    pub fn still_deaf(&mut self, number: usize, delivery: u64) -> Vec<Duty> {
        let is_concerned = |seat: &&mut Seat| seat.is_deaf && seat.delivery == delivery;
        let Some(seat) = self.seats.get_mut(&number).filter(is_concerned) else {
            return Vec::new();
        };
        DEAF.clone_into(&mut seat.offence);
        let listener = seat.name.clone();
        let mut duties = vec![Duty::Say(Note::Deaf { listener })];
        if self.restarts {
            duties.push(Duty::Restart { seat: number });
        }
        duties
    }

    /// The time of a [`Duty::Pause`] is over.
    pub fn resume(&mut self) -> Vec<Duty> {
        let mut duties = Vec::new();
        self.paused = false;
        self.hand_out(&mut duties);
        duties
    }

    /// What to say of a restart after a [`Duty::Restart`]; `None` when there is no need of one any
    /// more.
    pub fn restart(&self, seat: usize) -> Option<Note> {
        let is_broken =
            |seat: &&Seat| seat.is_deaf || seat.listener.state() == ListenerState::Unknown;
        let listener = self.seats.get(&seat).filter(is_broken)?.name.clone();
        Some(Note::Restarting { listener })
    }

    /// Whether there is room for more output than so many pieces that are on their way. Listeners that are gone, or have broken the protocol,
    /// make none: they may be back before those who wait lose patience.
    pub fn has_room_for_output(&self, expected: usize) -> bool {
        let in_hand = self
            .seats
            .values()
            .filter_map(|seat| seat.listener.in_hand());
        let may_return = if self.takes_at_once() {
            0
        } else {
            in_hand.count()
        };
        self.pool.has_room_for_output(expected, may_return)
    }

    /// Whether listeners that live have heard and answered all there was.
    pub fn is_settled(&self) -> bool {
        let is_at_work = |seat: &Seat| seat.may_serve() && seat.listener.in_hand().is_some();
        !self.seats.values().any(is_at_work) && (self.pool.is_empty() || !self.may_serve())
    }

    fn takes_at_once(&self) -> bool {
        !self.paused && self.first_ready().is_some()
    }

    fn may_serve(&self) -> bool {
        self.seats.values().any(Seat::may_serve)
    }

    /// How the listeners fare.
    pub fn attendance(&self) -> Attendance {
        if self.takes_at_once() {
            Attendance::Ready
        } else if self.may_serve() {
            Attendance::Busy
        } else {
            Attendance::Absent
        }
    }

    /// What clients are told, except of those who wait for room.
    pub fn info(&self) -> PoolInfo {
        let listener = |seat: &Seat| ListenerInfo {
            name: seat.name.clone(),
            state: seat.listener.state(),
            event: seat.listener.in_hand().map(|delivery| delivery.serial),
            offence: seat.offence.clone(),
        };
        PoolInfo {
            name: self.name.clone(),
            buffer_size: self.pool.buffer_size(),
            buffered: self.pool.len(),
            accepted: self.accepted,
            processed: self.processed,
            rejected: self.rejected,
            discarded: self.pool.discarded(),
            coalesced: self.pool.coalesced(),
            held_back: Vec::new(),
            listeners: self.seats.values().map(listener).collect(),
        }
    }

    /// Hands events out until there are none, or none who is ready. The first who is gets the
    /// oldest.
    fn hand_out(&mut self, duties: &mut Vec<Duty>) {
        while !self.paused
            && let Some(number) = self.first_ready()
            && let Some(delivery) = self.pool.hand_out()
        {
            self.deliveries += 1;
            let deliver = Duty::Deliver {
                seat: number,
                serial: delivery.serial,
                number: self.deliveries,
                bytes: envelope(&self.server, &self.name, &delivery),
            };
            let taken = match self.seats.get_mut(&number) {
                Some(seat) => {
                    seat.delivery = self.deliveries;
                    seat.listener.take(delivery)
                }
                None => Err(delivery),
            };
            match taken {
                Ok(()) => duties.push(deliver),
                Err(delivery) => return self.put_back(Some(delivery), duties),
            }
        }
    }

    fn first_ready(&self) -> Option<usize> {
        let mut seats = self.seats.iter();
        let (number, _) = seats.find(|(_, seat)| seat.is_ready())?;
        Some(*number)
    }

    fn put_back(&mut self, delivery: Option<Delivery>, duties: &mut Vec<Duty>) {
        let Some(delivery) = delivery else { return };
        duties.push(Duty::Say(Note::Rebuffering {
            serial: delivery.serial,
            pool: self.name.clone(),
            len: self.pool.len(),
            max: self.pool.buffer_size(),
        }));
        if let Some(discarded) = self.pool.put_back(delivery) {
            self.overflowed(&discarded, duties);
        }
    }

    fn overflowed(&self, discarded: &Delivery, duties: &mut Vec<Duty>) {
        duties.push(Duty::Say(Note::Overflowed {
            pool: self.name.clone(),
            serial: discarded.serial,
        }));
    }

    fn settle(&mut self, number: usize, outcome: Outcome, duties: &mut Vec<Duty>) {
        let Some(listener) = self.seats.get(&number).map(|seat| seat.name.clone()) else {
            return;
        };
        let (from, to) = outcome.change();
        let changed = changed(&listener, from, to);
        match outcome {
            Outcome::Ready => duties.push(changed),
            Outcome::Processed(_) => {
                self.processed += 1;
                self.rejections = 0;
                duties.extend([Duty::Say(Note::Processed { listener }), changed]);
            }
            Outcome::Rejected { delivery, .. } => {
                duties.extend([Duty::Say(Note::Rejected { listener }), changed]);
                self.rejected(delivery, duties);
            }
            Outcome::Violation(mut violation) => {
                let in_hand = violation.delivery.take();
                let (offence, from) = (violation.found.escape_ascii().to_string(), violation.state);
                duties.push(Duty::Say(Note::Broke {
                    listener,
                    violation,
                }));
                self.broken(number, offence, from, duties);
                self.put_back(in_hand, duties);
            }
        }
    }

    fn rejected(&mut self, delivery: Delivery, duties: &mut Vec<Duty>) {
        self.rejected += 1;
        self.rejections = self.rejections.saturating_add(1);
        self.put_back(Some(delivery), duties);
        if let Some(beyond) = self.rejections.checked_sub(FREE_REJECTIONS + 1)
            && !self.paused
        {
            self.paused = true;
            let pause = FIRST_PAUSE.saturating_mul(1 << beyond.min(16));
            duties.push(Duty::Pause(pause.min(LONGEST_PAUSE)));
        }
    }

    fn unread(&mut self, number: usize, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        seat.listener.break_off();
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::Unread { listener }));
        self.broken(number, UNREAD.to_owned(), ListenerState::Busy, duties);
    }

    fn broken(
        &mut self,
        number: usize,
        offence: String,
        from: ListenerState,
        duties: &mut Vec<Duty>,
    ) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        seat.offence = offence;
        let listener = seat.name.clone();
        duties.push(changed(&listener, from, ListenerState::Unknown));
        duties.push(Duty::Say(Note::EnteredUnknown { listener }));
        if self.restarts {
            duties.push(Duty::Restart { seat: number });
        }
    }
}

fn changed(listener: &Arc<str>, from: ListenerState, to: ListenerState) -> Duty {
    let listener = listener.clone();
    Duty::Say(Note::Changed { listener, from, to })
}

//! A pool's buffer and its listeners together: who gets which event, and what follows from what
//! they answer.
//!
//! Facts go in; what is to be done about them comes out as [`Duty`]s, for others to carry out in
//! this order.

mod answers;
mod duty;
mod offences;
#[cfg(test)]
mod random_desks;
mod seat;
#[cfg(test)]
mod tests;

pub use duty::{Duty, NotDelivered};

use super::{
    Attendance, Delivery, Event, ListenerInfo, ListenerState, Note, PayloadLength, Pool, PoolInfo,
    SUSPECT_AFTER, envelope,
};
use crate::process::ProcessState;
use seat::Seat;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a pool treats its listeners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Those that break the protocol are restarted.
    pub restarts: bool,
    /// In what they are told how long a payload is.
    pub length: PayloadLength,
}

/// A pool and its listeners.
#[derive(Debug)]
pub struct Desk {
    server: Arc<str>,
    name: Arc<str>,
    pool: Pool,
    /// Those with low numbers are served first.
    seats: BTreeMap<usize, Seat>,
    rules: Rules,
    /// A listener has answered a payload that is longer in bytes than in characters.
    counts_bytes: bool,
    accepted: u64,
    /// Duties to deliver so far.
    deliveries: u64,
    /// Children that may have been there so far.
    children: u64,
    rejected: u64,
    /// Rejections since an event was last processed.
    rejections: u32,
    /// Nothing is handed out until [`Desk::resume`].
    paused: bool,
}

impl Desk {
    /// The pool of the group `name`, whose listeners know supervisord as `server`.
    pub const fn new(server: Arc<str>, name: Arc<str>, pool: Pool, rules: Rules) -> Self {
        Self {
            server,
            name,
            pool,
            seats: BTreeMap::new(),
            rules,
            counts_bytes: false,
            accepted: 0,
            deliveries: 0,
            children: 0,
            rejected: 0,
            rejections: 0,
            paused: false,
        }
    }

    /// Gives seats to listeners' processes, none of which has a child yet. Whoever had one of them
    /// before has left it.
    pub fn seat(&mut self, listeners: impl IntoIterator<Item = (usize, Arc<str>)>) {
        let seats = listeners.into_iter();
        self.seats
            .extend(seats.map(|(number, name)| (number, Seat::new(name))));
    }

    /// A listener's process is no more.
    pub fn leave(&mut self, seat: usize) -> Vec<Duty> {
        let duties = self.entered(seat, ProcessState::Stopped);
        self.seats.remove(&seat);
        duties
    }

    /// Keeps so many events from now on, and treats listeners so.
    pub fn adjust(&mut self, buffer_size: usize, rules: Rules) -> Vec<Duty> {
        let mut duties = Vec::new();
        self.counts_bytes &= self.rules.length == rules.length;
        self.rules = rules;
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
    pub fn entered(&mut self, number: usize, state: ProcessState) -> Vec<Duty> {
        let mut duties = Vec::new();
        let Some(seat) = self.seats.get_mut(&number) else {
            return duties;
        };
        seat.process = state;
        if state.is_stopped() || matches!(state, ProcessState::Backoff | ProcessState::Starting) {
            self.children += 1;
            seat.child = self.children;
            seat.closed = None;
            let in_hand = seat.listener.reset();
            match state {
                ProcessState::Exited | ProcessState::Backoff => {
                    self.failed(number, in_hand, &mut duties);
                }
                _ => self.put_back(in_hand, &mut duties),
            }
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

    /// Whether a [`Duty::Deliver`] that was put off is still to be done. If not, the event has been
    /// put back.
    pub fn is_due(&self, seat: usize, number: u64) -> bool {
        let is_due = |seat: &Seat| seat.delivery == number && seat.listener.in_hand().is_some();
        self.seats.get(&seat).is_some_and(is_due)
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
        let concerned = concerned.filter(|seat| seat.delivery == number);
        let Some(delivery) = concerned.and_then(|seat| seat.listener.miss()) else {
            return duties;
        };
        match why {
            NotDelivered::Closed => self.not_heard(seat, delivery.serial, &mut duties),
            NotDelivered::Full => self.unread(seat, &mut duties),
        }
        self.put_back(Some(delivery), &mut duties);
        self.hand_out(&mut duties);
        duties
    }

    /// The time of a [`Duty::Pause`] is over.
    pub fn resume(&mut self) -> Vec<Duty> {
        let mut duties = Vec::new();
        self.paused = false;
        self.hand_out(&mut duties);
        duties
    }

    /// Whether there is room for more output than so many pieces that are on their way. Listeners
    /// that are gone, or have broken the protocol, make none: they may be back before those who wait
    /// lose patience.
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
            processed: self.pool.processed(),
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
            if let Err(delivery) = self.hand_to(number, delivery, duties) {
                return self.put_back(Some(delivery), duties);
            }
        }
    }

    fn hand_to(
        &mut self,
        number: usize,
        delivery: Delivery,
        duties: &mut Vec<Duty>,
    ) -> Result<(), Delivery> {
        let bytes = envelope(&self.server, &self.name, &delivery, self.rules.length);
        let serial = delivery.serial;
        let Some(seat) = self.seats.get_mut(&number) else {
            return Err(delivery);
        };
        seat.listener.take(delivery)?;
        self.deliveries += 1;
        seat.delivery = self.deliveries;
        seat.was_sent_ascii = bytes.is_ascii();
        duties.extend(self.suspect_stuck(number));
        duties.push(Duty::Deliver {
            seat: number,
            serial,
            number: self.deliveries,
            bytes,
        });
        Ok(())
    }

    fn first_ready(&self) -> Option<usize> {
        let mut seats = self.seats.iter();
        let (number, _) = seats.find(|(_, seat)| seat.is_ready())?;
        Some(*number)
    }

    /// A listener has died with this in hand, or broken the protocol.
    fn failed(&mut self, number: usize, in_hand: Option<Delivery>, duties: &mut Vec<Duty>) {
        let Some(delivery) = in_hand else { return };
        let served = self.seats.get(&number).map_or(0, |seat| seat.served);
        match self.pool.blame(delivery, number, served) {
            Ok(delivery) => {
                if delivery.failures.count == SUSPECT_AFTER {
                    duties.push(Duty::Say(Note::Suspected {
                        pool: self.name.clone(),
                        serial: delivery.serial,
                        event_type: delivery.event.event_type(),
                        failures: SUSPECT_AFTER,
                    }));
                }
                self.put_back(Some(delivery), duties);
            }
            Err(harmful) => duties.push(Duty::Say(Note::Harmful {
                pool: self.name.clone(),
                serial: harmful.serial,
                event_type: harmful.event.event_type(),
                failures: harmful.failures.count,
            })),
        }
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
}

fn changed(listener: &Arc<str>, from: ListenerState, to: ListenerState) -> Duty {
    let listener = listener.clone();
    Duty::Say(Note::Changed { listener, from, to })
}

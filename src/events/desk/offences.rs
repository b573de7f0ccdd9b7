//! What follows where listeners break the protocol.

use super::{Desk, Duty, Seat, changed};
use crate::events::{ListenerState, Note, PayloadLength};
use std::time::Duration;

/// The offence of a listener that says it is ready and has not read what it was sent.
const UNREAD: &str = "its stdin is left unread";

/// The offence of one that has closed it.
const DEAF: &str = "its stdin is closed";

/// How long a listener may be at work on an event that is not plain ASCII before it is suspected of
/// awaiting characters that are none.
const STUCK: Duration = Duration::from_secs(5);

impl Desk {
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
        if self.rules.restarts {
            duties.push(Duty::Restart { seat: number });
        }
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

    /// Looks after a listener that was sent what is not plain ASCII, until one has answered that.
    pub(super) fn suspect_stuck(&self, number: usize) -> Option<Duty> {
        let seat = self.seats.get(&number)?;
        let may_be_stuck = !seat.was_sent_ascii && self.may_await_characters();
        may_be_stuck.then_some(Duty::SuspectStuck {
            seat: number,
            number: seat.delivery,
            after: STUCK,
        })
    }

    fn may_await_characters(&self) -> bool {
        self.rules.length == PayloadLength::Bytes && !self.counts_bytes
    }

    /// The time of a [`Duty::SuspectStuck`] is over.
    pub fn still_busy(&self, seat: usize, number: u64) -> Option<Duty> {
        let is_concerned = |seat: &&Seat| seat.delivery == number && self.may_await_characters();
        let seat = self.seats.get(&seat).filter(is_concerned)?;
        Some(Duty::Say(Note::Stuck {
            serial: seat.listener.in_hand()?.serial,
            listener: seat.name.clone(),
            seconds: STUCK.as_secs(),
        }))
    }

    pub(super) fn unread(&mut self, number: usize, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        seat.listener.break_off();
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::Unread { listener }));
        self.broken(number, UNREAD.to_owned(), ListenerState::Busy, duties);
    }

    pub(super) fn broken(
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
        if self.rules.restarts {
            duties.push(Duty::Restart { seat: number });
        }
    }
}

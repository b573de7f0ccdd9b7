//! What follows where listeners break the protocol.

use super::seat::{Closed, Seat};
use super::{Desk, Duty, changed};
use crate::events::{ListenerState, Note, PayloadLength};
use crate::process::ProcessState;
use std::time::Duration;

/// The offence of a listener that says it is ready and has not read what it was sent.
const UNREAD: &str = "its stdin is left unread";

/// The offence of one that has closed it.
const DEAF: &str = "its stdin is closed";

/// The offence of one that has closed its stdout.
const SILENT: &str = "its stdout is closed";

/// How long a listener that broke the protocol runs on before it is restarted: one that breaks it
/// each time must not keep us busy. One that has not even started has failed to, and its next tries
/// wait as those of any process.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// How long a listener may be at work on an event that is not plain ASCII before it is suspected of
/// awaiting characters that are none.
const STUCK: Duration = Duration::from_secs(5);

impl Desk {
    /// A listener has closed its stdout, or ended. All that it wrote was told before.
    pub fn fell_silent(&mut self, seat: usize) -> Vec<Duty> {
        Vec::from_iter(self.closed(seat, Closed::Stdout))
    }

    pub(super) fn closed(&mut self, number: usize, pipe: Closed) -> Option<Duty> {
        let seat = self.seats.get_mut(&number)?;
        if seat.closed.is_some() {
            return None;
        }
        seat.closed = Some(pipe);
        Some(Duty::SuspectClosed {
            seat: number,
            child: seat.child,
        })
    }

    /// The time of a [`Duty::SuspectClosed`] is over. A listener that lives on has broken the
    /// protocol.
    pub fn lives_on(&mut self, seat: usize, child: u64) -> Vec<Duty> {
        let mut duties = Vec::new();
        let is_concerned = |seat: &&Seat| seat.is_alive() && seat.child == child;
        let closed = self.seats.get(&seat).filter(is_concerned);
        match closed.and_then(|seat| seat.closed) {
            Some(Closed::Stdin) => self.deaf(seat, &mut duties),
            Some(Closed::Stdout) => self.silent(seat, &mut duties),
            None => {}
        }
        self.hand_out(&mut duties);
        duties
    }

    fn deaf(&mut self, number: usize, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        DEAF.clone_into(&mut seat.offence);
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::Deaf { listener }));
        self.have_restarted(number, duties);
    }

    fn silent(&mut self, number: usize, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let from = seat.listener.state();
        if from == ListenerState::Unknown {
            return;
        }
        let in_hand = seat.listener.break_off();
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::Silent { listener }));
        self.broken(number, SILENT.to_owned(), from, duties);
        self.failed(number, in_hand, duties);
    }

    fn have_restarted(&self, number: usize, duties: &mut Vec<Duty>) {
        let seat = self.seats.get(&number).filter(|_| self.rules.restarts);
        duties.extend(seat.map(|seat| Duty::Restart {
            seat: number,
            after: match seat.process {
                ProcessState::Starting => Duration::ZERO,
                _ => RESTART_AFTER,
            },
        }));
    }

    /// What to say of a restart after a [`Duty::Restart`]; `None` when there is no need of one any
    /// more.
    pub fn restart(&self, seat: usize) -> Option<Note> {
        let is_broken = |seat: &&Seat| {
            let is_unknown = seat.listener.state() == ListenerState::Unknown;
            seat.is_alive() && (is_unknown || seat.closed.is_some())
        };
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

    /// An event was on its way to it when its stdin was found closed.
    pub(super) fn not_heard(&mut self, number: usize, serial: u64, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get(&number) else {
            return;
        };
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::StdinClosed { serial, listener }));
        duties.extend(self.closed(number, Closed::Stdin));
    }

    pub(super) fn unread(&mut self, number: usize, duties: &mut Vec<Duty>) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let in_hand = seat.listener.break_off();
        let listener = seat.name.clone();
        duties.push(Duty::Say(Note::Unread { listener }));
        self.broken(number, UNREAD.to_owned(), ListenerState::Busy, duties);
        self.put_back(in_hand, duties);
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
        self.have_restarted(number, duties);
    }
}

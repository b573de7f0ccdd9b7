//! What follows from what listeners say.

use super::{Desk, Duty, changed};
use crate::events::{Delivery, Failures, Note, Outcome};
use std::time::Duration;

/// Rejections in a row that are followed by another try at once.
const FREE_REJECTIONS: u32 = 10;
/// The first pause after that; it doubles with each further rejection.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Desk {
    pub(super) fn settle(&mut self, number: usize, outcome: Outcome, duties: &mut Vec<Duty>) {
        let Some(listener) = self.seats.get(&number).map(|seat| seat.name.clone()) else {
            return;
        };
        if let Outcome::Processed(_) | Outcome::Rejected { .. } = outcome {
            self.answered(number);
        }
        let (from, to) = outcome.change();
        let changed = changed(&listener, from, to);
        match outcome {
            Outcome::Ready => duties.push(changed),
            Outcome::Processed(_) => {
                self.pool.count_processed();
                self.seats.entry(number).and_modify(|seat| seat.served += 1);
                self.rejections = 0;
                duties.extend([Duty::Say(Note::Processed { listener }), changed]);
            }
            Outcome::Rejected { mut delivery, .. } => {
                delivery.failures = Failures::default();
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
                self.failed(number, in_hand, duties);
            }
        }
    }

    /// Whoever answers has read all that it was sent.
    fn answered(&mut self, number: usize) {
        let seat = self.seats.get(&number);
        self.counts_bytes |= seat.is_some_and(|seat| !seat.was_sent_ascii);
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
}

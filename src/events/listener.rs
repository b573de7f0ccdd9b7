//! The protocol by which a listener says that it is ready and how it fared with an event.
//!
//! | state | what it may write | then |
//! |---|---|---|
//! | ACKNOWLEDGED (at its start) | `READY\n` | READY |
//! | READY | nothing | it is sent an event and is BUSY |
//! | BUSY | `RESULT <n>\n` and n bytes | ACKNOWLEDGED; the event is processed if they are `OK` |
//! | UNKNOWN | anything | nothing until it is restarted |
//!
//! All else leads to UNKNOWN. As in the original the word before the number is skipped unread.

use super::Delivery;
use std::fmt;
use std::mem;

/// The longest line that is awaited as a result's first, without its newline.
pub const MAX_LINE: usize = 1024;
/// The longest result that is awaited, in bytes. The original takes any; only `OK` is of use.
pub const MAX_RESULT: usize = 1 << 20;

const READY: &[u8] = b"READY\n";
/// `RESULT ` or any other seven bytes.
const WORD_LENGTH: usize = 7;

/// What a listener's protocol is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListenerState {
    /// Waiting for an event.
    Ready,
    /// At work on an event.
    Busy,
    /// Started or done with an event, but not ready for the next.
    Acknowledged,
    /// It broke the protocol.
    Unknown,
}

impl ListenerState {
    /// Supervisor's number for it.
    pub const fn code(self) -> i32 {
        match self {
            Self::Ready => 10,
            Self::Busy => 20,
            Self::Acknowledged => 30,
            Self::Unknown => 40,
        }
    }

    /// The word that the log shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Busy => "BUSY",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl fmt::Display for ListenerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What came of a listener's bytes. Whoever gets one that holds an event has to see to it:
/// only a processed event is done with, any other goes back to the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for an event.
    Ready,
    /// It answered `OK`.
    Processed(Delivery),
    /// It answered something else.
    Rejected {
        /// The event.
        delivery: Delivery,
        /// The answer.
        body: Vec<u8>,
    },
    /// It broke the protocol.
    Violation(Violation),
}

/// How a listener broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The state it was in.
    pub state: ListenerState,
    /// What it wrote: from BUSY the result line, else what was at hand; at most [`MAX_LINE`] bytes.
    pub found: Vec<u8>,
    /// The event it had in hand, when it was BUSY.
    pub delivery: Option<Delivery>,
}

impl Outcome {
    /// The state that the listener left and the one it is in.
    pub const fn change(&self) -> (ListenerState, ListenerState) {
        match self {
            Self::Ready => (ListenerState::Acknowledged, ListenerState::Ready),
            Self::Processed(_) | Self::Rejected { .. } => {
                (ListenerState::Busy, ListenerState::Acknowledged)
            }
            Self::Violation(violation) => (violation.state, ListenerState::Unknown),
        }
    }
}

/// One listener process, seen through what it writes to its stdout.
#[derive(Debug, Default)]
pub struct Listener {
    phase: Phase,
    /// What it wrote and is not yet understood.
    input: Vec<u8>,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Acknowledged,
    Ready,
    AwaitLine(Delivery),
    AwaitBody(Delivery, usize),
    Unknown,
}

impl Listener {
    /// A listener that has just been started.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its state.
    pub const fn state(&self) -> ListenerState {
        match self.phase {
            Phase::Acknowledged => ListenerState::Acknowledged,
            Phase::Ready => ListenerState::Ready,
            Phase::AwaitLine(_) | Phase::AwaitBody(..) => ListenerState::Busy,
            Phase::Unknown => ListenerState::Unknown,
        }
    }

    /// It was sent an event. Gives the event back when the listener is not READY.
    pub fn take(&mut self, delivery: Delivery) -> Result<(), Delivery> {
        match self.phase {
            Phase::Ready => {
                self.phase = Phase::AwaitLine(delivery);
                Ok(())
            }
            _ => Err(delivery),
        }
    }

    /// What it has in hand.
    pub const fn in_hand(&self) -> Option<&Delivery> {
        match &self.phase {
            Phase::AwaitLine(delivery) | Phase::AwaitBody(delivery, _) => Some(delivery),
            Phase::Acknowledged | Phase::Ready | Phase::Unknown => None,
        }
    }

    /// The event that it has in hand did not reach it: gives it back, and is READY as before.
    /// `None` when it has none, or has begun to answer.
    pub fn miss(&mut self) -> Option<Delivery> {
        match mem::replace(&mut self.phase, Phase::Ready) {
            Phase::AwaitLine(delivery) => Some(delivery),
            other => {
                self.phase = other;
                None
            }
        }
    }

    /// It broke the protocol in a way that its output does not show: gives back the event that it
    /// had in hand.
    pub fn break_off(&mut self) -> Option<Delivery> {
        let in_hand = self.reset();
        self.phase = Phase::Unknown;
        in_hand
    }

    /// Its process is gone: gives back the event that it had in hand, and is as new.
    pub fn reset(&mut self) -> Option<Delivery> {
        match mem::take(self).phase {
            Phase::AwaitLine(delivery) | Phase::AwaitBody(delivery, _) => Some(delivery),
            Phase::Acknowledged | Phase::Ready | Phase::Unknown => None,
        }
    }

    /// Reads what it wrote, in whatever cuts, and tells what that completes, in order.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Outcome> {
        if matches!(self.phase, Phase::Unknown) {
            return Vec::new();
        }
        self.input.extend_from_slice(bytes);
        let mut outcomes = Vec::new();
        while !self.input.is_empty() {
            let Some(outcome) = self.advance() else { break };
            outcomes.push(outcome);
        }
        outcomes
    }

    /// The next outcome, if the input suffices for one.
    fn advance(&mut self) -> Option<Outcome> {
        match mem::replace(&mut self.phase, Phase::Unknown) {
            Phase::Acknowledged => self.read_ready(),
            Phase::Ready => Some(self.violation(ListenerState::Ready, None)),
            Phase::AwaitLine(delivery) => self.read_line(delivery),
            Phase::AwaitBody(delivery, length) => self.read_body(delivery, length),
            Phase::Unknown => None,
        }
    }

    fn read_ready(&mut self) -> Option<Outcome> {
        if self.input.len() < READY.len() {
            self.phase = Phase::Acknowledged;
            return None;
        }
        if !self.input.starts_with(READY) {
            return Some(self.violation(ListenerState::Acknowledged, None));
        }
        self.input.drain(..READY.len());
        self.phase = Phase::Ready;
        Some(Outcome::Ready)
    }

    fn read_line(&mut self, delivery: Delivery) -> Option<Outcome> {
        let line = self.input.iter().take(MAX_LINE + 1);
        let Some(end) = line.copied().position(|byte| byte == b'\n') else {
            if self.input.len() > MAX_LINE {
                return Some(self.violation(ListenerState::Busy, Some(delivery)));
            }
            self.phase = Phase::AwaitLine(delivery);
            return None;
        };
        let Some(length) = result_length(&self.input[..end]) else {
            self.input.truncate(end);
            return Some(self.violation(ListenerState::Busy, Some(delivery)));
        };
        self.input.drain(..=end);
        self.read_body(delivery, length)
    }

    fn read_body(&mut self, delivery: Delivery, length: usize) -> Option<Outcome> {
        if self.input.len() < length {
            self.phase = Phase::AwaitBody(delivery, length);
            return None;
        }
        let after = self.input.split_off(length);
        let body = mem::replace(&mut self.input, after);
        self.phase = Phase::Acknowledged;
        Some(match body.as_slice() {
            b"OK" => Outcome::Processed(delivery),
            _ => Outcome::Rejected { delivery, body },
        })
    }

    /// Leaves the phase UNKNOWN and forgets the input.
    fn violation(&mut self, state: ListenerState, delivery: Option<Delivery>) -> Outcome {
        let mut found = mem::take(&mut self.input);
        found.truncate(MAX_LINE);
        Outcome::Violation(Violation {
            state,
            found,
            delivery,
        })
    }
}

/// The number in a result's first line, read as tolerantly as Python's `int` reads it: blanks
/// around, a plus sign, single underscores between digits. `None` if it is none, or above
/// [`MAX_RESULT`].
fn result_length(line: &[u8]) -> Option<usize> {
    let number = line.get(WORD_LENGTH..)?;
    let number = str::from_utf8(number).ok()?.trim();
    let digits = number.strip_prefix('+').unwrap_or(number);
    let groups = || digits.split('_');
    let well_formed = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !groups().all(well_formed) {
        return None;
    }
    let length: usize = groups().collect::<String>().parse().ok()?;
    (length <= MAX_RESULT).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Event, Failures};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn delivery(serial: u64) -> Delivery {
        Delivery {
            event: Arc::new(Event::SupervisorRunning),
            serial,
            pool_serial: serial,
            failures: Failures::default(),
        }
    }

    fn busy() -> Listener {
        let mut listener = Listener::new();
        assert_eq!(listener.feed(b"READY\n"), [Outcome::Ready]);
        listener.take(delivery(7)).unwrap();
        listener
    }

    fn violation(state: ListenerState, found: &[u8]) -> Outcome {
        let in_hand = state == ListenerState::Busy;
        Outcome::Violation(Violation {
            state,
            found: found.to_vec(),
            delivery: in_hand.then(|| delivery(7)),
        })
    }

    fn rejected(body: &[u8]) -> Outcome {
        Outcome::Rejected {
            delivery: delivery(7),
            body: body.to_vec(),
        }
    }

    #[test]
    fn states_have_supervisors_numbers() {
        let states = [
            ListenerState::Ready,
            ListenerState::Busy,
            ListenerState::Acknowledged,
            ListenerState::Unknown,
        ];
        assert_eq!(states.map(ListenerState::code), [10, 20, 30, 40]);
    }

    #[test]
    fn only_ready_is_taken_at_the_start() {
        for text in ["READY\r\n", "READY \n", "hello\n", "ready\n", "\nREADY\n"] {
            let mut listener = Listener::new();
            let found = violation(ListenerState::Acknowledged, text.as_bytes());
            assert_eq!(listener.feed(text.as_bytes()), [found], "{text:?}");
            assert_eq!(listener.state(), ListenerState::Unknown);
        }
        let mut listener = Listener::new();
        assert_eq!(listener.feed(b"hello"), [], "six bytes decide");
        assert_eq!(listener.state(), ListenerState::Acknowledged);
    }

    #[test]
    fn a_ready_listener_must_be_silent() {
        let mut listener = Listener::new();
        let outcomes = listener.feed(b"READY\nx");
        assert_eq!(
            outcomes,
            [Outcome::Ready, violation(ListenerState::Ready, b"x")]
        );
    }

    #[test]
    fn results_are_read_as_tolerantly_as_the_original_reads_them() {
        let processed = || vec![Outcome::Processed(delivery(7))];
        for (text, outcomes) in [
            ("RESULT 2\nOK", processed()),
            ("XXXXXXX 2 \nOK", processed()),
            ("RESULT +0_2\r\nOK", processed()),
            ("RESULT 02\nOK", processed()),
            (
                "RESULT 2\nOKREADY\n",
                vec![Outcome::Processed(delivery(7)), Outcome::Ready],
            ),
            ("RESULT 4\nFAIL", vec![rejected(b"FAIL")]),
            ("RESULT 3\nOK\n", vec![rejected(b"OK\n")]),
            ("RESULT 0\n", vec![rejected(b"")]),
            ("RESULT 2\nO", vec![]),
            ("RESULT 2", vec![]),
        ] {
            assert_eq!(busy().feed(text.as_bytes()), outcomes, "{text:?}");
        }
    }

    #[test]
    fn a_bad_result_line_gives_the_event_back_and_is_shown() {
        for line in [
            "",
            "RESULT",
            "RESULT ",
            "NONSENSE xx",
            "RESULT -1",
            "RESULT +",
            "RESULT 1__0",
            "RESULT 2_",
            "RESULT 1048577",
            "RESULT 99999999999999999999999999",
        ] {
            let mut listener = busy();
            let outcomes = listener.feed(format!("{line}\nOK").as_bytes());
            assert_eq!(outcomes, [violation(ListenerState::Busy, line.as_bytes())]);
            assert_eq!(listener.feed(b"READY\n"), [], "it stays UNKNOWN");
        }
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut listener = busy();
        assert_eq!(listener.feed(&[b'x'; MAX_LINE]), []);
        let found = violation(ListenerState::Busy, &[b'x'; MAX_LINE]);
        assert_eq!(listener.feed(b"x"), [found]);
    }

    #[test]
    fn a_line_above_the_limit_is_none_in_whatever_cuts() {
        let padded = |length: usize| format!("{:length$}\nOK", "RESULT 2");
        let longest = busy().feed(padded(MAX_LINE).as_bytes());
        assert_eq!(longest, [Outcome::Processed(delivery(7))]);

        let too_long = padded(MAX_LINE + 1);
        let found = violation(ListenerState::Busy, &too_long.as_bytes()[..MAX_LINE]);
        assert_eq!(busy().feed(too_long.as_bytes()), [found]);
    }

    #[test]
    fn the_event_in_hand_outlives_the_process() {
        let mut listener = busy();
        assert_eq!(listener.reset(), Some(delivery(7)));
        assert_eq!(listener.state(), ListenerState::Acknowledged);
        assert_eq!(listener.reset(), None);

        let mut listener = busy();
        assert_eq!(listener.feed(b"RESULT 2\nO"), []);
        assert_eq!(listener.reset(), Some(delivery(7)));
        assert_eq!(
            listener.feed(b"READY\n"),
            [Outcome::Ready],
            "nothing of the old is left"
        );
    }

    #[test]
    fn an_event_that_did_not_reach_it_leaves_it_ready() {
        let mut listener = busy();
        assert_eq!(listener.in_hand(), Some(&delivery(7)));
        assert_eq!(listener.miss(), Some(delivery(7)));
        assert_eq!(listener.state(), ListenerState::Ready);
        assert_eq!(listener.miss(), None);
    }

    #[test]
    fn an_event_goes_only_to_a_ready_listener() {
        assert_eq!(Listener::new().take(delivery(1)), Err(delivery(1)));
        assert_eq!(busy().take(delivery(1)), Err(delivery(1)));
    }

    /// Outcomes by what does not depend on the cuts: how much was at hand at a violation does.
    fn normal(outcome: Outcome) -> Outcome {
        let Outcome::Violation(mut violation) = outcome else {
            return outcome;
        };
        match violation.state {
            ListenerState::Ready => violation.found.truncate(1),
            ListenerState::Acknowledged => violation.found.truncate(READY.len()),
            ListenerState::Busy | ListenerState::Unknown => {}
        }
        Outcome::Violation(violation)
    }

    /// What comes of a script: after each of its parts a READY listener is sent an event.
    fn run(script: &[Vec<u8>], piece_length: usize) -> Vec<Outcome> {
        let mut listener = Listener::new();
        let mut outcomes = Vec::new();
        for part in script {
            for piece in part.chunks(piece_length) {
                outcomes.extend(listener.feed(piece).into_iter().map(normal));
                assert!(listener.input.len() <= MAX_LINE + piece.len() + MAX_RESULT);
            }
            // A refusal is as good as an event that was never there.
            let _ = listener.take(delivery(7));
        }
        outcomes
    }

    fn part() -> impl Strategy<Value = Vec<u8>> {
        let said = |text: &str| Just(text.as_bytes().to_vec());
        prop_oneof![
            10 => said("READY\n"),
            10 => said("RESULT 2\nOKREADY\n"),
            5 => said("RESULT 2\nOK"),
            5 => said("RESULT 4\nFAILREADY\n"),
            3 => said("RESULT 0\nREADY\n"),
            3 => said("REA"),
            3 => said("DY\n"),
            1 => said("RESULT x\n"),
            1 => said("READY\nREADY\n"),
            1 => prop::collection::vec(any::<u8>(), 0..20),
            1 => Just(vec![b'x'; MAX_LINE + 1]),
        ]
    }

    proptest! {
        #[test]
        fn any_cuts_give_the_same_outcomes(
            script in prop::collection::vec(part(), 0..12),
            piece_length in 1..12_usize,
        ) {
            let whole = run(&script, usize::MAX);
            prop_assert_eq!(run(&script, piece_length), whole);
        }
    }
}

//! The sentences that the activity log says about pools and listeners, with their levels.

use super::{ListenerState, Outcome, Violation};
use crate::process::note::Level;

/// An event goes back to the buffer of `pool`, which holds `len` of at most `max` before it does.
pub fn rebuffering(serial: u64, pool: &str, len: usize, max: usize) -> (Level, String) {
    let text = format!("rebuffering event {serial} for pool {pool} (buf size={len}, max={max})");
    (Level::Debug, text)
}

/// The buffer of `pool` was full, and an event is lost.
pub fn overflowed(pool: &str, serial: u64) -> (Level, String) {
    let text = format!("pool {pool} event buffer overflowed, discarding event {serial}");
    (Level::Error, text)
}

/// An event was sent.
pub fn sent(serial: u64, process: &str) -> (Level, String) {
    (
        Level::Debug,
        format!("event {serial} sent to listener {process}"),
    )
}

/// An event could not be sent since the listener has closed its stdin.
pub fn epipe(serial: u64, process: &str) -> (Level, String) {
    let text = format!(
        "epipe occurred while sending event {serial} to listener {process}, \
         listener state unchanged"
    );
    (Level::Debug, text)
}

/// What is said of an outcome, in this order. Ours beside Supervisor's sentences: the bytes by
/// which a listener that was not BUSY broke the protocol.
pub fn outcome(process: &str, outcome: &Outcome) -> Vec<(Level, String)> {
    let (from, to) = outcome.change();
    let change = (Level::Debug, format!("{process}: {from} -> {to}"));
    match outcome {
        Outcome::Ready => vec![change],
        Outcome::Processed(_) => {
            vec![
                (Level::Debug, format!("{process}: event was processed")),
                change,
            ]
        }
        Outcome::Rejected { .. } => {
            vec![
                (Level::Warn, format!("{process}: event was rejected")),
                change,
            ]
        }
        Outcome::Violation(violation) => {
            let unknown = format!(
                "{process}: has entered the UNKNOWN state and will no longer receive events, \
                 this usually indicates the process violated the eventlistener protocol"
            );
            vec![found(process, violation), change, (Level::Warn, unknown)]
        }
    }
}

fn found(process: &str, violation: &Violation) -> (Level, String) {
    let bytes = violation.found.escape_ascii();
    let text = match violation.state {
        ListenerState::Busy => format!("{process}: bad result line: '{bytes}'"),
        state => format!("{process}: unexpected output while {state}: '{bytes}'"),
    };
    (Level::Warn, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Delivery, Event};
    use std::sync::Arc;

    fn lines(said: &Outcome) -> Vec<String> {
        let notes = outcome("lis", said);
        notes
            .iter()
            .map(|(level, text)| format!("{} {text}", level.code()))
            .collect()
    }

    fn delivery() -> Delivery {
        Delivery {
            event: Arc::new(Event::SupervisorRunning),
            serial: 0,
            pool_serial: 0,
        }
    }

    const UNKNOWN: &str = "WARN lis: has entered the UNKNOWN state and will no longer receive \
        events, this usually indicates the process violated the eventlistener protocol";

    #[test]
    fn outcomes_are_said_in_supervisors_words_and_order() {
        assert_eq!(lines(&Outcome::Ready), ["DEBG lis: ACKNOWLEDGED -> READY"]);
        assert_eq!(
            lines(&Outcome::Processed(delivery())),
            [
                "DEBG lis: event was processed",
                "DEBG lis: BUSY -> ACKNOWLEDGED"
            ]
        );
        assert_eq!(
            lines(&Outcome::Rejected {
                delivery: delivery(),
                body: b"FAIL".to_vec()
            }),
            [
                "WARN lis: event was rejected",
                "DEBG lis: BUSY -> ACKNOWLEDGED"
            ]
        );
    }

    #[test]
    fn a_violation_is_said_with_the_offending_bytes() {
        let broken = |state, found: &[u8]| {
            let found = found.to_vec();
            lines(&Outcome::Violation(Violation {
                state,
                found,
                delivery: None,
            }))
        };
        assert_eq!(
            broken(ListenerState::Busy, b"NONS\xffE xx"),
            [
                "WARN lis: bad result line: 'NONS\\xffE xx'",
                "DEBG lis: BUSY -> UNKNOWN",
                UNKNOWN
            ]
        );
        assert_eq!(
            broken(ListenerState::Acknowledged, b"hello\n"),
            [
                "WARN lis: unexpected output while ACKNOWLEDGED: 'hello\\n'",
                "DEBG lis: ACKNOWLEDGED -> UNKNOWN",
                UNKNOWN
            ]
        );
    }

    #[test]
    fn pools_are_spoken_of_in_supervisors_words() {
        for ((level, text), line) in [
            (
                rebuffering(0, "lis", 0, 10),
                "DEBG rebuffering event 0 for pool lis (buf size=0, max=10)",
            ),
            (
                overflowed("lis", 1),
                "ERRO pool lis event buffer overflowed, discarding event 1",
            ),
            (sent(4, "lis"), "DEBG event 4 sent to listener lis"),
            (
                epipe(4, "lis"),
                "DEBG epipe occurred while sending event 4 to listener lis, \
                 listener state unchanged",
            ),
        ] {
            assert_eq!(format!("{} {text}", level.code()), line);
        }
    }
}

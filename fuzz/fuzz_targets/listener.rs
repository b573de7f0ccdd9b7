//! A listener may write any bytes in any cuts: it is in some state, an event that it has taken
//! comes back exactly once, and what is kept of its words has a bound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use supervisor::events::{Delivery, Event, Listener, Outcome};

fuzz_target!(|pieces: Vec<Vec<u8>>| {
    let event = Arc::new(Event::SupervisorRunning);
    let mut listener = Listener::new();
    let (mut taken, mut returned) = (0, 0);
    for piece in pieces {
        let delivery = Delivery {
            event: event.clone(),
            serial: taken,
            pool_serial: taken,
        };
        taken += u64::from(listener.take(delivery).is_ok());
        for outcome in listener.feed(&piece) {
            returned += match outcome {
                Outcome::Ready => 0,
                Outcome::Processed(_) | Outcome::Rejected { .. } => 1,
                Outcome::Violation(violation) => u64::from(violation.delivery.is_some()),
            };
        }
        assert_eq!(taken - returned, u64::from(listener.in_hand().is_some()));
    }
    returned += u64::from(listener.reset().is_some());
    assert_eq!(taken, returned);
});

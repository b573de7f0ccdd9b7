//! What a desk has others do.

#[cfg(doc)]
use super::Desk;
use crate::events::Note;
use std::time::Duration;

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
    /// Call [`Desk::still_busy`] after this time.
    SuspectStuck {
        /// Whose.
        seat: usize,
        /// The number of the duty to deliver.
        number: u64,
        /// The time.
        after: Duration,
    },
    /// Call [`Desk::lives_on`] in a while, when a listener that was about to end has ended.
    SuspectClosed {
        /// Whose.
        seat: usize,
        /// The number of its child.
        child: u64,
    },
    /// Restart the listener after this time, if [`Desk::restart`] still says so.
    Restart {
        /// Whose.
        seat: usize,
        /// The time.
        after: Duration,
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

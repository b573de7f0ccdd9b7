//! A client's wait for the end of an order.

/// What a client waits for; see [`super::Machine::outcome`]. It is bound to one try to start, so
/// that neither an older nor a newer one settles it wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// That the try gets RUNNING.
    Start {
        /// Number of the try.
        attempt: u64,
    },
    /// That the process ends.
    Stop {
        /// Number of the try that made it.
        attempt: u64,
    },
}

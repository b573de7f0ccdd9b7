//! One instant on both clocks: the one to decide by and the one to show.

use std::time::Duration;

/// An instant, read from both clocks at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Moment {
    /// Monotonic time since an arbitrary start. All delays are reckoned on it, so that a jump of
    /// the wall clock changes nothing.
    pub monotonic: Duration,
    /// Wall-clock time since the Unix epoch; for display only.
    pub wall: Duration,
}

impl Moment {
    /// The wall clock in whole seconds since the Unix epoch, as clients see it.
    pub const fn unix_seconds(self) -> i64 {
        self.wall.as_secs().cast_signed()
    }
}

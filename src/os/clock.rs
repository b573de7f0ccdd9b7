//! The one clock of the program.

use crate::process::Moment;
use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// This instant on both clocks. Monotonic time counts from the first call; a wall clock before
/// 1970 reads as 1970.
pub fn now() -> Moment {
    Moment {
        monotonic: START.elapsed(),
        wall: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_is_never_earlier() {
        let (a, b) = (now(), now());
        assert!(a.monotonic <= b.monotonic);
        assert!(a.unix_seconds() > 1_700_000_000);
    }
}

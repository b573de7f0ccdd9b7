//! How much memory big answers may take together while they wait: for a slow client, or for the
//! rest of a multicall.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The room for all, in MiB.
const ROOM: usize = 512;

static FREE: Semaphore = Semaphore::const_new(ROOM);

/// The place that an answer takes up, until it is dropped.
pub(super) struct Room(
    #[expect(dead_code, reason = "it is kept for its end")] Option<SemaphorePermit<'static>>,
);

impl Room {
    /// Takes up so many bytes. Less than a MiB is not counted.
    pub(super) fn take(bytes: usize) -> Option<Self> {
        match bytes >> 20 {
            0 => Some(Self(None)),
            mib => {
                let permit = FREE.try_acquire_many(u32::try_from(mib).ok()?);
                Some(Self(Some(permit.ok()?)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_answers_share_a_room_and_small_ones_need_none() {
        let all = Room::take(ROOM << 20).unwrap();
        assert!(Room::take(1 << 20).is_none());
        assert!(Room::take((1 << 20) - 1).is_some());
        drop(all);
        assert!(Room::take(1 << 20).is_some());
        assert!(Room::take(usize::MAX).is_none());
    }
}

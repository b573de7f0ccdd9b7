//! How much memory big bodies and big answers may take together, while they wait for a client that
//! is slow to send or to read, or for the rest of a multicall.

use crate::os::memory;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

/// What is smaller is not counted, in bytes.
const UNIT: usize = 64 << 10;

/// From here on the system is given back what the end of a room leaves free, in units.
const BIG: usize = (1 << 20) / UNIT;

/// How long after that: more is likely to follow at once, and would have to be fetched again.
const PAUSE: Duration = Duration::from_secs(2);

/// For the bodies of all requests; what they are decoded to takes some five times as much.
pub(super) static BODIES: Store = Store::of_mib(64);

/// For all answers.
pub(super) static ANSWERS: Store = Store::of_mib(256);

/// Memory for many, of which each may take a part.
pub(super) struct Store(Semaphore);

impl Store {
    const fn of_mib(mib: usize) -> Self {
        Self(Semaphore::const_new((mib << 20) / UNIT))
    }

    /// A part of it, of no size yet.
    pub(super) const fn room(&'static self) -> Room {
        let taken = None;
        Room { store: self, taken }
    }
}

/// A part of a store, until it is dropped.
pub(super) struct Room {
    store: &'static Store,
    taken: Option<SemaphorePermit<'static>>,
}

impl Room {
    /// Makes it big enough for so many bytes in all. Whether that could be.
    #[must_use]
    pub(super) fn fit(&mut self, bytes: usize) -> bool {
        let more = (bytes / UNIT).saturating_sub(self.units());
        if more == 0 {
            return true;
        }
        let Ok(more) = u32::try_from(more) else {
            return false;
        };
        let Ok(more) = self.store.0.try_acquire_many(more) else {
            return false;
        };
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            none => *none = Some(more),
        }
        true
    }

    fn units(&self) -> usize {
        self.taken.as_ref().map_or(0, SemaphorePermit::num_permits)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.units() >= BIG {
            give_back_soon();
        }
    }
}

/// Has the system get back what is free, once for all that ends until then.
fn give_back_soon() {
    static IS_DUE: AtomicBool = AtomicBool::new(false);
    if let Ok(runtime) = Handle::try_current()
        && !IS_DUE.swap(true, Ordering::Relaxed)
    {
        runtime.spawn(async {
            sleep(PAUSE).await;
            IS_DUE.store(false, Ordering::Relaxed);
            memory::give_back();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHARED: Store = Store::of_mib(2);

    #[test]
    fn rooms_share_a_store_and_small_ones_need_nothing_of_it() {
        let (mut one, mut other) = (SHARED.room(), SHARED.room());
        assert!(one.fit(1 << 20) && other.fit(1 << 20));
        assert!(!one.fit((1 << 20) + UNIT) && one.fit(1 << 20));
        assert!(SHARED.room().fit(UNIT - 1) && !SHARED.room().fit(UNIT));
        drop(other);
        assert!(one.fit(2 << 20) && !one.fit(usize::MAX));
        drop(one);
        assert!(SHARED.room().fit(2 << 20));
    }
}

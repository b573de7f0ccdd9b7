//! How much of what a process wrote has come to its logs.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that came to a process's logs; counted on the log thread, read from any.
#[derive(Debug, Default)]
pub(super) struct LogCounts {
    /// Written, or waiting to be.
    written: AtomicU64,
    /// Lost, because they could not be written for too long.
    lost: AtomicU64,
}

impl LogCounts {
    pub(super) fn count(&self, written: usize, lost: u64) {
        self.written.fetch_add(written as u64, Ordering::Relaxed);
        if lost > 0 {
            self.lost.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// How many were written, and how many of them were lost after all.
    pub(super) fn read(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.written), read(&self.lost))
    }
}

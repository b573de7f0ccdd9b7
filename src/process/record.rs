//! What is remembered of a process's last start and its last end.

use super::{ExitStatus, Moment};
use std::sync::Arc;
use std::time::Duration;

/// The last start and the last end of a process, as clients are told of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The last attempt to spawn it, in Unix seconds; 0 is never.
    pub start: i64,
    /// The same on the monotonic clock, for the uptime.
    pub started_at: Duration,
    /// Its last exit, in Unix seconds; 0 is never.
    pub stop: i64,
    /// How it ended last; `None` since it was spawned anew, and after an exit that was too quick.
    pub exit: Option<ExitStatus>,
    /// Why it failed to start or exited unexpectedly since it was last spawned; empty when there
    /// is nothing to tell.
    pub spawnerr: Arc<str>,
}

impl Record {
    /// It is being spawned: what is known of the last try no longer holds.
    pub(super) fn begin(&mut self, now: Moment) {
        self.spawned(now);
        self.exit = None;
        self.spawnerr = Arc::default();
    }

    /// Its child lives from now on.
    pub(super) const fn spawned(&mut self, now: Moment) {
        self.start = now.unix_seconds();
        self.started_at = now.monotonic;
    }

    /// Its child ended.
    pub(super) const fn end(&mut self, status: ExitStatus, now: Moment) {
        self.stop = now.unix_seconds();
        self.exit = Some(status);
    }

    /// Its child was stopped before it was RUNNING, since it broke the protocol of event listeners.
    pub(super) fn listener_failed(&mut self) {
        self.spawnerr = Arc::from("Violated the eventlistener protocol");
    }

    /// Its child ended before it was RUNNING.
    pub(super) fn end_too_quickly(&mut self, now: Moment) {
        self.stop = now.unix_seconds();
        self.spawnerr = Arc::from("Exited too quickly (process log may have details)");
    }
}

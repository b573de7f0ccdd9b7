//! How far something that takes its time has come, on a line of the terminal that is written over.

use super::report::Report;
use super::screen::Screen;
use std::time::{Duration, Instant};

/// What is done within this time needs no such line.
const QUIET: Duration = Duration::from_millis(500);

/// How often the line is written anew at least.
const PERIOD: Duration = Duration::from_secs(1);

/// The line, which only a terminal gets.
pub(super) struct Progress {
    since: Instant,
    shown: bool,
}

impl Progress {
    /// Begins now.
    pub(super) fn new(screen: Screen) -> Self {
        Self {
            since: Instant::now(),
            shown: screen.progress(),
        }
    }

    /// When to write the line next, if nothing happens until then.
    pub(super) fn next(&self) -> Option<Instant> {
        let passed = self.since.elapsed();
        let wait = match passed < QUIET {
            true => QUIET - passed,
            false => PERIOD,
        };
        self.shown.then(|| Instant::now() + wait)
    }

    /// Writes the line.
    pub(super) fn show(&self, report: &mut Report<'_>, ended: usize, all: usize) {
        let passed = self.since.elapsed();
        if self.shown && passed >= QUIET && ended < all {
            let seconds = passed.as_secs();
            report.progress(format_args!("{ended} of {all} done, {seconds} s"));
        }
    }
}

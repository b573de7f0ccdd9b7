//! An event listener that broke its protocol, and what becomes of it.

use super::Machine;
use crate::process::phase::{Phase, Then};
use crate::process::{Effect, Effects, Moment, Mood};

impl Machine {
    /// Whether it is being stopped and then starts by itself.
    pub const fn is_restarting(&self) -> bool {
        matches!(
            self.phase,
            Phase::Stopping {
                then: Then::Restart | Then::Retry,
                ..
            }
        )
    }

    pub(super) const fn call_off_restart(&mut self) {
        if let Phase::Stopping { then, .. } = &mut self.phase {
            *then = Then::Rest;
        }
    }

    pub(super) fn protocol_broken(&mut self, now: Moment, effects: &mut Effects) {
        let (pid, then) = match self.phase {
            Phase::Starting { pid, .. } => (pid, Then::Retry),
            Phase::Running { pid } => (pid, Then::Restart),
            _ => return,
        };
        if self.mood == Mood::Running {
            self.stop_child(pid, then, now, effects);
        }
    }

    /// Its start has failed, and it was stopped.
    pub(super) fn retry(&mut self, stopped: Effect, now: Moment, effects: &mut Effects) {
        self.record.listener_failed();
        self.enter_backoff(now, effects);
        effects.push(stopped);
        self.give_up_after_startretries(effects);
    }
}

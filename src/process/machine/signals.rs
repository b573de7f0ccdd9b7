//! The signals that a machine sends, and what they leave it waiting for.

use super::Machine;
use crate::process::phase::{Killed, Phase, Then, UNKILLABLE_AFTER};
use crate::process::{Effect, Effects, FaultCode, Kill, Moment, Note, Pid, Purpose, Signal};
use std::time::Duration;

/// The least and the most time between two SIGKILLs, whatever `stopwaitsecs` is.
const KILL_PAUSE: (Duration, Duration) = (Duration::from_secs(1), UNKILLABLE_AFTER);

impl Machine {
    pub(super) fn relay(&self, signal: Signal, effects: &mut Effects) -> Result<(), FaultCode> {
        let pid = self
            .pid()
            .filter(|_| self.state().is_signallable())
            .ok_or(FaultCode::NotRunning)?;
        let kill = Kill {
            pid,
            signal,
            group: false,
            purpose: Purpose::Relay,
        };
        effects.extend([Effect::Note(Note::Sending(kill)), Effect::Kill(kill)]);
        Ok(())
    }

    pub(super) fn stop_child(&mut self, pid: Pid, then: Then, now: Moment, effects: &mut Effects) {
        let kill = Kill {
            pid,
            signal: self.policy.stopsignal,
            group: self.policy.stopasgroup,
            purpose: Purpose::Stop,
        };
        let stopping = Phase::Stopping {
            pid,
            kill_at: now.monotonic.saturating_add(self.policy.stop_wait()),
            killed: None,
            then,
        };
        effects.push(Effect::Note(Note::Sending(kill)));
        self.enter(stopping, effects);
        effects.push(Effect::Kill(kill));
    }

    /// SIGKILL for a child that is being stopped, and again after a while: it may only be able to die
    /// later.
    pub(super) fn escalate(&mut self, now: Moment, effects: &mut Effects) {
        let (last, pause) = (now.monotonic, self.kill_pause());
        let Phase::Stopping {
            pid,
            kill_at,
            killed,
            ..
        } = &mut self.phase
        else {
            return;
        };
        let (pid, first) = (*pid, killed.map_or(last, |killed| killed.first));
        *kill_at = last.saturating_add(pause);
        *killed = Some(Killed { first, last });
        effects.push(Effect::Note(Note::Escalating { pid }));
        self.kill(pid, effects);
    }

    fn kill_pause(&self) -> Duration {
        let (least, most) = KILL_PAUSE;
        self.policy.stop_wait().clamp(least, most)
    }

    pub(super) fn kill(&self, pid: Pid, effects: &mut Effects) {
        let kill = Kill {
            pid,
            signal: Signal::KILL,
            group: self.policy.killasgroup,
            purpose: Purpose::Stop,
        };
        effects.extend([Effect::Note(Note::Sending(kill)), Effect::Kill(kill)]);
    }
}

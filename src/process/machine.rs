//! Every transition in a process's life, and nothing else.
//!
//! Two doors: [`Machine::order`], which may refuse, and [`Machine::fact`], which may not. Every
//! state answers every input. What follows is returned as [`Effect`]s for others to carry out,
//! in the order in which listeners and the log are to see it.
//!
//! ```text
//! STOPPED, EXITED, FATAL   Start                            STARTING
//! STARTING                 up for startsecs                 RUNNING
//! STARTING                 no child, or an exit too soon    BACKOFF
//! STARTING, RUNNING        Stop                             STOPPING
//! RUNNING                  exit                             EXITED
//! EXITED                   at once, if autorestart says so  STARTING
//! EXITED                   at once, beyond restart_limit    FATAL
//! BACKOFF                  one second more each time        STARTING
//! BACKOFF                  at once, beyond startretries     FATAL
//! BACKOFF                  Stop                             STOPPED
//! BACKOFF                  GiveUp                           FATAL
//! STARTING, RUNNING        breach of a listener's protocol  STOPPING
//! STOPPING                 exit                             STOPPED
//! STOPPED                  after such a breach              STARTING, or FATAL as from EXITED
//! STOPPING                 the same, never RUNNING          BACKOFF
//! with a child             a signal can't be sent           UNKNOWN
//! UNKNOWN                  exit                             EXITED
//! ```

mod breach;
#[cfg(test)]
mod grid;
#[cfg(test)]
mod random_lives;
mod signals;
#[cfg(test)]
mod stories;
mod wait;

pub use wait::Wait;

use super::phase::{Phase, Then};
use super::restarts::Restarts;
use super::{
    Autorestart, Change, Effect, Effects, ExitStatus, Fact, FaultCode, Kill, Moment, Mood, Note,
    Order, Pid, Policy, ProcessState, Record, SignalError,
};
use std::sync::Arc;
use std::time::Duration;

/// The life of one process.
#[derive(Clone, Debug)]
pub struct Machine {
    policy: Arc<Policy>,
    mood: Mood,
    phase: Phase,
    /// Tries to spawn so far; also the number of the latest.
    attempt: u64,
    /// The latest try that got RUNNING.
    succeeded: u64,
    /// Failed tries in a row. A stop does not end the row.
    backoff: u32,
    restarts: Restarts,
    record: Record,
}

impl Machine {
    /// A process that was never started.
    pub fn new(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            mood: Mood::Running,
            phase: Phase::Stopped,
            attempt: 0,
            succeeded: 0,
            backoff: 0,
            restarts: Restarts::default(),
            record: Record::default(),
        }
    }

    /// Its state.
    pub const fn state(&self) -> ProcessState {
        self.phase.state()
    }

    /// Its living child: some in STARTING (once spawned), RUNNING, STOPPING and UNKNOWN.
    pub const fn pid(&self) -> Option<Pid> {
        self.phase.pid()
    }

    /// Its last start and end.
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The monotonic time at which it wants [`Fact::DeadlineReached`]; `None` needs no timer.
    pub fn deadline(&self) -> Option<Duration> {
        let waits_in_vain =
            self.mood != Mood::Running && matches!(self.phase, Phase::Backoff { .. });
        self.phase.deadline().filter(|_| !waits_in_vain)
    }

    /// Obeys or refuses. A refused order changes nothing.
    pub fn order(&mut self, order: Order, now: Moment) -> Result<Effects, FaultCode> {
        let mut effects = Effects::new();
        match order {
            Order::Start => self.start(now, &mut effects)?,
            Order::Stop => self.stop(now, &mut effects)?,
            Order::Signal(signal) => self.relay(signal, &mut effects)?,
            Order::GiveUp => self.give_up(&mut effects)?,
            Order::KillNow => self.kill_now(now, &mut effects)?,
        }
        Ok(effects)
    }

    /// Takes note of what happened.
    pub fn fact(&mut self, fact: Fact, now: Moment) -> Effects {
        let mut effects = Effects::new();
        match fact {
            Fact::Spawned { pid } => self.spawned(pid, now, &mut effects),
            Fact::SpawnFailed { reason } => self.spawn_failed(reason, now, &mut effects),
            Fact::Exited { pid, status } if self.pid() == Some(pid) => {
                self.exited(status, now, &mut effects);
            }
            Fact::SignalFailed { kill, error } if self.pid() == Some(kill.pid) => {
                self.signal_failed(kill, error, &mut effects);
            }
            Fact::ProtocolBroken => self.protocol_broken(now, &mut effects),
            Fact::Exited { .. } | Fact::SignalFailed { .. } => {}
            Fact::DeadlineReached => self.deadline_reached(now, &mut effects),
            Fact::MoodChanged(mood) => self.mood = mood,
            Fact::PolicyChanged(policy) => self.policy = policy,
        }
        effects
    }

    fn start(&mut self, now: Moment, effects: &mut Effects) -> Result<(), FaultCode> {
        if self.mood != Mood::Running {
            return Err(FaultCode::ShutdownState);
        }
        match self.state() {
            ProcessState::Starting | ProcessState::Running | ProcessState::Backoff => {
                return Err(FaultCode::AlreadyStarted);
            }
            ProcessState::Unknown => return Err(FaultCode::Failed),
            // Clients are used to this being no refusal.
            ProcessState::Stopping => effects.push(Effect::Note(Note::AlreadyRunning)),
            ProcessState::Stopped | ProcessState::Exited | ProcessState::Fatal => {
                self.restarts = Restarts::default();
                self.spawn(now, effects);
            }
        }
        Ok(())
    }

    fn stop(&mut self, now: Moment, effects: &mut Effects) -> Result<(), FaultCode> {
        match self.phase {
            Phase::Spawning => self.enter(Phase::Withdrawn, effects),
            Phase::Starting { pid, .. } | Phase::Running { pid } => {
                self.stop_child(pid, Then::Rest, now, effects);
            }
            Phase::Stopping { .. } if self.is_restarting() => self.call_off_restart(),
            Phase::Backoff { .. } => {
                effects.push(Effect::Note(Note::StoppedInBackoff));
                self.enter(Phase::Stopped, effects);
            }
            _ => return Err(FaultCode::NotRunning),
        }
        Ok(())
    }

    fn give_up(&mut self, effects: &mut Effects) -> Result<(), FaultCode> {
        if !matches!(self.phase, Phase::Backoff { .. }) {
            return Err(FaultCode::NotRunning);
        }
        self.enter_fatal(effects);
        Ok(())
    }

    fn kill_now(&mut self, now: Moment, effects: &mut Effects) -> Result<(), FaultCode> {
        if !matches!(self.phase, Phase::Stopping { .. }) {
            return Err(FaultCode::NotRunning);
        }
        self.escalate(now, effects);
        Ok(())
    }

    fn spawned(&mut self, pid: Pid, now: Moment, effects: &mut Effects) {
        match self.phase {
            Phase::Spawning => {
                self.record.spawned(now);
                effects.push(Effect::Note(Note::Spawned { pid }));
                self.await_startsecs(pid, now, effects);
            }
            Phase::Withdrawn => {
                self.record.spawned(now);
                effects.push(Effect::Note(Note::Spawned { pid }));
                self.stop_child(pid, Then::Rest, now, effects);
            }
            _ if self.pid() == Some(pid) => {}
            // Nobody asked for it, and a process never has two.
            _ => self.kill(pid, effects),
        }
    }

    fn spawn_failed(&mut self, reason: Arc<str>, now: Moment, effects: &mut Effects) {
        if !matches!(self.phase, Phase::Spawning | Phase::Withdrawn) {
            return;
        }
        self.record.spawnerr = Arc::clone(&reason);
        effects.push(Effect::Note(Note::SpawnFailed { reason }));
        if self.phase == Phase::Withdrawn {
            self.enter(Phase::Stopped, effects);
        } else {
            self.enter_backoff(now, effects);
            self.give_up_after_startretries(effects);
        }
    }

    fn exited(&mut self, status: ExitStatus, now: Moment, effects: &mut Effects) {
        match self.phase {
            Phase::Starting { up_at, .. } if now.monotonic < up_at => {
                self.exited_too_quickly(status, now, effects);
            }
            Phase::Starting { pid, .. } => {
                self.enter_running(pid, effects);
                self.exited_by_itself(status, now, effects);
                self.restart_if_wanted(now, effects);
            }
            Phase::Running { .. } => {
                self.exited_by_itself(status, now, effects);
                self.restart_if_wanted(now, effects);
            }
            // Nobody knows what state its work is in, so it is not restarted.
            Phase::Unknown { .. } => self.exited_by_itself(status, now, effects),
            Phase::Stopping { then, .. } => self.exited_as_told(status, then, now, effects),
            // Without a child there is no exit.
            Phase::Stopped
            | Phase::Spawning
            | Phase::Backoff { .. }
            | Phase::Withdrawn
            | Phase::Exited { .. }
            | Phase::Fatal => {}
        }
    }

    fn signal_failed(&mut self, kill: Kill, error: SignalError, effects: &mut Effects) {
        let gone = error == SignalError::NoSuchProcess;
        effects.push(Effect::Note(Note::NotSent { kill, error }));
        if !gone {
            self.enter(Phase::Unknown { pid: kill.pid }, effects);
        }
    }

    fn deadline_reached(&mut self, now: Moment, effects: &mut Effects) {
        if self.deadline().is_none_or(|at| now.monotonic < at) {
            return;
        }
        match self.phase {
            Phase::Starting { pid, .. } => self.succeed(pid, effects),
            Phase::Backoff { .. } => self.spawn(now, effects),
            Phase::Stopping { .. } => self.escalate(now, effects),
            _ => {}
        }
    }

    fn spawn(&mut self, now: Moment, effects: &mut Effects) {
        self.attempt += 1;
        self.record.begin(now);
        self.enter(Phase::Spawning, effects);
        effects.push(Effect::Spawn);
    }

    fn await_startsecs(&mut self, pid: Pid, now: Moment, effects: &mut Effects) {
        let startsecs = self.policy.start_duration();
        if startsecs.is_zero() {
            return self.succeed(pid, effects);
        }
        let up_at = now.monotonic.saturating_add(startsecs);
        self.enter(Phase::Starting { pid, up_at }, effects);
    }

    fn succeed(&mut self, pid: Pid, effects: &mut Effects) {
        self.enter_running(pid, effects);
        let startsecs = self.policy.startsecs;
        effects.push(Effect::Note(Note::Succeeded { startsecs }));
    }

    fn exited_too_quickly(&mut self, status: ExitStatus, now: Moment, effects: &mut Effects) {
        self.record.end_too_quickly(now);
        self.enter_backoff(now, effects);
        let expected = false;
        effects.push(Effect::Note(Note::Exited { status, expected }));
        self.give_up_after_startretries(effects);
    }

    fn exited_by_itself(&mut self, status: ExitStatus, now: Moment, effects: &mut Effects) {
        let expected = self.policy.expects(status);
        self.record.end(status, now);
        if !expected {
            self.record.spawnerr = Arc::from(format!("Bad exit code {}", status.code()));
        }
        self.backoff = 0;
        self.enter(Phase::Exited { expected }, effects);
        effects.push(Effect::Note(Note::Exited { status, expected }));
    }

    fn exited_as_told(
        &mut self,
        status: ExitStatus,
        then: Then,
        now: Moment,
        effects: &mut Effects,
    ) {
        let expected = self.policy.expects(status);
        let stopped = Effect::Note(Note::Stopped { status, expected });
        self.record.end(status, now);
        match then {
            Then::Retry if self.mood == Mood::Running => self.retry(stopped, now, effects),
            Then::Restart if self.mood == Mood::Running => {
                self.enter(Phase::Stopped, effects);
                effects.push(stopped);
                self.restart(now, effects);
            }
            Then::Rest | Then::Restart | Then::Retry => {
                self.enter(Phase::Stopped, effects);
                effects.push(stopped);
            }
        }
    }

    fn restart_if_wanted(&mut self, now: Moment, effects: &mut Effects) {
        let Phase::Exited { expected } = self.phase else {
            return;
        };
        let wanted = match self.policy.autorestart {
            Autorestart::Never => false,
            Autorestart::Unexpected => !expected,
            Autorestart::Always => true,
        };
        if wanted && self.mood == Mood::Running {
            self.restart(now, effects);
        }
    }

    fn restart(&mut self, now: Moment, effects: &mut Effects) {
        let restarts = self.restarts.count(now.monotonic);
        let limit = self.policy.restart_limit;
        if limit > 0 && restarts > limit {
            let reason = format!("more than {limit} restarts within a minute (restart_limit)");
            self.record.spawnerr = Arc::from(reason);
            self.enter_fatal(effects);
            return effects.push(Effect::Note(Note::RestartLimit { limit }));
        }
        if self.restarts.warn(restarts) {
            effects.push(Effect::Note(Note::Flapping { restarts }));
        }
        self.spawn(now, effects);
    }

    fn give_up_after_startretries(&mut self, effects: &mut Effects) {
        if i64::from(self.backoff) > self.policy.startretries {
            self.enter_fatal(effects);
            effects.push(Effect::Note(Note::GaveUp));
        }
    }

    fn enter_running(&mut self, pid: Pid, effects: &mut Effects) {
        self.backoff = 0;
        self.succeeded = self.attempt;
        self.enter(Phase::Running { pid }, effects);
    }

    fn enter_backoff(&mut self, now: Moment, effects: &mut Effects) {
        self.backoff = self.backoff.saturating_add(1);
        let wait = Duration::from_secs(self.backoff.into());
        let retry_at = now.monotonic.saturating_add(wait);
        self.enter(Phase::Backoff { retry_at }, effects);
    }

    fn enter_fatal(&mut self, effects: &mut Effects) {
        self.backoff = 0;
        self.enter(Phase::Fatal, effects);
    }

    /// The only way into another state.
    fn enter(&mut self, phase: Phase, effects: &mut Effects) {
        let before = std::mem::replace(&mut self.phase, phase);
        let change = Change {
            from: before.state(),
            to: phase.state(),
            pid: phase.pid().or(before.pid()),
            tries: self.backoff,
            expected: phase == Phase::Exited { expected: true },
        };
        if change.from != change.to {
            effects.push(Effect::Changed(change));
        }
    }
}

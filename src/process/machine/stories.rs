//! One life after another, told as listeners and the activity log tell it.

mod breaching;
mod exiting;
mod starting;
mod stopping;
mod waiting;

use crate::process::{
    Change, Effect, Effects, ExitStatus, Fact, Kill, Machine, Moment, Order, Policy, ProcessState,
    Purpose, Signal, SignalError,
};
use std::sync::Arc;
use std::time::Duration;

const SUCCESS: &str = "INFO success: cat entered RUNNING state, process has stayed up for > than \
                       1 seconds (startsecs)";
const GAVE_UP: &str = "INFO gave up: cat entered FATAL state, too many start retries too quickly";

/// A machine at a time, and what came out of it as text: events with their payload, log lines
/// with their level, and what is to be done.
struct Story {
    machine: Machine,
    now: Duration,
    lines: Vec<String>,
}

impl Story {
    fn new(policy: Policy) -> Self {
        Self {
            machine: Machine::new(Arc::new(policy)),
            now: Duration::from_secs(1000),
            lines: Vec::new(),
        }
    }

    fn running(policy: Policy) -> Self {
        let mut story = Self::new(policy);
        story.order(Order::Start).spawned(7).deadline().forget();
        assert_eq!(story.machine.state(), ProcessState::Running);
        story
    }

    fn stopping(policy: Policy) -> Self {
        let mut story = Self::running(policy);
        story.order(Order::Stop).forget();
        story
    }

    fn moment(&self) -> Moment {
        Moment {
            monotonic: self.now,
            wall: Duration::from_secs(1_795_000_000) + self.now,
        }
    }

    fn order(&mut self, order: Order) -> &mut Self {
        let effects = self.machine.order(order, self.moment()).unwrap();
        self.tell(effects)
    }

    fn fact(&mut self, fact: Fact) -> &mut Self {
        let effects = self.machine.fact(fact, self.moment());
        self.tell(effects)
    }

    fn spawned(&mut self, pid: i32) -> &mut Self {
        self.fact(Fact::Spawned { pid })
    }

    fn spawn_failed(&mut self) -> &mut Self {
        self.fact(Fact::SpawnFailed {
            reason: Arc::from("can't find command 'catt'"),
        })
    }

    fn exit(&mut self, code: u8) -> &mut Self {
        self.end(ExitStatus::Code(code))
    }

    fn end(&mut self, status: ExitStatus) -> &mut Self {
        let pid = self.machine.pid().unwrap();
        self.fact(Fact::Exited { pid, status })
    }

    fn signal_failed(&mut self, purpose: Purpose, error: SignalError) -> &mut Self {
        let kill = Kill {
            pid: self.machine.pid().unwrap(),
            signal: Signal::TERM,
            group: false,
            purpose,
        };
        self.fact(Fact::SignalFailed { kill, error })
    }

    fn pass(&mut self, millis: u64) -> &mut Self {
        self.now += Duration::from_millis(millis);
        self
    }

    /// Sleeps until the deadline that the machine wants.
    fn deadline(&mut self) -> &mut Self {
        if let Some(at) = self.machine.deadline() {
            self.now = at;
        }
        self.fact(Fact::DeadlineReached)
    }

    fn forget(&mut self) -> &mut Self {
        self.lines.clear();
        self
    }

    fn tell(&mut self, effects: Effects) -> &mut Self {
        self.lines.extend(effects.iter().map(line));
        self
    }

    #[track_caller]
    fn reads(&mut self, lines: &[&str]) -> &mut Self {
        assert_eq!(self.lines, lines);
        self.forget()
    }
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Spawn => "spawn".to_owned(),
        Effect::Kill(kill) => {
            let group = if kill.group { " group" } else { "" };
            format!("kill {}{group} {}", kill.pid, kill.signal)
        }
        Effect::Changed(change) => event(change),
        Effect::Note(note) => format!("{} {}", note.level().code(), note.about("cat")),
    }
}

/// A change with those of its parts that its event tells.
fn event(change: &Change) -> String {
    let Change { from, to, .. } = change;
    let pid = change.pid.unwrap_or(0);
    let detail = match to {
        ProcessState::Starting | ProcessState::Backoff => format!(" tries:{}", change.tries),
        ProcessState::Running | ProcessState::Stopping | ProcessState::Stopped => {
            format!(" pid:{pid}")
        }
        ProcessState::Exited => format!(" expected:{} pid:{pid}", u8::from(change.expected)),
        ProcessState::Fatal | ProcessState::Unknown => String::new(),
    };
    format!("{from} -> {to}{detail}")
}

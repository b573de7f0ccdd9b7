//! Any sequence of inputs, with a model of the world that watches every effect.

use super::{Machine, Wait};
use crate::process::{
    Autorestart, Change, Effect, Effects, ExitStatus, Fact, Kill, Moment, Mood, Order, Pid, Policy,
    ProcessState, Signal, SignalError,
};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};
use std::sync::Arc;
use std::time::Duration;

/// Something that may come next, where the world allows it.
#[derive(Clone, Debug)]
enum Step {
    Order(Order),
    Spawned,
    SpawnFailed,
    Exit(u8),
    Die,
    SignalFails(SignalError),
    Pass(Duration),
    Deadline,
    ProtocolBroken,
    Mood(Mood),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Order(Order::Start)),
        3 => Just(Step::Order(Order::Stop)),
        1 => Just(Step::Order(Order::Signal(Signal::HUP))),
        1 => Just(Step::Order(Order::GiveUp)),
        1 => Just(Step::Order(Order::KillNow)),
        8 => Just(Step::Spawned),
        2 => Just(Step::SpawnFailed),
        4 => (0..2_u8).prop_map(Step::Exit),
        1 => Just(Step::Die),
        1 => Just(Step::SignalFails(SignalError::NoSuchProcess)),
        1 => Just(Step::SignalFails(SignalError::Other(Arc::from("EPERM")))),
        4 => (0..2500_u64).prop_map(|millis| Step::Pass(Duration::from_millis(millis))),
        6 => Just(Step::Deadline),
        2 => Just(Step::ProtocolBroken),
        2 => prop_oneof![Just(Mood::Running), Just(Mood::Shutdown)].prop_map(Step::Mood),
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    let autorestart = prop_oneof![
        Just(Autorestart::Never),
        Just(Autorestart::Unexpected),
        Just(Autorestart::Always)
    ];
    let numbers = (-1..3_i64, -1..3_i64, -1..3_i64, 0..3_u32);
    (autorestart, numbers, any::<bool>()).prop_map(|(autorestart, numbers, group)| {
        let (startsecs, startretries, stopwaitsecs, restart_limit) = numbers;
        Policy {
            autorestart,
            startsecs,
            startretries,
            stopwaitsecs,
            restart_limit,
            stopasgroup: group,
            ..Policy::default()
        }
    })
}

/// A client that waits, and whether the process was RUNNING since.
struct Client {
    wait: Wait,
    ran: bool,
}

struct World {
    machine: Machine,
    policy: Arc<Policy>,
    now: Duration,
    mood: Mood,
    /// A spawn that is not yet answered.
    spawning: bool,
    child: Option<Pid>,
    /// When the last child was made.
    born: Duration,
    children: Pid,
    last_kill: Option<Kill>,
    clients: Vec<Client>,
}

impl World {
    fn new(policy: Policy) -> Self {
        let policy = Arc::new(policy);
        Self {
            machine: Machine::new(Arc::clone(&policy)),
            policy,
            now: Duration::from_secs(5),
            mood: Mood::Running,
            spawning: false,
            child: None,
            born: Duration::ZERO,
            children: 0,
            last_kill: None,
            clients: Vec::new(),
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            monotonic: self.now,
            wall: self.now,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Order(order) => self.order(order),
            Step::Spawned => self.spawned(),
            Step::SpawnFailed => self.spawn_failed(),
            Step::Exit(code) => self.exit(ExitStatus::Code(code)),
            Step::Die => self.exit(ExitStatus::from_wait(9)),
            Step::SignalFails(error) => self.signal_fails(error),
            Step::Pass(time) => self.now += time,
            Step::Deadline => self.deadline(),
            Step::ProtocolBroken => self.fact(Fact::ProtocolBroken),
            Step::Mood(mood) => {
                self.mood = mood;
                self.fact(Fact::MoodChanged(mood));
            }
        }
    }

    fn order(&mut self, order: Order) {
        let before = self.machine.state();
        let Ok(effects) = self.machine.order(order, self.moment()) else {
            return assert_eq!(self.machine.state(), before);
        };
        let wait = match order {
            Order::Start => Some(self.machine.wait_for_start()),
            Order::Stop => Some(self.machine.wait_for_stop()),
            _ => None,
        };
        let ran = false;
        self.clients.extend(wait.map(|wait| Client { wait, ran }));
        self.carry_out(before, &effects);
    }

    fn fact(&mut self, fact: Fact) {
        let before = self.machine.state();
        let effects = self.machine.fact(fact, self.moment());
        self.carry_out(before, &effects);
    }

    fn spawned(&mut self) {
        if std::mem::take(&mut self.spawning) {
            self.children += 1;
            self.child = Some(self.children);
            self.born = self.now;
            self.fact(Fact::Spawned { pid: self.children });
        }
    }

    fn spawn_failed(&mut self) {
        if std::mem::take(&mut self.spawning) {
            let reason = Arc::from("no");
            self.fact(Fact::SpawnFailed { reason });
        }
    }

    fn exit(&mut self, status: ExitStatus) {
        if let Some(pid) = self.child.take() {
            self.fact(Fact::Exited { pid, status });
        }
    }

    /// May be late: the child of then may have been followed by another.
    fn signal_fails(&mut self, error: SignalError) {
        if let Some(kill) = self.last_kill.take() {
            self.fact(Fact::SignalFailed { kill, error });
        }
    }

    fn deadline(&mut self) {
        if let Some(at) = self.machine.deadline() {
            self.now = self.now.max(at);
            self.fact(Fact::DeadlineReached);
            let next = self.machine.deadline();
            assert!(next.is_none_or(|next| next > self.now), "a busy loop");
        }
    }

    fn carry_out(&mut self, before: ProcessState, effects: &Effects) {
        let mut state = before;
        for effect in effects {
            match effect {
                Effect::Spawn => self.spawn(),
                Effect::Kill(kill) => self.kill(*kill),
                Effect::Changed(change) => {
                    assert_eq!(change.from, state);
                    assert_ne!(change.from, change.to);
                    state = change.to;
                    self.changed(*change);
                }
                Effect::Note(note) => assert!(note.about("x").to_string().len() > 10),
            }
        }
        assert_eq!(self.machine.state(), state, "each change is told");
        self.check();
        self.settle();
    }

    fn spawn(&mut self) {
        assert_eq!(self.mood, Mood::Running);
        assert!(!self.spawning && self.child.is_none(), "two children");
        self.spawning = true;
    }

    fn kill(&mut self, kill: Kill) {
        assert_eq!(Some(kill.pid), self.child, "a signal for nobody");
        self.last_kill = Some(kill);
    }

    fn changed(&mut self, change: Change) {
        if change.to == ProcessState::Running {
            assert!(self.now - self.born >= self.policy.start_duration());
            self.clients.iter_mut().for_each(|client| client.ran = true);
        }
    }

    fn check(&self) {
        assert_eq!(self.machine.pid(), self.child);
        let (alive, spawning) = (self.child.is_some(), self.spawning);
        match self.machine.state() {
            ProcessState::Running | ProcessState::Unknown => assert!(alive && !spawning),
            ProcessState::Starting | ProcessState::Stopping => assert_ne!(alive, spawning),
            ProcessState::Stopped
            | ProcessState::Backoff
            | ProcessState::Exited
            | ProcessState::Fatal => assert!(!alive && !spawning),
        }
    }

    /// Tells the clients whose wait is over.
    fn settle(&mut self) {
        let (machine, child) = (&self.machine, self.child);
        self.clients
            .retain(|client| match (client.wait, machine.outcome(client.wait)) {
                (_, None) => true,
                (Wait::Start { .. }, Some(result)) => {
                    assert_eq!(result.is_ok(), client.ran);
                    false
                }
                (Wait::Stop { .. }, Some(result)) => {
                    assert_eq!(result.is_ok(), child.is_none());
                    false
                }
            });
    }

    /// Lets time pass with a child that never ends.
    fn run_out(&mut self) {
        for _ in 0..100 {
            self.spawned();
            self.deadline();
        }
    }
}

proptest! {
    #[test]
    fn every_life_is_a_possible_one(
        policy in policies(),
        steps in collection::vec(steps(), 0..80),
    ) {
        let mut world = World::new(policy);
        for step in steps {
            world.step(step);
        }
        world.run_out();
        assert!(world.clients.is_empty(), "a client waits for ever");
    }

    #[test]
    fn a_life_of_lies_is_no_panic(
        policy in policies(),
        facts in collection::vec((0..6_u8, 0..4_i32, 0..3000_u64), 0..60),
    ) {
        let mut machine = Machine::new(Arc::new(policy));
        for (kind, pid, millis) in facts {
            let monotonic = Duration::from_millis(millis);
            let now = Moment { monotonic, wall: monotonic };
            let status = ExitStatus::Code(1);
            match kind {
                0 => { let _ = machine.order(Order::Start, now); }
                1 => { let _ = machine.order(Order::Stop, now); }
                2 => { machine.fact(Fact::Spawned { pid }, now); }
                3 => { machine.fact(Fact::SpawnFailed { reason: Arc::from("no") }, now); }
                4 => { machine.fact(Fact::Exited { pid, status }, now); }
                _ => { machine.fact(Fact::DeadlineReached, now); }
            }
            let has_child = matches!(
                machine.state(),
                ProcessState::Starting
                    | ProcessState::Running
                    | ProcessState::Stopping
                    | ProcessState::Unknown
            );
            assert!(has_child || machine.pid().is_none());
        }
    }
}

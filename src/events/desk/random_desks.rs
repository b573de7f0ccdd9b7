//! Whatever happens to a pool, in any order and in any cuts, no event is lost in silence, no output
//! is while its writers wait for room, and they wait for nothing.

use super::{Desk, Duty, NotDelivered, Rules};
use crate::events::{
    Event, EventType, Note, Output, OutputChannel, Pool, Room, Source, Tick, TickPeriod,
};
use crate::process::ProcessState;
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// What a listener answers to an event.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Ok,
    Fail,
    Nonsense,
    Nothing,
}

#[derive(Clone, Debug)]
enum Step {
    Event,
    Tick,
    Start(usize),
    Run(usize),
    Die(usize),
    /// As many bytes of what the listener has to say arrive.
    Hear(usize, usize),
    /// A listener closes its stdout and lives on.
    FallSilent(usize),
    /// The oldest suspicion of one that has closed something is looked after.
    LookAfter,
    /// The oldest write to a listener's stdin is done or fails.
    Written(Option<NotDelivered>),
    Resume,
    /// A listener that broke the protocol is restarted, where that is wanted.
    Restart(usize),
    /// A listener's process is removed.
    Leave(usize),
    /// A process takes a seat that is free.
    Join(usize),
    Adjust {
        buffer_size: usize,
        restarts: bool,
        patience: u64,
    },
    /// A program has written something.
    Write,
    /// The output comes of the first one that was let in.
    Come,
    /// Time goes by, in milliseconds.
    Wait(u64),
}

/// A listener process, as it would behave.
#[derive(Default)]
struct Process {
    lives: bool,
    /// It has closed its stdout.
    is_silent: bool,
    /// What it has written and the desk has yet to hear.
    output: VecDeque<u8>,
    /// What it has in hand.
    working: Option<Work>,
}

/// An event in a process's hand.
struct Work {
    serial: u64,
    /// The number of the delivery.
    number: u64,
    /// How many bytes the desk has to hear before it is processed.
    missing: Option<usize>,
}

struct Story {
    desk: Desk,
    room: Room<u64>,
    now: Duration,
    /// Programs that have written something so far; each waits with its number.
    written: u64,
    /// Those who may tell it, in the order in which they were let in.
    let_in: Vec<u64>,
    /// How many of them have.
    came: usize,
    gave_up: bool,
    /// `None` where the process was removed.
    processes: Vec<Option<Process>>,
    answers: std::iter::Cycle<std::vec::IntoIter<Answer>>,
    writes: VecDeque<(usize, u64, u64)>,
    suspicions: VecDeque<(usize, u64)>,
    paused: bool,
    accepted: u64,
    processed: BTreeSet<u64>,
    /// Lost because there was no room.
    discarded: BTreeSet<u64>,
    /// Lost because listeners failed with them.
    harmful: BTreeSet<u64>,
    /// Serials in the order in which they were handed out for the first time.
    first_handed_out: Vec<u64>,
}

impl Story {
    fn new(buffer_size: usize, listeners: usize, answers: Vec<Answer>) -> Self {
        let pool = Pool::new(BTreeSet::from([EventType::Event]), buffer_size);
        let mut desk = Desk::new("supervisor".into(), "lis".into(), pool, Rules::default());
        desk.seat((0..listeners).map(|number| (number, format!("l{number}").into())));
        Self {
            desk,
            room: Room::new("lis".into(), Duration::from_secs(2)),
            now: Duration::ZERO,
            written: 0,
            let_in: Vec::new(),
            came: 0,
            gave_up: false,
            processes: (0..listeners).map(|_| Some(Process::default())).collect(),
            answers: answers.into_iter().cycle(),
            writes: VecDeque::new(),
            suspicions: VecDeque::new(),
            paused: false,
            accepted: 0,
            processed: BTreeSet::new(),
            discarded: BTreeSet::new(),
            harmful: BTreeSet::new(),
            first_handed_out: Vec::new(),
        }
    }

    fn apply(&mut self, step: &Step) {
        let duties = match *step {
            Step::Event => self.accept(Event::SupervisorRunning),
            Step::Tick => self.accept(Event::Tick(Tick {
                period: TickPeriod::Seconds5,
                when: 0,
            })),
            Step::Start(seat) => self.start(seat),
            Step::Run(seat) if self.lives(seat) => self.desk.entered(seat, ProcessState::Running),
            Step::Die(seat) if self.lives(seat) => self.die(seat),
            Step::Hear(seat, most) => self.hear(seat, most),
            Step::FallSilent(seat) if self.lives(seat) => self.fall_silent(seat),
            Step::LookAfter => match self.suspicions.pop_front() {
                Some((seat, child)) => self.desk.lives_on(seat, child),
                None => return,
            },
            Step::Written(failure) => self.written(failure),
            Step::Resume if self.paused => {
                self.paused = false;
                self.desk.resume()
            }
            Step::Restart(seat) if self.desk.restart(seat).is_some() => {
                let duties = self.die(seat);
                self.carry_out(duties);
                self.start(seat)
            }
            Step::Leave(seat) => {
                self.processes[seat] = None;
                self.desk.leave(seat)
            }
            Step::Join(seat) if self.processes[seat].is_none() => {
                self.processes[seat] = Some(Process::default());
                self.desk.seat([(seat, "l".into())]);
                Vec::new()
            }
            Step::Adjust {
                buffer_size,
                restarts,
                patience,
            } => {
                self.room.adjust(Duration::from_secs(patience));
                let rules = Rules {
                    restarts,
                    ..Rules::default()
                };
                self.desk.adjust(buffer_size, rules)
            }
            Step::Write => {
                self.written += 1;
                self.room.ask(source(), self.written - 1, self.now);
                Vec::new()
            }
            Step::Come => self.come(),
            Step::Wait(millis) => {
                self.now += Duration::from_millis(millis);
                Vec::new()
            }
            Step::FallSilent(_)
            | Step::Run(_)
            | Step::Die(_)
            | Step::Restart(_)
            | Step::Join(_)
            | Step::Resume => return,
        };
        self.carry_out(duties);
        self.look();
    }

    /// Lets in whom the room lets in.
    fn look(&mut self) {
        let has_room = |expected| self.desk.has_room_for_output(expected);
        let admit = |number| {
            self.let_in.push(number);
            true
        };
        let listeners = self.desk.attendance();
        let told = self.room.let_in(has_room, listeners, self.now, admit);
        self.gave_up |= matches!(told, Some(Note::GaveUp { .. }));
    }

    fn come(&mut self) -> Vec<Duty> {
        if self.came == self.let_in.len() {
            return Vec::new();
        }
        self.came += 1;
        self.room.came();
        self.accept(Event::ProcessLog(Output {
            source: source(),
            pid: 1,
            channel: OutputChannel::Stdout,
            data: Vec::new(),
        }))
    }

    fn lives(&self, seat: usize) -> bool {
        self.processes[seat]
            .as_ref()
            .is_some_and(|process| process.lives)
    }

    fn die(&mut self, seat: usize) -> Vec<Duty> {
        self.processes[seat] = Some(Process::default());
        self.desk.entered(seat, ProcessState::Exited)
    }

    fn accept(&mut self, event: Event) -> Vec<Duty> {
        self.accepted += 1;
        self.desk.accepted(Arc::new(event), self.accepted - 1)
    }

    fn start(&mut self, seat: usize) -> Vec<Duty> {
        let Some(process) = self.processes[seat]
            .as_mut()
            .filter(|process| !process.lives)
        else {
            return Vec::new();
        };
        process.lives = true;
        process.output.extend(b"READY\n");
        self.desk.entered(seat, ProcessState::Starting)
    }

    fn hear(&mut self, seat: usize, most: usize) -> Vec<Duty> {
        let Some(process) = &mut self.processes[seat] else {
            return Vec::new();
        };
        let count = most.min(process.output.len());
        let bytes: Vec<_> = process.output.drain(..count).collect();
        match &mut process.working {
            Some(Work {
                serial,
                missing: Some(missing),
                ..
            }) if *missing <= count => {
                self.processed.insert(*serial);
                process.working = None;
            }
            Some(Work {
                missing: Some(missing),
                ..
            }) => *missing -= count,
            _ => {}
        }
        self.desk.said(seat, &bytes)
    }

    fn fall_silent(&mut self, seat: usize) -> Vec<Duty> {
        let duties = self.hear(seat, usize::MAX);
        self.carry_out(duties);
        if let Some(process) = &mut self.processes[seat] {
            process.is_silent = true;
        }
        self.desk.fell_silent(seat)
    }

    /// The oldest write reaches the listener, which answers, or it does not.
    fn written(&mut self, failure: Option<NotDelivered>) -> Vec<Duty> {
        let Some((seat, serial, number)) = self.writes.pop_front() else {
            return Vec::new();
        };
        let Some(process) = &mut self.processes[seat] else {
            return self.desk.not_delivered(seat, number, NotDelivered::Closed);
        };
        // What was meant for an earlier process finds its stdin closed.
        let is_current = |work: &Work| work.number == number && work.missing.is_none();
        let is_current = process.working.as_ref().is_some_and(is_current);
        if let Some(why) = failure.or((!is_current).then_some(NotDelivered::Closed)) {
            if is_current {
                process.working = None;
            }
            return self.desk.not_delivered(seat, number, why);
        }
        let answer = self.answers.next().unwrap();
        match answer {
            _ if process.is_silent => {}
            Answer::Ok => {
                let told = process.output.len() + "RESULT 2\nOK".len();
                process.output.extend(b"RESULT 2\nOKREADY\n");
                process.working = Some(Work {
                    serial,
                    number,
                    missing: Some(told),
                });
            }
            Answer::Fail => process.output.extend(b"RESULT 4\nFAILREADY\n"),
            Answer::Nonsense => process.output.extend(b"nonsense\nREADY\n"),
            Answer::Nothing => {}
        }
        self.desk.delivered(seat, serial).into_iter().collect()
    }

    fn carry_out(&mut self, duties: Vec<Duty>) {
        for duty in duties {
            match duty {
                Duty::Deliver {
                    seat,
                    serial,
                    number,
                    ..
                } => {
                    self.room.taken(self.now);
                    let process = self.processes[seat].as_mut().unwrap();
                    process.working = Some(Work {
                        serial,
                        number,
                        missing: None,
                    });
                    self.writes.push_back((seat, serial, number));
                    if !self.first_handed_out.contains(&serial) {
                        self.first_handed_out.push(serial);
                    }
                }
                Duty::Say(Note::Overflowed { serial, .. }) => {
                    assert!(self.discarded.insert(serial), "lost once");
                }
                Duty::Say(Note::Harmful { serial, .. }) => {
                    assert!(self.harmful.insert(serial), "lost once");
                }
                Duty::SuspectClosed { seat, child } => self.suspicions.push_back((seat, child)),
                Duty::Pause(_) => self.paused = true,
                Duty::Say(_) | Duty::SuspectStuck { .. } | Duty::Restart { .. } => {}
            }
        }
    }

    fn check(&self) {
        let info = self.desk.info();
        let buffered: Vec<_> = self.desk.pool().serials().collect();
        assert!(buffered.is_sorted(), "in order");
        assert_eq!(info.processed, self.processed.len() as u64);
        let lost = self.discarded.union(&self.harmful);
        assert_eq!(info.discarded, lost.count() as u64);

        let in_hand = info.listeners.iter().filter_map(|listener| listener.event);
        let mut all: Vec<_> = buffered.into_iter().chain(in_hand).collect();
        all.extend(
            self.processed
                .iter()
                .chain(&self.discarded)
                .chain(&self.harmful),
        );
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "no event is in two places");
        assert_eq!(count as u64 + info.coalesced, self.accepted, "nor in none");
        self.check_room();
    }

    fn check_room(&self) {
        let in_order = self.let_in.iter().copied().eq(0..self.let_in.len() as u64);
        assert!(in_order, "who came first is let in first");
        let waiting = self.room.waiting().count();
        assert_eq!(self.let_in.len() + waiting, self.written as usize);
        let next = self.room.next_look(self.desk.attendance());
        assert!(waiting == 0 || next.is_some_and(|next| next > self.now));
        let is_free = self.desk.has_room_for_output(self.let_in.len() - self.came);
        assert!(waiting == 0 || !is_free, "nobody waits where there is room");
    }

    /// Looks after those who wait as often as it takes, while nothing else happens.
    fn wait_in_vain(&mut self) {
        while let Some(next) = self.room.next_look(self.desk.attendance()) {
            self.now = next;
            self.look();
        }
    }
}

fn source() -> Source {
    Source {
        name: "chatty".into(),
        group: "chatty".into(),
    }
}

/// What listeners and those who write do.
fn deed(listeners: usize) -> impl Strategy<Value = Step> {
    let seat = 0..listeners;
    let failure = prop_oneof![
        8 => Just(None),
        1 => Just(Some(NotDelivered::Closed)),
        1 => Just(Some(NotDelivered::Full)),
    ];
    prop_oneof![
        6 => Just(Step::Write),
        6 => Just(Step::Come),
        3 => seat.clone().prop_map(Step::Start),
        3 => seat.clone().prop_map(Step::Run),
        1 => seat.clone().prop_map(Step::Die),
        12 => (seat, 1..20_usize).prop_map(|(seat, most)| Step::Hear(seat, most)),
        8 => failure.prop_map(Step::Written),
        1 => Just(Step::Resume),
        1 => Just(Step::LookAfter),
        2 => (0..1500_u64).prop_map(Step::Wait),
    ]
}

/// What else may happen.
fn step(listeners: usize) -> impl Strategy<Value = Step> {
    let seat = 0..listeners;
    let adjust = (1..6_usize, any::<bool>(), 0..5_u64);
    let adjust = adjust.prop_map(|(buffer_size, restarts, patience)| Step::Adjust {
        buffer_size,
        restarts,
        patience,
    });
    prop_oneof![
        30 => deed(listeners),
        6 => Just(Step::Event),
        1 => Just(Step::Tick),
        1 => seat.clone().prop_map(Step::Restart),
        1 => seat.clone().prop_map(Step::Leave),
        1 => seat.clone().prop_map(Step::FallSilent),
        2 => seat.prop_map(Step::Join),
        1 => adjust,
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        6 => Just(Answer::Ok),
        2 => Just(Answer::Fail),
        1 => Just(Answer::Nonsense),
        1 => Just(Answer::Nothing),
    ]
}

proptest! {
    #[test]
    fn every_event_is_processed_in_hand_buffered_or_counted(
        buffer_size in 1..6_usize,
        answers in prop::collection::vec(answer(), 1..8),
        steps in prop::collection::vec(step(3), 0..150),
    ) {
        let mut story = Story::new(buffer_size, 3, answers);
        for step in &steps {
            story.apply(step);
            story.check();
        }
        prop_assert!(story.first_handed_out.is_sorted(), "first told in order");
        story.wait_in_vain();
        prop_assert_eq!(story.let_in.len() as u64, story.written, "nobody waits for ever");
    }

    /// One half of the buffer holds what all listeners have in hand, should they die together.
    #[test]
    fn no_output_is_lost_while_its_writers_wait(
        buffer_size in 6..12_usize,
        answers in prop::collection::vec(answer(), 1..8),
        steps in prop::collection::vec(deed(3), 0..150),
    ) {
        let mut story = Story::new(buffer_size, 3, answers);
        for step in &steps {
            while matches!(step, Step::Wait(_)) && story.came < story.let_in.len() {
                story.apply(&Step::Come);
            }
            story.apply(step);
            story.check();
            prop_assert!(story.gave_up || story.discarded.is_empty());
        }
    }

    /// A listener dies of some events, and hears all others. The last is none of those: without one
    /// behind it, it would wait.
    #[test]
    fn harmful_events_cost_no_others(mut lethal in prop::collection::vec(any::<bool>(), 0..8)) {
        lethal.push(false);
        let mut story = Story::new(1000, 1, vec![Answer::Ok]);
        let is_lethal = |serial: u64| lethal[usize::try_from(serial).unwrap()];
        lethal.iter().for_each(|_| story.apply(&Step::Event));
        for _ in 0..12 * lethal.len() {
            story.apply(&Step::Start(0));
            story.apply(&Step::Run(0));
            story.apply(&Step::Hear(0, 100));
            match story.writes.front() {
                Some(&(_, serial, _)) if is_lethal(serial) => {
                    story.writes.clear();
                    story.apply(&Step::Die(0));
                }
                _ => story.apply(&Step::Written(None)),
            }
            story.check();
        }
        story.apply(&Step::Hear(0, 100));
        let (lethal, harmless): (BTreeSet<_>, BTreeSet<_>) =
            (0..lethal.len() as u64).partition(|&serial| is_lethal(serial));
        prop_assert!(story.first_handed_out.is_sorted(), "first told in order");
        prop_assert_eq!(&story.processed, &harmless);
        prop_assert_eq!(&story.harmful, &lethal);
    }

    #[test]
    fn one_listener_that_answers_well_hears_everything_in_order(
        cuts in prop::collection::vec(1..40_usize, 1..20),
        count in 1..60_u64,
    ) {
        let mut story = Story::new(1000, 1, vec![Answer::Ok]);
        story.apply(&Step::Start(0));
        (0..count).for_each(|_| story.apply(&Step::Event));
        story.apply(&Step::Run(0));
        for &cut in cuts.iter().cycle().take(40 * 60) {
            if story.processed.len() as u64 == count {
                break;
            }
            story.apply(&Step::Written(None));
            story.apply(&Step::Hear(0, cut));
        }
        story.check();
        prop_assert_eq!(story.processed.len() as u64, count);
        prop_assert!(story.first_handed_out.is_sorted());
    }
}

//! Programs that wait for room in a pool's buffer, and whose output is not read meanwhile.
//!
//! What those bring who were let in and have not come yet takes up room already. Listeners that take
//! nothing must not make programs hang, so that everybody's patience is bounded. Time is the
//! monotonic clock's.

use super::{Note, Source};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How long nobody but a dead or broken listener is waited for at most, and whoever was let in: it
/// may wait for another pool, or be gone.
const SHORT: Duration = Duration::from_secs(2);

/// How long somebody waits before the log tells.
const UNTOLD: Duration = Duration::from_secs(1);

/// How often the log tells the same.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// How a pool's listeners fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// One of them is ready: there is nothing for it to do.
    Ready,
    /// They live, and are at work.
    Busy,
    /// None of them can take an event before it is started anew.
    Absent,
}

/// Those who wait, in the order in which they came, each with the `T` by which it is let in.
#[derive(Debug)]
pub struct Room<T> {
    pool: Arc<str>,
    patience: Duration,
    waiting: VecDeque<Waiter<T>>,
    /// Since when somebody has waited and no listener taken an event.
    since: Option<Duration>,
    /// When a listener last took an event.
    taken: Option<Duration>,
    /// When those were let in whose output is on its way.
    expected: VecDeque<Duration>,
    /// It was waited in vain, and would be.
    gave_up: bool,
    told_held_back: Seldom,
    told_gave_up: Seldom,
}

#[derive(Debug)]
struct Waiter<T> {
    who: Source,
    since: Duration,
    ticket: T,
}

impl<T> Room<T> {
    /// The room of the pool of this name. Nobody is to wait longer than `patience` for its
    /// listeners to take an event.
    pub const fn new(pool: Arc<str>, patience: Duration) -> Self {
        Self {
            pool,
            patience,
            waiting: VecDeque::new(),
            since: None,
            taken: None,
            expected: VecDeque::new(),
            gave_up: false,
            told_held_back: Seldom(None),
            told_gave_up: Seldom(None),
        }
    }

    /// Nobody is to wait longer than this from now on.
    pub const fn adjust(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Somebody asks for room, and may be let in at once: see [`Room::let_in`].
    pub fn ask(&mut self, who: Source, ticket: T, now: Duration) {
        let since = now;
        self.waiting.push_back(Waiter { who, since, ticket });
    }

    /// Those who wait.
    pub fn waiting(&self) -> impl Iterator<Item = &Source> {
        self.waiting.iter().map(|waiter| &waiter.who)
    }

    /// The output has come of somebody who was let in.
    pub fn came(&mut self) {
        self.expected.pop_front();
    }

    /// A listener took an event. Those who have been given up are waited for again when they have
    /// found their pace, lest each event of slow ones hold everybody back anew.
    pub fn taken(&mut self, now: Duration) {
        let keeps_pace = |last| now.saturating_sub(last) <= self.patience;
        self.gave_up &= !self.taken.is_some_and(keeps_pace);
        self.taken = Some(now);
        self.since = self.since.map(|_| now);
    }

    /// Lets in as many as there is room for, and everybody when it is waited in vain. `has_room`
    /// says whether there is room beside so many who are on their way, `admit` whether somebody is
    /// still there. Gives what the log is to tell. To be called after all that happens, and when
    /// [`Room::next_look`] says so.
    pub fn let_in(
        &mut self,
        has_room: impl Fn(usize) -> bool,
        listeners: Attendance,
        now: Duration,
        mut admit: impl FnMut(T) -> bool,
    ) -> Option<Note> {
        self.gave_up &= listeners != Attendance::Ready;
        self.expected.retain(|at| now.saturating_sub(*at) < SHORT);
        while has_room(self.expected.len())
            && let Some(waiter) = self.waiting.pop_front()
        {
            self.expected.extend(admit(waiter.ticket).then_some(now));
        }
        if self.waiting.is_empty() {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(now);
        let waited = now.saturating_sub(since);
        let is_new = !self.gave_up && waited >= self.patience(listeners);
        self.gave_up |= is_new;
        if self.gave_up {
            self.let_all_in(admit);
            return (is_new && self.told_gave_up.admits(now)).then(|| self.gave_up_after(waited));
        }
        self.held_back(now)
    }

    /// Lets everybody in, whatever room there is.
    pub fn let_all_in(&mut self, mut admit: impl FnMut(T) -> bool) {
        self.since = None;
        for waiter in self.waiting.drain(..) {
            admit(waiter.ticket);
        }
    }

    /// When there is something to do though nothing happens, in the future of the last
    /// [`Room::let_in`].
    pub fn next_look(&self, listeners: Attendance) -> Option<Duration> {
        let over = self.since?.saturating_add(self.patience(listeners));
        let come = self.expected.front().map(|at| at.saturating_add(SHORT));
        [Some(over), come, self.to_be_told()]
            .into_iter()
            .flatten()
            .min()
    }

    fn patience(&self, listeners: Attendance) -> Duration {
        match listeners {
            Attendance::Ready | Attendance::Busy => self.patience,
            Attendance::Absent => self.patience.min(SHORT),
        }
    }

    fn to_be_told(&self) -> Option<Duration> {
        let first = self.waiting.front()?;
        let long = first.since.saturating_add(UNTOLD);
        Some(
            self.told_held_back
                .next()
                .map_or(long, |next| next.max(long)),
        )
    }

    fn held_back(&mut self, now: Duration) -> Option<Note> {
        let first = self.waiting.front()?;
        let is_long = now.saturating_sub(first.since) >= UNTOLD;
        let told = is_long && self.told_held_back.admits(now);
        told.then(|| Note::HeldBack {
            pool: self.pool.clone(),
            process: first.who.clone(),
        })
    }

    fn gave_up_after(&self, waited: Duration) -> Note {
        Note::GaveUp {
            pool: self.pool.clone(),
            seconds: waited.as_secs(),
        }
    }
}

/// When something was told last that is to be told seldom.
#[derive(Debug)]
struct Seldom(Option<Duration>);

impl Seldom {
    fn next(&self) -> Option<Duration> {
        Some(self.0?.saturating_add(TOLD_EVERY))
    }

    fn admits(&mut self, now: Duration) -> bool {
        let admits = self.next().is_none_or(|next| now >= next);
        if admits {
            self.0 = Some(now);
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Attendance::{Absent, Busy, Ready};

    const PATIENCE: Duration = Duration::from_secs(10);

    const NOBODY: [u8; 0] = [];

    fn room() -> Room<u8> {
        Room::new("lis".into(), PATIENCE)
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn ask(room: &mut Room<u8>, number: u8, seconds: u64) {
        let (name, group) = (format!("p{number}").into(), "web".into());
        room.ask(Source { name, group }, number, at(seconds));
    }

    /// Who is let in where there is room for so many, and what is said.
    fn let_in(
        room: &mut Room<u8>,
        capacity: usize,
        listeners: Attendance,
        seconds: u64,
    ) -> (Vec<u8>, String) {
        let mut numbers = Vec::new();
        let admit = |number| {
            numbers.push(number);
            true
        };
        let said = room.let_in(
            |expected| expected < capacity,
            listeners,
            at(seconds),
            admit,
        );
        (numbers, said.map_or(String::new(), |note| note.to_string()))
    }

    /// Who is let in where there is no room.
    fn wait(room: &mut Room<u8>, listeners: Attendance, seconds: u64) -> Vec<u8> {
        let_in(room, 0, listeners, seconds).0
    }

    #[test]
    fn those_who_wait_go_on_in_their_order_as_there_is_room() {
        let mut room = room();
        ask(&mut room, 1, 0);
        ask(&mut room, 2, 0);
        assert_eq!(wait(&mut room, Busy, 0), NOBODY);
        assert_eq!(let_in(&mut room, 1, Busy, 0).0, [1]);
        assert_eq!(
            let_in(&mut room, 1, Busy, 0).0,
            NOBODY,
            "not before the first has come"
        );
        room.came();
        assert_eq!(let_in(&mut room, 1, Busy, 0).0, [2]);
        assert_eq!(room.next_look(Busy), None);
    }

    #[test]
    fn those_who_are_gone_hold_up_nobody() {
        let mut room = room();
        (1..=3).for_each(|number| ask(&mut room, number, 0));
        let mut asked = Vec::new();
        room.let_in(
            |expected| expected < 1,
            Busy,
            at(0),
            |number| {
                asked.push(number);
                number == 2
            },
        );
        assert_eq!(asked, [1, 2]);
    }

    #[test]
    fn who_was_let_in_and_does_not_come_is_not_waited_for() {
        let mut room = room();
        ask(&mut room, 1, 0);
        ask(&mut room, 2, 0);
        assert_eq!(let_in(&mut room, 1, Ready, 0).0, [1]);
        assert_eq!(let_in(&mut room, 1, Ready, 1).0, NOBODY);
        assert_eq!(let_in(&mut room, 1, Ready, 2).0, [2]);
    }

    #[test]
    fn nobody_waits_for_a_pool_that_takes_nothing() {
        let mut room = room();
        ask(&mut room, 1, 5);
        assert_eq!(wait(&mut room, Busy, 5), NOBODY);
        assert_eq!(wait(&mut room, Busy, 14), NOBODY);
        let (numbers, said) = let_in(&mut room, 0, Busy, 15);
        assert_eq!(numbers, [1]);
        assert_eq!(
            said,
            "pool lis has taken no event for 10 seconds, output no longer waits for it and may be \
             lost"
        );
        ask(&mut room, 2, 16);
        assert_eq!(wait(&mut room, Busy, 16), [2], "nor does anybody later");
    }

    #[test]
    fn slow_listeners_are_given_up_once_and_waited_for_when_they_keep_pace() {
        let mut room = room();
        ask(&mut room, 1, 0);
        wait(&mut room, Busy, 0);
        assert_eq!(wait(&mut room, Busy, 10), [1]);
        for seconds in [30, 60] {
            room.taken(at(seconds));
            ask(&mut room, 2, seconds);
            assert_eq!(wait(&mut room, Busy, seconds), [2], "still too slow");
        }
        room.taken(at(61));
        ask(&mut room, 3, 61);
        assert_eq!(wait(&mut room, Busy, 61), NOBODY);
    }

    #[test]
    fn listeners_that_have_caught_up_are_waited_for() {
        let mut room = room();
        ask(&mut room, 1, 0);
        wait(&mut room, Busy, 0);
        wait(&mut room, Busy, 10);
        wait(&mut room, Ready, 100);
        ask(&mut room, 2, 100);
        assert_eq!(wait(&mut room, Busy, 100), NOBODY);
    }

    #[test]
    fn the_dead_are_not_waited_for_as_long_as_the_living() {
        let mut room = room();
        ask(&mut room, 1, 0);
        wait(&mut room, Busy, 0);
        assert_eq!(wait(&mut room, Absent, 1), NOBODY);
        assert_eq!(room.next_look(Absent), Some(at(2)));
        assert_eq!(wait(&mut room, Absent, 2), [1]);
    }

    #[test]
    fn each_event_that_is_taken_renews_the_patience() {
        let mut room = room();
        ask(&mut room, 1, 0);
        wait(&mut room, Busy, 0);
        room.taken(at(9));
        assert_eq!(wait(&mut room, Busy, 18), NOBODY);
        assert_eq!(wait(&mut room, Busy, 19), [1]);
    }

    #[test]
    fn who_waits_long_is_told_once_a_minute() {
        let mut room = Room::new("lis".into(), at(3600));
        ask(&mut room, 1, 0);
        let mut said = Vec::new();
        let mut now = at(0);
        for _ in 0..4 {
            let told = let_in(&mut room, 0, Busy, now.as_secs()).1;
            said.push((now.as_secs(), told));
            now = room.next_look(Busy).unwrap();
        }
        let told = "pool lis takes events slowly, the output of 'web:p1' is held back";
        let expected = [(0, ""), (1, told), (61, told), (121, told)];
        assert_eq!(said, expected.map(|(at, told)| (at, told.to_owned())));
    }

    #[test]
    fn without_patience_nobody_waits() {
        let mut room = Room::new("lis".into(), Duration::ZERO);
        (1..=3).for_each(|number| ask(&mut room, number, 0));
        assert_eq!(let_in(&mut room, 1, Busy, 0).0, [1, 2, 3]);
    }
}

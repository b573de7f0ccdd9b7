//! The bounded buffer of one pool of listeners.

use super::{Event, EventType, SerialCounter};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// How many bytes the events of a pool may hold before a listener of it is ready for the first
/// time. It suffices for the start of tens of thousands of processes.
pub const BACKLOG_BYTES: usize = 8 << 20;

/// Listeners that fail in a row with an event in hand before it is suspected of being the cause.
pub const SUSPECT_AFTER: u32 = 5;

/// One event as one pool has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The event, shared with other pools.
    pub event: Arc<Event>,
    /// Its number among all events of this supervisord that any pool accepted.
    pub serial: u64,
    /// Its number among those that this pool accepted; it keeps it when it is put back.
    pub pool_serial: u64,
    /// How listeners failed with it in hand: died, or broke the protocol.
    pub failures: Failures,
}

/// How listeners failed with an event in hand, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many did.
    pub count: u32,
    /// How many events the pool's listeners had processed when the last one did.
    processed: u64,
    /// The seats of those that did, and how many events had been processed there by then.
    seats: Vec<(usize, u64)>,
}

impl Failures {
    /// Notes one more. Whether the seat has failed before and has served others well since then.
    fn add(&mut self, seat: usize, served: u64) -> bool {
        self.count = self.count.saturating_add(1);
        match self.seats.iter_mut().find(|(number, _)| *number == seat) {
            Some((_, before)) => std::mem::replace(before, served) < served,
            None => {
                self.seats.push((seat, served));
                false
            }
        }
    }
}

impl Delivery {
    fn weight(&self) -> usize {
        size_of::<Self>() + self.event.weight()
    }
}

/// Keeps a pool's events, oldest first, until a listener takes them.
///
/// Every accepted event is buffered, handed out, or counted as discarded or coalesced. Listeners
/// that still boot lose none: what was accepted before the first [`hand_out`](Self::hand_out)
/// never counts towards `buffer_size`, but is bounded by [`BACKLOG_BYTES`].
///
/// An event that ends each listener that gets it must not hold up the others for ever; nor must any
/// be lost because listeners fail for another reason. So one with which [`SUSPECT_AFTER`] listeners
/// in a row have failed gives way to those behind it; once one of these is processed it is handed
/// out again. It is discarded if a listener fails with it for a second time that has processed
/// others in between.
#[derive(Debug)]
pub struct Pool {
    events: BTreeSet<EventType>,
    buffer_size: usize,
    phase: Phase,
    serials: SerialCounter,
    /// What does not count; older than all in `buffer`.
    backlog: VecDeque<Delivery>,
    buffer: VecDeque<Delivery>,
    processed: u64,
    discarded: u64,
    coalesced: u64,
}

#[derive(Debug)]
enum Phase {
    /// No listener was ready yet.
    Booting {
        /// What the backlog weighs.
        bytes: usize,
    },
    /// A listener was ready once.
    Serving {
        /// The pool serial from which on events count.
        first_counted: u64,
    },
}

impl Pool {
    /// A pool that subscribes to `events`, super-types standing for all below them. A
    /// `buffer_size` of 0 is taken for 1.
    pub fn new(events: BTreeSet<EventType>, buffer_size: usize) -> Self {
        Self {
            events,
            buffer_size: buffer_size.max(1),
            phase: Phase::Booting { bytes: 0 },
            serials: SerialCounter::default(),
            backlog: VecDeque::new(),
            buffer: VecDeque::new(),
            processed: 0,
            discarded: 0,
            coalesced: 0,
        }
    }

    /// Whether it subscribed to events of this type. However many subscriptions say so, the event
    /// is to be accepted once.
    pub fn wants(&self, event_type: EventType) -> bool {
        self.events.iter().any(|known| known.covers(event_type))
    }

    /// Accepts an event as its newest. Gives those that were discarded to make room, oldest
    /// first.
    ///
    /// A tick replaces an older one of its period that nobody took: a listener that was away for
    /// an hour is told the time once, not 720 times.
    pub fn accept(&mut self, event: Arc<Event>, serial: u64) -> Vec<Delivery> {
        self.coalesce(&event);
        let delivery = Delivery {
            event,
            serial,
            pool_serial: self.serials.assign(),
            failures: Failures::default(),
        };
        match self.phase {
            Phase::Booting { bytes } => self.accept_uncounted(delivery, bytes),
            Phase::Serving { .. } => {
                let discarded = self.make_room();
                self.buffer.push_back(delivery);
                Vec::from_iter(discarded)
            }
        }
    }

    /// Hands out the oldest event that need not give way. Call it when a listener is ready, and only then: the first
    /// call ends the time in which nothing is counted.
    pub fn hand_out(&mut self) -> Option<Delivery> {
        if let Phase::Booting { .. } = self.phase {
            let first_counted = self.serials.peek();
            self.phase = Phase::Serving { first_counted };
        }
        let mut deliveries = self.backlog.iter().chain(&self.buffer);
        let first = deliveries.position(|delivery| !self.gives_way(delivery));
        let first = first.unwrap_or_default();
        match first.checked_sub(self.backlog.len()) {
            None => self.backlog.remove(first),
            Some(first) => self.buffer.remove(first),
        }
    }

    /// A listener has processed an event.
    pub const fn count_processed(&mut self) {
        self.processed += 1;
    }

    /// The listener in a seat, where `served` events have been processed so far, has failed with this
    /// in hand: gives what is to be put back, or as an error what is discarded.
    pub fn blame(
        &mut self,
        mut delivery: Delivery,
        seat: usize,
        served: u64,
    ) -> Result<Delivery, Delivery> {
        let is_suspect = delivery.failures.count >= SUSPECT_AFTER;
        let is_sound = delivery.failures.add(seat, served);
        delivery.failures.processed = self.processed;
        if is_suspect && is_sound {
            self.discarded += 1;
            return Err(delivery);
        }
        Ok(delivery)
    }

    /// Takes back an event that was handed out and not processed, before all younger ones. When
    /// the buffer is full, its oldest event is discarded and given; as in the original, that is
    /// not the one that came back.
    pub fn put_back(&mut self, delivery: Delivery) -> Option<Delivery> {
        if self.counts(&delivery) {
            let discarded = self.make_room();
            insert(&mut self.buffer, delivery);
            discarded
        } else {
            insert(&mut self.backlog, delivery);
            None
        }
    }

    /// Events in the buffer.
    pub fn len(&self) -> usize {
        self.backlog.len() + self.buffer.len()
    }

    /// The numbers of the events in the buffer, oldest first.
    pub fn serials(&self) -> impl Iterator<Item = u64> {
        let deliveries = self.backlog.iter().chain(&self.buffer);
        deliveries.map(|delivery| delivery.serial)
    }

    /// Whether there is nothing to hand out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Events that are kept at most, once a listener was ready.
    pub const fn buffer_size(&self) -> usize {
        self.buffer_size
    }

    /// Whether there is room for more output than the pieces that are `expected` already. Output
    /// can be left unread until there is, so it may fill one half; the other one is for what can't
    /// be put off, and for as many events that were handed out and `may_return`.
    pub fn has_room_for_output(&self, expected: usize, may_return: usize) -> bool {
        let half = self.buffer_size.div_ceil(2);
        match self.phase {
            // What comes after the first listener has become ready counts.
            Phase::Booting { bytes } => bytes < BACKLOG_BYTES / 2 && expected < half,
            Phase::Serving { .. } => {
                let len = self.len() + expected;
                len < half && len + may_return < self.buffer_size
            }
        }
    }

    /// Keeps so many events from now on. Gives those that find no room any more, oldest first.
    pub fn resize(&mut self, buffer_size: usize) -> Vec<Delivery> {
        self.buffer_size = buffer_size.max(1);
        let beyond = self.buffer.len().saturating_sub(self.buffer_size);
        self.discarded += beyond as u64;
        self.buffer.drain(..beyond).collect()
    }

    /// Events that listeners have processed so far.
    pub const fn processed(&self) -> u64 {
        self.processed
    }

    /// Events lost so far: there was no room, or listeners failed with them.
    pub const fn discarded(&self) -> u64 {
        self.discarded
    }

    /// Ticks so far that a later one replaced.
    pub const fn coalesced(&self) -> u64 {
        self.coalesced
    }

    /// Whether it is suspect, and nothing was processed since.
    const fn gives_way(&self, delivery: &Delivery) -> bool {
        let failures = &delivery.failures;
        failures.count >= SUSPECT_AFTER && failures.processed == self.processed
    }

    const fn counts(&self, delivery: &Delivery) -> bool {
        match self.phase {
            Phase::Booting { .. } => false,
            Phase::Serving { first_counted } => delivery.pool_serial >= first_counted,
        }
    }

    fn accept_uncounted(&mut self, delivery: Delivery, bytes: usize) -> Vec<Delivery> {
        let mut bytes = bytes + delivery.weight();
        let mut discarded = Vec::new();
        while bytes > BACKLOG_BYTES
            && self.backlog.len() >= self.buffer_size
            && let Some(oldest) = self.backlog.pop_front()
        {
            bytes = bytes.saturating_sub(oldest.weight());
            self.discarded += 1;
            discarded.push(oldest);
        }
        self.backlog.push_back(delivery);
        self.phase = Phase::Booting { bytes };
        discarded
    }

    fn make_room(&mut self) -> Option<Delivery> {
        if self.buffer.len() < self.buffer_size {
            return None;
        }
        self.discarded += 1;
        self.buffer.pop_front()
    }

    fn coalesce(&mut self, event: &Event) {
        let Event::Tick(new) = event else { return };
        let (len, mut weight) = (self.len(), 0);
        let mut stays = |old: &Delivery| {
            let replaced = matches!(&*old.event, Event::Tick(tick) if tick.period == new.period);
            weight += if replaced { old.weight() } else { 0 };
            !replaced
        };
        self.backlog.retain(&mut stays);
        self.buffer.retain(&mut stays);
        self.coalesced += (len - self.len()) as u64;
        if let Phase::Booting { bytes } = &mut self.phase {
            *bytes = bytes.saturating_sub(weight);
        }
    }
}

/// Puts a delivery where its serial belongs: at the head, unless another that is older has come
/// back before it.
fn insert(queue: &mut VecDeque<Delivery>, delivery: Delivery) {
    let at = queue.partition_point(|other| other.pool_serial < delivery.pool_serial);
    queue.insert(at, delivery);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Tick, TickPeriod};
    use proptest::prelude::*;

    fn pool(buffer_size: usize) -> Pool {
        Pool::new(BTreeSet::from([EventType::Event]), buffer_size)
    }

    fn serving(buffer_size: usize) -> Pool {
        let mut pool = pool(buffer_size);
        assert_eq!(pool.hand_out(), None);
        pool
    }

    fn remote(bytes: usize) -> Arc<Event> {
        Arc::new(Event::RemoteCommunication {
            kind: String::new(),
            data: "x".repeat(bytes),
        })
    }

    fn tick(period: TickPeriod) -> Arc<Event> {
        Arc::new(Event::Tick(Tick { period, when: 0 }))
    }

    fn serials(deliveries: impl IntoIterator<Item = Delivery>) -> Vec<u64> {
        deliveries
            .into_iter()
            .map(|delivery| delivery.serial)
            .collect()
    }

    /// Accepts as many small events, numbered from 0, and gives the serials of the discarded.
    fn fill(pool: &mut Pool, count: u64) -> Vec<u64> {
        let accepted = (0..count).flat_map(|serial| pool.accept(remote(0), serial));
        serials(accepted.collect::<Vec<_>>())
    }

    fn drain(pool: &mut Pool) -> Vec<u64> {
        serials(std::iter::from_fn(|| pool.hand_out()).collect::<Vec<_>>())
    }

    #[test]
    fn a_pool_wants_what_is_below_its_subscriptions() {
        let pool = Pool::new(
            BTreeSet::from([EventType::ProcessState, EventType::Tick5]),
            1,
        );
        assert!(pool.wants(EventType::ProcessStateFatal));
        assert!(pool.wants(EventType::Tick5));
        assert!(!pool.wants(EventType::Tick60));
        assert!(!pool.wants(EventType::ProcessLogStdout));
    }

    #[test]
    fn a_full_buffer_discards_the_oldest() {
        let mut pool = serving(2);
        assert_eq!(fill(&mut pool, 4), [0, 1]);
        assert_eq!(pool.discarded(), 2);
        assert_eq!(drain(&mut pool), [2, 3]);
    }

    #[test]
    fn pool_serials_are_assigned_once() {
        let mut pool = serving(10);
        pool.accept(remote(0), 17);
        pool.accept(remote(0), 23);
        let first = pool.hand_out().unwrap();
        assert_eq!((first.serial, first.pool_serial), (17, 0));
        assert_eq!(pool.put_back(first.clone()), None);
        assert_eq!(pool.hand_out(), Some(first));
        assert_eq!(pool.hand_out().unwrap().pool_serial, 1);
    }

    #[test]
    fn what_comes_back_to_a_full_buffer_takes_the_heads_place() {
        let mut pool = serving(2);
        fill(&mut pool, 1);
        let rejected = pool.hand_out().unwrap();
        pool.accept(remote(0), 1);
        pool.accept(remote(0), 2);
        assert_eq!(serials(pool.put_back(rejected)), [1]);
        assert_eq!(drain(&mut pool), [0, 2]);
    }

    #[test]
    fn what_comes_back_late_keeps_the_order() {
        let mut pool = serving(10);
        fill(&mut pool, 3);
        let (a, b) = (pool.hand_out().unwrap(), pool.hand_out().unwrap());
        pool.put_back(a);
        pool.put_back(b);
        assert_eq!(drain(&mut pool), [0, 1, 2]);
    }

    #[test]
    fn nothing_is_lost_while_the_listeners_boot() {
        let mut pool = pool(2);
        assert!(fill(&mut pool, 1000).is_empty());
        let first = pool.hand_out().unwrap();
        pool.put_back(first);
        assert_eq!(fill(&mut pool, 3), [0], "from now on the new ones count");
        let expected: Vec<_> = (0..1000).chain([1, 2]).collect();
        assert_eq!(drain(&mut pool), expected);
    }

    #[test]
    fn the_memory_of_a_pool_that_nobody_serves_is_bounded() {
        let mut pool = pool(2);
        for serial in 0..100 {
            pool.accept(remote(BACKLOG_BYTES / 10), serial);
        }
        assert_eq!((pool.len(), pool.discarded()), (9, 91));
        assert_eq!(drain(&mut pool), (91..100).collect::<Vec<_>>());
    }

    #[test]
    fn buffer_size_events_are_kept_whatever_they_weigh() {
        let mut pool = pool(3);
        for serial in 0..5 {
            pool.accept(remote(BACKLOG_BYTES), serial);
        }
        assert_eq!(drain(&mut pool), [2, 3, 4]);
    }

    #[test]
    fn output_finds_room_in_one_half() {
        let mut pool = serving(4);
        let room: Vec<_> = (0..4)
            .map(|serial| {
                pool.accept(remote(0), serial);
                pool.has_room_for_output(0, 0)
            })
            .collect();
        assert_eq!(room, [true, false, false, false]);
        assert!(serving(1).has_room_for_output(0, 0));

        assert!(serving(4).has_room_for_output(0, 3));
        assert!(!serving(4).has_room_for_output(0, 4), "they may come back");

        let mut booting = self::pool(1);
        fill(&mut booting, 100);
        assert!(booting.has_room_for_output(0, 0));
        booting.accept(remote(BACKLOG_BYTES / 2), 100);
        assert!(!booting.has_room_for_output(0, 0));
    }

    #[test]
    fn a_tick_replaces_the_one_that_nobody_took() {
        for mut pool in [pool(10), serving(10)] {
            pool.accept(tick(TickPeriod::Seconds5), 0);
            pool.accept(tick(TickPeriod::Seconds60), 1);
            pool.accept(remote(0), 2);
            pool.accept(tick(TickPeriod::Seconds5), 3);
            assert_eq!(pool.coalesced(), 1);
            assert_eq!(drain(&mut pool), [1, 2, 3]);
        }
    }

    #[test]
    fn ticks_leave_no_weight_behind() {
        let mut pool = pool(1);
        for serial in 0..100_000 {
            pool.accept(tick(TickPeriod::Seconds5), serial);
        }
        let Phase::Booting { bytes } = pool.phase else {
            panic!("nobody was ready");
        };
        assert_eq!(bytes, pool.backlog[0].weight());
    }

    /// What may happen to a pool; an index says which of the events in hand.
    #[derive(Clone, Debug)]
    enum Step {
        Accept { heavy: bool },
        AcceptTick,
        HandOut,
        PutBack(prop::sample::Index),
        Process(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => any::<bool>().prop_map(|heavy| Step::Accept { heavy }),
            1 => Just(Step::AcceptTick),
            4 => Just(Step::HandOut),
            2 => any::<prop::sample::Index>().prop_map(Step::PutBack),
            2 => any::<prop::sample::Index>().prop_map(Step::Process),
        ]
    }

    /// A pool, and all events that are not in it.
    struct Story {
        pool: Pool,
        accepted: u64,
        in_hand: Vec<Delivery>,
        elsewhere: Vec<u64>,
    }

    impl Story {
        fn accept(&mut self, event: Arc<Event>) {
            let discarded = self.pool.accept(event, self.accepted);
            self.accepted += 1;
            self.elsewhere.extend(serials(discarded));
        }

        fn take(&mut self, index: prop::sample::Index) -> Option<Delivery> {
            let count = self.in_hand.len();
            (count > 0).then(|| self.in_hand.remove(index.index(count)))
        }

        fn apply(&mut self, step: Step, heavy_event: &Arc<Event>) {
            match step {
                Step::Accept { heavy: true } => self.accept(heavy_event.clone()),
                Step::Accept { heavy: false } => self.accept(remote(0)),
                Step::AcceptTick => self.accept(tick(TickPeriod::Seconds5)),
                Step::HandOut => {
                    let delivery = self.pool.hand_out();
                    self.in_hand.extend(delivery);
                }
                Step::PutBack(index) => {
                    let discarded = self.take(index).and_then(|d| self.pool.put_back(d));
                    self.elsewhere.extend(serials(discarded));
                }
                Step::Process(index) => {
                    let processed = self.take(index);
                    self.elsewhere.extend(serials(processed));
                }
            }
        }

        fn buffered(&self) -> Vec<u64> {
            serials(self.pool.backlog.iter().chain(&self.pool.buffer).cloned())
        }

        fn check(&self) {
            let buffered = self.buffered();
            assert!(buffered.is_sorted(), "in order");
            let mut all = [
                &buffered[..],
                &serials(self.in_hand.clone()),
                &self.elsewhere,
            ]
            .concat();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len() as u64 + self.pool.coalesced(), self.accepted);
            assert!(self.pool.buffer.len() <= self.pool.buffer_size);
        }
    }

    proptest! {
        #[test]
        fn every_event_is_buffered_in_hand_processed_or_counted(
            buffer_size in 1..5_usize,
            steps in prop::collection::vec(step(), 0..60),
        ) {
            let heavy = remote(BACKLOG_BYTES / 3);
            let mut story = Story {
                pool: pool(buffer_size),
                accepted: 0,
                in_hand: Vec::new(),
                elsewhere: Vec::new(),
            };
            let mut processed = 0;
            for step in steps {
                let in_hand = story.in_hand.len();
                processed += usize::from(matches!(step, Step::Process(_)) && in_hand > 0);
                story.apply(step, &heavy);
                story.check();
            }
            let discarded = story.elsewhere.len() - processed;
            prop_assert_eq!(story.pool.discarded(), discarded as u64);
        }
    }
}

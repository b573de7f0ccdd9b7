//! Whose turn it is with what only one may do at a time.
//!
//! Clients are served in rounds, by where they come from, and of each the one that came last: those
//! who guess, however many, hold up whoever knows by no more than one guess for each place that
//! guesses come from.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot::{Receiver, Sender, channel};

/// How many from one place may wait. For one more, the one that has waited for longest goes.
const MOST: usize = 8;

/// Where a client comes from; `None` by a unix socket.
pub(super) type Place = Option<IpAddr>;

/// Those who wait.
pub(super) struct Turns(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    is_taken: bool,
    places: VecDeque<(Place, VecDeque<Sender<Turn>>)>,
}

/// A turn, until it is dropped.
pub(super) struct Turn(&'static Turns);

impl Turns {
    /// Nobody waits.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Queue {
            is_taken: false,
            places: VecDeque::new(),
        }))
    }

    /// Waits for a turn; `None` where too many others from the same place have come since.
    pub(super) async fn take(&'static self, place: Place) -> Option<Turn> {
        let waiting = {
            let mut queue = self.lock();
            if !queue.is_taken {
                queue.is_taken = true;
                return Some(Turn(self));
            }
            queue.wait(place)
        };
        waiting.await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn wait(&mut self, place: Place) -> Receiver<Turn> {
        let (sender, receiver) = channel();
        let known = self.places.iter_mut().find(|(known, _)| *known == place);
        match known {
            Some((_, waiting)) => {
                waiting.push_back(sender);
                if waiting.len() > MOST {
                    waiting.pop_front();
                }
            }
            None => self.places.push_back((place, [sender].into())),
        }
        receiver
    }

    /// Who is next, of those who still wait; nobody's turn it is where there is none.
    fn next(&mut self) -> Option<Sender<Turn>> {
        while let Some((place, mut waiting)) = self.places.pop_front() {
            let next = waiting.pop_back();
            if !waiting.is_empty() {
                self.places.push_back((place, waiting));
            }
            if let Some(next) = next.filter(|next| !next.is_closed()) {
                return Some(next);
            }
        }
        self.is_taken = false;
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = self.0.lock().next();
        if let Some(next) = next {
            // Whoever has left meanwhile drops the turn, which passes it on.
            let _ = next.send(Self(self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::pin::Pin;

    type Waiting = Pin<Box<dyn Future<Output = Option<Turn>>>>;

    fn turns() -> &'static Turns {
        Box::leak(Box::new(Turns::new()))
    }

    /// Asks for a turn, which another has.
    fn wait(turns: &'static Turns, last: u8) -> Waiting {
        let mut waiting: Waiting = Box::pin(turns.take(Some([127, 0, 0, last].into())));
        assert!((&mut waiting).now_or_never().is_none());
        waiting
    }

    fn has_come(waiting: &mut Waiting) -> Option<Turn> {
        waiting.now_or_never().flatten()
    }

    #[test]
    fn the_last_comes_first_and_places_take_turns() {
        let turns = turns();
        let first = turns.take(None).now_or_never().flatten().unwrap();
        let [mut old, mut new] = [(); 2].map(|()| wait(turns, 1));
        let mut other = wait(turns, 2);
        drop(first);
        let turn = has_come(&mut new).unwrap();
        assert!(has_come(&mut other).is_none());
        drop(turn);
        let turn = has_come(&mut other).unwrap();
        drop(turn);
        assert!(has_come(&mut old).is_some());
        assert!(turns.take(None).now_or_never().flatten().is_some());
    }

    #[test]
    fn of_too_many_the_first_are_refused() {
        let turns = turns();
        let _first = turns.take(None).now_or_never().flatten().unwrap();
        let mut waiting: Vec<_> = (0..=MOST).map(|_| wait(turns, 1)).collect();
        assert!(matches!((&mut waiting[0]).now_or_never(), Some(None)));
        assert!((&mut waiting[1]).now_or_never().is_none());
    }

    #[test]
    fn who_has_left_is_passed_over() {
        let turns = turns();
        let first = turns.take(None).now_or_never().flatten().unwrap();
        let (mut one, two, three) = (wait(turns, 1), wait(turns, 1), wait(turns, 2));
        drop((two, three));
        drop(first);
        assert!(has_come(&mut one).is_some());
    }
}

//! Writers of output that wait for room in a pool's buffer, and are not read meanwhile.
//!
//! One at a time is let in: what it brings may fill the room.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a pool may take for one event before nobody waits for it any longer: listeners that
/// hang must not make programs hang.
const PATIENCE: Duration = Duration::from_secs(2);

/// Those who wait, in the order in which they came.
#[derive(Default)]
pub(super) struct Room {
    waiting: VecDeque<oneshot::Sender<()>>,
    /// One was let in, whose output is on its way.
    is_expected: bool,
    patience: Patience,
}

#[derive(Default)]
enum Patience {
    /// Nobody waits.
    #[default]
    Unasked,
    /// Somebody does.
    Running {
        /// A listener took an event meanwhile.
        progressed: bool,
    },
    /// It was in vain, and will be until a listener takes an event.
    Over,
}

impl Room {
    /// Asks for room; the answer comes when there is some.
    pub(super) fn ask(&mut self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back(sender);
        receiver
    }

    /// Somebody's output has come.
    pub(super) const fn taken(&mut self) {
        self.is_expected = false;
    }

    /// A listener took an event.
    pub(super) fn progressed(&mut self) {
        // Whoever was let in may wait for another pool, or be gone: others go on meanwhile.
        self.is_expected = false;
        self.patience = match self.patience {
            Patience::Over | Patience::Unasked => Patience::Unasked,
            Patience::Running { .. } => Patience::Running { progressed: true },
        };
    }

    /// Lets the next one in, if there is room. Gives a time after which to call
    /// [`Room::patience_is_over`], if somebody begins to wait.
    pub(super) fn let_in(&mut self, has_room: bool) -> Option<Duration> {
        if let Patience::Over = self.patience {
            self.let_all_in();
        }
        while has_room
            && !self.is_expected
            && let Some(waiter) = self.waiting.pop_front()
        {
            // Whoever waited may be gone.
            self.is_expected = waiter.send(()).is_ok();
        }
        let begins = !self.waiting.is_empty() && matches!(self.patience, Patience::Unasked);
        if begins {
            self.patience = Patience::Running { progressed: false };
        }
        begins.then_some(PATIENCE)
    }

    /// Lets everybody in, whatever room there is.
    pub(super) fn let_all_in(&mut self) {
        for waiter in self.waiting.drain(..) {
            let _ = waiter.send(());
        }
    }

    /// The time is over that was given when somebody began to wait.
    pub(super) fn patience_is_over(&mut self) {
        self.patience = match self.patience {
            Patience::Running { progressed: false } if !self.waiting.is_empty() => Patience::Over,
            _ => Patience::Unasked,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(waiter: &mut oneshot::Receiver<()>) -> bool {
        waiter.try_recv().is_ok()
    }

    #[test]
    fn those_who_wait_go_on_in_their_order_as_there_is_room() {
        let mut room = Room::default();
        let (mut first, mut second) = (room.ask(), room.ask());
        assert_eq!(room.let_in(false), Some(PATIENCE));
        assert_eq!(room.let_in(true), None, "it is waited for already");
        assert!(is_let_in(&mut first) && !is_let_in(&mut second));
        room.let_in(true);
        assert!(!is_let_in(&mut second), "not before the first has come");
        room.taken();
        room.let_in(true);
        assert!(is_let_in(&mut second));
    }

    #[test]
    fn those_who_are_gone_hold_up_nobody() {
        let mut room = Room::default();
        drop(room.ask());
        let mut second = room.ask();
        room.let_in(true);
        assert!(is_let_in(&mut second));
    }

    #[test]
    fn nobody_waits_for_a_pool_that_takes_nothing() {
        let mut room = Room::default();
        let mut first = room.ask();
        room.let_in(false);
        room.patience_is_over();
        assert_eq!(room.let_in(false), None);
        assert!(is_let_in(&mut first));
        let mut second = room.ask();
        room.let_in(false);
        assert!(is_let_in(&mut second), "nor does anybody later");

        room.progressed();
        let mut third = room.ask();
        assert_eq!(room.let_in(false), Some(PATIENCE));
        assert!(!is_let_in(&mut third), "until it takes something again");
    }

    #[test]
    fn progress_renews_the_patience() {
        let mut room = Room::default();
        let mut first = room.ask();
        room.let_in(false);
        room.progressed();
        room.patience_is_over();
        assert_eq!(room.let_in(false), Some(PATIENCE));
        assert!(!is_let_in(&mut first));
    }
}

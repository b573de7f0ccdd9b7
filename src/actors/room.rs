//! Writers of output that wait for room in a pool's buffer, and are not read meanwhile.

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

    /// A listener took an event.
    pub(super) fn progressed(&mut self) {
        self.patience = match self.patience {
            Patience::Over | Patience::Unasked => Patience::Unasked,
            Patience::Running { .. } => Patience::Running { progressed: true },
        };
    }

    /// Lets as many go on as there is room for. Gives a time after which to call
    /// [`Room::patience_is_over`], if somebody begins to wait.
    pub(super) fn let_in(&mut self, room: usize) -> Option<Duration> {
        let count = match self.patience {
            Patience::Over => self.waiting.len(),
            _ => room.min(self.waiting.len()),
        };
        for waiter in self.waiting.drain(..count) {
            // Whoever waited may be gone.
            let _ = waiter.send(());
        }
        let begins = !self.waiting.is_empty() && matches!(self.patience, Patience::Unasked);
        if begins {
            self.patience = Patience::Running { progressed: false };
        }
        begins.then_some(PATIENCE)
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
        assert_eq!(room.let_in(0), Some(PATIENCE));
        assert_eq!(room.let_in(1), None, "it is waited for already");
        assert!(is_let_in(&mut first) && !is_let_in(&mut second));
    }

    #[test]
    fn nobody_waits_for_a_pool_that_takes_nothing() {
        let mut room = Room::default();
        let mut first = room.ask();
        room.let_in(0);
        room.patience_is_over();
        assert_eq!(room.let_in(0), None);
        assert!(is_let_in(&mut first));
        let mut second = room.ask();
        room.let_in(0);
        assert!(is_let_in(&mut second), "nor does anybody later");

        room.progressed();
        let mut third = room.ask();
        assert_eq!(room.let_in(0), Some(PATIENCE));
        assert!(!is_let_in(&mut third), "until it takes something again");
    }

    #[test]
    fn progress_renews_the_patience() {
        let mut room = Room::default();
        let mut first = room.ask();
        room.let_in(0);
        room.progressed();
        room.patience_is_over();
        assert_eq!(room.let_in(0), Some(PATIENCE));
        assert!(!is_let_in(&mut first));
    }
}

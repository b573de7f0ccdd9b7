//! What happens, told to whoever watches. While nobody does, nothing is made and nothing kept.

use crate::process::{Mood, ProcessInfo, ProcessState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// How many are kept for a watcher that is late; of more it only learns that it missed some.
const KEPT: usize = 1024;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A process changed its state.
    Process {
        /// The state it left.
        from: ProcessState,
        /// What is known of it since.
        info: ProcessInfo,
    },
    /// The group of this name became active.
    GroupAdded(Arc<str>),
    /// The group of this name is no longer active.
    GroupRemoved(Arc<str>),
    /// supervisord as a whole does something else.
    Mood(Mood),
}

/// Those who watch.
#[derive(Default)]
pub(super) struct Watchers(Mutex<Option<Sender<News>>>);

impl Watchers {
    /// Another one. It hears all that happens from now on.
    pub(super) fn watch(&self) -> Receiver<News> {
        let mut sender = self.lock();
        sender.get_or_insert_with(|| channel(KEPT).0).subscribe()
    }

    /// Tells everyone, if there is anyone.
    pub(super) fn tell(&self, news: impl FnOnce() -> News) {
        let mut sender = self.lock();
        if sender.as_ref().is_some_and(|one| one.receiver_count() == 0) {
            *sender = None;
        }
        if let Some(sender) = &*sender {
            // Whoever has left since is told nothing.
            let _ = sender.send(news());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Sender<News>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_made_only_for_those_who_watch() {
        let watchers = Watchers::default();
        watchers.tell(|| panic!("nobody watches"));
        let mut first = watchers.watch();
        watchers.tell(|| News::Mood(Mood::Shutdown));
        assert_eq!(first.try_recv().unwrap(), News::Mood(Mood::Shutdown));
        drop(first);
        watchers.tell(|| panic!("nobody watches any more"));
        assert!(watchers.lock().is_none());
    }
}

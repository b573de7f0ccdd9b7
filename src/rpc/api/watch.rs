//! What happens, told to everyone who watches: made once, sent to all.
//!
//! It all exists only while somebody watches. A watcher that reads too slowly holds back a bounded
//! number of pieces; what it misses then is made good by a new snapshot.

use super::flow::Text;
use super::process::{Process, Processes, Teller};
use super::sse::Events;
use super::usage::{Usage, UsageByPid, Usages};
use crate::actors::{News, SupervisorHandle};
use crate::os::clock;
use crate::process::namespec::Display;
use crate::process::{Mood, Pid};
use actix_web::rt::task::JoinHandle;
use actix_web::rt::{spawn, time};
use actix_web::web::Bytes;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// How long changes gather before they are sent: a start of everything is a few pieces, not
/// thousands.
const GATHER: Duration = Duration::from_millis(50);

/// How often it is looked at what processes take.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How many pieces are kept for a watcher that is slow.
const KEPT: usize = 16;

/// What all who watch share.
pub(in crate::rpc) struct Watch {
    handle: SupervisorHandle,
    pub(super) usages: Rc<Usages>,
    feed: RefCell<Weak<Feed>>,
}

/// A piece of what is sent to all.
#[derive(Clone)]
pub(super) enum Piece {
    /// What happened.
    News(Text),
    /// What processes take.
    Usage(Text),
}

/// The source of the pieces. It ends when nobody holds it any more.
pub(super) struct Feed {
    shared: Rc<Shared>,
    pieces: Sender<Piece>,
    task: JoinHandle<()>,
}

/// What the task of a feed and those who hold it share.
struct Shared {
    handle: SupervisorHandle,
    usages: Rc<Usages>,
    /// How many want to know what processes take.
    curious: Cell<usize>,
    /// What they were told last.
    told: RefCell<Arc<UsageByPid>>,
}

#[derive(Serialize)]
struct Snapshot {
    statecode: i32,
    statename: &'static str,
    #[serde(flatten)]
    processes: Processes,
}

#[derive(Serialize)]
struct ProcessChanged {
    now: i64,
    from: &'static str,
    process: Process,
}

#[derive(Serialize)]
struct GroupAdded {
    now: i64,
    group: Arc<str>,
    processes: Vec<Process>,
}

#[derive(Serialize)]
struct GroupRemoved {
    now: i64,
    group: Arc<str>,
}

#[derive(Serialize)]
struct MoodChanged {
    now: i64,
    statecode: i32,
    statename: &'static str,
}

#[derive(Serialize)]
struct UsageChanged {
    now: i64,
    usage: BTreeMap<String, Usage>,
}

impl Watch {
    pub(in crate::rpc) fn new(handle: SupervisorHandle) -> Self {
        Self {
            usages: Rc::new(Usages::new(handle.clone())),
            handle,
            feed: RefCell::default(),
        }
    }

    /// The feed, which begins with the first who asks for it.
    pub(super) fn feed(&self) -> Rc<Feed> {
        if let Some(feed) = self.feed.borrow().upgrade() {
            return feed;
        }
        let feed = Rc::new(Feed::start(self.handle.clone(), self.usages.clone()));
        self.feed.replace(Rc::downgrade(&feed));
        feed
    }
}

impl Feed {
    fn start(handle: SupervisorHandle, usages: Rc<Usages>) -> Self {
        let shared = Rc::new(Shared {
            handle,
            usages,
            curious: Cell::default(),
            told: RefCell::default(),
        });
        let pieces = channel(KEPT).0;
        let news = shared.handle.watch();
        let task = spawn(tell(shared.clone(), news, pieces.clone()));
        Self {
            shared,
            pieces,
            task,
        }
    }

    /// All that is sent from now on.
    pub(super) fn listen(&self) -> Receiver<Piece> {
        self.pieces.subscribe()
    }

    /// How everything is. To be asked for after [`Self::listen`], so that nothing falls between.
    pub(super) fn snapshot(&self) -> Bytes {
        self.shared.snapshot().into_bytes()
    }

    /// One more wants to know what processes take.
    pub(super) fn be_curious(self: &Rc<Self>) -> Curious {
        let curious = &self.shared.curious;
        curious.set(curious.get() + 1);
        Curious(self.clone())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Somebody who wants to know what processes take.
pub(super) struct Curious(Rc<Feed>);

impl Drop for Curious {
    fn drop(&mut self) {
        let curious = &self.0.shared.curious;
        curious.set(curious.get() - 1);
    }
}

/// Sends what happens, until nothing can happen any more.
async fn tell(shared: Rc<Shared>, mut news: Receiver<News>, pieces: Sender<Piece>) {
    let mut looks = time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let piece = tokio::select! {
            first = news.recv() => {
                // When the end comes there may be no time to gather.
                if !matches!(first, Ok(News::Mood(_))) {
                    time::sleep(GATHER).await;
                }
                match shared.gather(first, &mut news) {
                    Some(events) => Some(Piece::News(events.into_bytes().into())),
                    None => return,
                }
            }
            _ = looks.tick() => shared.look().await.map(|bytes| Piece::Usage(bytes.into())),
        };
        if let Some(piece) = piece {
            // The last watcher may just have left.
            let _ = pieces.send(piece);
        }
    }
}

impl Shared {
    fn teller(&self) -> Teller {
        Teller::new(self.told.borrow().clone())
    }

    fn snapshot(&self) -> Events {
        let now = clock::now().unix_seconds();
        let (mood, all) = (self.handle.mood(), self.handle.all_process_info());
        let snapshot = Snapshot {
            statecode: mood.code(),
            statename: mood.name(),
            processes: Processes::new(now, self.teller().processes(all)),
        };
        Events::one("snapshot", &snapshot)
    }

    /// What has happened since `first`; everything, where some of it was missed. `None` at the end.
    fn gather(&self, first: Result<News, RecvError>, news: &mut Receiver<News>) -> Option<Events> {
        let (teller, mut events) = (self.teller(), Events::default());
        let mut next = first.map_err(|error| match error {
            RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
            RecvError::Closed => TryRecvError::Closed,
        });
        loop {
            match next {
                Ok(one) => self.push(&mut events, one, &teller),
                Err(TryRecvError::Empty) => return Some(events),
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Lagged(_)) => {
                    *news = news.resubscribe();
                    return Some(self.snapshot());
                }
            }
            next = news.try_recv();
        }
    }

    fn push(&self, events: &mut Events, news: News, teller: &Teller) {
        let now = clock::now().unix_seconds();
        match news {
            News::Process { from, info } => {
                let process = teller.changed(info);
                let from = from.name();
                events.push(None, "process", &ProcessChanged { now, from, process });
            }
            News::GroupAdded(group) => {
                // It may be gone already.
                let processes = self.handle.group_process_info(&group).unwrap_or_default();
                let processes = teller.processes(processes);
                let added = GroupAdded {
                    now,
                    group,
                    processes,
                };
                events.push(None, "group-added", &added);
            }
            News::GroupRemoved(group) => {
                events.push(None, "group-removed", &GroupRemoved { now, group });
            }
            News::Mood(mood) => events.push(None, "supervisor", &MoodChanged::new(now, mood)),
        }
    }

    /// What processes take by now, as far as it has changed; `None` where nobody is to be told.
    async fn look(&self) -> Option<Bytes> {
        if self.curious.get() == 0 {
            return None;
        }
        let usage = self.usages.look().await;
        let before = self.told.replace(usage.clone());
        let differs = |pid: &Pid| {
            usage
                .get(pid)
                .copied()
                .filter(|new| before.get(pid) != Some(new))
        };
        let children = self.handle.children().into_iter();
        let changed: BTreeMap<_, _> = children
            .filter_map(|child| {
                let name = Display(&child.group, &child.name).to_string();
                Some((name, differs(&child.pid)?))
            })
            .collect();
        let now = clock::now().unix_seconds();
        (!changed.is_empty()).then(|| {
            let usage = changed;
            Events::one("usage", &UsageChanged { now, usage }).into_bytes()
        })
    }
}

impl MoodChanged {
    const fn new(now: i64, mood: Mood) -> Self {
        Self {
            now,
            statecode: mood.code(),
            statename: mood.name(),
        }
    }
}

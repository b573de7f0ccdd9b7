//! The activity log's own thread, and the handle that others write to it by.

use super::activity::ActivityLog;
use crate::process::note::Level;
use crossbeam_channel::{Receiver, RecvTimeoutError, SendError, Sender, TryRecvError, unbounded};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

/// How many bytes of lines may wait for the thread: 4 MiB. The channel itself has no bound, so
/// that an order is never refused; orders are few.
const MAX_QUEUED: usize = 4 * 1024 * 1024;

/// What a waiting line costs beyond its text.
const LINE_COST: usize = 64;

/// How often writing is tried again while lines wait for a log that can't be written.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Writes to the activity log from any thread; cheap to clone. Nothing here waits for the disk:
/// lines that come faster than they can be written are dropped, counted, and told of afterwards.
///
/// As a slog drain it writes a record's message; BLAT has no slog level, key-value pairs are left
/// out.
#[derive(Clone)]
pub struct ActivityHandle {
    shared: Arc<Shared>,
}

struct Shared {
    orders: Sender<Order>,
    queue: Arc<Queue>,
    threshold: Level,
    path: Option<Box<Path>>,
    /// Disconnected once the thread has ended.
    ended: Receiver<()>,
}

/// How much waits for the thread.
#[derive(Default)]
struct Queue {
    bytes: AtomicUsize,
    dropped: AtomicU64,
}

enum Order {
    Line {
        level: Level,
        time: SystemTime,
        text: String,
    },
    Reopen,
    Clear(Box<dyn FnOnce(io::Result<()>) + Send>),
    /// Dropped when everything before it is done.
    Flush(Box<dyn Send>),
    Stop,
}

impl ActivityHandle {
    /// Moves the log to a thread of its own, `activity`; gives back how to write to it from any
    /// other.
    pub fn start(log: ActivityLog) -> io::Result<Self> {
        let (orders, receiver) = unbounded();
        let (alive, ended) = unbounded();
        let queue = Arc::new(Queue::default());
        let threshold = log.threshold();
        let path = log.path().map(Into::into);
        let shared = Shared {
            orders,
            queue: Arc::clone(&queue),
            threshold,
            path,
            ended,
        };
        thread::Builder::new()
            .name("activity".to_owned())
            .spawn(move || {
                let _alive: Sender<()> = alive;
                run(log, &receiver, &queue);
            })?;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Whether lines of `level` are written.
    pub fn is_enabled(&self, level: Level) -> bool {
        level >= self.shared.threshold
    }

    /// The log's file; `None` when it goes to syslog.
    pub fn path(&self) -> Option<&Path> {
        self.shared.path.as_deref()
    }

    /// Writes a line about what happened now.
    pub fn log(&self, level: Level, text: impl Into<String>) {
        if !self.is_enabled(level) {
            return;
        }
        let text = text.into();
        if self.shared.queue.admit(&text) {
            self.order(Order::Line {
                level,
                time: SystemTime::now(),
                text,
            });
        }
    }

    /// Closes the file, after the lines before this call, and opens what then lies at its path.
    pub fn reopen(&self) {
        self.order(Order::Reopen);
    }

    /// Removes the file and starts an empty one; `done` is called, on another thread, with how it
    /// went: `NotFound` when the log goes to syslog.
    pub fn clear(&self, done: impl FnOnce(io::Result<()>) + Send + 'static) {
        if let Some(Order::Clear(done)) = self.order(Order::Clear(Box::new(done))) {
            done(Err(io::ErrorKind::BrokenPipe.into()));
        }
    }

    /// Waits until all lines before this call are written, at most for `patience`; says whether
    /// they are.
    pub fn flush(&self, patience: Duration) -> bool {
        let (sender, receiver) = unbounded();
        self.drop_when_written(sender);
        is_disconnected(&receiver, patience)
    }

    /// Drops `token` once all lines before this call are written, on another thread, or at once if
    /// none will be.
    pub fn drop_when_written(&self, token: impl Send + 'static) {
        drop(self.order(Order::Flush(Box::new(token))));
    }

    /// Ends the thread once all lines before this call are written, and waits for that, at most
    /// for `patience`; says whether it has ended. Later lines go nowhere.
    pub fn stop(&self, patience: Duration) -> bool {
        self.order(Order::Stop);
        is_disconnected(&self.shared.ended, patience)
    }

    /// Gives the order back if the thread has ended.
    fn order(&self, order: Order) -> Option<Order> {
        self.shared
            .orders
            .send(order)
            .err()
            .map(|SendError(order)| order)
    }
}

fn is_disconnected(receiver: &Receiver<()>, patience: Duration) -> bool {
    receiver.recv_timeout(patience) == Err(RecvTimeoutError::Disconnected)
}

impl Queue {
    /// Whether there is room for the line; if not, it counts as dropped.
    fn admit(&self, text: &str) -> bool {
        let cost = text.len() + LINE_COST;
        let fits = self.bytes.fetch_add(cost, Ordering::Relaxed) + cost <= MAX_QUEUED;
        if !fits {
            self.release(text);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        fits
    }

    fn release(&self, text: &str) {
        self.bytes
            .fetch_sub(text.len() + LINE_COST, Ordering::Relaxed);
    }
}

fn run(mut log: ActivityLog, orders: &Receiver<Order>, queue: &Queue) {
    while let Some(order) = next(&mut log, orders, queue) {
        match order {
            Order::Line { level, time, text } => {
                log.write_line(level, time, &text);
                queue.release(&text);
            }
            Order::Reopen => log.reopen(),
            Order::Clear(done) => done(log.clear()),
            Order::Flush(done) => drop(done),
            Order::Stop => break,
        }
    }
    tell_dropped(&mut log, queue);
    log.close();
}

/// The next order; while there is none, retries what could not be written.
fn next(log: &mut ActivityLog, orders: &Receiver<Order>, queue: &Queue) -> Option<Order> {
    match orders.try_recv() {
        Ok(order) => return Some(order),
        Err(TryRecvError::Disconnected) => return None,
        Err(TryRecvError::Empty) => tell_dropped(log, queue),
    }
    while log.pending() > 0 {
        match orders.recv_timeout(RETRY_EVERY) {
            Ok(order) => return Some(order),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => log.retry(),
        }
    }
    orders.recv().ok()
}

fn tell_dropped(log: &mut ActivityLog, queue: &Queue) {
    let dropped = queue.dropped.swap(0, Ordering::Relaxed);
    if dropped > 0 {
        log.log(
            Level::Warn,
            &format!("dropped {dropped} lines that came too fast to be written"),
        );
    }
}

impl fmt::Debug for ActivityHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityHandle")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// For whatever logs by slog.
impl slog::Drain for ActivityHandle {
    type Ok = ();
    type Err = slog::Never;

    fn log(
        &self,
        record: &slog::Record<'_>,
        _values: &slog::OwnedKVList,
    ) -> Result<(), slog::Never> {
        Self::log(self, level_of(record.level()), record.msg().to_string());
        Ok(())
    }

    fn is_enabled(&self, level: slog::Level) -> bool {
        Self::is_enabled(self, level_of(level))
    }
}

fn level_of(level: slog::Level) -> Level {
    match level {
        slog::Level::Critical => Level::Critical,
        slog::Level::Error => Level::Error,
        slog::Level::Warning => Level::Warn,
        slog::Level::Info => Level::Info,
        slog::Level::Debug => Level::Debug,
        slog::Level::Trace => Level::Trace,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ActivityTarget, Rotation};
    use super::*;
    use std::fs;
    use std::path::PathBuf;
    use tempfile::{TempDir, tempdir};

    const LONG: Duration = Duration::from_secs(20);

    fn started(threshold: Level) -> (TempDir, PathBuf, slog::Logger, ActivityHandle) {
        let dir = tempdir().unwrap();
        let path = dir.path().join("log");
        let rotation = Rotation::default();
        let target = ActivityTarget::File {
            path: path.clone(),
            rotation,
        };
        let log = ActivityLog::open(target, threshold, false).unwrap();
        let handle = ActivityHandle::start(log).unwrap();
        let logger = slog::Logger::root(handle.clone(), slog::o!());
        (dir, path, logger, handle)
    }

    fn texts(path: &Path) -> Vec<String> {
        let log = fs::read_to_string(path).unwrap();
        log.lines()
            .map(|line| line["2026-11-21 09:17:50,123 ".len()..].to_owned())
            .collect()
    }

    #[test]
    fn slog_levels_get_their_codes() {
        let (_dir, path, logger, handle) = started(Level::Debug);
        slog::crit!(logger, "a");
        slog::error!(logger, "b {}", 1);
        slog::warn!(logger, "c");
        slog::info!(logger, "d"; "key" => "value");
        slog::debug!(logger, "e");
        slog::trace!(logger, "f");
        assert!(handle.flush(LONG));
        assert_eq!(
            texts(&path),
            ["CRIT a", "ERRO b 1", "WARN c", "INFO d", "DEBG e"]
        );
    }

    #[test]
    fn lines_before_a_reopen_are_the_last_of_the_old_file() {
        let (dir, path, _logger, handle) = started(Level::Info);
        let moved = dir.path().join("moved");
        fs::rename(&path, &moved).unwrap();
        handle.log(
            Level::Info,
            "received SIGUSR2 indicating log reopen request",
        );
        handle.log(Level::Info, "supervisord logreopen");
        handle.reopen();
        assert!(handle.flush(LONG));
        assert_eq!(texts(&moved).last().unwrap(), "INFO supervisord logreopen");
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn clearing_is_answered_when_it_is_done() {
        let (_dir, path, _logger, handle) = started(Level::Info);
        handle.log(Level::Info, "old");
        let (sender, receiver) = crossbeam_channel::bounded(1);
        handle.clear(move |result| sender.send(result).unwrap());
        receiver.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn stopping_writes_everything_and_what_comes_later_goes_nowhere() {
        let (_dir, path, _logger, handle) = started(Level::Info);
        for i in 0..1000 {
            handle.log(Level::Info, i.to_string());
        }
        assert!(handle.stop(LONG));
        handle.log(Level::Info, "late");
        assert_eq!(texts(&path).len(), 1000);
        assert!(handle.stop(LONG) && handle.flush(LONG));
        let (sender, receiver) = crossbeam_channel::bounded(1);
        handle.clear(move |result| sender.send(result).unwrap());
        assert!(receiver.recv_timeout(LONG).unwrap().is_err());
    }

    #[test]
    fn lines_that_come_too_fast_are_dropped_and_told() {
        let (_dir, path, _logger, handle) = started(Level::Info);
        let (hold, held) = crossbeam_channel::bounded::<()>(0);
        handle.clear(move |_| assert!(held.recv().is_err()));
        for _ in 0..6 {
            handle.log(Level::Info, "x".repeat(MAX_QUEUED / 4));
        }
        drop(hold);
        assert!(handle.stop(LONG));
        let texts = texts(&path);
        assert_eq!(texts.len(), 4);
        assert_eq!(
            texts[3],
            "WARN dropped 3 lines that came too fast to be written"
        );
        assert_eq!(handle.shared.queue.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_thread_ends_when_nobody_can_write_to_it_any_more() {
        let (_dir, _path, logger, handle) = started(Level::Info);
        let ended = handle.shared.ended.clone();
        drop((logger, handle));
        assert!(is_disconnected(&ended, LONG));
    }

    #[test]
    fn levels_below_the_threshold_are_cheap_to_ask_for() {
        let (_dir, path, logger, handle) = started(Level::Warn);
        assert!(handle.is_enabled(Level::Warn) && !handle.is_enabled(Level::Info));
        assert!(!slog::Drain::is_enabled(&logger, slog::Level::Info));
        assert_eq!(handle.path(), Some(path.as_path()));
    }
}

//! The thread on which log writers live, and its rhythm.

use super::log_writer::LogWriter;
use crate::logging::Rhythm;
use crate::os::clock;
use actix::dev::{Request, ToEnvelope};
use actix::{Actor, Addr, Arbiter, ArbiterHandle, Handler, Message};
use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

thread_local! {
    static RHYTHM: RefCell<Rhythm> = RefCell::default();
}

/// One read on this thread found so many bytes.
pub(super) fn found(bytes: usize) {
    RHYTHM.with_borrow_mut(|rhythm| rhythm.found(bytes));
}

/// Starts the thread. When it has nothing to do, it rests before it waits for more, as its rhythm
/// says.
pub(super) fn start() -> io::Result<(Arbiter, LogThread)> {
    let bell = Arc::new(Bell::default());
    let rung = bell.clone();
    let arbiter = Arbiter::try_with_tokio_rt(move || runtime(&rung))?;
    let handle = arbiter.handle();
    let thread = LogThread {
        arbiter: handle,
        bell,
    };
    Ok((arbiter, thread))
}

fn runtime(bell: &Arc<Bell>) -> io::Result<tokio::runtime::Runtime> {
    let bell = bell.clone();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(move || rest(&bell))
        .on_thread_unpark(|| RHYTHM.with_borrow_mut(|rhythm| rhythm.woke(clock::now().monotonic)))
        .build()
}

fn rest(bell: &Bell) {
    RHYTHM.with_borrow_mut(|rhythm| {
        let rest = rhythm.rest();
        if !rest.is_zero() {
            bell.wait(rest);
        }
        rhythm.rested(clock::now().monotonic);
    });
}

/// Ends a rest early.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    ringing: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.ringing.notify_one();
    }

    /// Waits for this time, or until it rings; not at all where it has rung meanwhile.
    fn wait(&self, time: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ringing.wait_timeout_while(rung, time, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// The log thread, as others see it.
#[derive(Clone)]
pub(super) struct LogThread {
    arbiter: ArbiterHandle,
    bell: Arc<Bell>,
}

impl LogThread {
    /// Starts a writer there.
    pub(super) fn launch(&self, make: impl FnOnce() -> LogWriter + Send + 'static) -> Writer {
        let addr = LogWriter::start_in_arbiter(&self.arbiter, |_| make());
        let bell = self.bell.clone();
        Writer { addr, bell }
    }
}

/// The address of a log writer. What it is sent ends a rest of its thread.
#[derive(Clone)]
pub(super) struct Writer {
    addr: Addr<LogWriter>,
    bell: Arc<Bell>,
}

impl Writer {
    pub(super) fn send<M>(&self, message: M) -> Request<LogWriter, M>
    where
        M: Message<Result: Send> + Send + 'static,
        LogWriter: Handler<M>,
        <LogWriter as Actor>::Context: ToEnvelope<LogWriter, M>,
    {
        let request = self.addr.send(message);
        self.bell.ring();
        request
    }

    pub(super) fn do_send<M>(&self, message: M)
    where
        M: Message<Result: Send> + Send + 'static,
        LogWriter: Handler<M>,
        <LogWriter as Actor>::Context: ToEnvelope<LogWriter, M>,
    {
        self.addr.do_send(message);
        self.bell.ring();
    }
}

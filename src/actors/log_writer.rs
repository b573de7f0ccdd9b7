//! One output of a process, on its way from the pipe to where it is kept.
//!
//! Lives on the log thread, where a slow disk holds up no supervision. It outlives the children:
//! a grandchild that still holds an old pipe is read on.

mod child_pipe;
mod handlers;
mod messages;
mod pieces;
mod plan;

pub(super) use messages::{Attach, Clear, Close, Drain, Open, Reopen, Resize, Write};
pub(super) use plan::{FilePlan, Plan};

use super::log_thread;
use super::process::{Output, Process};
use super::untold::Untold;
use crate::logging::syslog::{DEV_LOG, LineSink};
use crate::logging::{ActivityHandle, Files, Report, Sink, StripAnsi, Syslog};
use crate::os::errno::io_error_words;
use crate::os::{Errno, clock};
use crate::process::note::Level;
use crate::process::{LogEnd, Pid};
use actix::dev::Request;
use actix::{Actor, ActorFuture, AsyncContext, Context, SpawnHandle, WeakAddr};
use child_pipe::ChildPipe;
use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::oneshot;

/// The most that is read at a time: a pipe holds no more.
const PIECE: usize = 64 * 1024;

/// Reads of one pipe before the others get their turn.
const READS_A_TURN: usize = 4;

/// The most that a drain takes from a pipe: a grandchild that never pauses must not hold up the
/// news of its parent's end.
const MOST_DRAINED: usize = 1 << 20;

/// Pipes of earlier children that are still read, while a grandchild holds them open.
const MOST_PIPES: usize = 8;

/// How long after a failed write the next attempt is made.
const RETRY: Duration = Duration::from_secs(1);

thread_local! {
    /// What the writers of one thread share: one buffer to read into instead of one each, and the
    /// files, of which two writers may share one.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE]);
    static FILES: RefCell<Files> = RefCell::default();
}

/// The actor of an output.
pub(super) struct LogWriter {
    plan: Plan,
    activity: ActivityHandle,
    process: WeakAddr<Process>,
    file: Option<Sink>,
    /// Where the file ended when it was closed.
    end: Option<LogEnd>,
    /// Bytes that came to the file since it was last opened for a child.
    written: u64,
    syslog: Option<Sink>,
    strip: Option<StripAnsi>,
    pipes: Vec<ChildPipe>,
    /// Whose output was read last.
    author: Pid,
    /// The last child of whose messages one was told to be too long.
    told_too_long: Pid,
    /// What the process has yet to be told.
    untold: Untold,
    /// What it was told and has not yet taken. Nothing more is read before: whoever writes faster
    /// than events are handed out blocks in its own write.
    telling: Option<Pin<Box<Request<Process, Output>>>>,
    /// Dropped when it has taken everything, for which some wait.
    draining: Vec<oneshot::Sender<()>>,
    /// Reads the pipes and tells the process, as long as there is something to read or tell.
    reader: Option<SpawnHandle>,
    retry: Option<SpawnHandle>,
}

impl LogWriter {
    /// To be made on the log thread.
    pub(super) fn new(plan: Plan, activity: ActivityHandle, process: WeakAddr<Process>) -> Self {
        Self {
            strip: plan.strip_ansi.then(StripAnsi::default),
            syslog: plan.syslog.then(|| syslog_sink(&plan.process)),
            file: None,
            end: None,
            written: 0,
            plan,
            activity,
            process,
            pipes: Vec::new(),
            author: 0,
            told_too_long: 0,
            untold: Untold::default(),
            telling: None,
            draining: Vec::new(),
            reader: None,
            retry: None,
        }
    }

    /// Opens the file for a new child; one that is open for an earlier child's sake has to lie at
    /// its path as well.
    fn open(&mut self) -> io::Result<()> {
        let opened = match (&mut self.file, &self.plan.file) {
            (Some(sink), _) => sink.ensure_open(),
            (None, Some(plan)) => {
                let (sink, opened) = plan.open();
                self.file = opened.is_ok().then_some(sink);
                opened
            }
            (None, None) => Ok(()),
        };
        opened.inspect_err(|error| self.tell_unopened(error))
    }

    /// Names the file, which `spawnerr` does not.
    fn tell_unopened(&self, error: &io::Error) {
        if let Some(FilePlan { path, .. }) = &self.plan.file {
            self.say(Level::Warn, || {
                format!(
                    "could not open log {}: {}",
                    path.display(),
                    io_error_words(error)
                )
            });
        }
    }

    /// Reads every pipe that has something, a few pieces each; true when more may be there.
    fn read_pipes(&mut self, task: &mut Task<'_>) -> bool {
        let mut pipes = std::mem::take(&mut self.pipes);
        let mut more = false;
        pipes.retain_mut(|pipe| match self.read_ready(pipe, task) {
            Progress::Ended => {
                self.finish(pipe);
                false
            }
            Progress::Waits => true,
            Progress::MayHaveMore => {
                more = true;
                true
            }
        });
        self.pipes = pipes;
        if self.pipes.is_empty() {
            self.end_of_output();
        }
        more
    }

    fn read_ready(&mut self, pipe: &mut ChildPipe, task: &mut Task<'_>) -> Progress {
        for _ in 0..READS_A_TURN {
            match self.poll_read(pipe, task) {
                Poll::Pending => return Progress::Waits,
                // What others are to be told must not pile up.
                Poll::Ready(Ok(1..)) if !self.untold.is_empty() => return Progress::MayHaveMore,
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Poll::Ready(_) => return Progress::Ended,
            }
        }
        Progress::MayHaveMore
    }

    /// Takes the next piece. After one that does not fill the buffer, waits without asking the
    /// pipe once more.
    fn poll_read(&mut self, from: &mut ChildPipe, task: &mut Task<'_>) -> Poll<io::Result<usize>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut piece = ReadBuf::new(buffer);
            ready!(Pin::new(&mut from.pipe).poll_read(task, &mut piece))?;
            log_thread::found(piece.filled().len());
            self.take(from, piece.filled());
            Poll::Ready(Ok(piece.filled().len()))
        })
    }

    /// Takes what the pipes hold now, after which `ended` has no more to say.
    fn drain(&mut self, ended: Option<Pid>) {
        let mut pipes = std::mem::take(&mut self.pipes);
        pipes.retain_mut(|pipe| {
            let is_open = self.drain_pipe(pipe);
            if !is_open || Some(pipe.child) == ended {
                self.finish(pipe);
            }
            is_open
        });
        self.pipes = pipes;
        if self.pipes.is_empty() {
            self.end_of_output();
        }
    }

    /// False when nobody holds the pipe's other end any more.
    fn drain_pipe(&mut self, pipe: &mut ChildPipe) -> bool {
        let mut drained = 0;
        while drained < MOST_DRAINED {
            match self.read_unwatched(pipe) {
                Ok(0) => return false,
                Ok(read) => drained += read,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return true,
                Err(_) => return false,
            }
        }
        true
    }

    /// Reads whether or not the runtime has heard yet that there is something.
    fn read_unwatched(&mut self, from: &mut ChildPipe) -> Result<usize, Errno> {
        BUFFER.with_borrow_mut(|buffer| {
            let read = nix::unistd::read(&from.pipe, buffer)?;
            self.take(from, &buffer[..read]);
            Ok(read)
        })
    }

    fn write(&mut self, bytes: &[u8]) {
        let now = clock::now().monotonic;
        if let Some(file) = &mut self.file {
            let before = file.lost();
            report(&self.activity, file.write(bytes, now));
            self.plan.counts.count(bytes.len(), file.lost() - before);
            self.written += bytes.len() as u64;
        }
        if let Some(syslog) = &mut self.syslog {
            report(&self.activity, syslog.write(bytes, now));
        }
    }

    fn end_of_output(&mut self) {
        let now = clock::now().monotonic;
        for sink in [&mut self.file, &mut self.syslog].into_iter().flatten() {
            report(&self.activity, sink.flush(now));
        }
        self.close_if_idle();
    }

    /// What still waits to be written keeps the file; a retry closes it.
    fn close_if_idle(&mut self) {
        if self.pipes.is_empty() && !self.has_pending() {
            self.end = self.end_of_log();
            self.close();
        }
    }

    /// Closes the file, and tells what is lost with it.
    fn close(&mut self) {
        let closed = self.file.take();
        let closed = closed.and_then(|file| file.close(clock::now().monotonic));
        report(&self.activity, closed);
    }

    /// Where the log ends, or ended when it was closed.
    fn end_of_log(&self) -> Option<LogEnd> {
        match &self.file {
            Some(file) => file.end(),
            None => self.end,
        }
    }

    fn has_pending(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.pending() > 0)
    }

    /// Sees to it that what could not be written is tried again.
    fn retry_later(&mut self, ctx: &mut Context<Self>) {
        if self.retry.is_none() && self.has_pending() {
            self.retry = Some(ctx.run_later(RETRY, |writer, ctx| {
                writer.retry = None;
                writer.write(&[]);
                writer.close_if_idle();
                // Of a program that was removed, nobody is left to hear more than the last words.
                if ctx.connected() || !writer.pipes.is_empty() {
                    writer.retry_later(ctx);
                }
            }));
        }
    }

    /// Tells the process what is untold, which may emit events.
    fn tell(&mut self) {
        let (said, lost) = self.untold.take();
        if lost > 0 {
            self.say(Level::Error, || {
                format!(
                    "{lost} bytes of the {} of '{}' are told to no listener: they are too slow",
                    self.plan.channel, self.plan.process
                )
            });
        }
        // Where the process is gone, nobody is to be told.
        let process = self.process.upgrade().filter(|_| !said.is_empty());
        let channel = self.plan.channel;
        self.telling = process.map(|process| Box::pin(process.send(Output { channel, said })));
    }

    /// Ends when the process has taken what it was told last.
    fn poll_told(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if let Some(telling) = &mut self.telling {
            let _ = ready!(telling.as_mut().poll(task));
            self.telling = None;
        }
        Poll::Ready(())
    }

    fn all_is_told(&self) -> bool {
        self.untold.is_empty() && self.telling.is_none()
    }

    fn say(&self, level: Level, text: impl FnOnce() -> String) {
        if self.activity.is_enabled(level) {
            self.activity.log(level, text());
        }
    }
}

/// Lines to the system's log, in the name of this program.
fn syslog_sink(process: &str) -> Sink {
    let argv0 = std::env::args_os().next().unwrap_or_default();
    let ident = Path::new(&argv0)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    Sink::Syslog(LineSink::new(
        process,
        Syslog::new(&ident, Path::new(DEV_LOG)),
    ))
}

/// Tells how a log fares.
fn report(activity: &ActivityHandle, report: Option<Report>) {
    if let Some(report) = report {
        activity.log(report.level(), report.to_string());
    }
}

/// How far reading a pipe came.
enum Progress {
    /// It is empty for now.
    Waits,
    /// It has had its turn.
    MayHaveMore,
    /// Nobody holds its other end any more.
    Ended,
}

/// Reads a writer's pipes for as long as it has any, and tells of what was read.
struct ReadPipes;

impl ActorFuture<LogWriter> for ReadPipes {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        writer: &mut LogWriter,
        ctx: &mut Context<LogWriter>,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        ready!(writer.poll_told(task));
        // A drain may have read more meanwhile.
        let more = writer.untold.is_empty() && writer.read_pipes(task);
        writer.retry_later(ctx);
        writer.tell();
        if writer.all_is_told() {
            writer.draining.clear();
            if writer.pipes.is_empty() {
                writer.reader = None;
                return Poll::Ready(());
            }
        }
        if more || writer.telling.is_some() {
            task.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Actor for LogWriter {
    type Context = Context<Self>;
}

/// However it comes to its end.
impl Drop for LogWriter {
    fn drop(&mut self) {
        self.close();
        let syslog = self.syslog.take();
        let closed = syslog.and_then(|syslog| syslog.close(clock::now().monotonic));
        report(&self.activity, closed);
    }
}

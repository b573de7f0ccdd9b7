//! The actors: the only room that says `actix::`.
//!
//! ```text
//! control thread                                   log thread
//!   Supervisor (the root)
//!     Program            one a group
//!       Process          one an instance ───────►  LogWriter   one a wanted output
//!     ListenerPool       one an [eventlistener:x]
//! ```
//!
//! Each drives plain code from the floors below and decides nothing itself: a [`Process`] feeds
//! its machine and carries out the effects, a [`LogWriter`] moves bytes from a pipe to its sinks.
//! Clients come in by [`SupervisorHandle`] alone and read the registry without asking anybody.
//!
//! | message | from | to | answered when |
//! |---|---|---|---|
//! | `OsSignal` | signals | root | |
//! | `ChildExited` | root, on SIGCHLD | `Process` | |
//! | `Start`, `Stop`, `SendSignal`, `WriteStdin`, `ClearLogs` | handle, `Program` | `Process` | it is done |
//! | `StartAll`, `StopAll`, `SignalAll`, `ClearAllLogs` | handle, root | `Program` | all are done |
//! | `StartEverything`, `StopEverything`, … | handle | root | all are done |
//! | `ReloadConfig`, `AddGroup`, `UpdateGroup`, `RemoveGroup`, `Restart`, `Shutdown` | handle | root | it is done, or has begun |
//! | `AddProcesses`, `RemoveProcess` | handle | root | it is done |
//! | `TakeConfig` | root | `Process` | |
//! | `TellAll` | root | `Process` | what was written is with the pools |
//! | `TakeSeats`, `LeaveSeats`, `Adjust` | root | `ListenerPool` | |
//! | `Open`, `Attach`, `Drain`, `Reopen`, `Clear` | `Process` | `LogWriter` | it is done |
//! | `Output` | `LogWriter` | `Process` | it was taken: nothing more is read before |
//! | `Accept`, `ListenerEntered`, `ListenerSaid` | event bus, `Process` | `ListenerPool` | |
//! | `Deliver` | `ListenerPool` | `Process` | the listener's stdin has it |
//!
//! Whatever one process does costs the same however many there are. Nothing polls.
//!
//! [`Process`]: process::Process
//! [`LogWriter`]: log_writer::LogWriter

mod batch;
mod event_bus;
mod fcgi_socket;
mod groups;
pub mod handle;
mod launch;
mod listener_pool;
mod log_counts;
mod log_thread;
mod log_writer;
mod lookup;
pub mod news;
mod outputs;
mod process;
mod program;
mod protocol;
mod registry;
mod resources;
mod shared;
mod shutdown;
mod signals;
mod stdin;
mod supervisor;
mod survivors;
mod ticks;
mod twiddle;
mod untold;
mod update;

pub use handle::{GroupChanges, Outcome, SupervisorHandle, Vitals};
pub use news::News;
pub use survivors::name_survivors;

use crate::config::{Config, ProcessConfig, Source};
use crate::events::SerialCounter;
use crate::logging::ActivityHandle;
use actix::{Actor, Arbiter, System};
use registry::Registry;
use resources::Resources;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use supervisor::Supervisor;
use tokio::sync::{oneshot, watch};

/// How a run of the supervisor ended.
#[derive(Debug)]
pub enum Ending {
    /// It is to exit.
    Exit,
    /// It is to start over with this configuration.
    Restart(Box<Config>),
}

/// What a run of the supervisor needs.
pub struct Run {
    /// What to supervise.
    pub config: Config,
    /// Where it is read anew.
    pub source: Arc<Source>,
    /// supervisord's own log.
    pub activity: ActivityHandle,
    /// The soft limit of open files that children are to have, where ours was raised beyond it.
    pub open_files: Option<u64>,
    /// Where the numbers of events go on.
    pub serials: SerialCounter,
}

/// Supervises until everything has stopped for good; gives what follows, and where the numbers of
/// events go on. The calling thread is the control thread.
///
/// `serve` is called on a thread of its own with what clients are to be served by, and for how
/// long; its end is awaited then.
///
/// # Errors
/// When the signal handlers can't be installed: nothing was started then.
pub fn run<S: Future<Output = ()> + 'static>(
    run: Run,
    serve: impl FnOnce(SupervisorHandle, Until) -> S + Send + 'static,
) -> io::Result<(Ending, SerialCounter)> {
    System::new().block_on(async {
        let caught = signals::catch()?;
        let (log_arbiter, log_thread) = log_thread::start()?;
        let rpc_thread = Arbiter::new();
        let (sender, ended) = oneshot::channel();
        let registry = Arc::new(Registry::new(Arc::new(run.config)));
        let resources = Rc::new(Resources::new(
            registry.clone(),
            run.activity.clone(),
            log_thread,
            run.open_files,
            run.serials,
        ));
        let (door, let_in) = watch::channel(false);
        let outside = Outside {
            ended: Some(sender),
            door,
        };
        let root = Supervisor::new(
            resources.clone(),
            registry.clone(),
            run.source.clone(),
            outside,
        )
        .start();
        signals::forward(caught, &root);
        let identifier = Arc::from(resources.identifier.as_str());
        let handle = SupervisorHandle {
            root,
            registry,
            activity: run.activity,
            identifier,
            source: run.source,
        };
        let serving = serve_on(&rpc_thread, move |answer| {
            serve(handle, Until { let_in, answer })
        });
        // The root never goes away unasked.
        let ending = ended.await.unwrap_or(Ending::Exit);
        serving.stop().await;
        for thread in [rpc_thread, log_arbiter] {
            thread.stop();
            drop(thread.join());
        }
        Ok((ending, resources.events.serials()))
    })
}

/// How long clients are to be served.
pub struct Until {
    /// Whether new clients are let in. Those who are not wait in the sockets' backlog; where a
    /// restart is done quickly, for the next run.
    pub let_in: watch::Receiver<bool>,
    /// Closes when requests are no longer answered.
    pub answer: oneshot::Receiver<()>,
}

/// What the root tells the world around the actors.
struct Outside {
    /// Everything has stopped.
    ended: Option<oneshot::Sender<Ending>>,
    /// Whether new clients are let in.
    door: watch::Sender<bool>,
}

/// Clients are being served.
struct Serving {
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl Serving {
    async fn stop(self) {
        drop(self.stop);
        let _: Result<(), oneshot::error::RecvError> = self.stopped.await;
    }
}

fn serve_on<S: Future<Output = ()> + 'static>(
    thread: &Arbiter,
    serve: impl FnOnce(oneshot::Receiver<()>) -> S + Send + 'static,
) -> Serving {
    let (stop, stopping) = oneshot::channel();
    let (end, stopped) = oneshot::channel::<()>();
    thread.spawn_fn(move || {
        drop(actix::spawn(async move {
            serve(stopping).await;
            drop(end);
        }));
    });
    Serving { stop, stopped }
}

/// How many descriptors are open for other things than children.
const OWN_DESCRIPTORS: u64 = 256;

/// How many descriptors it takes to run everything in the configuration at once: for each
/// process a stdin, and a pipe and a file for each output that is wanted.
pub fn descriptors_needed(config: &Config) -> u64 {
    let processes = config.groups.iter().flat_map(|group| &group.processes);
    let wanted = |process: &Arc<ProcessConfig>| {
        [&process.stdout, &process.stderr]
            .into_iter()
            .filter(|output| output.is_wanted())
            .count()
    };
    processes
        .map(|process| 1 + 2 * wanted(process) as u64)
        .sum::<u64>()
        + OWN_DESCRIPTORS
}

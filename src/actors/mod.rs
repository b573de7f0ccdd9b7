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
//! | `ReloadConfig`, `AddGroup`, `RemoveGroup`, `Restart`, `Shutdown` | handle | root | it is done, or has begun |
//! | `Open`, `Attach`, `Drain`, `Reopen`, `Clear` | `Process` | `LogWriter` | it is done |
//! | `Output` | `LogWriter` | `Process` | it was taken: nothing more is read before |
//! | `Accept`, `ListenerEntered`, `ListenerSaid` | event bus, `Process` | `ListenerPool` | |
//! | `Deliver` | `ListenerPool` | `Process` | the listener's stdin has it |
//!
//! Whatever one process does costs the same however many there are. Nothing polls.
//!
//! [`Process`]: process::Process
//! [`LogWriter`]: log_writer::LogWriter

mod event_bus;
mod fcgi_socket;
mod groups;
pub mod handle;
mod launch;
mod listener_pool;
mod log_writer;
mod outputs;
mod process;
mod program;
mod registry;
mod resources;
mod shutdown;
mod signals;
mod stdin;
mod supervisor;

pub use handle::{GroupChanges, Outcome, SupervisorHandle};

use crate::config::{Config, ConfigError};
use crate::events::SerialCounter;
use crate::logging::ActivityHandle;
use actix::{Actor, Arbiter};
use registry::Registry;
use resources::Resources;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use supervisor::Supervisor;
use tokio::sync::oneshot;

/// Reads the configuration anew, as it was read at the start.
pub type Loader = Arc<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>;

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
    /// How to read it anew.
    pub loader: Loader,
    /// supervisord's own log.
    pub activity: ActivityHandle,
    /// The soft limit of open files that children are to have, where ours was raised beyond it.
    pub open_files: Option<u64>,
    /// Where the numbers of events go on.
    pub serials: SerialCounter,
}

/// A supervisor that runs.
pub struct Running {
    /// What others ask it by.
    pub handle: SupervisorHandle,
    resources: Rc<Resources>,
    log_thread: Arbiter,
    ended: oneshot::Receiver<Ending>,
}

/// Starts everything that is to run. To be called within an actix `System`, on the thread that
/// becomes the control thread.
///
/// # Errors
/// When the signal handlers can't be installed.
pub fn start(run: Run) -> io::Result<Running> {
    let caught = signals::catch()?;
    let log_thread = Arbiter::new();
    let (sender, ended) = oneshot::channel();
    let config = Arc::new(run.config);
    let registry = Arc::new(Registry::new(config.clone()));
    let resources = Rc::new(Resources::new(
        &config,
        run.activity.clone(),
        log_thread.handle(),
        run.open_files,
        run.serials,
    ));
    let root = Supervisor::new(resources.clone(), registry.clone(), run.loader, sender).start();
    signals::forward(caught, &root);
    let identifier = Arc::from(config.supervisord.identifier.as_str());
    let handle = SupervisorHandle {
        root,
        registry,
        activity: run.activity,
        identifier,
    };
    Ok(Running {
        handle,
        resources,
        log_thread,
        ended,
    })
}

impl Running {
    /// Waits until everything has stopped for good, and gives what follows and where the numbers
    /// of events go on.
    pub async fn ended(self) -> (Ending, SerialCounter) {
        // The root never goes away unasked.
        let ending = self.ended.await.unwrap_or(Ending::Exit);
        self.log_thread.stop();
        drop(self.log_thread.join());
        (ending, self.resources.events.serials())
    }
}

//! What the actors of one run share on the control thread.

use super::event_bus::EventBus;
use super::log_thread::LogThread;
use super::process::Process;
use super::registry::Registry;
use crate::config::OnSupervisorDeath;
use crate::events::SerialCounter;
use crate::logging::ActivityHandle;
use crate::os::{Environment, RunAs};
use crate::process::Pid;
use actix::{Addr, WeakAddr};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Shared by the root and the actors below it; the root makes it.
pub(super) struct Resources {
    /// What clients and watchers are told.
    pub(super) registry: Arc<Registry>,
    /// supervisord's own log.
    pub(super) activity: ActivityHandle,
    /// Where events go.
    pub(super) events: EventBus,
    /// The thread on which log writers live.
    pub(super) log_thread: LogThread,
    /// Where AUTO child logs lie.
    pub(super) childlogdir: PathBuf,
    /// supervisord's name, in AUTO log names.
    pub(super) identifier: String,
    /// Remove escape sequences from what children write.
    pub(super) strip_ansi: bool,
    /// What every child's environment begins with.
    pub(super) environment: Environment,
    /// The `SUPERVISOR_SERVER_URL` of programs that name none.
    pub(super) server_url: Option<String>,
    /// What becomes of children when we die.
    pub(super) on_supervisor_death: OnSupervisorDeath,
    /// How long everything may take to stop; `None` is no limit.
    pub(super) shutdown_timeout: Option<Duration>,
    /// The soft limit of open files that children are to have, where ours was raised beyond it.
    pub(super) open_files: Option<u64>,
    /// Who waits for which child.
    children: RefCell<HashMap<Pid, WeakAddr<Process>>>,
    /// Users looked up before; the databases behind them can be slow.
    users: RefCell<HashMap<u32, Rc<RunAs>>>,
}

impl Resources {
    pub(super) fn new(
        registry: Arc<Registry>,
        activity: ActivityHandle,
        log_thread: LogThread,
        open_files: Option<u64>,
        serials: SerialCounter,
    ) -> Self {
        let config = registry.config();
        let supervisord = &config.supervisord;
        let mut environment = Environment::inherited();
        environment.set("SUPERVISOR_ENABLED", "1");
        Self {
            registry,
            events: EventBus::new(serials),
            activity,
            log_thread,
            childlogdir: supervisord.childlogdir.clone(),
            identifier: supervisord.identifier.clone(),
            strip_ansi: supervisord.strip_ansi,
            environment,
            server_url: config.server_url(),
            on_supervisor_death: supervisord.on_supervisor_death,
            shutdown_timeout: supervisord.shutdown_timeout,
            open_files,
            children: RefCell::default(),
            users: RefCell::default(),
        }
    }

    /// Notes who is to hear of a child's end. To be called in the turn that spawned it, so that
    /// it is known before it can be reaped.
    pub(super) fn adopt_child(&self, pid: Pid, process: WeakAddr<Process>) {
        self.children.borrow_mut().insert(pid, process);
    }

    /// Whose child it was; `None` for one that is not ours.
    pub(super) fn forget_child(&self, pid: Pid) -> Option<Addr<Process>> {
        self.children.borrow_mut().remove(&pid)?.upgrade()
    }

    /// How a child is to run as the user.
    pub(super) fn run_as(&self, uid: Option<u32>) -> Rc<RunAs> {
        let Some(uid) = uid else {
            return Rc::new(RunAs::Ourselves);
        };
        let mut users = self.users.borrow_mut();
        users
            .entry(uid)
            .or_insert_with(|| Rc::new(RunAs::of(Some(uid))))
            .clone()
    }
}

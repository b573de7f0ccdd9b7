//! Serves the clients, and opens the unix sockets anew that something removes. Those who sweep
//! temporary directories do, and supervisord would run on with nobody able to reach it; most of them
//! spare what looks young. Whoever asks that files be opened anew has certificates read anew, too.

use super::servers::Servers;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use supervisor::actors::{SupervisorHandle, Until};
use supervisor::os::watch::RemovalWatch;
use supervisor::process::note::Level;
use supervisor::rpc::{self, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

/// How soon a socket is opened anew for a second time: who keeps removing it gains no more.
const PAUSE: Duration = Duration::from_secs(1);

/// How often it is tried again when a socket can't be opened anew.
const RETRY: Duration = Duration::from_secs(60);

/// How often sockets are made to look young. Sweepers go by days.
const REFRESH: Duration = Duration::from_secs(6 * 60 * 60);

/// The sockets, shared with the thread that serves them.
pub(super) type SharedServers = Arc<Mutex<Servers>>;

/// The sockets.
pub(super) fn lock(servers: &SharedServers) -> MutexGuard<'_, Servers> {
    servers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves `first` and what takes its place, for as long as clients are to be served; see
/// [`rpc::serve`].
pub(super) async fn serve(
    first: Vec<Server>,
    room: usize,
    servers: SharedServers,
    handle: SupervisorHandle,
    until: Until,
) {
    let (sender, receiver) = unbounded_channel();
    for server in first {
        // The receiver is here.
        let _ = sender.send(server);
    }
    tokio::select! {
        () = rpc::serve(receiver, room, handle.clone(), until) => {}
        () = keep_reachable(servers, sender, handle) => {}
    }
}

/// Never ends.
async fn keep_reachable(
    servers: SharedServers,
    sender: UnboundedSender<Server>,
    handle: SupervisorHandle,
) {
    let mut requests = signal(SignalKind::user_defined2());
    let watch = RemovalWatch::new();
    let mut refresh = interval_at(Instant::now() + REFRESH, REFRESH);
    refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        lock(&servers).files().for_each(|path| watch.mind(path));
        let (reopened, errors) = lock(&servers).reopen_lost();
        for error in &errors {
            let text = format!("a socket was removed and can't be opened anew: {error}");
            handle.log(Level::Error, text);
        }
        let any = !reopened.is_empty();
        for server in reopened {
            let text = format!(
                "the socket {} was removed; opened it anew",
                server.config.address
            );
            handle.log(Level::Warn, text);
            // Nobody takes it only when the end has come.
            let _ = sender.send(server);
        }
        tokio::select! {
            () = sleep(PAUSE), if any => {}
            () = watch.changed(), if !any => {}
            _ = refresh.tick() => lock(&servers).refresh(),
            () = sleep(RETRY), if !errors.is_empty() => {}
            () = request(&mut requests) => {
                for error in lock(&servers).reload_certificates() {
                    let text = format!("the certificate read before stays in use: {error}");
                    handle.log(Level::Error, text);
                }
            }
        }
    }
}

/// Waits until somebody asks that files be opened anew.
async fn request(requests: &mut io::Result<Signal>) {
    match requests {
        Ok(requests) => drop(requests.recv().await),
        Err(_) => std::future::pending().await,
    }
}

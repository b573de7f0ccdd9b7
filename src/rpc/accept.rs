//! Accepting connections and speaking HTTP on them.
//!
//! actix's own server keeps a clock ticking twice a second for as long as it runs. Here the HTTP
//! service, and its clock with it, exists only while there are clients.

use super::answer;
use super::api::watch::Watch;
use super::connection::{Connections, Seat};
use super::listeners::{Door, Server};
use super::metrics::Kept;
use super::stream::{Acceptor, Socket, Stream};
use super::tls::Tls;
use crate::actors::{SupervisorHandle, Until};
use crate::process::note::Level;
use actix_http::HttpService;
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::http::KeepAlive;
use actix_web::rt::task::JoinHandle;
use actix_web::rt::{spawn, time};
use actix_web::web::{Data, to};
use futures_util::future::LocalBoxFuture;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::watch;

/// How long a connection may idle between requests. Event listeners keep one over the hour between
/// two ticks and don't expect it to be closed.
const KEEP_ALIVE: Duration = Duration::from_secs(2 * 60 * 60);

/// How long a client may take to send the head of its first request.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a connection may take to close.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How many connections there may be at once, where there are descriptors enough for them.
pub const MOST_CONNECTIONS: usize = 1024;

/// How long the HTTP service outlives its last client: the next one often follows at once.
const LINGER: Duration = Duration::from_secs(2);

/// How long accepting pauses when there is no descriptor left for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves every listener that comes by `servers`; a later listener of a section takes the earlier
/// one's place. There is room for so many connections; when it is full, those that have been idle
/// for longest are closed. Ends when the last answers are out.
pub async fn serve(
    servers: UnboundedReceiver<Server>,
    room: usize,
    handle: SupervisorHandle,
    until: Until,
) {
    let clients = Rc::new(Clients::new(room, handle));
    let Until { let_in, answer } = until;
    let accepting = Task(spawn(accept_all(servers, let_in, clients.clone())));
    let _: Result<(), RecvError> = answer.await;
    drop(accepting);
    clients.last_answers().await;
}

/// A task that ends with its owner.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept_all(
    mut servers: UnboundedReceiver<Server>,
    let_in: watch::Receiver<bool>,
    clients: Rc<Clients>,
) {
    let mut accepting = HashMap::new();
    while let Some(server) = servers.recv().await {
        let section = server.config.section.clone();
        let task = Task(spawn(accept(server, let_in.clone(), clients.clone())));
        accepting.insert(section, task);
    }
    // Nobody can send another; what there is goes on.
    std::future::pending::<()>().await;
}

async fn accept(server: Server, mut let_in: watch::Receiver<bool>, clients: Rc<Clients>) {
    let (door, tls) = (Door::of(&server.config), server.tls);
    let listener = clients.connections.listener(&server.config.section);
    let Ok(acceptor) = Acceptor::new(server.listener) else {
        return clients.cannot_listen();
    };
    loop {
        match next(&acceptor, &mut let_in).await {
            Ok(socket) => {
                let seat = clients.connections.admit(listener).await;
                let stream = Stream::new(socket, door.clone(), seat.connection().clone());
                spawn(clients.clone().converse(stream, seat, tls.clone()));
            }
            Err(_) => {
                // No descriptor is left for it. Whoever came last gets the time to say what it
                // wants before anybody has to leave.
                let before = clients.connections.latest_use();
                time::sleep(PAUSE).await;
                clients.connections.dismiss_idle(before);
            }
        }
    }
}

/// The next client, while clients are let in.
async fn next(acceptor: &Acceptor, let_in: &mut watch::Receiver<bool>) -> io::Result<Socket> {
    loop {
        if let_in.wait_for(|yes| *yes).await.is_err() {
            // The end has come.
            std::future::pending::<()>().await;
        }
        tokio::select! {
            biased;
            Ok(_) = let_in.wait_for(|yes| !*yes) => {}
            accepted = acceptor.accept() => return accepted,
        }
    }
}

/// Speaks HTTP on one connection.
type Http = Rc<dyn Fn(Stream) -> LocalBoxFuture<'static, ()>>;

/// Those who are connected, and what serves them.
struct Clients {
    handle: SupervisorHandle,
    connections: Rc<Connections>,
    /// There while there are clients, and a little longer.
    http: RefCell<Option<Http>>,
    connected: Cell<usize>,
    answering: Rc<Answering>,
    watch: Rc<Watch>,
    kept: Rc<Kept>,
}

impl Clients {
    fn new(room: usize, handle: SupervisorHandle) -> Self {
        Self {
            connections: Connections::new(room),
            watch: Rc::new(Watch::new(handle.clone())),
            kept: Rc::default(),
            handle,
            http: RefCell::default(),
            connected: Cell::default(),
            answering: Rc::default(),
        }
    }

    async fn converse(self: Rc<Self>, stream: Stream, seat: Seat, tls: Option<Arc<Tls>>) {
        self.connected.set(self.connected.get() + 1);
        if let Some(http) = self.http().await {
            let spoken = async {
                // Who speaks no TLS where it is asked for gets no answer.
                if let Some(stream) = secured(stream, tls).await {
                    http(stream).await;
                }
            };
            tokio::select! {
                () = spoken => {}
                () = seat.connection().dismissed() => {}
            }
        }
        drop(seat);
        self.connected.set(self.connected.get() - 1);
        if self.connected.get() == 0 {
            time::sleep(LINGER).await;
            if self.connected.get() == 0 {
                self.http.take();
            }
        }
    }

    async fn http(&self) -> Option<Http> {
        let there = self.http.borrow().clone();
        if there.is_some() {
            return there;
        }
        let made = http(self).await;
        self.http.replace(made.clone());
        made
    }

    /// Waits until no request is being answered, though not for ever. What is answered is on its
    /// way by then: an answer is written in the turn in which it is made.
    async fn last_answers(&self) {
        drop(time::timeout(CLOSE_TIME, self.answering.none()).await);
    }

    fn cannot_listen(&self) {
        let text = "an HTTP server can't listen: its socket can't be watched".to_owned();
        self.handle.log(Level::Critical, text);
    }
}

/// A connection behind TLS, where it is to speak that; `None` where it does not in time.
async fn secured(stream: Stream, tls: Option<Arc<Tls>>) -> Option<Stream> {
    let Some(tls) = tls else {
        return Some(stream);
    };
    time::timeout(HEAD_TIME, stream.secure(&tls))
        .await
        .ok()?
        .ok()
}

/// Counts the requests that are being answered.
#[derive(Default)]
pub(super) struct Answering {
    requests: Cell<usize>,
    changed: Notify,
}

impl Answering {
    /// One more, until what this gives is dropped.
    pub(super) fn begin(self: &Rc<Self>) -> AnsweringOne {
        self.requests.set(self.requests.get() + 1);
        AnsweringOne(self.clone())
    }

    async fn none(&self) {
        while self.requests.get() > 0 {
            self.changed.notified().await;
        }
    }
}

/// A request that is being answered.
pub(super) struct AnsweringOne(Rc<Answering>);

impl Drop for AnsweringOne {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get() - 1);
        self.0.changed.notify_one();
    }
}

/// Makes the HTTP service; `None` can't happen, for nothing in it can fail.
async fn http(clients: &Clients) -> Option<Http> {
    let app = App::new()
        .app_data(Data::new(clients.handle.clone()))
        .app_data(clients.answering.clone())
        .app_data(clients.watch.clone())
        .app_data(clients.kept.clone())
        .default_service(to(answer));
    let factory = HttpService::build()
        .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(CLOSE_TIME)
        // A client that has said all it has to say may still wait for the answer.
        .h1_allow_half_closed(true)
        .on_connect_ext(|stream: &Stream, data| {
            data.insert(stream.door());
            data.insert(stream.connection());
            data.insert(stream.scheme());
        })
        .h1(map_config(app, |()| AppConfig::default()));
    let service = Rc::new(factory.new_service(()).await.ok()?);
    Some(Rc::new(move |stream: Stream| {
        let (service, peer) = (service.clone(), stream.peer());
        // How a connection ended is between its two ends.
        Box::pin(async move { drop(service.call((stream, peer)).await) })
    }))
}

//! Accepting connections and speaking HTTP on them.
//!
//! actix's own server keeps a clock ticking twice a second for as long as it runs. Here the HTTP
//! service, and its clock with it, exists only while there are clients.

use super::answer;
use super::api::Watch;
use super::listeners::{Door, Server};
use super::metrics::Latencies;
use super::stream::{Acceptor, Stream};
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
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{Notify, Semaphore};

/// How long a connection may idle between requests. Event listeners keep one over the hour between
/// two ticks and don't expect it to be closed.
const KEEP_ALIVE: Duration = Duration::from_secs(2 * 60 * 60);

/// How long a client may take to send the head of its first request.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a connection may take to close.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How many connections are served at once; more wait until one is closed.
const MAX_CONNECTIONS: usize = 1024;

/// How long the HTTP service outlives its last client: the next one often follows at once.
const LINGER: Duration = Duration::from_secs(2);

/// How long accepting pauses when there is no descriptor left for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves every listener that comes by `servers`; a later listener of a section takes the earlier
/// one's place. Ends when the last answers are out.
pub async fn serve(servers: UnboundedReceiver<Server>, handle: SupervisorHandle, until: Until) {
    let clients = Rc::new(Clients::new(handle));
    let accepting = Task(spawn(accept_all(servers, clients.clone())));
    let Until { accept, mut answer } = until;
    let is_over = tokio::select! {
        _ = accept => false,
        _ = &mut answer => true,
    };
    drop(accepting);
    if !is_over {
        let _: Result<(), RecvError> = answer.await;
    }
    clients.last_answers().await;
}

/// A task that ends with its owner.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept_all(mut servers: UnboundedReceiver<Server>, clients: Rc<Clients>) {
    let mut accepting = HashMap::new();
    while let Some(server) = servers.recv().await {
        let section = server.config.section.clone();
        let task = Task(spawn(accept(server, clients.clone())));
        accepting.insert(section, task);
    }
    // Nobody can send another; what there is goes on.
    std::future::pending::<()>().await;
}

async fn accept(server: Server, clients: Rc<Clients>) {
    let door = Door::of(&server.config);
    let Ok(acceptor) = Acceptor::new(server.listener, server.tls) else {
        return clients.cannot_listen();
    };
    loop {
        let Ok(slot) = clients.slots.clone().acquire_owned().await else {
            return;
        };
        match acceptor.accept(door.clone()).await {
            Ok(stream) => {
                let clients = clients.clone();
                spawn(async move {
                    clients.converse(stream).await;
                    drop(slot);
                });
            }
            Err(_) => time::sleep(PAUSE).await,
        }
    }
}

/// Speaks HTTP on one connection.
type Http = Rc<dyn Fn(Stream) -> LocalBoxFuture<'static, ()>>;

/// Those who are connected, and what serves them.
struct Clients {
    handle: SupervisorHandle,
    slots: Arc<Semaphore>,
    /// There while there are clients, and a little longer.
    http: RefCell<Option<Http>>,
    connected: Cell<usize>,
    answering: Rc<Answering>,
    watch: Rc<Watch>,
    latencies: Rc<Latencies>,
}

impl Clients {
    fn new(handle: SupervisorHandle) -> Self {
        Self {
            watch: Rc::new(Watch::new(handle.clone())),
            latencies: Rc::default(),
            handle,
            slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            http: RefCell::default(),
            connected: Cell::default(),
            answering: Rc::default(),
        }
    }

    async fn converse(self: Rc<Self>, stream: Stream) {
        self.connected.set(self.connected.get() + 1);
        // Who speaks no TLS where it is asked for gets no answer.
        let secured = time::timeout(HEAD_TIME, stream.secure()).await;
        if let (Some(http), Ok(Ok(stream))) = (self.http().await, secured) {
            http(stream).await;
        }
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
        .app_data(clients.latencies.clone())
        .default_service(to(answer));
    let factory = HttpService::build()
        .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(CLOSE_TIME)
        // A client that closes its half has left, and its log streams end.
        .h1_allow_half_closed(false)
        .on_connect_ext(|stream: &Stream, data| {
            data.insert(stream.door());
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

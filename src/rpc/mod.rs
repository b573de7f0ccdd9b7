//! The remote control: HTTP, and XML-RPC over it. The only room that says `actix_web::`.
//!
//! Floor 4. Speaks to the actors through [`SupervisorHandle`] alone and keeps no state: what it
//! tells is read or asked for anew with each request. Begin at [`serve`], then `route`, `calls`,
//! `dispatch` and the table in `methods`.

mod args;
mod auth;
mod calls;
mod dispatch;
mod listeners;
mod logs;
mod logtail;
mod method;
mod methods;
mod origin;
mod reply;
mod route;
mod shape;
mod supervisor;
mod system;
mod web;

pub use listeners::{Listener, Server};

use crate::actors::handle::SupervisorHandle;
use actix_web::body::{BodySize, MessageBody as _};
use actix_web::http::{KeepAlive, StatusCode, Version, header};
use actix_web::web::{Data, Payload, to};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use listeners::{Door, Doors};
use route::Route;
use std::io;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a connection may idle between requests. Event listeners keep one over the hour between
/// two ticks and don't expect it to be closed.
const KEEP_ALIVE: Duration = Duration::from_secs(2 * 60 * 60);

/// How long a client may take to send the head of its first request.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a connection may take to close.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How many connections are served at once; more wait until one is closed.
const MAX_CONNECTIONS: usize = 1024;

/// Serves every listener, on one thread of its own, until `stop` is closed. The future ends when
/// the last answers are out.
///
/// # Errors
/// When a listener can't be used.
pub fn serve(
    servers: Vec<Server>,
    handle: SupervisorHandle,
    stop: oneshot::Receiver<()>,
) -> io::Result<impl Future<Output = ()> + 'static> {
    let server = if servers.is_empty() {
        None
    } else {
        Some(start(servers, handle)?)
    };
    Ok(async move {
        let control = server.as_ref().map(actix_web::dev::Server::handle);
        let serving = server.map(actix_web::rt::spawn);
        drop(stop.await);
        if let (Some(control), Some(serving)) = (control, serving) {
            control.stop(true).await;
            drop(serving.await);
        }
    })
}

fn start(servers: Vec<Server>, handle: SupervisorHandle) -> io::Result<actix_web::dev::Server> {
    let doors = Doors::of(&servers)?;
    let app = move || {
        App::new()
            .app_data(Data::new(handle.clone()))
            .default_service(to(answer))
    };
    let mut http = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(CLOSE_TIME)
        .max_connections(MAX_CONNECTIONS)
        // A client that closes its half has left, and its log streams end.
        .h1_allow_half_closed(false)
        .shutdown_timeout(1)
        .on_connect(move |stream, data| {
            if let Some(door) = doors.of_connection(stream) {
                data.insert(door);
            }
        });
    for server in servers {
        http = match server.listener {
            Listener::Unix(unix) => http.listen_uds(unix)?,
            Listener::Tcp(tcp) => http.listen(tcp)?,
        };
    }
    Ok(http.run())
}

/// Answers any request.
async fn answer(
    request: HttpRequest,
    payload: Payload,
    handle: Data<SupervisorHandle>,
) -> HttpResponse {
    let mut reply = match admit(&request) {
        Ok(()) => dispatch(&request, payload, &handle).await,
        Err(status) => reply::refusal(status),
    };
    let head = reply.head_mut();
    // Scripts look for `Content-Type`, as Supervisor spells it.
    head.set_camel_case_headers(true);
    // Chunks are not for HTTP/1.0: there a stream ends with its connection.
    head.no_chunking(request.version() < Version::HTTP_11);
    calls::trace(&handle, || access_line(&request, &reply));
    reply
}

/// Whether the request may pass the door it came through. None passes where there is no door.
fn admit(request: &HttpRequest) -> Result<(), StatusCode> {
    let door: &Door = request.conn_data().ok_or(StatusCode::UNAUTHORIZED)?;
    match &door.0 {
        Some(credentials) => credentials.check(request.headers().get(header::AUTHORIZATION)),
        None => Ok(()),
    }
}

async fn dispatch(
    request: &HttpRequest,
    payload: Payload,
    handle: &SupervisorHandle,
) -> HttpResponse {
    match route::route(request.method(), request.uri().path()) {
        Route::Call => calls::answer(handle.clone(), request.headers(), payload).await,
        Route::LogTail(parts) => logtail::of_process(handle, &parts).await,
        Route::MainLogTail => logtail::of_supervisord(handle).await,
        Route::Ok => reply::ok(),
        Route::Page(page) => web::answer(page, request, payload, handle).await,
        Route::File(path) => web::file(request, &path),
        Route::Refused(status) => reply::refusal(status),
    }
}

/// The line in the activity log about a request; clients of unix sockets are `localhost:0`.
fn access_line(request: &HttpRequest, reply: &HttpResponse) -> String {
    let peer = request.peer_addr().map(|peer| peer.to_string());
    let time = jiff::Zoned::now().strftime("%d/%b/%Y:%H:%M:%S %z");
    let bytes = match reply.body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    format!(
        "{} - - [{time}] \"{} {} {:?}\" {} {bytes}",
        peer.as_deref().unwrap_or("localhost:0"),
        request.method(),
        request.uri(),
        request.version(),
        reply.status().as_u16(),
    )
}

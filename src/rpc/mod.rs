//! The remote control: HTTP, and XML-RPC over it. The only room that says `actix_web::`.
//!
//! Floor 4. Speaks to the actors through [`SupervisorHandle`] alone and keeps no state: what it
//! tells is read or asked for anew with each request. Begin at [`serve`], then `route`, `calls`,
//! `dispatch` and the table in `methods`.

mod accept;
mod api;
mod args;
mod auth;
mod body;
mod calls;
mod config;
mod connection;
mod dispatch;
mod growing_log;
mod gzip;
mod host;
mod listeners;
mod live;
mod logs;
mod logtail;
mod method;
mod methods;
mod metrics;
mod origin;
mod password;
mod pieces;
mod pools;
mod reply;
mod role;
mod room;
mod route;
mod secret;
mod session;
mod shape;
mod shown;
mod stream;
mod supervisor;
mod system;
mod tls;
mod turns;
mod twiddler;
mod urlencoded;
mod web;

pub use accept::{MOST_CONNECTIONS, serve};
pub use listeners::{Listener, Server};
pub use tls::{Tls, TlsError};

use crate::actors::handle::SupervisorHandle;
use accept::Answering;
use actix_web::body::{BodySize, MessageBody as _};
use actix_web::http::header::{HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{StatusCode, Version};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use connection::Connection;
use live::Live;
use route::Route;
use session::Session;
use std::rc::Rc;
use std::time::Instant;

/// Answers any request.
async fn answer(
    request: HttpRequest,
    payload: Payload,
    handle: Data<SupervisorHandle>,
) -> HttpResponse {
    let answering = request.app_data::<Rc<Answering>>().map(Answering::begin);
    let busy = request.conn_data::<Rc<Connection>>().map(Connection::begin);
    let (mut reply, client) = match Session::admit(&request, &handle).await {
        Ok(session) => {
            let reply = dispatch(&request, payload, &session).await;
            (reply, session.client.name)
        }
        Err(status) => (refusal(request.uri().path(), status), None),
    };
    let head = reply.head_mut();
    // Scripts look for `Content-Type`, as Supervisor spells it.
    head.set_camel_case_headers(true);
    // Browsers are to take nothing for what we don't say it is, logs least of all.
    let nosniff = HeaderValue::from_static("nosniff");
    head.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, nosniff);
    // Chunks are not for HTTP/1.0: there a stream ends with its connection.
    head.no_chunking(request.version() < Version::HTTP_11);
    calls::trace(&handle, || access_line(&request, &reply));
    drop(answering);
    match busy {
        Some(busy) if reply.body().size() == BodySize::Stream => {
            busy.listen(client);
            reply.map_body(|_, body| Live::new(body, busy).boxed())
        }
        _ => reply,
    }
}

/// A refusal, as clients of what lies at the path expect it.
fn refusal(path: &str, status: StatusCode) -> HttpResponse {
    if path.starts_with("/api/") {
        return api::Problem::of_status(status).reply();
    }
    reply::refusal(status)
}

async fn dispatch(request: &HttpRequest, payload: Payload, session: &Session) -> HttpResponse {
    let handle = &session.handle;
    let begun = Instant::now();
    let route = route::route(request.method(), request.uri().path());
    let asked = route.asked();
    let reply = match route {
        Route::Api => api::answer(request, payload, session).await,
        Route::Metrics => metrics::answer(request, session).await,
        Route::Call => calls::answer(session, request.headers(), payload).await,
        Route::LogTail(parts) => logtail::of_process(handle, &parts).await,
        Route::MainLogTail => logtail::of_supervisord(handle).await,
        Route::Ok => reply::ok(),
        Route::Page(page) => web::answer(page, request, payload, session).await,
        Route::File(path) => web::file(request, &path),
        Route::Refused(status) => reply::refusal(status),
        Route::NotAllowed(allowed) => reply::not_allowed(allowed),
    };
    session.kept.latencies.observe(asked, begun.elapsed());
    reply
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

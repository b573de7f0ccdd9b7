//! The web pages and the files they need.
//!
//! The page at `/` is live: scripts of our own, nothing from elsewhere, on top of the JSON API. It
//! begins as plain HTML, and there is a plain page beside it, too, for browsers without scripts. No
//! page has scripts or style in its text, and browsers are told to run none.

mod action;
mod assets;
mod files;
mod form;
mod html;
mod live;
mod status;
mod tail;

pub(super) use files::file;

use super::body::Body;
use super::role::Role;
use super::session::Session;
use super::stream::Scheme;
use super::{gzip, origin, reply};
use crate::actors::handle::SupervisorHandle;
use action::Action;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, rt, web};
use form::Form;

/// The biggest form that is taken, in bytes.
const MAX_FORM: usize = 64 << 10;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// `/`: every process, live, and actions on them.
    Live,
    /// `/index.html`: the same in plain HTML.
    Plain,
    /// `/tail.html`: the end of a process's stdout log.
    Tail,
}

/// Answers with a page, or carries out the action that the query or the form names and leads back
/// to the status page with a message of what became of it.
pub(super) async fn answer(
    page: Page,
    request: &HttpRequest,
    payload: web::Payload,
    session: &Session,
) -> HttpResponse {
    let handle = &session.handle;
    let body = match Body::read(payload, MAX_FORM).await {
        Ok(body) => body,
        Err(status) => return reply::refusal(status),
    };
    let form = Form::of(&body.bytes, request.query_string());
    let role = session.client.role;
    if page == Page::Tail {
        return shown(request, tail::page(handle, &form).await);
    }
    match Action::of(&form) {
        Ok(None) if page == Page::Live => {
            shown(request, live::page(handle, role, form.get("message")))
        }
        Ok(None) => shown(request, status::page(handle, role, form.get("message"))),
        Ok(Some(action)) if role < action.role() => reply::refusal(StatusCode::FORBIDDEN),
        Ok(Some(action)) => act(request, handle, action).await,
        Err(action::NoSuchAction) => reply::refusal(StatusCode::BAD_REQUEST),
    }
}

/// Carries an action out to its end, even when the client leaves before.
async fn act(request: &HttpRequest, handle: &SupervisorHandle, action: Action) -> HttpResponse {
    let headers = request.headers();
    let is_link = *request.method() == Method::GET;
    let changes = action.role() > Role::Reader;
    if changes && (origin::is_foreign(headers) || is_link && !origin::may_follow(headers)) {
        return reply::refusal(StatusCode::FORBIDDEN);
    }
    let handle = handle.clone();
    match rt::spawn(async move { action.carry_out(&handle).await }).await {
        Ok(message) => back(request, &message),
        Err(_) => reply::refusal(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Leads to the status page with a message. Browsers are told the way from where they are: a proxy
/// may have another name, another path and another scheme. Supervisor's clients look for a whole
/// URL.
fn back(request: &HttpRequest, message: &str) -> HttpResponse {
    let root = match origin::is_browser(request.headers()) {
        true => "./".to_owned(),
        false => format!("{}/", base(request)),
    };
    let message = html::quote(message);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("{root}?message={message}")))
        .finish()
}

/// The URL of the server, as the client calls it; empty where it doesn't.
fn base(request: &HttpRequest) -> String {
    let host = request.headers().get(header::HOST);
    let Some(host) = host.and_then(|host| host.to_str().ok()) else {
        return String::new();
    };
    let scheme = request
        .conn_data::<Scheme>()
        .map_or("http", |scheme| scheme.0);
    format!("{scheme}://{}", host.strip_suffix(":80").unwrap_or(host))
}

/// What browsers may do with our pages: load our own files, send forms and requests to us, and
/// nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";

fn shown(request: &HttpRequest, page: String) -> HttpResponse {
    let mut reply = HttpResponse::Ok();
    reply
        .insert_header((header::CONTENT_TYPE, "text/html;charset=utf-8"))
        .insert_header((header::PRAGMA, "no-cache"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "same-origin"));
    gzip::reply(request, reply, page)
}

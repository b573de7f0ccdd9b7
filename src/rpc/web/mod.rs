//! The web page: a status list with actions, the end of a log, and the files they need. Plain HTML
//! that is made anew for each request and works without scripts.

mod action;
mod files;
mod form;
mod html;
mod status;
mod tail;

pub(super) use files::file;

use super::session::Session;
use super::stream::Scheme;
use super::{calls, origin, reply};
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
    /// `/` and `/index.html`: every process, and actions on them.
    Status,
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
    let body = match calls::collect(payload, MAX_FORM).await {
        Ok(body) => body,
        Err(status) => return reply::refusal(status),
    };
    let form = Form::of(&body, request.query_string());
    match (page, Action::of(&form)) {
        (Page::Tail, _) => shown(tail::page(handle, &form).await),
        (Page::Status, Ok(None)) => shown(status::page(handle, form.get("message"))),
        (Page::Status, Ok(Some(action))) if session.client.role < action.role() => {
            reply::refusal(StatusCode::FORBIDDEN)
        }
        (Page::Status, Ok(Some(action))) => act(request, handle, action).await,
        (Page::Status, Err(action::NoSuchAction)) => reply::refusal(StatusCode::BAD_REQUEST),
    }
}

/// Carries an action out to its end, even when the client leaves before.
async fn act(request: &HttpRequest, handle: &SupervisorHandle, action: Action) -> HttpResponse {
    let headers = request.headers();
    let is_link = *request.method() == Method::GET;
    if origin::is_foreign(headers) || (is_link && !origin::may_follow(headers)) {
        return reply::refusal(StatusCode::FORBIDDEN);
    }
    let handle = handle.clone();
    match rt::spawn(async move { action.carry_out(&handle).await }).await {
        Ok(message) => back(request, &message),
        Err(_) => reply::refusal(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Leads to the status page with a message.
fn back(request: &HttpRequest, message: &str) -> HttpResponse {
    let host = request.headers().get(header::HOST);
    let base = match host.and_then(|host| host.to_str().ok()) {
        Some(host) => {
            let scheme = request
                .conn_data::<Scheme>()
                .map_or("http", |scheme| scheme.0);
            format!("{scheme}://{}", host.strip_suffix(":80").unwrap_or(host))
        }
        None => String::new(),
    };
    let message = html::quote(message);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, format!("{base}/?message={message}")))
        .finish()
}

fn shown(page: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html;charset=utf-8"))
        .insert_header((header::PRAGMA, "no-cache"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::EXPIRES, "Thu, 01 Jan 1970 00:00:00 GMT"))
        .body(page)
}

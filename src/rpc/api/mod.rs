//! The JSON API at `/api/v1/`: what XML-RPC can do with processes, and what happens, live.
//!
//! The verbs, checks and faults are those of XML-RPC: it asks the same handle. What it looks like
//! is told by `openapi.json`, against which its answers are tested. Begin at [`answer`], then
//! `resource`.

mod action;
mod config;
mod events;
mod exits;
mod flow;
mod follow;
mod group;
mod problem;
mod process;
mod query;
mod range;
mod resource;
mod secret;
mod sse;
mod supervisor;
mod usage;
pub(super) mod watch;

pub(super) use problem::Problem;
pub(super) use supervisor::warnings;

use super::body::Body;
use super::session::Session;
use super::{logs, origin};
use crate::actors::{GroupChanges, SupervisorHandle};
use crate::os::clock;
use crate::process::{Fault, FaultCode, Namespec, ProcessState};
use action::{Action, AllTold, Selection, takes_orders};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, RANGE};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, rt};
use query::Query;
use range::Asked;
use resource::{LogName, Resource};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// The document that describes the API.
const OPENAPI: &str = include_str!("openapi.json");

/// The biggest body that is taken, in bytes.
const MAX_BODY: usize = 1 << 20;

/// The most that following a log begins with, in bytes.
const MAX_TAIL: u64 = 1 << 20;

/// The last event that a client of a stream has seen.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

type Reply = Result<HttpResponse, Problem>;

/// Answers a request for a resource.
pub(super) async fn answer(
    request: &HttpRequest,
    payload: Payload,
    session: &Session,
) -> HttpResponse {
    let reply = match admit(request, session) {
        Ok(resource) if *request.method() == Method::GET => read(resource, request, session).await,
        Ok(resource) => change(resource, request, payload, session).await,
        Err(problem) => Err(problem),
    };
    reply.unwrap_or_else(Problem::reply)
}

/// The resource of a request, if who asks may have it.
fn admit(request: &HttpRequest, session: &Session) -> Result<Resource, Problem> {
    let resource = Resource::of(request.method(), request.uri().path())?;
    if session.client.role < resource.role() {
        let (is, needs) = (session.client.role.name(), resource.role().name());
        let why = format!("your role is {is}, this takes {needs}");
        return Err(Fault::new(FaultCode::Forbidden, why).into());
    }
    if *request.method() != Method::GET && origin::is_foreign(request.headers()) {
        let why = "the request comes from another site's page";
        return Err(Problem::new(StatusCode::FORBIDDEN, why));
    }
    Ok(resource)
}

/// Answers a GET.
async fn read(resource: Resource, request: &HttpRequest, session: &Session) -> Reply {
    let handle = &session.handle;
    let query = Query::parse(request.query_string());
    match resource {
        Resource::OpenApi => Ok(document()),
        Resource::Supervisor => Ok(json(&supervisor::Supervisor::new(handle, &session.client))),
        Resource::Config => {
            let config = handle.last_read_config();
            Ok(json(&config::WholeConfig::new(&config, handle)))
        }
        Resource::Pending => Ok(json(&config::AllPending::new(handle))),
        Resource::Processes => processes(session, &query).await,
        Resource::Process(name) => process(session, &name).await,
        Resource::Groups => Ok(json(&group::Groups::new(handle))),
        Resource::Group(name) => {
            let teller = teller(session).await;
            Ok(json(&group::GroupDetail::new(handle, &name, &teller)?))
        }
        Resource::Log(log) => {
            let asked = header(request.headers(), RANGE).and_then(Asked::parse);
            let name = query.get("download", false)?.then(|| file_name(&log));
            range::reply(path(handle, &log)?, asked, name.as_deref()).await
        }
        Resource::FollowLog(log) => {
            let tail = follow::From::Tail(query.get("tail", 1024)?.min(MAX_TAIL));
            let last = header(request.headers(), LAST_EVENT_ID).and_then(follow::From::id);
            follow::stream(path(handle, &log)?, last.unwrap_or(tail)).await
        }
        Resource::Events => {
            let usage = query.get("usage", true)?;
            let flow = flow::Flow::of(request.headers());
            Ok(events::stream(&session.watch, usage, flow))
        }
        _ => Err(Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)),
    }
}

/// Carries out what changes something, to its end, even when the client leaves before.
async fn change(
    resource: Resource,
    request: &HttpRequest,
    payload: Payload,
    session: &Session,
) -> Reply {
    let body = Body::read(payload, MAX_BODY).await;
    let body = body.map_err(Problem::of_status)?;
    if resource == Resource::Act && !is_json(request.headers()) {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let query = Query::parse(request.query_string());
    let handle = session.handle.clone();
    let done = rt::spawn(async move { carry_out(resource, &query, &body.bytes, &handle).await });
    let failed = Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
    done.await.unwrap_or(Err(failed))
}

async fn carry_out(
    resource: Resource,
    query: &Query,
    body: &Bytes,
    handle: &SupervisorHandle,
) -> Reply {
    takes_orders(handle)?;
    let action = |verb| {
        let wait = query.get("wait", true)?;
        Ok::<_, Problem>(Action::new(verb, query.text("signal"), wait)?)
    };
    match resource {
        Resource::ActOnProcess(name, verb) => {
            let told = action(verb)?.on_process(handle, &name).await?;
            return Ok(json(&told));
        }
        Resource::ActOnGroup(group, verb) => {
            let outcomes = action(verb)?.on_group(handle, &group).await?;
            return Ok(json(&AllTold::new(outcomes)));
        }
        Resource::Act => return Ok(json(&Selection::parse(body)?.carry_out(handle).await?)),
        Resource::Reread => return Ok(json(&changes(handle.reload_config().await?))),
        Resource::Shutdown => {
            handle.shutdown().await;
            return Ok(accepted());
        }
        Resource::Restart => {
            handle.restart().await?;
            return Ok(accepted());
        }
        Resource::Stdin(name) => {
            whole_name(&name)?;
            handle.send_process_stdin(&name, body.to_vec()).await?;
        }
        Resource::ClearMainLog => handle.clear_main_log().await?,
        Resource::AddGroup(group) => handle.add_group(&group).await?,
        Resource::RemoveGroup(group) => handle.remove_group(&group).await?,
        Resource::UpdateGroup(group) => handle.update_group(&group).await?,
        _ => return Err(Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)),
    }
    Ok(json(&serde_json::json!({ "done": true })))
}

async fn processes(session: &Session, query: &Query) -> Reply {
    let handle = &session.handle;
    let all = match query.text("group") {
        Some(group) => handle.group_process_info(group).unwrap_or_default(),
        None => handle.all_process_info(),
    };
    let mut all = teller(session).await.processes(all);
    if let Some(state) = query.text("state") {
        if !ProcessState::ALL.iter().any(|known| known.name() == state) {
            let unknown = format!("there is no state {state:?}");
            return Err(Problem::new(StatusCode::BAD_REQUEST, unknown));
        }
        all.retain(|process| process.statename == state);
    }
    let now = clock::now().unix_seconds();
    Ok(json(&process::Processes::new(now, all)))
}

async fn process(session: &Session, name: &str) -> Reply {
    let handle = &session.handle;
    let info = handle.process_info(name)?;
    let group = handle.active_group(&info.group)?;
    let configured = group
        .processes
        .iter()
        .find(|config| config.name == info.name);
    let unknown = || Fault::new(FaultCode::BadName, name);
    let config = config::ProcessConfig::new(&group, configured.ok_or_else(unknown)?, true);
    let exits = exits::tell(&info, &handle.process_history(name)?).await;
    Ok(json(&process::ProcessDetail {
        now: clock::now().unix_seconds(),
        process: teller(session).await.process(info),
        config,
        exits,
    }))
}

async fn teller(session: &Session) -> process::Teller {
    process::Teller::new(session.watch.usages.look().await)
}

/// A name that stands for one process.
fn whole_name(name: &str) -> Result<(), Fault> {
    match Namespec::parse(name).process {
        Some(_) => Ok(()),
        None => Err(Fault::new(FaultCode::BadName, name)),
    }
}

/// Where a log lies.
fn path(handle: &SupervisorHandle, log: &LogName) -> Result<PathBuf, Fault> {
    let path = match log {
        LogName::Main => handle.main_log(),
        LogName::Of(name, channel) => logs::logfile(&handle.process_info(name)?, *channel),
    };
    path.ok_or(Fault::bare(FaultCode::NoFile))
}

/// What a log is called when it is saved.
fn file_name(log: &LogName) -> String {
    match log {
        LogName::Main => "supervisord.log".to_owned(),
        LogName::Of(name, channel) => format!("{name}-{channel}.log"),
    }
}

#[derive(Serialize)]
struct Changes {
    added: Vec<Arc<str>>,
    changed: Vec<Arc<str>>,
    removed: Vec<Arc<str>>,
}

fn changes(changes: GroupChanges) -> Changes {
    Changes {
        added: changes.added,
        changed: changes.changed,
        removed: changes.removed,
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = header(headers, CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn json(value: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(value) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/json"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(_) => Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).reply(),
    }
}

/// It has begun.
fn accepted() -> HttpResponse {
    let mut reply = json(&serde_json::json!({ "accepted": true }));
    *reply.status_mut() = StatusCode::ACCEPTED;
    reply
}

fn document() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(OPENAPI)
}

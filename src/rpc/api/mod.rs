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
mod pools;
mod problem;
mod process;
mod query;
mod range;
mod remote;
mod resource;
mod sse;
mod supervisor;
mod twiddle;
mod usage;
pub(super) mod watch;

pub(super) use problem::Problem;
pub(super) use supervisor::warnings;

use super::body::Body;
use super::gzip::{self, Packed};
use super::session::Session;
use super::{logs, origin};
use crate::actors::{GroupChanges, SupervisorHandle};
use crate::os::clock;
use crate::process::{Fault, FaultCode, Namespec, ProcessState};
use action::{Action, AllTold, Selection, takes_orders};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header as _, HeaderMap, HeaderName, IfNoneMatch,
    RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, rt};
use query::Query;
use range::Asked;
use resource::{LogName, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha1::{Digest as _, Sha1};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// The document that describes the API, and what tells it from other versions.
static OPENAPI: LazyLock<(Packed, EntityTag)> = LazyLock::new(|| {
    let text = include_str!("openapi.json");
    let digest = Sha1::digest(text);
    let tag = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    (Packed::new(text), EntityTag::new_weak(tag))
});

/// The biggest body that is taken, in bytes.
const MAX_BODY: usize = 1 << 20;

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
    gzip::packed_if_long(request, reply.unwrap_or_else(Problem::reply))
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
        Resource::OpenApi => Ok(document(request)),
        Resource::Supervisor => Ok(json(&supervisor::Supervisor::new(handle, &session.client))),
        Resource::Config => {
            let config = handle.last_read_config();
            Ok(json(&config::WholeConfig::new(
                &config,
                handle,
                session.client.role,
            )))
        }
        Resource::Pending => Ok(json(&config::AllPending::new(handle))),
        Resource::Check => Ok(json(&config::Checked::from(handle.check_config().await?))),
        Resource::Pools => Ok(json(&pools::Pools::new(handle.all_pool_info().await))),
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
            let tail = follow::From::Tail(query.get("tail", 1024)?.min(follow::MAX_TAIL));
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
    if resource.takes_json() && !is_json(request.headers()) {
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
    if !resource.is_always_there() {
        takes_orders(handle)?;
    }
    let action = |verb| {
        let wait = query.get("wait", true)?;
        Ok::<_, Problem>(Action::new(verb, query.text("signal"), wait)?)
    };
    match resource {
        Resource::ActOnProcess(name, verb) => {
            Ok(json(&action(verb)?.on_process(handle, &name).await?))
        }
        Resource::ActOnGroup(group, verb) => {
            let outcomes = action(verb)?.on_group(handle, &group).await?;
            Ok(json(&AllTold::new(outcomes)))
        }
        Resource::Act => {
            let selection: Selection = parse(body)?;
            Ok(json(&selection.carry_out(handle).await?))
        }
        Resource::Reread => Ok(json(&changes(handle.reload_config().await?))),
        Resource::Shutdown => {
            handle.shutdown().await;
            Ok(accepted())
        }
        Resource::Restart => {
            handle.restart().await?;
            Ok(accepted())
        }
        other => {
            see_to(other, body, handle).await?;
            Ok(json(&serde_json::json!({ "done": true })))
        }
    }
}

/// Carries out what there is nothing to tell of but that it is done.
async fn see_to(
    resource: Resource,
    body: &Bytes,
    handle: &SupervisorHandle,
) -> Result<(), Problem> {
    match resource {
        Resource::Stdin(name) => {
            whole_name(&name)?;
            handle.send_process_stdin(&name, body.to_vec()).await?;
        }
        Resource::ClearMainLog => handle.clear_main_log().await?,
        Resource::WriteMainLog => parse::<twiddle::Line>(body)?.write(handle)?,
        Resource::ReopenLogs => handle.reopen_logs().await,
        Resource::AddGroup(group) => handle.add_group(&group).await?,
        Resource::RemoveGroup(group) => handle.remove_group(&group).await?,
        Resource::UpdateGroup(group) => handle.update_group(&group).await?,
        Resource::AddProgram(group) => {
            let program: twiddle::NewProgram = parse(body)?;
            program.add(handle, &group).await?;
        }
        Resource::RemoveProcess(group, process) => {
            twiddle::remove(handle, &group, &process).await?;
        }
        Resource::SendEvent => {
            let remote::RemoteEvent { kind, data } = parse(body)?;
            handle.send_remote_comm_event(kind, data).await;
        }
        _ => return Err(Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)),
    }
    Ok(())
}

/// Reads a body.
fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(json)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))
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
    let role = session.client.role;
    let config = config::ProcessConfig::new(&group, configured.ok_or_else(unknown)?, true, role);
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

fn document(request: &HttpRequest) -> HttpResponse {
    let (text, tag) = &*OPENAPI;
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    };
    let mut reply = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    reply
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header(ETag(tag.clone()));
    match is_known {
        true => reply.finish(),
        false => text.reply(request, reply),
    }
}

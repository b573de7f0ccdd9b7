//! Which resource a request is for, and what it asks of it.

use super::problem::Problem;
use crate::events::OutputChannel;
use crate::rpc::role::Role;
use actix_web::http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    OpenApi,
    Supervisor,
    Shutdown,
    Restart,
    Reread,
    Log(LogName),
    FollowLog(LogName),
    ClearMainLog,
    WriteMainLog,
    ReopenLogs,
    Config,
    Pending,
    Check,
    Processes,
    Process(String),
    ActOnProcess(String, Verb),
    Stdin(String),
    Groups,
    Group(String),
    ActOnGroup(String, Verb),
    AddGroup(String),
    RemoveGroup(String),
    UpdateGroup(String),
    AddProgram(String),
    RemoveProcess(String, String),
    Act,
    Events,
    SendEvent,
    Pools,
}

/// A log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LogName {
    /// supervisord's own.
    Main,
    /// One of a process's.
    Of(String, OutputChannel),
}

/// What can be done with processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Start,
    Stop,
    Restart,
    Signal,
    ClearLogs,
}

impl Verb {
    /// The verb of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "restart" => Self::Restart,
            "signal" => Self::Signal,
            "clear-logs" => Self::ClearLogs,
            _ => return None,
        })
    }
}

impl Resource {
    /// The resource of a method and a path as it came, without the query.
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, Problem> {
        let rest = path.strip_prefix("/api/v1/").ok_or_else(nothing)?;
        let parts: Option<Vec<String>> = rest.split('/').map(plain).collect();
        let parts = parts.ok_or_else(nothing)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (get, post, delete) = Self::at(&parts);
        let found = match *method {
            Method::GET => get.clone(),
            Method::POST => post.clone(),
            Method::DELETE => delete.clone(),
            _ => None,
        };
        match found {
            Some(resource) => Ok(resource),
            None => Err(refusal(&[
                (get, Method::GET),
                (post, Method::POST),
                (delete, Method::DELETE),
            ])),
        }
    }

    /// What GET, POST and DELETE ask for at a path.
    fn at(parts: &[&str]) -> (Option<Self>, Option<Self>, Option<Self>) {
        let get = |resource| (Some(resource), None, None);
        let post = |resource| (None, Some(resource), None);
        let acting = |resource: Option<Self>| (None, resource, None);
        match *parts {
            ["openapi.json"] => get(Self::OpenApi),
            ["supervisor"] => get(Self::Supervisor),
            ["supervisor", "shutdown"] => post(Self::Shutdown),
            ["supervisor", "restart"] => post(Self::Restart),
            ["supervisor", "reread"] => post(Self::Reread),
            ["supervisor", "log"] => (
                Some(Self::Log(LogName::Main)),
                Some(Self::WriteMainLog),
                Some(Self::ClearMainLog),
            ),
            ["supervisor", "log", "follow"] => get(Self::FollowLog(LogName::Main)),
            ["config"] => get(Self::Config),
            ["config", "pending"] => get(Self::Pending),
            ["config", "check"] => get(Self::Check),
            ["events"] => (Some(Self::Events), Some(Self::SendEvent), None),
            ["pools"] => get(Self::Pools),
            ["logs", "reopen"] => post(Self::ReopenLogs),
            ["actions"] => post(Self::Act),
            ["processes"] => get(Self::Processes),
            ["processes", name] => get(Self::Process(name.into())),
            ["processes", name, "stdin"] => post(Self::Stdin(name.into())),
            ["processes", name, verb] => {
                acting(Verb::named(verb).map(|verb| Self::ActOnProcess(name.into(), verb)))
            }
            ["processes", name, "logs", channel] => {
                let log = log(name, channel);
                (log.map(Self::Log), None, None)
            }
            ["processes", name, "logs", channel, "follow"] => {
                let log = log(name, channel);
                (log.map(Self::FollowLog), None, None)
            }
            ["groups"] => get(Self::Groups),
            ["groups", group] => get(Self::Group(group.into())),
            ["groups", group, "add"] => post(Self::AddGroup(group.into())),
            ["groups", group, "remove"] => post(Self::RemoveGroup(group.into())),
            ["groups", group, "update"] => post(Self::UpdateGroup(group.into())),
            ["groups", group, "programs"] => post(Self::AddProgram(group.into())),
            ["groups", group, "processes", process] => {
                let gone = Self::RemoveProcess(group.into(), process.into());
                (None, None, Some(gone))
            }
            ["groups", group, verb] => {
                acting(Verb::named(verb).map(|verb| Self::ActOnGroup(group.into(), verb)))
            }
            _ => (None, None, None),
        }
    }

    /// Whether what is posted to it must be JSON.
    pub(super) const fn takes_json(&self) -> bool {
        matches!(
            self,
            Self::Act | Self::SendEvent | Self::WriteMainLog | Self::AddProgram(_)
        )
    }

    /// Whether it can be done while supervisord shuts down, too, as by XML-RPC.
    pub(super) const fn is_always_there(&self) -> bool {
        matches!(self, Self::SendEvent)
    }

    /// Who may ask for it.
    pub(super) const fn role(&self) -> Role {
        match self {
            Self::OpenApi
            | Self::Supervisor
            | Self::Log(_)
            | Self::FollowLog(_)
            | Self::Config
            | Self::Pending
            | Self::Processes
            | Self::Process(_)
            | Self::Groups
            | Self::Group(_)
            | Self::Events
            | Self::Pools => Role::Reader,
            Self::ClearMainLog
            | Self::ActOnProcess(..)
            | Self::Stdin(_)
            | Self::ActOnGroup(..)
            | Self::Act
            | Self::SendEvent
            | Self::ReopenLogs => Role::Operator,
            Self::Shutdown
            | Self::Restart
            | Self::Reread
            | Self::AddGroup(_)
            | Self::RemoveGroup(_)
            | Self::UpdateGroup(_)
            | Self::Check
            | Self::WriteMainLog
            | Self::AddProgram(_)
            | Self::RemoveProcess(..) => Role::Admin,
        }
    }
}

/// What is said where none of these, or none that was asked for, is there.
fn refusal(there: &[(Option<Resource>, Method)]) -> Problem {
    let known = there.iter().filter(|(resource, _)| resource.is_some());
    let known: Vec<_> = known.map(|(_, method)| method.as_str()).collect();
    if known.is_empty() {
        return nothing();
    }
    Problem::method_not_allowed(known.join(", "))
}

fn log(name: &str, channel: &str) -> Option<LogName> {
    let channel = match channel {
        "stdout" => OutputChannel::Stdout,
        "stderr" => OutputChannel::Stderr,
        _ => return None,
    };
    Some(LogName::Of(name.into(), channel))
}

fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such resource")
}

/// A part of a path; none is empty.
fn plain(part: &str) -> Option<String> {
    let part = percent_decode_str(part).decode_utf8().ok()?;
    (!part.is_empty()).then(|| part.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    fn get(path: &str) -> Option<Resource> {
        Resource::of(&Method::GET, path).ok()
    }

    fn post(path: &str) -> Option<Resource> {
        Resource::of(&Method::POST, path).ok()
    }

    #[test]
    fn names_are_parts_of_paths_and_may_hold_anything() {
        for (path, name) in [
            ("/api/v1/processes/web:0", "web:0"),
            ("/api/v1/processes/web%3A0", "web:0"),
            ("/api/v1/processes/a%2Fb%20c", "a/b c"),
            ("/api/v1/processes/%C3%A9", "é"),
        ] {
            assert_eq!(get(path), Some(Resource::Process(name.into())), "{path}");
        }
        let stop = Resource::ActOnProcess("stdin".into(), Verb::Stop);
        assert_eq!(post("/api/v1/processes/stdin/stop"), Some(stop));
        let log = LogName::Of("a".into(), OutputChannel::Stderr);
        let path = "/api/v1/processes/a/logs/stderr/follow";
        assert_eq!(get(path), Some(Resource::FollowLog(log)));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in [
            "/api/",
            "/api/v2/processes",
            "/api/v1/",
            "/api/v1/processes/",
            "/api/v1/processes//start",
            "/api/v1/processes/a/dance",
            "/api/v1/processes/%ff",
            "/api/v1/processes/a/logs/stdin",
        ] {
            assert_eq!(get(path), None, "{path}");
            let problem = Resource::of(&Method::GET, path).unwrap_err();
            assert_eq!(problem.reply().status(), 404, "{path}");
        }
    }

    #[test]
    fn other_methods_are_not_allowed() {
        for (method, path) in [
            (Method::GET, "/api/v1/actions"),
            (Method::POST, "/api/v1/processes"),
            (Method::PUT, "/api/v1/processes/a/start"),
            (Method::HEAD, "/api/v1/config"),
        ] {
            let problem = Resource::of(&method, path).unwrap_err();
            assert_eq!(problem.reply().status(), 405, "{method} {path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_panics(path in "/api/v1/[a-z%0-9:/]{0,40}") {
            let _ = (get(&path), post(&path));
        }
    }
}

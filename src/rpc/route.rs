//! Which part of the server a request is for, by Supervisor's rules of matching.

use super::metrics::latency::Asked;
use super::web::Page;
use actix_web::http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A resource of the JSON API.
    Api,
    /// Numbers for Prometheus.
    Metrics,
    /// An XML-RPC call.
    Call,
    /// A stream of a process's log: the parts of the path after the first.
    LogTail(Vec<String>),
    /// A stream of supervisord's own log.
    MainLogTail,
    /// Whether supervisord is up.
    Ok,
    /// A page.
    Page(Page),
    /// A file: its path without a leading slash, cleared of `.` and `..`.
    File(String),
    /// Nothing there is.
    Refused(StatusCode),
    /// Something that the method can't be used on; those that can.
    NotAllowed(&'static str),
}

impl Route {
    /// As what it counts in the metrics.
    pub(super) const fn asked(&self) -> Asked {
        match self {
            Self::Call => Asked::XmlRpc,
            Self::Api => Asked::Api,
            Self::LogTail(_) | Self::MainLogTail => Asked::Log,
            Self::Metrics => Asked::Metrics,
            Self::Ok | Self::Page(_) | Self::File(_) | Self::NotAllowed(_) | Self::Refused(_) => {
                Asked::Page
            }
        }
    }
}

/// Finds the route of a method and a path without its query. The path is percent-decoded first;
/// then the first match counts:
///
/// | path | methods |
/// |---|---|
/// | starts with `/api/` | any |
/// | `/metrics` | GET |
/// | starts with `/RPC2` | POST |
/// | starts with `/logtail` or `/mainlogtail` | GET |
/// | `/`, `/index.html`, `/tail.html`, `/ok.html` | GET, POST; HEAD of `/tail.html` |
/// | anything else, a file | GET, HEAD |
///
/// GET, HEAD, POST and PUT of what they can't be used on are bad requests, as clients of Supervisor
/// know it. Other methods are told which ones can.
pub(super) fn route(method: &Method, path: &str) -> Route {
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return Route::Refused(StatusCode::NOT_FOUND);
    };
    if path.starts_with("/api/") {
        return Route::Api;
    }
    if path == "/metrics" {
        return allow(method, "GET", Route::Metrics);
    }
    if path.starts_with("/RPC2") {
        return allow(method, "POST", Route::Call);
    }
    if path.starts_with("/logtail") {
        let parts = path.split('/').skip(2).map(str::to_owned).collect();
        return allow(method, "GET", Route::LogTail(parts));
    }
    if path.starts_with("/mainlogtail") {
        return allow(method, "GET", Route::MainLogTail);
    }
    if let Some((page, allowed)) = page(path.trim_start_matches('/'))
        && (*method != Method::HEAD || allowed.contains("HEAD"))
    {
        return allow(method, allowed, page);
    }
    let file = Route::File(normal(&path));
    allow(method, "GET, HEAD", file)
}

/// A page, and the methods that it knows. With Supervisor the tail page is a file, too.
fn page(path: &str) -> Option<(Route, &'static str)> {
    Some(match path {
        "" => (Route::Page(Page::Live), "GET, POST"),
        "index.html" => (Route::Page(Page::Plain), "GET, POST"),
        "tail.html" => (Route::Page(Page::Tail), "GET, HEAD, POST"),
        "ok.html" => (Route::Ok, "GET, POST"),
        _ => return None,
    })
}

fn allow(method: &Method, allowed: &'static str, route: Route) -> Route {
    if allowed.split(", ").any(|one| one == method) {
        return route;
    }
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT => {
            Route::Refused(StatusCode::BAD_REQUEST)
        }
        _ => Route::NotAllowed(allowed),
    }
}

/// A path without empty parts, `.` and `..`; what climbs above the root stays there.
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, proptest};

    fn file(path: &str) -> Route {
        Route::File(path.into())
    }

    fn log(parts: &[&str]) -> Route {
        Route::LogTail(parts.iter().map(|&part| part.to_owned()).collect())
    }

    const BAD: Route = Route::Refused(StatusCode::BAD_REQUEST);

    #[test]
    fn calls_are_posted_to_anything_that_starts_with_rpc2() {
        for path in ["/RPC2", "/RPC2/", "/RPC2foo", "/RPC2/foo", "/%52PC2"] {
            assert_eq!(route(&Method::POST, path), Route::Call, "{path}");
            assert_eq!(route(&Method::GET, path), BAD, "{path}");
        }
        assert_eq!(route(&Method::POST, "//RPC2"), BAD);
        let told = Route::NotAllowed("POST");
        assert_eq!(route(&Method::DELETE, "/RPC2"), told);
    }

    #[test]
    fn log_streams_are_got_by_name_and_channel() {
        for (path, parts) in [
            ("/logtail/cat", &["cat"][..]),
            ("/logtailfoo/cat", &["cat"]),
            ("/logtail/a%3Ab/stderr", &["a:b", "stderr"]),
            ("/logtail/", &[""]),
            ("/logtail", &[]),
        ] {
            assert_eq!(route(&Method::GET, path), log(parts), "{path}");
            assert_eq!(route(&Method::POST, path), BAD, "{path}");
        }
        assert_eq!(route(&Method::GET, "/mainlogtail"), Route::MainLogTail);
        assert_eq!(route(&Method::POST, "/mainlogtail"), BAD);
    }

    #[test]
    fn everything_else_is_a_file_below_the_root() {
        for (path, want) in [
            ("/.", ""),
            ("/nope", "nope"),
            ("/../web.py", "web.py"),
            ("/%2e%2e/web.py", "web.py"),
            ("/..%2fweb.py", "web.py"),
            ("/images/../../x", "x"),
            ("//a//./b/", "a/b"),
        ] {
            assert_eq!(route(&Method::GET, path), file(want), "{path}");
        }
        assert_eq!(route(&Method::PUT, "/"), BAD);
        assert_eq!(route(&Method::HEAD, "/ok.html"), file("ok.html"));
        let missing = Route::Refused(StatusCode::NOT_FOUND);
        assert_eq!(route(&Method::GET, "/%ff"), missing);
    }

    #[test]
    fn pages_are_got_and_posted_to() {
        for method in [Method::GET, Method::POST] {
            for path in ["/", "//"] {
                assert_eq!(route(&method, path), Route::Page(Page::Live), "{path}");
            }
            assert_eq!(route(&method, "/index.html"), Route::Page(Page::Plain));
            assert_eq!(route(&method, "/tail.html"), Route::Page(Page::Tail));
            assert_eq!(route(&method, "/ok.html"), Route::Ok);
        }
        assert_eq!(route(&Method::HEAD, "/"), file(""));
        let tail = Route::Page(Page::Tail);
        assert_eq!(route(&Method::HEAD, "/tail.html"), tail);
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_root(path in "[/a.%2eFf]{0,40}") {
            if let Route::File(path) = route(&Method::GET, &path) {
                assert!(path.split('/').all(|part| part != ".."));
            }
        }

        #[test]
        fn every_path_has_a_route_by_any_method(path in any::<String>(), method in "[A-Z]{1,8}") {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            if let Route::File(path) = route(&method, &path) {
                assert!(!path.starts_with('/') && !path.contains("//"));
            }
        }
    }
}

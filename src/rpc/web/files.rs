//! The page's files, which are part of the program.

use super::assets::{STYLE, asset};
use crate::rpc::reply;
use actix_web::http::header::{
    CONTENT_TYPE, Header as _, HttpDate, IfModifiedSince, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Path, content type, content, as Supervisor has them; what the page needs besides is in
/// [`super::assets`].
static FILES: [(&str, &str, &[u8]); 3] = [
    ("stylesheets/supervisor.css", "text/css", STYLE.as_bytes()),
    (
        "images/supervisor.gif",
        "image/gif",
        include_bytes!("assets/supervisor.gif"),
    ),
    (
        "images/icon.png",
        "image/png",
        include_bytes!("assets/icon.png"),
    ),
];

/// The files are as old as the program's own file; where that can't be known, as this process. In
/// whole seconds, as HTTP tells it.
static MODIFIED: LazyLock<SystemTime> = LazyLock::new(|| {
    let modified = std::env::current_exe()
        .and_then(std::fs::metadata)
        .and_then(|program| program.modified())
        .unwrap_or_else(|_| SystemTime::now());
    let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(age.as_secs())
});

/// Answers with a file, by its path without a leading slash.
pub(in crate::rpc) fn file(request: &HttpRequest, path: &str) -> HttpResponse {
    if path.starts_with("assets/") {
        return asset(request, path);
    }
    let Some((_, kind, content)) = FILES.iter().find(|(name, ..)| *name == path) else {
        return reply::not_found();
    };
    let modified = HttpDate::from(*MODIFIED);
    let mut reply = match IfModifiedSince::parse(request) {
        Ok(IfModifiedSince(known)) if known >= modified => {
            return HttpResponse::NotModified()
                .insert_header((LAST_MODIFIED, modified))
                .finish();
        }
        _ => HttpResponse::Ok(),
    };
    reply
        .insert_header((CONTENT_TYPE, *kind))
        .insert_header((LAST_MODIFIED, modified))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(*content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::IF_MODIFIED_SINCE;
    use actix_web::test::TestRequest;

    #[test]
    fn a_file_is_sent_unless_it_is_known() {
        let path = "stylesheets/supervisor.css";
        let first = file(&TestRequest::default().to_http_request(), path);
        assert_eq!(first.status(), 200);
        let modified = first.headers().get(LAST_MODIFIED).unwrap().clone();
        let known = TestRequest::default().insert_header((IF_MODIFIED_SINCE, modified));
        assert_eq!(file(&known.to_http_request(), path).status(), 304);
        let nothing = file(&TestRequest::default().to_http_request(), "nope");
        assert_eq!(nothing.status(), 404);
    }
}

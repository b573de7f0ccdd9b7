//! The page's files, which are part of the program.

use crate::rpc::reply;
use actix_web::http::header::{
    CONTENT_TYPE, Header as _, HttpDate, IfModifiedSince, LAST_MODIFIED,
};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::LazyLock;
use std::time::SystemTime;

/// Path, content type, content.
static FILES: [(&str, &str, &[u8]); 3] = [
    (
        "stylesheets/supervisor.css",
        "text/css",
        include_bytes!("assets/supervisor.css"),
    ),
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

/// The files are as old as the program's own file; where that can't be known, as this process.
static MODIFIED: LazyLock<SystemTime> = LazyLock::new(|| {
    std::env::current_exe()
        .and_then(std::fs::metadata)
        .and_then(|program| program.modified())
        .unwrap_or_else(|_| SystemTime::now())
});

/// Answers with a file, by its path without a leading slash.
pub(in crate::rpc) fn file(request: &HttpRequest, path: &str) -> HttpResponse {
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
        .body(*content)
}

//! The small answers.

use super::api::Problem;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use actix_web::http::{ConnectionType, StatusCode};

/// The page that tells of a refusal. After a 401 the connection is closed, so that nobody without
/// a password keeps one.
pub(super) fn refusal(status: StatusCode) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    reply.insert_header((CONTENT_TYPE, "text/html"));
    let mut reply = reply.body(format!(
        "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n\
         <h1>Error response</h1>\r\n<p>Error code {}.\r\n<p>Message: {}.\r\n</body>\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or("Unknown")
    ));
    if status == StatusCode::UNAUTHORIZED {
        challenge(&mut reply);
    }
    reply
}

fn challenge(reply: &mut HttpResponse) {
    let basic = HeaderValue::from_static("Basic realm=\"default\"");
    reply.headers_mut().insert(WWW_AUTHENTICATE, basic);
    reply.head_mut().set_connection_type(ConnectionType::Close);
}

/// The same, as clients of what lies at the path expect it.
pub(super) fn refusal_at(path: &str, status: StatusCode) -> HttpResponse {
    if !path.starts_with("/api/") {
        return refusal(status);
    }
    let mut reply = Problem::of_status(status).reply();
    if status == StatusCode::UNAUTHORIZED {
        challenge(&mut reply);
    }
    reply
}

/// 404.
pub(super) fn not_found() -> HttpResponse {
    refusal(StatusCode::NOT_FOUND)
}

/// `OK`, for those who check that supervisord is up.
pub(super) fn ok() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain"))
        .body("OK")
}

/// An answer to an XML-RPC call.
pub(super) fn xml(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/xml"))
        .body(text)
}

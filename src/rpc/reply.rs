//! The small answers.

use super::host;
use super::pieces::Pieces;
use actix_web::HttpResponse;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use actix_web::http::{ConnectionType, StatusCode};

/// What ends the connection.
const CLOSING: [StatusCode; 9] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::LENGTH_REQUIRED,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    StatusCode::MISDIRECTED_REQUEST,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// The page that tells of a refusal. After a 401 the connection is closed, so that nobody without
/// a password keeps one; so it is where a body was refused that may still be on its way.
pub(super) fn refusal(status: StatusCode) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    reply.insert_header((CONTENT_TYPE, "text/html"));
    let mut reply = reply.body(format!(
        "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n\
         <h1>Error response</h1>\r\n<p>Error code {}.\r\n<p>Message: {}.\r\n</body>\r\n",
        status.as_u16(),
        in_words(status)
    ));
    close(&mut reply);
    reply
}

/// What there is to say of a refusal by its status.
pub(super) fn in_words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::MISDIRECTED_REQUEST => host::WHY,
        _ => status.canonical_reason().unwrap_or("Unknown"),
    }
}

/// Asks for a password and closes the connection, where the status is such.
pub(super) fn close(reply: &mut HttpResponse) {
    if reply.status() == StatusCode::UNAUTHORIZED {
        let basic = HeaderValue::from_static("Basic realm=\"default\"");
        reply.headers_mut().insert(WWW_AUTHENTICATE, basic);
    }
    if CLOSING.contains(&reply.status()) {
        reply.head_mut().set_connection_type(ConnectionType::Close);
    }
}

/// 404.
pub(super) fn not_found() -> HttpResponse {
    refusal(StatusCode::NOT_FOUND)
}

/// 405, with the methods that are allowed.
pub(super) fn not_allowed(allowed: &'static str) -> HttpResponse {
    let mut reply = refusal(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = HeaderValue::from_static(allowed);
    reply.headers_mut().insert(ALLOW, allowed);
    reply
}

/// `OK`, for those who check that supervisord is up.
pub(super) fn ok() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain"))
        .body("OK")
}

/// An answer to an XML-RPC call; 503 when too many big ones wait for their clients.
pub(super) fn xml(text: String) -> HttpResponse {
    let Some(body) = Pieces::new(text) else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE);
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/xml"))
        .body(body)
}

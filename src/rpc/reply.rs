//! The small answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};

/// The page that tells of a refusal. After a 401 the connection is closed, so that nobody without
/// a password keeps one.
pub(super) fn refusal(status: StatusCode) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    reply.insert_header((CONTENT_TYPE, "text/html"));
    if status == StatusCode::UNAUTHORIZED {
        reply.insert_header((WWW_AUTHENTICATE, "Basic realm=\"default\""));
        reply.force_close();
    }
    reply.body(format!(
        "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n\
         <h1>Error response</h1>\r\n<p>Error code {}.\r\n<p>Message: {}.\r\n</body>\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or("Unknown")
    ))
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

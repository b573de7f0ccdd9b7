//! XML-RPC over HTTP: the body of a POST to an answer.

use super::body::Body;
use super::role::Role;
use super::session::Session;
use super::{dispatch, origin, reply};
use crate::actors::handle::SupervisorHandle;
use crate::process::note::Level;
use crate::xmlrpc::{Call, DecodeError, decode, encode};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use actix_web::web::Payload;
use actix_web::{HttpResponse, rt};

/// The biggest body that is taken, in bytes.
pub(super) const MAX_BODY: usize = 16 << 20;

/// How much of a body that is no call is shown in the log, in characters.
const SHOWN: usize = 200;

/// Answers a call. What the client asked for is carried out to its end, even when the client
/// leaves before.
pub(super) async fn answer(
    session: &Session,
    headers: &HeaderMap,
    payload: Payload,
) -> HttpResponse {
    let body = match body(headers, payload).await {
        Ok(body) => body,
        Err(status) => return reply::refusal(status),
    };
    let call = match decode::request(&body.bytes) {
        Ok(call) => call,
        Err(error) => {
            let handle = &session.handle;
            handle.log(Level::Error, complaint(&body.bytes, &error));
            return reply::refusal(StatusCode::BAD_REQUEST);
        }
    };
    let (handle, role) = (session.handle.clone(), session.client.role);
    let carried_out = rt::spawn(async move {
        let text = carry_out(handle, role, call).await;
        drop(body);
        text
    });
    match carried_out.await {
        Ok(text) => reply::xml(text),
        Err(_) => reply::refusal(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn body(headers: &HeaderMap, payload: Payload) -> Result<Body, StatusCode> {
    acceptable(headers)?;
    Body::read(payload, MAX_BODY).await
}

/// Whether a body is to be read at all, by the headers alone.
fn acceptable(headers: &HeaderMap) -> Result<(), StatusCode> {
    if origin::is_foreign(headers) {
        return Err(StatusCode::FORBIDDEN);
    }
    let length = headers.get(CONTENT_LENGTH);
    if length.is_none() && !headers.contains_key(TRANSFER_ENCODING) {
        return Err(StatusCode::LENGTH_REQUIRED);
    }
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > MAX_BODY as u64) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        _ => Ok(()),
    }
}

/// Carries out a call and writes its answer.
async fn carry_out(handle: SupervisorHandle, role: Role, call: Call) -> String {
    let method = call.method.clone();
    trace(&handle, || format!("XML-RPC method called: {method}()"));
    match dispatch::answer(handle.clone(), role, call).await {
        Ok(result) => {
            trace(&handle, || {
                format!("XML-RPC method {method}() returned successfully")
            });
            encode::response(&*result)
        }
        Err(fault) => {
            let (code, text) = (fault.code.number(), fault.to_string());
            trace(&handle, || {
                format!("XML-RPC method {method}() returned fault: [{code}] {text}")
            });
            encode::fault(code, &text)
        }
    }
}

/// Says a line in the activity log if it is that talkative.
pub(super) fn trace(handle: &SupervisorHandle, text: impl FnOnce() -> String) {
    if handle.logs(Level::Trace) {
        handle.log(Level::Trace, text());
    }
}

/// The log line about a body that is no call.
fn complaint(body: &[u8], error: &DecodeError) -> String {
    let shown: String = String::from_utf8_lossy(body).chars().take(SHOWN).collect();
    let why = match error {
        DecodeError::NoMethodName => "no method name".to_owned(),
        other => format!("unmarshallable: {other}"),
    };
    format!("XML-RPC request data {shown:?} is invalid: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn status(headers: &[(HeaderName, &'static str)]) -> u16 {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        acceptable(&headers).map_or_else(|status| status.as_u16(), |()| 200)
    }

    #[test]
    fn bodies_are_refused_by_their_headers() {
        assert_eq!(status(&[]), 411);
        assert_eq!(status(&[(TRANSFER_ENCODING, "chunked")]), 200);
        assert_eq!(status(&[(CONTENT_LENGTH, "16777216")]), 200);
        assert_eq!(status(&[(CONTENT_LENGTH, "16777217")]), 413);
        let zipped = [(CONTENT_LENGTH, "5"), (CONTENT_ENCODING, "gzip")];
        assert_eq!(status(&zipped), 415);
    }

    #[test]
    fn the_complaint_shows_a_part_of_the_body_and_why() {
        let body = [b'\xff'; 5000];
        let error = decode::request(&body).unwrap_err();
        let line = complaint(&body, &error);
        assert!(line.len() < 1000);
        assert!(line.ends_with("is invalid: unmarshallable: it is not UTF-8"));
        let error = decode::request(b"<a/>").unwrap_err();
        assert_eq!(
            complaint(b"<a/>", &error),
            "XML-RPC request data \"<a/>\" is invalid: no method name"
        );
    }
}

//! Server-sent events (WHATWG HTML, section 9.2) and the answers that consist of them.

use super::flow::Flow;
use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY,
};
use actix_web::web::Bytes;
use futures_util::Stream;
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;

/// How long a stream keeps silent: whoever is between may take a silent connection for dead, a
/// client that has vanished is found out by writing to it, and a client finds out by a longer
/// silence that we hang.
pub(super) const SILENCE: Duration = Duration::from_secs(5);

/// Events in the making, to be sent together.
#[derive(Default)]
pub(super) struct Events(String);

impl Events {
    /// One event with its data.
    pub(super) fn one(name: &str, data: &impl Serialize) -> Self {
        let mut events = Self::default();
        events.push(None, name, data);
        events
    }

    /// Adds an event; JSON is always one line.
    pub(super) fn push(&mut self, id: Option<&str>, name: &str, data: &impl Serialize) {
        // What is written here can be written.
        let data = serde_json::to_string(data).unwrap_or_default();
        if let Some(id) = id {
            self.line("id", id);
        }
        self.line("event", name);
        self.line("data", &data);
        self.0.push('\n');
    }

    fn line(&mut self, field: &str, value: &str) {
        self.0.extend([field, ": ", value, "\n"]);
    }

    /// Their bytes.
    pub(super) fn into_bytes(self) -> Bytes {
        self.0.into()
    }
}

/// What is sent when there is nothing to tell.
pub(super) const fn still_here() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// An answer that goes on, in this flow.
pub(super) fn flowing(stream: impl Stream<Item = Bytes> + 'static, flow: Flow) -> HttpResponse {
    let mut reply = reply(stream);
    let headers = reply.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if flow == Flow::Packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    reply
}

/// An answer that goes on.
pub(super) fn reply(stream: impl Stream<Item = Bytes> + 'static) -> HttpResponse {
    use futures_util::StreamExt as _;
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // nginx would keep it back.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(stream.map(Ok::<_, Infallible>))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_few_lines_and_an_empty_one() {
        let mut events = Events::one("a", &["x\ny"]);
        events.push(Some("7-1"), "b", &());
        let text = "event: a\ndata: [\"x\\ny\"]\n\nid: 7-1\nevent: b\ndata: null\n\n";
        assert_eq!(events.into_bytes(), text);
    }
}

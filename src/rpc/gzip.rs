//! Answers that are sent compressed to whoever takes them so.

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// Answers shorter than this, in bytes, gain nothing.
const LONG: usize = 1024;

/// What is sent again and again, both ways.
pub(super) struct Packed {
    plain: Bytes,
    gzip: Bytes,
}

impl Packed {
    /// Compresses as well as can be: it is done once.
    pub(super) fn new(text: &'static str) -> Self {
        Self {
            plain: Bytes::from_static(text.as_bytes()),
            gzip: pack(text.as_bytes(), Compression::best()),
        }
    }

    /// The answer with this as its body.
    pub(super) fn reply(&self, request: &HttpRequest, reply: HttpResponseBuilder) -> HttpResponse {
        if is_welcome(request.headers()) {
            return packed(reply, self.gzip.clone());
        }
        plain(reply, self.plain.clone())
    }
}

/// The answer with a text as its body that is sent only once.
pub(super) fn reply(
    request: &HttpRequest,
    builder: HttpResponseBuilder,
    text: String,
) -> HttpResponse {
    if is_welcome(request.headers()) {
        return packed(builder, pack(text.as_bytes(), Compression::fast()));
    }
    plain(builder, text.into())
}

/// The answer, compressed if it is long and its client takes that. What is not yet made as a whole
/// stays as it is.
pub(super) fn packed_if_long(request: &HttpRequest, reply: HttpResponse) -> HttpResponse {
    let (mut reply, body) = reply.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() >= LONG => bytes,
        Ok(bytes) => return reply.set_body(BoxBody::new(bytes)),
        Err(body) => return reply.set_body(body),
    };
    let headers = reply.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !is_welcome(request.headers()) {
        return reply.set_body(BoxBody::new(bytes));
    }
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    reply.set_body(BoxBody::new(pack(&bytes, Compression::fast())))
}

fn packed(mut reply: HttpResponseBuilder, body: Bytes) -> HttpResponse {
    reply.insert_header((CONTENT_ENCODING, "gzip"));
    plain(reply, body)
}

fn plain(mut reply: HttpResponseBuilder, body: Bytes) -> HttpResponse {
    reply.insert_header((VARY, "Accept-Encoding")).body(body)
}

fn pack(text: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default().into()
}

/// Whether the client takes gzip: it names it, and not with the weight 0.
pub(super) fn is_welcome(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING);
    let mut codings = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn welcome(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        is_welcome(&headers)
    }

    #[test]
    fn gzip_is_sent_to_those_who_name_it() {
        for value in ["gzip", "br, GZIP;q=0.5", "gzip, deflate, br, zstd"] {
            assert!(welcome(value), "{value}");
        }
        for value in ["", "identity", "gzip;q=0", "gzip;q=x", "br", "*"] {
            assert!(!welcome(value), "{value}");
        }
        assert!(!is_welcome(&HeaderMap::new()));
    }

    #[test]
    fn what_is_packed_is_the_same_unpacked() {
        let mut text = String::new();
        let packed = pack(b"many many words", Compression::best());
        GzDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "many many words");
        let request = TestRequest::default().insert_header((ACCEPT_ENCODING, "gzip"));
        let reply = reply(&request.to_http_request(), HttpResponse::Ok(), "x".into());
        assert_eq!(reply.headers().get(CONTENT_ENCODING).unwrap(), "gzip");
    }

    #[test]
    fn only_what_is_long_and_there_is_packed() {
        let packed = |accepted: &'static str, length| {
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, accepted));
            let reply = HttpResponse::Ok().body("x".repeat(length));
            let reply = packed_if_long(&request.to_http_request(), reply);
            reply.headers().contains_key(CONTENT_ENCODING)
        };
        assert!(packed("gzip", LONG));
        assert!(!packed("gzip", LONG - 1) && !packed("identity", LONG));
    }
}

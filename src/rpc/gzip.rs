//! Answers that are sent compressed to whoever takes them so.

use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

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
            gzip: pack(text, Compression::best()),
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
        return packed(builder, pack(&text, Compression::fast()));
    }
    plain(builder, text.into())
}

fn packed(mut reply: HttpResponseBuilder, body: Bytes) -> HttpResponse {
    reply.insert_header((CONTENT_ENCODING, "gzip"));
    plain(reply, body)
}

fn plain(mut reply: HttpResponseBuilder, body: Bytes) -> HttpResponse {
    reply.insert_header((VARY, "Accept-Encoding")).body(body)
}

fn pack(text: &str, level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    // Writing to a vector cannot fail.
    let _ = encoder.write_all(text.as_bytes());
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
    use actix_web::http::header::HeaderValue;
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
        let packed = pack("many many words", Compression::best());
        GzDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "many many words");
        let request = TestRequest::default().insert_header((ACCEPT_ENCODING, "gzip"));
        let reply = reply(&request.to_http_request(), HttpResponse::Ok(), "x".into());
        assert_eq!(reply.headers().get(CONTENT_ENCODING).unwrap(), "gzip");
    }
}

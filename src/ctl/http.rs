//! HTTP/1.1 as text: a request out, the head of a response in.

use super::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest head of a response, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// The most headers a response may have.
const MAX_HEADERS: usize = 100;

/// A request, each on a connection of its own.
pub(super) struct Request<'a> {
    /// The path, already in URL form.
    pub(super) path: &'a str,
    /// The `Host` header.
    pub(super) host: &'a str,
    /// User name and password for basic authentication.
    pub(super) credentials: Option<(&'a str, &'a str)>,
    /// XML to POST; without any it is a GET.
    pub(super) xml: Option<&'a str>,
    /// How many bytes of the end are wanted, where it isn't all (RFC 9110, section 14).
    pub(super) last: Option<i64>,
}

impl Request<'_> {
    /// The status of the answer that it asks for.
    pub(super) const fn status(&self) -> u16 {
        match self.last {
            Some(_) => 206,
            None => 200,
        }
    }

    /// The request as it goes over the wire. Header names are followed by exactly one blank, and
    /// only a POST says that its connection will close: Supervisor's own server insists on the
    /// one, and holds a stream back on the other.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let method = self.xml.map_or("GET", |_| "POST");
        let (path, host, version) = (self.path, self.host, crate::VERSION);
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: supervisorctl/{version}\r\n"
        );
        if let Some((user, password)) = self.credentials {
            let encoded = STANDARD.encode(format!("{user}:{password}"));
            text += &format!("Authorization: Basic {encoded}\r\n");
        }
        if let Some(bytes) = self.last {
            text += &format!("Range: bytes=-{bytes}\r\n");
        }
        if let Some(xml) = self.xml {
            let length = xml.len();
            text += "Connection: close\r\nContent-Type: text/xml\r\n";
            text += &format!("Content-Length: {length}\r\n");
        }
        text += "\r\n";
        text += self.xml.unwrap_or_default();
        text.into_bytes()
    }
}

/// The head of a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The status code.
    pub(super) status: u16,
    /// The server's words for it; may be empty.
    pub(super) reason: String,
    /// How its body is cut out of what follows.
    pub(super) body: Body,
}

impl Head {
    /// Reads a head and says how many bytes it took; `None` while it is incomplete.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(bytes) {
            Err(error) => Err(error.to_string()),
            Ok(httparse::Status::Partial) if bytes.len() > MAX_HEAD => {
                Err("the response's head is too long".to_owned())
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Ok(httparse::Status::Complete(length)) => {
                let head = Self {
                    status: response.code.unwrap_or_default(),
                    reason: response.reason.unwrap_or_default().to_owned(),
                    body: framing(response.headers)?,
                };
                Ok(Some((head, length)))
            }
        }
    }
}

/// How a body is delimited (RFC 9112, section 6.3): chunks come before a length.
fn framing(headers: &[httparse::Header<'_>]) -> Result<Body, String> {
    if value(headers, "Transfer-Encoding").is_some_and(|v| v.eq_ignore_ascii_case(b"chunked")) {
        return Ok(Body::chunked());
    }
    let Some(length) = value(headers, "Content-Length") else {
        return Ok(Body::UntilClose);
    };
    str::from_utf8(length)
        .ok()
        .and_then(|digits| digits.trim().parse().ok())
        .map(Body::Length)
        .ok_or_else(|| "its Content-Length is no number".to_owned())
}

fn value<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a [u8]> {
    let header = headers.iter().find(|h| h.name.eq_ignore_ascii_case(name))?;
    Some(header.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_carries_credentials_and_length() {
        let request = Request {
            path: "/RPC2",
            host: "localhost",
            credentials: Some(("user", "pass")),
            xml: Some("<é/>"),
            last: None,
        };
        let text = String::from_utf8(request.to_bytes()).unwrap();
        assert!(text.starts_with("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"));
        assert!(text.contains("Authorization: Basic dXNlcjpwYXNz\r\n"));
        assert!(text.ends_with("Content-Length: 5\r\n\r\n<é/>"));
    }

    #[test]
    fn a_get_has_no_body() {
        let request = Request {
            path: "/logtail/cat",
            host: "h:1",
            credentials: None,
            xml: None,
            last: Some(7),
        };
        assert_eq!(request.status(), 206);
        let text = String::from_utf8(request.to_bytes()).unwrap();
        assert!(text.starts_with("GET /logtail/cat HTTP/1.1\r\n"));
        assert!(!text.contains("Con") && !text.contains("Authorization"));
        assert!(text.ends_with("\r\n\r\n"));
    }

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let bytes = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 7\r\n\r\nrest";
        for end in 0..bytes.len() - 4 {
            assert_eq!(Head::parse(&bytes[..end]), Ok(None), "{end}");
        }
        let (head, length) = Head::parse(bytes).unwrap().unwrap();
        assert_eq!((head.status, head.reason.as_str()), (401, "Unauthorized"));
        assert_eq!(
            (head.body, &bytes[length..]),
            (Body::Length(7), &b"rest"[..])
        );
    }

    #[test]
    fn the_body_ends_by_chunks_length_or_close() {
        for (headers, want) in [
            (
                "Transfer-Encoding: Chunked\r\nContent-Length: 3\r\n",
                Body::chunked(),
            ),
            ("Content-Length: 3\r\n", Body::Length(3)),
            ("", Body::UntilClose),
        ] {
            let text = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
            let (head, _) = Head::parse(text.as_bytes()).unwrap().unwrap();
            assert_eq!(head.body, want, "{headers}");
        }
    }

    #[test]
    fn nonsense_and_endless_heads_are_refused() {
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD));
        for text in [
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            &endless,
        ] {
            assert!(Head::parse(text.as_bytes()).is_err());
        }
    }
}

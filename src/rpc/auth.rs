//! HTTP Basic authentication, the same for everything a server offers.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use subtle::{Choice, ConstantTimeEq as _};

/// The name and password that a server asks for. Only digests are kept and compared, in a time
/// that tells nothing of either.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    username: [u8; 20],
    /// `None` can't be met: what the configuration holds is no digest.
    password: Option<[u8; 20]>,
}

impl Credentials {
    /// The digests of a name and a password as the configuration has them.
    pub(super) fn new(username: &str, password: &str) -> Self {
        Self {
            username: digest(username),
            password: match password.strip_prefix("{SHA}") {
                Some(hex) => unhex(hex),
                None => Some(digest(password)),
            },
        }
    }

    /// Whether a request with this `Authorization` may pass; if not, the status to refuse it with.
    pub(super) fn check(&self, authorization: Option<&HeaderValue>) -> Result<(), StatusCode> {
        let header = authorization.ok_or(StatusCode::UNAUTHORIZED)?;
        let (username, password) = parse(header)?;
        if self.fit(&username, &password).into() {
            return Ok(());
        }
        Err(StatusCode::UNAUTHORIZED)
    }

    fn fit(&self, username: &str, password: &str) -> Choice {
        let known = self.password.unwrap_or_default();
        digest(username).ct_eq(&self.username)
            & digest(password).ct_eq(&known)
            & Choice::from(u8::from(self.password.is_some()))
    }
}

/// The name and password of a Basic header. The password may hold colons.
fn parse(header: &HeaderValue) -> Result<(String, String), StatusCode> {
    let text = header.to_str().or(Err(StatusCode::BAD_REQUEST))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let pair = STANDARD.decode(token.trim()).ok();
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
    let (username, password) = pair
        .as_deref()
        .and_then(|pair| pair.split_once(':'))
        .ok_or(StatusCode::BAD_REQUEST)?;
    Ok((username.to_owned(), password.to_owned()))
}

fn digest(text: &str) -> [u8; 20] {
    Sha1::digest(text).into()
}

/// Forty lower-case hex digits to bytes. Upper-case ones never fit in Supervisor.
fn unhex(text: &str) -> Option<[u8; 20]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect();
    bytes?.try_into().ok()
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(username: &str, password: &str) -> Credentials {
        Credentials::new(username, password)
    }

    fn check(credentials: &Credentials, header: &str) -> u16 {
        let header = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        let status = credentials.check(Some(&header));
        status.map_or_else(|status| status.as_u16(), |()| 200)
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn name_and_password_must_fit() {
        let server = server("user", "pa:ss");
        assert_eq!(check(&server, &basic("user:pa:ss")), 200);
        assert_eq!(
            check(&server, &basic("user:pa:ss").replace("Basic", "bASIC")),
            200
        );
        for wrong in ["user:pa", "other:pa:ss", "user:", ":"] {
            assert_eq!(check(&server, &basic(wrong)), 401, "{wrong}");
        }
        assert_eq!(check(&server, "Digest abc"), 401);
        let missing = server.check(None);
        assert_eq!(missing, Err(StatusCode::UNAUTHORIZED));
    }

    #[test]
    fn a_sha_password_is_compared_by_its_digest() {
        let hex = "b0399d2029f64d445bd131ffaa399a42d2f8e7dc";
        assert_eq!(
            check(
                &server("u", &format!("{{SHA}}{hex}")),
                &basic("u:qwertyuiop")
            ),
            200
        );
        assert_eq!(
            check(&server("u", &format!("{{SHA}}{hex}")), &basic("u:bar")),
            401
        );
        for unfit in [hex.to_uppercase().as_str(), &hex[1..], "", "é"] {
            let server = server("u", &format!("{{SHA}}{unfit}"));
            assert_eq!(check(&server, &basic("u:qwertyuiop")), 401, "{unfit}");
        }
    }

    #[test]
    fn malformed_headers_are_bad_requests() {
        let server = server("a", "b");
        for header in [
            "Basic",
            "Basic =",
            "Basic YQ==",
            "Basic /w==",
            "Basic \u{ff}",
        ] {
            assert_eq!(check(&server, header), 400, "{header}");
        }
    }
}

//! HTTP Basic authentication, the same for everything a server offers.

use super::password::Password;
use crate::config;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

/// The name and password that a server asks for.
pub(super) struct Credentials {
    username: [u8; 20],
    /// What goes with the name.
    pub(super) password: Password,
}

impl Credentials {
    /// A name and a password as the configuration has them.
    pub(super) fn new(username: &str, password: Option<&config::Password>) -> Self {
        Self {
            username: digest(username),
            password: Password::of(password),
        }
    }

    /// Whether this is the name. Nothing is told of it by the time that it takes to compare.
    pub(super) fn names(&self, username: &str) -> bool {
        digest(username).ct_eq(&self.username).into()
    }
}

/// The name and password of a Basic header. The password may hold colons.
///
/// # Errors
/// The status to refuse the request with.
pub(super) fn parse(header: &HeaderValue) -> Result<(String, String), StatusCode> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    fn parsed(header: &str) -> Result<(String, String), u16> {
        let header = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        parse(&header).map_err(|status| status.as_u16())
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn a_name_and_a_password_are_read() {
        let pair = Ok(("user".to_owned(), "pa:ss".to_owned()));
        assert_eq!(parsed(&basic("user:pa:ss")), pair);
        assert_eq!(parsed(&basic("user:pa:ss").replace("Basic", "bASIC")), pair);
        assert_eq!(parsed("Digest abc"), Err(401));
        let credentials = Credentials::new("user", None);
        assert!(credentials.names("user") && !credentials.names("use"));
    }

    #[test]
    fn malformed_headers_are_bad_requests() {
        for header in [
            "Basic",
            "Basic =",
            "Basic YQ==",
            "Basic /w==",
            "Basic \u{ff}",
        ] {
            assert_eq!(parsed(header), Err(400), "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_a_pair_or_a_refusal(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for bytes in [bytes.clone(), basic(&String::from_utf8_lossy(&bytes)).into_bytes()] {
                if let Ok(header) = HeaderValue::from_bytes(&bytes) {
                    let refusal = parse(&header).err().map(|status| status.as_u16());
                    assert!(matches!(refusal, None | Some(400 | 401)));
                }
            }
        }
    }
}

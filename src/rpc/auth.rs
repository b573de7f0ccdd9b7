//! HTTP Basic authentication, the same for everything a server offers.

use super::password::Password;
use crate::config;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

/// The name and password that a server asks for. Nothing is told of either by the time that it
/// takes to compare.
pub(super) struct Credentials {
    username: [u8; 20],
    password: Password,
}

impl Credentials {
    /// A name and a password as the configuration has them.
    pub(super) fn new(username: &str, password: Option<&config::Password>) -> Self {
        Self {
            username: digest(username),
            password: Password::of(password),
        }
    }

    /// Whether the request is by somebody of this name.
    pub(super) fn names(&self, authorization: Option<&HeaderValue>) -> bool {
        let pair = authorization.and_then(|header| parse(header).ok());
        pair.is_some_and(|(name, _)| digest(&name).ct_eq(&self.username).into())
    }

    /// Whether a request with this `Authorization` may pass; if not, the status to refuse it with.
    pub(super) async fn check(
        &self,
        authorization: Option<&HeaderValue>,
    ) -> Result<(), StatusCode> {
        let header = authorization.ok_or(StatusCode::UNAUTHORIZED)?;
        let (username, password) = parse(header)?;
        let fits = self.password.is(&password).await & digest(&username).ct_eq(&self.username);
        if fits.into() {
            return Ok(());
        }
        Err(StatusCode::UNAUTHORIZED)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Password;
    use proptest::prelude::{any, prop, proptest};

    fn server(username: &str, password: &str) -> Credentials {
        let password = Password::Plain(password.into());
        Credentials::new(username, Some(&password))
    }

    fn check(credentials: &Credentials, header: &str) -> u16 {
        let header = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        admitted(credentials, Some(&header)).map_or_else(|status| status.as_u16(), |()| 200)
    }

    fn admitted(credentials: &Credentials, header: Option<&HeaderValue>) -> Result<(), StatusCode> {
        let checked = credentials.check(header);
        actix_web::rt::Runtime::new().unwrap().block_on(checked)
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
        assert_eq!(admitted(&server, None), Err(StatusCode::UNAUTHORIZED));
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

//! Passwords in URLs (RFC 3986, section 3.2.1), also in those that are not quite right.

use std::ops::Range;

/// Where they are.
pub(super) fn secrets(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(colon, mark)| {
        let start = colon + mark.len();
        let secret = secret(scheme(&text[..colon]), rest(&text[start..]))?;
        Some(start + secret.start..start + secret.end)
    })
}

/// What stands before the `://`.
fn scheme(before: &str) -> &str {
    before
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+')
        .next()
        .unwrap_or_default()
}

/// A URL from behind its scheme on, up to what surely ends it.
fn rest(behind: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '`' | '<' | '>');
    behind.split(ends).next().unwrap_or_default()
}

/// The secret in the rest of a URL: its password; or its user, where that is likely a token.
fn secret(scheme: &str, rest: &str) -> Option<Range<usize>> {
    let is_web = ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str());
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let user = match authority.rfind('@') {
        Some(at) => &rest[..at],
        // The password may hold what should have been escaped; but an `@` may be in a path, too.
        None if is_web && is_host(authority) => return None,
        None => &rest[..rest.rfind('@')?],
    };
    match user.find(':') {
        Some(colon) if authority.len() > colon => (colon + 1..user.len()).into(),
        None if is_web && is_token(user) => (0..user.len()).into(),
        _ => None,
    }
    .filter(|secret| !secret.is_empty())
}

/// `host` or `host:port`.
fn is_host(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is more than a name such as `git`.
fn is_token(user: &str) -> bool {
    user.len() > 16 || user.bytes().any(|byte| !byte.is_ascii_lowercase())
}

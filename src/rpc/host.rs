//! Under which names browsers may reach a server that asks for no password.
//!
//! A page of another site may have its own name lead to this machine once it is loaded (DNS
//! rebinding). To the browser it is then at home here. Its `Host` still tells: so browsers are
//! served only under names that nobody else can have.

use super::origin::is_browser;
use crate::config::{HttpServer, ServerAddress};
use crate::os::host_names::host_names;
use actix_web::http::header::{HOST, HeaderMap};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// What is said when the name is none of them.
pub(super) const WHY: &str = "This server asks for no password. Therefore it serves browsers only \
     under names that are surely its own. Set a username and password, or list the name in \
     allowed_hosts of its section";

/// Top-level domains that are nobody's on the internet (RFC 6761, RFC 6762, RFC 8375, ICANN's
/// `internal`), or that only routers give.
const LOCAL: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "test",
    "lan",
    "home",
    "localdomain",
];

/// The names of a server; none where any will do.
#[derive(Clone)]
pub(super) struct Hosts(Option<Rc<[String]>>);

impl Hosts {
    /// The names of a section's server. One that asks for a password is safe without: browsers
    /// show it to nobody else. A unix socket is safe, too: no name leads to it.
    pub(super) fn of(server: &HttpServer) -> Self {
        let is_in_danger = server.is_open() && matches!(server.address, ServerAddress::Inet { .. });
        Self(is_in_danger.then(|| {
            let mut names = host_names();
            names.extend(server.allowed_hosts.iter().cloned());
            if let ServerAddress::Inet { host, .. } = &server.address {
                names.push(host.clone());
            }
            names.into()
        }))
    }

    /// Whether a request may be answered: it is no browser's, or it names this server.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(names) = &self.0 else {
            return true;
        };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        !is_browser(headers) || host.is_some_and(|host| is_one_of(names, host))
    }
}

/// Whether a `Host` is one of these names, an address, or a name that can't be of the internet.
fn is_one_of(names: &[String], host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.split(']').next().unwrap_or_default();
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_local = |domain: &str| {
        let rest = name.strip_suffix(domain);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.')
        || name.parse::<Ipv4Addr>().is_ok()
        || LOCAL.into_iter().any(is_local)
        || names.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderValue};

    #[test]
    fn names_that_are_surely_ours_will_do() {
        let names = ["web.example.org".to_owned()];
        for host in [
            "localhost:9001",
            "app.localhost",
            "127.0.0.1:9001",
            "10.1.2.3",
            "[::1]:9001",
            "web:9001",
            "WEB.example.org.:9001",
            "web.local",
            "home.arpa",
        ] {
            assert!(is_one_of(&names, host), "{host}");
        }
        for host in [
            "evil.example:9001",
            "web.example.org.evil.com",
            "evil.notlocal",
            "127.0.0.1.evil.com",
            "[evil.com]",
        ] {
            assert!(!is_one_of(&names, host), "{host}");
        }
    }

    #[test]
    fn only_browsers_are_asked_for_the_name() {
        let hosts = Hosts(Some([].into()));
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("evil.example:9001"));
        assert!(hosts.admit(&headers));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en"));
        assert!(!hosts.admit(&headers));
        assert!(Hosts(None).admit(&headers));
        headers.insert(HOST, HeaderValue::from_static("10.0.0.1:9001"));
        assert!(hosts.admit(&headers));
    }
}

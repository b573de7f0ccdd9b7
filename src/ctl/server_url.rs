//! Where supervisord listens, and how to get there.

use super::Error;
use super::interrupt::Interrupt;
use super::resolve::resolve;
use nix::libc::EINPROGRESS;
use socket2::{SockAddr, Socket, Type};
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The ports of `http://` and `https://` URLs that name none.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// When to try again where more clients wait than the server's backlog holds, which nothing tells
/// the end of.
const PAUSE: Duration = Duration::from_millis(10);

/// A server's URL: the text, as messages show it, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerUrl {
    text: String,
    address: Address,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Tcp { host: String, port: u16, tls: bool },
    Unix(PathBuf),
}

impl ServerUrl {
    /// Reads `http://host[:port]`, `https://host[:port]` or `unix://path`. A user, path or query
    /// beside a host means nothing.
    ///
    /// # Errors
    /// [`Error::UnknownProtocol`] and [`Error::BadHost`].
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let address = if let Some(path) = text.strip_prefix("unix://") {
            Address::Unix(path.into())
        } else if let Some(rest) = text.strip_prefix("http://") {
            tcp(rest, false).ok_or_else(|| Error::BadHost(text.to_owned()))?
        } else if let Some(rest) = text.strip_prefix("https://") {
            tcp(rest, true).ok_or_else(|| Error::BadHost(text.to_owned()))?
        } else {
            return Err(Error::UnknownProtocol(text.to_owned()));
        };
        Ok(Self {
            text: text.to_owned(),
            address,
        })
    }

    /// The URL as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What a `Host` header says for it.
    pub(super) fn host(&self) -> String {
        match &self.address {
            Address::Tcp { host, port, .. } if host.contains(':') => format!("[{host}]:{port}"),
            Address::Tcp { host, port, .. } => format!("{host}:{port}"),
            Address::Unix(_) => "localhost".to_owned(),
        }
    }

    /// The host, where it has to prove that it is the one.
    pub(super) fn secure_host(&self) -> Option<&str> {
        match &self.address {
            Address::Tcp {
                host, tls: true, ..
            } => Some(host),
            _ => None,
        }
    }

    /// Connects, however long that takes. The socket does not block.
    pub(super) fn connect(&self, interrupt: &Interrupt) -> Result<Socket, Error> {
        match &self.address {
            Address::Tcp { host, port, .. } => self.connect_to_any(host, *port, interrupt),
            Address::Unix(path) => {
                let address = SockAddr::unix(path).map_err(|error| self.failed(error))?;
                self.connect_to(&address, interrupt)
            }
        }
    }

    /// Tries the addresses of a host one after another; the error is the last one's.
    fn connect_to_any(
        &self,
        host: &str,
        port: u16,
        interrupt: &Interrupt,
    ) -> Result<Socket, Error> {
        let mut result = Err(self.failed(io::Error::other("its host has no address")));
        for address in resolve(&self.text, host, port, interrupt)? {
            result = self.connect_to(&address.into(), interrupt);
            match &result {
                Ok(socket) => {
                    let _ = socket.set_tcp_nodelay(true);
                    break;
                }
                Err(Error::Interrupted | Error::TimedOut) => break,
                Err(_) => {}
            }
        }
        result
    }

    fn connect_to(&self, address: &SockAddr, interrupt: &Interrupt) -> Result<Socket, Error> {
        let socket = Socket::new(address.domain(), Type::STREAM.nonblocking(), None);
        let socket = socket.map_err(|error| self.failed(error))?;
        loop {
            match socket.connect(address) {
                Ok(()) => return Ok(socket),
                Err(error) if error.raw_os_error() == Some(EINPROGRESS) => break,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && address.is_unix() => {
                    interrupt.wait_until(Some(Instant::now() + PAUSE), &[])?;
                }
                Err(error) => return Err(self.failed(error)),
            }
        }
        interrupt.wait_writable(socket.as_fd())?;
        match socket.take_error() {
            Ok(None) => Ok(socket),
            Ok(Some(error)) | Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::from_io(&self.text, source)
    }
}

fn tcp(rest: &str, tls: bool) -> Option<Address> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':').unwrap_or(port))
        }
        None => place.split_once(':').unwrap_or((place, "")),
    };
    let port = match port {
        "" if tls => HTTPS_PORT,
        "" => HTTP_PORT,
        digits => digits.parse().ok()?,
    };
    let named = !host.is_empty() && !host.contains(|c: char| c.is_control() || c == ' ');
    named.then(|| Address::Tcp {
        host: host.to_owned(),
        port,
        tls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Option<String> {
        ServerUrl::parse(text).ok().map(|url| url.host())
    }

    #[test]
    fn only_host_and_port_of_a_url_count() {
        for (text, want) in [
            ("http://localhost:9001", "localhost:9001"),
            ("http://localhost", "localhost:80"),
            ("http://localhost:", "localhost:80"),
            ("http://user:p@ss@10.0.0.1:9001/RPC2?x#y", "10.0.0.1:9001"),
            ("http://[::1]:9001/", "[::1]:9001"),
            ("https://[::1]", "[::1]:443"),
            ("https://h:1/", "h:1"),
            ("unix:///run/s.sock", "localhost"),
        ] {
            assert_eq!(host(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn other_protocols_and_nameless_hosts_are_refused() {
        for text in ["ftp://localhost", "localhost:9001", "HTTP://x", ""] {
            let error = ServerUrl::parse(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("Unknown protocol for serverurl {text}")
            );
        }
        for text in [
            "http://",
            "http://:9001",
            "http://a:b",
            "http://[::1",
            "https://",
            "http://a\r\nb",
        ] {
            assert!(
                matches!(ServerUrl::parse(text), Err(Error::BadHost(_))),
                "{text}"
            );
        }
    }
}

//! `[unix_http_server]` and `[inet_http_server]` as values.

use std::path::PathBuf;

/// One HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpServer {
    /// The section, as written: `unix_http_server`, `inet_http_server:two`.
    pub section: String,
    /// Where it listens.
    pub address: ServerAddress,
    /// The name a client must give; `None` or empty asks for none.
    pub username: Option<String>,
    /// The password that goes with it: plain, or `{SHA}` and 40 lower-case hex digits.
    pub password: Option<String>,
}

/// Where an HTTP server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    /// A unix socket.
    Unix {
        /// Its path, absolute.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Its owner; `None` leaves it.
        uid: Option<u32>,
        /// Its group; `None` leaves it.
        gid: Option<u32>,
    },
    /// A TCP port.
    Inet {
        /// The interface's name or IPv4 address, lower-cased; empty is all of them.
        host: String,
        /// The port.
        port: u16,
    },
}

impl HttpServer {
    /// Whether the server asks for a name and password at all.
    pub fn is_open(&self) -> bool {
        self.username.as_deref().unwrap_or_default().is_empty()
    }

    /// What children get as `SUPERVISOR_SERVER_URL` when they are to use this server.
    pub fn url(&self) -> String {
        match &self.address {
            ServerAddress::Unix { path, .. } => format!("unix://{}", path.display()),
            ServerAddress::Inet { host, port } => {
                let host = if host.is_empty() { "localhost" } else { host };
                format!("http://{host}:{port}")
            }
        }
    }
}

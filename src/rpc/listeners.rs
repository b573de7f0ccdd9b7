//! The sockets that are served, and what a client of each must know.

use super::auth::Credentials;
use crate::config::HttpServer;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::rc::Rc;

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// On a path.
    Unix(UnixListener),
    /// On a port.
    Tcp(TcpListener),
}

/// A listening socket and the section that asked for it.
#[derive(Debug)]
pub struct Server {
    /// The socket, already listening, non-blocking.
    pub listener: Listener,
    /// Its section.
    pub config: HttpServer,
}

/// What a connection must show, by the listener that accepted it; `None` is nothing.
#[derive(Clone)]
pub(super) struct Door(pub(super) Option<Rc<Credentials>>);

impl Door {
    /// The door of a section's connections.
    pub(super) fn of(server: &HttpServer) -> Self {
        Self(Credentials::of(server).map(Rc::new))
    }
}

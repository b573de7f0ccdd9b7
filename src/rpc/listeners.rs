//! The sockets that are served, and what a client of each must know.

use super::auth::Credentials;
use crate::config::HttpServer;
use actix_web::rt::net::{TcpStream, UnixStream};
use std::any::Any;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

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
    /// The socket, already listening.
    pub listener: Listener,
    /// Its section.
    pub config: HttpServer,
}

/// What a connection must show, by the listener that accepted it.
#[derive(Clone, Debug)]
pub(super) struct Door(pub(super) Option<Credentials>);

/// Finds the door of a connection.
#[derive(Debug)]
pub(super) struct Doors(Vec<(Address, Door)>);

/// A socket's own end, as getsockname(2) tells it; a connection has its listener's, but for the
/// interface where that listens on all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Unix(Option<PathBuf>),
    Tcp(SocketAddr),
}

impl Doors {
    pub(super) fn of(servers: &[Server]) -> io::Result<Self> {
        let door = |server: &Server| {
            let address = Address::of_listener(&server.listener)?;
            Ok((address, Door(Credentials::of(&server.config))))
        };
        servers
            .iter()
            .map(door)
            .collect::<io::Result<_>>()
            .map(Self)
    }

    /// The door of a connection that was just accepted: a tokio stream.
    pub(super) fn of_connection(&self, stream: &dyn Any) -> Option<Door> {
        let address = Address::of_stream(stream)?;
        let exact = self.0.iter().find(|(listener, _)| *listener == address);
        exact
            .or_else(|| {
                self.0
                    .iter()
                    .find(|(listener, _)| listener.covers(&address))
            })
            .map(|(_, door)| door.clone())
    }
}

impl Address {
    fn of_listener(listener: &Listener) -> io::Result<Self> {
        Ok(match listener {
            Listener::Unix(unix) => Self::Unix(unix.local_addr()?.as_pathname().map(PathBuf::from)),
            Listener::Tcp(tcp) => Self::Tcp(tcp.local_addr()?),
        })
    }

    fn of_stream(stream: &dyn Any) -> Option<Self> {
        if let Some(tcp) = stream.downcast_ref::<TcpStream>() {
            return tcp.local_addr().ok().map(Self::Tcp);
        }
        let unix = stream.downcast_ref::<UnixStream>()?.local_addr().ok()?;
        Some(Self::Unix(unix.as_pathname().map(PathBuf::from)))
    }

    /// Whether this is a listener on every interface and the other a connection to its port.
    fn covers(&self, connection: &Self) -> bool {
        let (Self::Tcp(all), Self::Tcp(one)) = (self, connection) else {
            return false;
        };
        all.ip().is_unspecified() && all.port() == one.port()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_all_interfaces_covers_its_port() {
        let tcp = |text: &str| Address::Tcp(text.parse().unwrap());
        assert!(tcp("0.0.0.0:9001").covers(&tcp("127.0.0.1:9001")));
        assert!(!tcp("0.0.0.0:9001").covers(&tcp("127.0.0.1:9002")));
        assert!(!tcp("127.0.0.2:9001").covers(&tcp("127.0.0.1:9001")));
        assert!(!Address::Unix(None).covers(&tcp("127.0.0.1:9001")));
    }
}

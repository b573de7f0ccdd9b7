//! Connections on unix and TCP sockets as one type.

use super::listeners::{Door, Listener};
use actix_web::rt::net::{TcpStream, UnixStream};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};

/// A listening socket that the runtime watches.
pub(super) enum Acceptor {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Acceptor {
    pub(super) fn new(listener: Listener) -> io::Result<Self> {
        Ok(match listener {
            Listener::Unix(unix) => Self::Unix(UnixListener::from_std(unix)?),
            Listener::Tcp(tcp) => Self::Tcp(TcpListener::from_std(tcp)?),
        })
    }

    pub(super) async fn accept(&self, door: Door) -> io::Result<Stream> {
        let socket = match self {
            Self::Unix(unix) => Socket::Unix(unix.accept().await?.0),
            Self::Tcp(tcp) => {
                let (stream, peer) = tcp.accept().await?;
                stream.set_nodelay(true)?;
                Socket::Tcp(stream, peer)
            }
        };
        Ok(Stream { socket, door })
    }
}

/// A connection.
pub(super) struct Stream {
    socket: Socket,
    door: Door,
}

enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream, SocketAddr),
}

impl Stream {
    /// What its client must show.
    pub(super) fn door(&self) -> Door {
        self.door.clone()
    }

    /// The client's address; clients of unix sockets have none.
    pub(super) const fn peer(&self) -> Option<SocketAddr> {
        match self.socket {
            Socket::Unix(_) => None,
            Socket::Tcp(_, peer) => Some(peer),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_read(task, buffer),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_read(task, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_write(task, bytes),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_write(task, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_flush(task),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_flush(task),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_shutdown(task),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_shutdown(task),
        }
    }
}

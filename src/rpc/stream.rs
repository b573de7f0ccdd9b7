//! Connections on unix and TCP sockets as one type.

use super::listeners::{Door, Listener};
use super::tls::Tls;
use actix_web::rt::net::{TcpStream, UnixStream};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::server::TlsStream;

/// A listening socket that the runtime watches.
pub(super) enum Acceptor {
    Unix(UnixListener),
    Tcp(TcpListener, Option<Arc<Tls>>),
}

impl Acceptor {
    pub(super) fn new(listener: Listener, tls: Option<Arc<Tls>>) -> io::Result<Self> {
        Ok(match listener {
            Listener::Unix(unix) => Self::Unix(UnixListener::from_std(unix)?),
            Listener::Tcp(tcp) => Self::Tcp(TcpListener::from_std(tcp)?, tls),
        })
    }

    pub(super) async fn accept(&self, door: Door) -> io::Result<Stream> {
        let (socket, tls) = match self {
            Self::Unix(unix) => (Socket::Unix(unix.accept().await?.0), None),
            Self::Tcp(tcp, tls) => {
                let (stream, peer) = tcp.accept().await?;
                stream.set_nodelay(true)?;
                (Socket::Tcp(stream, peer), tls.clone())
            }
        };
        Ok(Stream { socket, door, tls })
    }
}

/// A connection.
pub(super) struct Stream {
    socket: Socket,
    door: Door,
    /// What it is to speak TLS with.
    tls: Option<Arc<Tls>>,
}

enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream, SocketAddr),
    Tls(Box<TlsStream<TcpStream>>, SocketAddr),
}

/// What a connection speaks, as URLs name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scheme(pub(super) &'static str);

impl Stream {
    /// The same connection, behind TLS where it is to speak that.
    pub(super) async fn secure(self) -> io::Result<Self> {
        let Self { socket, door, tls } = self;
        let socket = match (socket, &tls) {
            (Socket::Tcp(stream, peer), Some(tls)) => {
                Socket::Tls(Box::new(tls.acceptor().accept(stream).await?), peer)
            }
            (socket, _) => socket,
        };
        Ok(Self { socket, door, tls })
    }

    /// What it speaks.
    pub(super) const fn scheme(&self) -> Scheme {
        match self.socket {
            Socket::Tls(..) => Scheme("https"),
            Socket::Unix(_) | Socket::Tcp(..) => Scheme("http"),
        }
    }

    /// What its client must show.
    pub(super) fn door(&self) -> Door {
        self.door.clone()
    }

    /// The client's address; clients of unix sockets have none.
    pub(super) const fn peer(&self) -> Option<SocketAddr> {
        match self.socket {
            Socket::Unix(_) => None,
            Socket::Tcp(_, peer) | Socket::Tls(_, peer) => Some(peer),
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
            Socket::Tls(tls, _) => Pin::new(tls).poll_read(task, buffer),
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
            Socket::Tls(tls, _) => Pin::new(tls).poll_write(task, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_flush(task),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_flush(task),
            Socket::Tls(tls, _) => Pin::new(tls).poll_flush(task),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Unix(unix) => Pin::new(unix).poll_shutdown(task),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_shutdown(task),
            Socket::Tls(tls, _) => Pin::new(tls).poll_shutdown(task),
        }
    }
}

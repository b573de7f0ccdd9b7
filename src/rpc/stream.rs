//! Connections on unix and TCP sockets as one type.

use super::calls::MAX_BODY;
use super::connection::Connection;
use super::listeners::{Door, Listener};
use super::tls::Tls;
use actix_web::rt::net::{TcpStream, UnixStream};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::server::TlsStream;

/// The most that may come after the head of a request, in bytes: its body, and a part of what
/// follows. Without this, a body that was refused could go on for ever.
const MOST_BYTES: usize = MAX_BODY + (1 << 20);

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

    pub(super) async fn accept(&self) -> io::Result<Socket> {
        Ok(match self {
            Self::Unix(unix) => Socket::Unix(unix.accept().await?.0),
            Self::Tcp(tcp) => {
                let (stream, peer) = tcp.accept().await?;
                stream.set_nodelay(true)?;
                Socket::Tcp(stream, peer)
            }
        })
    }
}

/// What a client is connected by.
pub(super) enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream, SocketAddr),
    Tls(Box<TlsStream<TcpStream>>, SocketAddr),
}

/// What a connection speaks, as URLs name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scheme(pub(super) &'static str);

/// A connection's bytes, and what is known of it.
pub(super) struct Stream {
    socket: Socket,
    door: Door,
    connection: Rc<Connection>,
}

impl Stream {
    pub(super) fn new(socket: Socket, door: Door, connection: Rc<Connection>) -> Self {
        Self {
            socket,
            door,
            connection,
        }
    }

    /// The same connection, speaking TLS.
    pub(super) async fn secure(self, tls: &Tls) -> io::Result<Self> {
        let socket = match self.socket {
            Socket::Tcp(stream, peer) => {
                Socket::Tls(Box::new(tls.acceptor().accept(stream).await?), peer)
            }
            other => other,
        };
        Ok(Self { socket, ..self })
    }

    /// What it speaks.
    pub(super) const fn scheme(&self) -> Scheme {
        match self.socket {
            Socket::Tls(..) => Scheme("https"),
            Socket::Unix(_) | Socket::Tcp(..) => Scheme("http"),
        }
    }

    /// Its place among the others.
    pub(super) fn connection(&self) -> Rc<Connection> {
        self.connection.clone()
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
        let (this, before) = (self.get_mut(), buffer.filled().len());
        let read = match &mut this.socket {
            Socket::Unix(unix) => Pin::new(unix).poll_read(task, buffer),
            Socket::Tcp(tcp, _) => Pin::new(tcp).poll_read(task, buffer),
            Socket::Tls(tls, _) => Pin::new(tls).poll_read(task, buffer),
        };
        if read.is_pending() {
            return read;
        }
        let count = buffer.filled().len() - before;
        if count == 0 {
            this.connection.hang_up();
        }
        if this.connection.receive(count) > MOST_BYTES {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        read
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

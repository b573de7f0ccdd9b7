//! What requests and responses go over.

use super::Error;
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use super::tls::{Session, Trust};
use socket2::Socket;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// A connected socket that does not block, behind TLS where the URL wants it so.
pub(super) enum Transport {
    Plain(Socket),
    Tls(Box<Session>),
}

impl Transport {
    /// Connects to the server.
    pub(super) fn connect(
        url: &ServerUrl,
        trust: &Trust,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let socket = url.connect(interrupt)?;
        Ok(match url.secure_host() {
            None => Self::Plain(socket),
            Some(host) => {
                let session = Session::open(url, host, socket, trust, interrupt)?;
                Self::Tls(Box::new(session))
            }
        })
    }

    /// Whether something that was written has yet to go out.
    pub(super) fn holds_back(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(session) => session.holds_back(),
        }
    }
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(session) => session.read(buffer),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(session) => session.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(session) => session.flush(),
        }
    }
}

impl AsFd for Transport {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Plain(socket) => socket.as_fd(),
            Self::Tls(session) => session.as_fd(),
        }
    }
}

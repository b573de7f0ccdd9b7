//! One request and its response, on a socket of their own.

use super::Error;
use super::body::{BadChunk, Body};
use super::http::{Head, Request};
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use socket2::Socket;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// A connection whose request is sent.
pub(super) struct Connection {
    url: String,
    socket: Socket,
    buffer: Box<[u8]>,
    body: Body,
    received: Vec<u8>,
}

impl Connection {
    /// Connects and sends the request.
    pub(super) fn open(url: &ServerUrl, request: &Request<'_>) -> Result<Self, Error> {
        let fail = |source| Error::from_io(url.as_str(), source);
        let mut socket = url.connect().map_err(fail)?;
        socket.write_all(&request.to_bytes()).map_err(fail)?;
        Ok(Self {
            url: url.as_str().to_owned(),
            socket,
            buffer: vec![0; PIECE].into_boxed_slice(),
            body: Body::UntilClose,
            received: Vec::new(),
        })
    }

    /// Waits for the response's head.
    ///
    /// # Errors
    /// [`Error::Status`] when it is not 200.
    pub(super) fn accepted(&mut self, interrupt: &Interrupt) -> Result<(), Error> {
        let mut start = Vec::new();
        loop {
            match Head::parse(&start).map_err(|what| self.malformed(what))? {
                Some((head, length)) => {
                    return self.begin(head, start.get(length..).unwrap_or(&[]));
                }
                None => self.gather(&mut start, interrupt)?,
            }
        }
    }

    fn gather(&mut self, start: &mut Vec<u8>, interrupt: &Interrupt) -> Result<(), Error> {
        interrupt.wait(&[self.socket.as_fd()])?;
        let count = self.read()?;
        if count == 0 {
            return Err(self.malformed("it ended before it began"));
        }
        start.extend_from_slice(self.buffer.get(..count).unwrap_or_default());
        Ok(())
    }

    fn begin(&mut self, head: Head, early: &[u8]) -> Result<(), Error> {
        if head.status != 200 {
            return Err(Error::Status {
                url: self.url.clone(),
                status: head.status,
                reason: head.reason,
            });
        }
        self.body = head.body;
        let fed = self.body.feed(early, &mut self.received);
        fed.map_err(|BadChunk| self.malformed("a chunk's size is no number"))
    }

    /// Waits for more of the body; false at its end.
    pub(super) fn receive(&mut self, interrupt: &Interrupt) -> Result<bool, Error> {
        if self.body.is_complete() {
            return Ok(false);
        }
        interrupt.wait(&[self.socket.as_fd()])?;
        self.receive_now()
    }

    /// Reads more of the body, which blocks unless the socket has something; false at its end.
    pub(super) fn receive_now(&mut self) -> Result<bool, Error> {
        let count = self.read()?;
        if count == 0 && !self.body.may_end() {
            return Err(self.malformed("it ended too early"));
        }
        let bytes = self.buffer.get(..count).unwrap_or_default();
        let fed = self.body.feed(bytes, &mut self.received);
        fed.map_err(|BadChunk| self.malformed("a chunk's size is no number"))?;
        Ok(count > 0)
    }

    /// The content that came since this was last asked.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.received)
    }

    /// The whole body, which may hold `limit` bytes.
    pub(super) fn body(mut self, limit: usize, interrupt: &Interrupt) -> Result<Vec<u8>, Error> {
        while self.receive(interrupt)? {
            if self.received.len() > limit {
                return Err(self.malformed(format_args!("it is longer than {limit} bytes")));
            }
        }
        Ok(self.received)
    }

    fn read(&mut self) -> Result<usize, Error> {
        loop {
            match self.socket.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result.map_err(|error| Error::from_io(&self.url, error)),
            }
        }
    }

    fn malformed(&self, what: impl ToString) -> Error {
        Error::malformed(&self.url, what)
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

//! One request and its response, on a connection of their own.

use super::Error;
use super::body::{BadChunk, Body};
use super::http::{Head, Request};
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use super::tls::Trust;
use super::transport::Transport;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// How a server begins that expects TLS (RFC 8446, section 5.1).
const TLS_ALERT: &[u8] = &[21, 3];

/// A connection whose request is sent.
pub(super) struct Connection {
    url: String,
    /// The status of the response that was asked for.
    status: u16,
    transport: Transport,
    buffer: Box<[u8]>,
    response: Response,
    received: Vec<u8>,
}

/// What of the response is expected next.
enum Response {
    /// Its head, of which this much is here.
    Head(Vec<u8>),
    /// Its body.
    Body(Body),
}

impl Connection {
    /// Connects and sends the request.
    pub(super) fn open(
        url: &ServerUrl,
        request: &Request<'_>,
        trust: &Trust,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let mut connection = Self {
            url: url.as_str().to_owned(),
            status: request.status(),
            transport: Transport::connect(url, trust, interrupt)?,
            buffer: vec![0; PIECE].into_boxed_slice(),
            response: Response::Head(Vec::new()),
            received: Vec::new(),
        };
        connection.send(&request.to_bytes(), interrupt)?;
        Ok(connection)
    }

    fn send(&mut self, mut bytes: &[u8], interrupt: &Interrupt) -> Result<(), Error> {
        while !bytes.is_empty() || self.transport.holds_back() {
            match self.transport.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    interrupt.wait_writable(self.transport.as_fd())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::from_io(&self.url, error)),
            }
        }
        Ok(())
    }

    /// Waits for the response's head.
    ///
    /// # Errors
    /// [`Error::Status`] when it is another one than was asked for.
    pub(super) fn accepted(&mut self, interrupt: &Interrupt) -> Result<(), Error> {
        while matches!(self.response, Response::Head(_)) {
            interrupt.wait(&[self.transport.as_fd()])?;
            self.receive_now()?;
        }
        Ok(())
    }

    /// Waits for more of the response; false at its end.
    pub(super) fn receive(&mut self, interrupt: &Interrupt) -> Result<bool, Error> {
        if self.is_complete() {
            return Ok(false);
        }
        interrupt.wait(&[self.transport.as_fd()])?;
        self.receive_now()
    }

    /// Takes what has come of the response; false at its end.
    ///
    /// # Errors
    /// [`Error::Status`] when it is another one than was asked for.
    pub(super) fn receive_now(&mut self) -> Result<bool, Error> {
        let Some(count) = self.read()? else {
            return Ok(true);
        };
        match &mut self.response {
            Response::Head(_) if count == 0 => {
                return Err(self.malformed("it ended before it began"));
            }
            Response::Head(start) => {
                start.extend_from_slice(self.buffer.get(..count).unwrap_or_default());
                self.begin()?;
            }
            Response::Body(body) if count == 0 && !body.may_end() => {
                return Err(self.malformed("it ended too early"));
            }
            Response::Body(body) => {
                let bytes = self.buffer.get(..count).unwrap_or_default();
                let fed = body.feed(bytes, &mut self.received);
                fed.map_err(|BadChunk| self.malformed("a chunk's size is no number"))?;
            }
        }
        Ok(count > 0)
    }

    /// Goes on to the body once the head is whole.
    fn begin(&mut self) -> Result<(), Error> {
        let Response::Head(start) = &self.response else {
            return Ok(());
        };
        if start.starts_with(TLS_ALERT) {
            return Err(Error::Tls {
                url: self.url.clone(),
                what: "the server speaks TLS; try https://".to_owned(),
            });
        }
        let parsed = Head::parse(start).map_err(|what| self.malformed(what))?;
        let Some((head, length)) = parsed else {
            return Ok(());
        };
        if head.status != self.status {
            return Err(Error::Status {
                url: self.url.clone(),
                status: head.status,
                reason: head.reason,
            });
        }
        let mut body = head.body;
        let fed = body.feed(start.get(length..).unwrap_or_default(), &mut self.received);
        fed.map_err(|BadChunk| self.malformed("a chunk's size is no number"))?;
        self.response = Response::Body(body);
        Ok(())
    }

    /// True when nothing more can come.
    pub(super) fn is_complete(&self) -> bool {
        matches!(&self.response, Response::Body(body) if body.is_complete())
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

    /// How much of the body is here that nobody has taken.
    pub(super) const fn received(&self) -> usize {
        self.received.len()
    }

    /// Reads into the buffer; `None` where nothing has come.
    fn read(&mut self) -> Result<Option<usize>, Error> {
        use io::ErrorKind::{Interrupted, WouldBlock};
        match self.transport.read(&mut self.buffer) {
            Ok(count) => Ok(Some(count)),
            Err(error) if matches!(error.kind(), Interrupted | WouldBlock) => Ok(None),
            Err(error) => Err(Error::from_io(&self.url, error)),
        }
    }

    fn malformed(&self, what: impl ToString) -> Error {
        Error::malformed(&self.url, what)
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.transport.as_fd()
    }
}

//! Calls of supervisord's methods, and its log streams.

use super::Error;
use super::connection::Connection;
use super::http::Request;
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use super::tls::Trust;
use crate::xmlrpc::{Value, decode, encode};
use std::time::{Duration, Instant};

/// The longest answer to a call, in bytes.
pub(super) const MAX_ANSWER: usize = 256 * 1024 * 1024;

/// A server, and who we are to it. Ctrl-C ends every wait for an answer.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// The server's URL as the user wrote it.
    pub serverurl: String,
    /// User name and password, if we are somebody.
    pub credentials: Option<(String, String)>,
    /// Who may stand behind an `https://` URL.
    pub trust: Trust,
    /// How long an answer may take; `None` is for ever.
    pub patience: Option<Duration>,
}

impl Client {
    /// Calls a method.
    ///
    /// # Errors
    /// Every [`Error`]; a refusal by supervisord itself is [`Error::Fault`].
    pub(super) fn call(&self, method: &str, params: &[Value]) -> Result<Value, Error> {
        let interrupt = self.interrupt()?;
        let connection = self.send(method, params, &interrupt)?;
        let answer = connection.body(MAX_ANSWER, &interrupt)?;
        self.read(&answer)
    }

    /// Sends a call, whose answer [`Client::read`] reads.
    pub(super) fn send(
        &self,
        method: &str,
        params: &[Value],
        interrupt: &Interrupt,
    ) -> Result<Connection, Error> {
        let xml = encode::call(method, params);
        self.open("/RPC2", Some(&xml), None, interrupt)
    }

    /// Reads the answer to a call.
    pub(super) fn read(&self, answer: &[u8]) -> Result<Value, Error> {
        let decoded = decode::response(answer);
        Ok(decoded.map_err(|error| self.malformed(error))??)
    }

    /// Asks for a log stream, and waits until it begins.
    pub(super) fn stream(&self, path: &str) -> Result<Connection, Error> {
        let interrupt = self.interrupt()?;
        let mut stream = self.open(path, None, None, &interrupt)?;
        stream.accepted(&interrupt)?;
        Ok(stream)
    }

    /// Gets the last `bytes` of what is at a path, or all of it where that is less; one of them at
    /// least.
    pub(super) fn end_of(&self, path: &str, bytes: i64) -> Result<Vec<u8>, Error> {
        let interrupt = self.interrupt()?;
        let connection = self.open(path, None, Some(bytes), &interrupt)?;
        connection.body(MAX_ANSWER, &interrupt)
    }

    /// The same, for answers that may take no longer than this.
    pub(super) fn patient_for(&self, patience: Duration) -> Self {
        Self {
            patience: Some(patience),
            ..self.clone()
        }
    }

    /// From now on Ctrl-C ends waits instead of the program, and our patience begins to wane.
    pub(super) fn interrupt(&self) -> Result<Interrupt, Error> {
        let deadline = self
            .patience
            .and_then(|patience| Instant::now().checked_add(patience));
        Interrupt::catch(deadline).map_err(|source| Error::from_io(&self.serverurl, source))
    }

    /// An answer that makes no sense.
    pub(super) fn malformed(&self, what: impl ToString) -> Error {
        Error::malformed(&self.serverurl, what)
    }

    fn open(
        &self,
        path: &str,
        xml: Option<&str>,
        last: Option<i64>,
        interrupt: &Interrupt,
    ) -> Result<Connection, Error> {
        let url = ServerUrl::parse(&self.serverurl)?;
        let host = url.host();
        let user = self.credentials.as_ref();
        let request = Request {
            path,
            host: &host,
            credentials: user.map(|(name, password)| (name.as_str(), password.as_str())),
            xml,
            last,
        };
        Connection::open(&url, &request, &self.trust, interrupt)
    }
}

//! Calls of supervisord's methods, and its log streams.

use super::Error;
use super::connection::Connection;
use super::http::Request;
use super::interrupt::Interrupt;
use super::server_url::ServerUrl;
use crate::xmlrpc::{Value, decode, encode};

/// The longest answer to a call, in bytes.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

/// A server, and who we are to it. Waits for an answer as long as it takes; Ctrl-C ends the wait.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// The server's URL as the user wrote it.
    pub serverurl: String,
    /// User name and password, if we are somebody.
    pub credentials: Option<(String, String)>,
}

impl Client {
    /// Calls a method.
    ///
    /// # Errors
    /// Every [`Error`]; a refusal by supervisord itself is [`Error::Fault`].
    pub(super) fn call(&self, method: &str, params: &[Value]) -> Result<Value, Error> {
        let xml = encode::call(method, params);
        let mut connection = self.open("/RPC2", Some(&xml))?;
        let interrupt = self.interrupt()?;
        connection.accepted(&interrupt)?;
        let answer = connection.body(MAX_ANSWER, &interrupt)?;
        let decoded = decode::response(&answer);
        Ok(decoded.map_err(|error| self.malformed(error))??)
    }

    /// Asks for a log stream. Nothing is read yet.
    pub(super) fn stream(&self, path: &str) -> Result<Connection, Error> {
        self.open(path, None)
    }

    /// From now on Ctrl-C ends waits instead of the program.
    pub(super) fn interrupt(&self) -> Result<Interrupt, Error> {
        Interrupt::catch().map_err(|source| Error::from_io(&self.serverurl, source))
    }

    /// An answer that makes no sense.
    pub(super) fn malformed(&self, what: impl ToString) -> Error {
        Error::malformed(&self.serverurl, what)
    }

    fn open(&self, path: &str, xml: Option<&str>) -> Result<Connection, Error> {
        let url = ServerUrl::parse(&self.serverurl)?;
        let host = url.host();
        let user = self.credentials.as_ref();
        let request = Request {
            path,
            host: &host,
            credentials: user.map(|(name, password)| (name.as_str(), password.as_str())),
            xml,
        };
        Connection::open(&url, &request)
    }
}

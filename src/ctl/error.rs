//! Why a call came to nothing.

use crate::os::errno::io_error_words;
use crate::process::FaultCode;
use crate::xmlrpc::RpcFault;
use std::io;

/// Why a call of supervisord came to nothing. The texts of `Refused`, `NoSuchFile` and
/// `UnknownProtocol` are Supervisor's own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The server's URL starts with neither `http://`, `https://` nor `unix://`.
    #[error("Unknown protocol for serverurl {0}")]
    UnknownProtocol(String),
    /// The server's URL names no host, or a port that is none.
    #[error("serverurl {0} does not name a host and port")]
    BadHost(String),
    /// Nobody listens there.
    #[error("{0} refused connection")]
    Refused(String),
    /// The socket's file is missing.
    #[error("{0} no such file")]
    NoSuchFile(String),
    /// Connecting, sending or receiving failed otherwise.
    #[error("{url}: {}", io_error_words(source))]
    Io {
        /// The server.
        url: String,
        /// What the system said.
        source: io::Error,
    },
    /// The certificates that are to be trusted can't be read.
    #[error("can't read the certificates to trust: {0}")]
    Trust(String),
    /// The server is not the one that the URL names, or speaks another protocol.
    #[error("{url}: {what}")]
    Tls {
        /// The server.
        url: String,
        /// What is wrong, and what to do about it.
        what: String,
    },
    /// Ctrl-C came while supervisord was waited for, or a terminal for its user.
    #[error("interrupted")]
    Interrupted,
    /// It took longer than the user wants to wait.
    #[error("timed out")]
    TimedOut,
    /// The answer's HTTP status is not the one of what was asked for.
    #[error("{url} answered {status} {reason}")]
    Status {
        /// The server.
        url: String,
        /// The status code.
        status: u16,
        /// The server's words for it.
        reason: String,
    },
    /// The answer is no HTTP, no XML-RPC or not what the method answers.
    #[error("{url} sent an answer that makes no sense: {what}")]
    Malformed {
        /// The server.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// supervisord understood and refused.
    #[error(transparent)]
    Fault(#[from] RpcFault),
}

impl Error {
    /// True when supervisord refused for this reason.
    pub(super) fn is_fault(&self, code: FaultCode) -> bool {
        matches!(self, Self::Fault(fault) if fault.code == i64::from(code.number()))
    }

    /// True when the server wants a user name and password, or others.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Status { status: 401, .. })
    }

    /// Sorts what the system said about `url`.
    pub(super) fn from_io(url: &str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused(url.to_owned()),
            io::ErrorKind::NotFound => Self::NoSuchFile(url.to_owned()),
            _ => Self::Io {
                url: url.to_owned(),
                source,
            },
        }
    }

    /// An answer from `url` that makes no sense.
    pub(super) fn malformed(url: &str, what: impl ToString) -> Self {
        Self::Malformed {
            url: url.to_owned(),
            what: what.to_string(),
        }
    }
}

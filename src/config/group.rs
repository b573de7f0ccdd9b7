//! Groups as values: what is activated, stopped and removed together.

use super::ProcessConfig;
use crate::events::{EventType, PayloadLength, Rules};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A group of processes: a `[group:x]`, or a program that is in none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Arc<str>,
    /// Low starts first and stops last.
    pub priority: i64,
    /// What kind of group.
    pub kind: GroupKind,
    /// Its processes in the order of autostart; the names are unique.
    pub processes: Vec<Arc<ProcessConfig>>,
    /// The FastCGI sockets of its programs, by program name. A plain group may have some, too.
    pub sockets: Vec<(Arc<str>, FcgiSocket)>,
}

/// What kind of group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// `[program:x]` or `[group:x]`.
    Plain,
    /// `[fcgi-program:x]`.
    Fcgi,
    /// `[eventlistener:x]`.
    EventListener(EventListener),
}

/// What makes a group a pool of event listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventListener {
    /// Events kept while no listener is ready; at least 1.
    pub buffer_size: usize,
    /// What it subscribes to, as written (super-types not unfolded).
    pub events: BTreeSet<EventType>,
    /// Restart a listener that broke the protocol.
    pub restart_on_protocol_error: bool,
    /// In what they are told how long a payload is.
    pub payload_length: PayloadLength,
    /// Seconds that a program is held back in its output while the listeners live and take no
    /// event.
    pub outputwaitsecs: u32,
}

impl EventListener {
    /// How its listeners are treated.
    pub const fn rules(&self) -> Rules {
        Rules {
            restarts: self.restart_on_protocol_error,
            length: self.payload_length,
        }
    }

    /// How long output waits for listeners that take nothing.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.outputwaitsecs as u64)
    }
}

/// The listening socket that a FastCGI program's processes share as their stdin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FcgiSocket {
    /// Where.
    pub address: FcgiSocketAddress,
    /// The backlog of listen(2); `None` is the system's greatest.
    pub backlog: Option<u16>,
}

/// Where a FastCGI socket listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FcgiSocketAddress {
    /// A unix socket.
    Unix {
        /// Its path, absolute.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Its owner and group; `None` leaves them.
        owner: Option<(u32, Option<u32>)>,
    },
    /// A TCP port.
    Tcp {
        /// Host, lower-cased.
        host: String,
        /// Port.
        port: u16,
    },
}

impl FcgiSocketAddress {
    /// `unix:///path` or `tcp://host:port`, as the log shows it.
    pub fn url(&self) -> String {
        match self {
            Self::Unix { path, .. } => format!("unix://{}", path.display()),
            Self::Tcp { host, port } => format!("tcp://{host}:{port}"),
        }
    }
}

//! Signals of the operating system, as messages to the root.

use super::supervisor::{OsSignal, Supervisor};
use crate::process::Signal;
use actix::Addr;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// What supervisord listens to.
const HEARD: [Signal; 6] = [
    Signal::CHLD,
    Signal::TERM,
    Signal::INT,
    Signal::QUIT,
    Signal::HUP,
    Signal::USR2,
];

/// Catches the signals from now on, so that none is lost before [`forward`].
///
/// # Errors
/// When a handler can't be installed.
pub(super) fn catch() -> io::Result<Caught> {
    let mut caught = Vec::with_capacity(HEARD.len());
    for heard in HEARD {
        caught.push((heard, signal(SignalKind::from_raw(heard.number()))?));
    }
    Ok(Caught(caught))
}

/// Signals that are being caught.
pub(super) struct Caught(Vec<(Signal, tokio::signal::unix::Signal)>);

/// Sends every caught signal to the root for as long as it lives.
pub(super) fn forward(Caught(caught): Caught, root: &Addr<Supervisor>) {
    for (heard, mut stream) in caught {
        let root = root.clone();
        actix::spawn(async move {
            while stream.recv().await.is_some() && root.connected() {
                root.do_send(OsSignal(heard));
            }
        });
    }
}

//! What a process can be told to do.

use super::Signal;

/// A command to a process. It may be refused; what has already happened is a [`super::Fact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Start it, unless supervisord is on its way down.
    Start,
    /// Stop it with its `stopsignal`, and with SIGKILL after `stopwaitsecs`.
    Stop,
    /// Send its child (never the group) a signal and let it be.
    Signal(Signal),
    /// No more tries for a process in BACKOFF, because supervisord is on its way down.
    GiveUp,
    /// SIGKILL for a process in STOPPING now instead of after `stopwaitsecs`.
    KillNow,
}

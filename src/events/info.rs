//! What clients are told of a pool.

use super::{ListenerState, Source};
use std::sync::Arc;

/// A pool of listeners as of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolInfo {
    /// Its group.
    pub name: Arc<str>,
    /// How many events are kept at most, once a listener was ready.
    pub buffer_size: usize,
    /// How many wait.
    pub buffered: usize,
    /// How many it accepted since it exists.
    pub accepted: u64,
    /// How many listeners have answered `OK`.
    pub processed: u64,
    /// How often a listener answered something else.
    pub rejected: u64,
    /// How many were lost: there was no room, or listeners failed with them.
    pub discarded: u64,
    /// How many ticks a later one replaced.
    pub coalesced: u64,
    /// Whose output waits for room in the buffer; it may block in its own write.
    pub held_back: Vec<Source>,
    /// Its processes, in the order of the configuration.
    pub listeners: Vec<ListenerInfo>,
}

/// A listener as of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerInfo {
    /// The process.
    pub name: Arc<str>,
    /// What its protocol is at.
    pub state: ListenerState,
    /// The serial of the event that it has in hand.
    pub event: Option<u64>,
    /// By what it broke the protocol last; empty where it never did.
    pub offence: String,
}

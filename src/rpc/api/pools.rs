//! The pools of event listeners as JSON, in the words of `events.getAllPoolInfo`.

use crate::events::{ListenerInfo, PoolInfo};
use serde::Serialize;
use std::sync::Arc;

/// Every pool.
#[derive(Serialize)]
pub(super) struct Pools {
    pools: Vec<Pool>,
}

#[derive(Serialize)]
struct Pool {
    name: Arc<str>,
    buffer_size: usize,
    buffered: usize,
    accepted: u64,
    processed: u64,
    rejected: u64,
    discarded: u64,
    coalesced: u64,
    listeners: Vec<Listener>,
}

#[derive(Serialize)]
struct Listener {
    name: Arc<str>,
    state: i32,
    statename: &'static str,
    event: Option<u64>,
    offence: String,
}

impl Pools {
    pub(super) fn new(pools: Vec<PoolInfo>) -> Self {
        Self {
            pools: pools.into_iter().map(Pool::from).collect(),
        }
    }
}

impl From<PoolInfo> for Pool {
    fn from(pool: PoolInfo) -> Self {
        Self {
            name: pool.name,
            buffer_size: pool.buffer_size,
            buffered: pool.buffered,
            accepted: pool.accepted,
            processed: pool.processed,
            rejected: pool.rejected,
            discarded: pool.discarded,
            coalesced: pool.coalesced,
            listeners: pool.listeners.into_iter().map(Listener::from).collect(),
        }
    }
}

impl From<ListenerInfo> for Listener {
    fn from(listener: ListenerInfo) -> Self {
        Self {
            name: listener.name,
            state: listener.state.code(),
            statename: listener.state.name(),
            event: listener.event,
            offence: listener.offence,
        }
    }
}

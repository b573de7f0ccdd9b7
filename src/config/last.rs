//! What was read last: neighbours in a file are alike, and what is equal is kept once.

use super::Channel;
use super::environment::Environment;
use crate::process::Policy;
use std::sync::Arc;

/// The values of the process that was read last, to be shared by the next where they are equal.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) environment: Option<Arc<OwnEnvironment>>,
    pub(super) directory: Option<Arc<str>>,
    pub(super) command: Option<Arc<str>>,
    pub(super) stdout: Option<Arc<Channel>>,
    pub(super) stderr: Option<Arc<Channel>>,
    pub(super) policy: Option<Arc<Policy>>,
}

/// A program's `environment` as it came to for a process.
#[derive(Debug)]
pub(super) struct OwnEnvironment {
    /// As it was written and expanded.
    pub(super) text: String,
    /// Its variables alone.
    pub(super) pairs: Environment,
    /// Over that of `[supervisord]`.
    pub(super) merged: Arc<[(String, String)]>,
}

/// The value, in the memory of the last one where that is equal.
pub(super) fn shared<T: PartialEq>(last: &mut Option<Arc<T>>, value: T) -> Arc<T> {
    match last {
        Some(last) if **last == value => Arc::clone(last),
        _ => Arc::clone(last.insert(Arc::new(value))),
    }
}

/// The same for a text.
pub(super) fn shared_text(last: &mut Option<Arc<str>>, text: &str) -> Arc<str> {
    match last {
        Some(last) if **last == *text => Arc::clone(last),
        _ => Arc::clone(last.insert(text.into())),
    }
}

/// A name, in the memory of the one that it often equals: a program's of its group's, a process's
/// of its program's.
pub(super) fn shared_name(name: &str, other: &Arc<str>) -> Arc<str> {
    if **other == *name {
        return Arc::clone(other);
    }
    name.into()
}

//! Events that clients send, to the listeners that subscribed to REMOTE_COMMUNICATION.

use serde::Deserialize;

/// An event as it is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoteEvent {
    /// What the event's header tells as type.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The event's body.
    pub(super) data: String,
}

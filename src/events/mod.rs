//! What listeners are told.

/// A type of event, concrete or a super-type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventType {
    /// Everything.
    Event,
}

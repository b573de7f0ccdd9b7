//! What listeners are told.

pub mod event_type;

pub use event_type::EventType;

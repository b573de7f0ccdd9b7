//! What listeners are told, and how they answer.
//!
//! Floor 0. Nothing here reads a clock, touches a descriptor, logs, or knows actix or tokio. From
//! [`process`](crate::process) it takes only words: states, pids, log levels.
//!
//! An [`Event`] is made where something happens; each [`Pool`] that subscribed to its
//! [`EventType`] keeps it as a [`Delivery`] until a [`Listener`] is ready, which gets it as an
//! [`envelope`] and answers with a result; a pool's [`Desk`] brings both together. Begin at
//! [`event`], then [`desk`].

pub mod capture;
pub mod desk;
pub mod envelope;
pub mod event;
pub mod event_type;
pub mod info;
pub mod listener;
pub mod note;
pub mod pool;
mod repr;
pub mod room;
pub mod serial;
pub mod throttle;
pub mod tick;

pub use capture::{Capture, Message, Piece};
pub use desk::{Desk, Duty, NotDelivered, Rules};
pub use envelope::{PayloadLength, envelope};
pub use event::{Event, Output, OutputChannel, Source, StateChange};
pub use event_type::EventType;
pub use info::{ListenerInfo, PoolInfo};
pub use listener::{Listener, ListenerState, Outcome, Violation};
pub use note::Note;
pub use pool::{Delivery, Failures, Pool, SUSPECT_AFTER};
pub use room::{Attendance, Room};
pub use serial::SerialCounter;
pub use throttle::Throttle;
pub use tick::{Tick, TickPeriod, Ticks};

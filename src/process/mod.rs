//! What a process is, told without any process: states, orders, facts and effects.
//!
//! Floor 0. Nothing here reads a clock, touches a descriptor, logs, or knows actix or tokio; time
//! is an argument ([`Moment`]). Begin at [`machine`].

pub mod exit;
pub mod fault;
pub mod info;
pub mod machine;
pub mod moment;
pub mod namespec;
pub mod note;
pub mod policy;
pub mod signal;
pub mod state;

pub use exit::ExitStatus;
pub use fault::{Fault, FaultCode};
pub use info::ProcessInfo;
pub use moment::Moment;
pub use namespec::Namespec;
pub use policy::{Autorestart, Policy};
pub use signal::Signal;
pub use state::{Mood, ProcessState};

/// The id of an operating-system process; always positive.
pub type Pid = i32;

//! What a process is, told without any process: states, orders, facts and effects.
//!
//! Floor 0. Nothing here reads a clock, touches a descriptor, logs, or knows actix or tokio; time
//! is an argument ([`Moment`]). Begin at [`machine`].

pub mod effect;
pub mod exit;
pub mod fact;
pub mod fault;
pub mod history;
pub mod info;
pub mod kill;
pub mod machine;
pub mod moment;
pub mod namespec;
pub mod note;
pub mod order;
mod phase;
pub mod policy;
pub mod record;
mod restarts;
pub mod signal;
pub mod state;
pub mod state_history;

pub use effect::{Change, Effect, Effects};
pub use exit::ExitStatus;
pub use fact::Fact;
pub use fault::{Fault, FaultCode};
pub use history::{Ending, Exit, History, LogEnd, Written};
pub use info::ProcessInfo;
pub use kill::{Kill, Purpose, SignalError};
pub use machine::{Machine, Wait};
pub use moment::Moment;
pub use namespec::Namespec;
pub use note::{Level, Note};
pub use order::Order;
pub use policy::{Autorestart, Policy};
pub use record::Record;
pub use signal::Signal;
pub use state::{Mood, ProcessState};
pub use state_history::{StateHistory, Stretch};

/// The id of an operating-system process; always positive.
pub type Pid = i32;

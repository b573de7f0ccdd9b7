//! System calls: the only room with `unsafe`.
//!
//! Floor 1. Knows no configuration, no actor, and writes no log: what the log is to hear comes
//! back as a value. Spawning and subreaping are Linux's alone (clone(2), close_range(2),
//! prctl(2)); the rest is plain Unix. Begin at [`mod@spawn`].
//!
//! Every descriptor that is made here is close-on-exec from birth.

pub mod children;
pub mod clock;
pub mod command;
pub mod daemon;
pub mod descriptors;
pub mod environment;
pub mod errno;
pub mod families;
pub mod fcgi_socket;
mod file_id;
pub mod host;
pub mod host_names;
pub mod http_socket;
pub mod identity;
pub mod limits;
pub mod memory;
pub mod pidfile;
pub mod pidproxy;
pub mod pipe;
pub mod procfs;
pub mod signal;
mod socket;
pub mod spawn;
pub mod watch;

pub use environment::Environment;
pub use errno::{Errno, errno_name};
pub use identity::{Identity, RunAs};
pub use spawn::{SpawnError, SpawnPlan, spawn};

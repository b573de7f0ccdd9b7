//! Bytes to files, syslog and inherited descriptors; plain synchronous code.
//!
//! Floor 1. Knows no configuration, actor or runtime. Children's output goes through a [`Sink`],
//! opened by the thread's [`Files`]; supervisord's own lines through the [`ActivityLog`]. Nothing
//! here fails its writer: what can't be written waits in a bounded [`backlog`] and is told as a
//! [`Report`]. Begin at [`sink`], then [`log_file`], then [`rotating`].

pub mod activity;
pub mod auto;
pub mod backlog;
pub mod files;
pub mod follow;
pub mod handle;
pub mod log_file;
pub mod report;
pub mod rhythm;
pub mod rotating;
pub mod short_write;
pub mod sink;
pub mod stamp;
pub mod stream;
pub mod strip_ansi;
pub mod syslog;
pub mod tail;
mod unfinished;

pub use activity::{ActivityLog, ActivityTarget};
pub use files::Files;
pub use follow::{Follower, Piece as FollowPiece};
pub use handle::ActivityHandle;
pub use report::Report;
pub use rhythm::Rhythm;
pub use rotating::{RotatingFile, Rotation};
pub use sink::Sink;
pub use strip_ansi::StripAnsi;
pub use syslog::{LineSink, Syslog};
pub use tail::{ReadError, Tail};

/// The mode of an ordinary log file, before the umask.
pub const ORDINARY: u32 = 0o666;

/// The mode of an AUTO log file.
pub const PRIVATE: u32 = 0o600;

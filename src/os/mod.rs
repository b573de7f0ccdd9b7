//! The room os.

pub mod watch;

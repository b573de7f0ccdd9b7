//! The room logging.
pub mod tail;

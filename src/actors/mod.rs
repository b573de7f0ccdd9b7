//! The room actors.
pub mod handle;
pub mod registry;

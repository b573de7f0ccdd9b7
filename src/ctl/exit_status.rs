//! The exit codes of supervisorctl, those of Linux Standard Base init scripts.

/// All went well.
pub const SUCCESS: u8 = 0;
/// Anything that has no code of its own.
pub const GENERIC: u8 = 1;
/// Arguments that mean nothing.
pub const INVALID_ARGUMENTS: u8 = 2;
/// The server lacks the `supervisor` namespace.
pub const UNIMPLEMENTED_FEATURE: u8 = 3;
/// The server refused the connection.
pub const INSUFFICIENT_PRIVILEGES: u8 = 4;
/// The server speaks another version of the API.
pub const NOT_INSTALLED: u8 = 5;
/// A process that is not running, or a server whose socket is missing.
pub const NOT_RUNNING: u8 = 7;

/// `status`: a process that was shown is not running.
pub const STATUS_NOT_RUNNING: u8 = 3;
/// `status`: it could not be had.
pub const STATUS_UNKNOWN: u8 = 4;

/// Ended by Ctrl-C, as a shell tells it of a program that SIGINT killed.
pub const INTERRUPTED: u8 = 130;

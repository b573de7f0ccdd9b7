//! Supervisor: a process control system for Unix, built of actors.
//!
//! The rooms, lowest floor first; a floor imports only lower ones:
//!
//! | floor | room | what it is |
//! |---|---|---|
//! | 0 | [`process`] | what a process is: states, the machine, faults, names |
//! | 0 | [`events`] | what listeners are told, and the listener protocol |
//! | 0 | [`xmlrpc`] | XML-RPC bytes to values and back |
//! | 1 | [`os`] | system calls; the only room with `unsafe` |
//! | 1 | [`logging`] | bytes to files, syslog and inherited descriptors |
//! | 2 | [`config`] | INI text and command lines to a typed configuration |
//! | 3 | [`actors`] | the only room that says `actix::`: drives the machines |
//! | 4 | [`rpc`] | the only room that says `actix_web::`: HTTP and XML-RPC |
//! | 4 | [`ctl`] | `supervisorctl`, synchronous |
//!
//! The programs in `src/bin/` only wire these together. `docs/ARCHITECTURE.md` is the map.

pub mod actors;
pub mod config;
pub mod ctl;
pub mod events;
pub mod logging;
pub mod os;
pub mod process;
pub mod rpc;
pub mod xmlrpc;

/// Our version, in the line after Supervisor's 4.x. The RPC API version is [`rpc`]'s own `3.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

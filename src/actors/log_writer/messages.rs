//! What a log writer can be told.

use crate::logging::Rotation;
use crate::process::{Pid, Written};
use actix::Message;
use std::io;
use std::os::fd::OwnedFd;

/// Open the log before a child is spawned.
#[derive(Message)]
#[rtype(result = "io::Result<()>")]
pub(in crate::actors) struct Open;

/// Close the log unless something is still to come.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Close;

/// Read this pipe of this child, too.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Attach(pub(in crate::actors) OwnedFd, pub(in crate::actors) Pid);

/// Log this; answered when it is taken.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Write(pub(in crate::actors) Vec<u8>);

/// Take what is in the pipes now, the last words of this child if it has ended; answered when it is
/// on its way, with what was written since the log was last opened for a child.
#[derive(Message)]
#[rtype(result = "Option<Written>")]
pub(in crate::actors) struct Drain(pub(in crate::actors) Option<Pid>);

/// Close the log and open what is at its path now.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Reopen;

/// Rotate the log by these sizes from now on.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Resize(pub(in crate::actors) Rotation);

/// Remove the log and start a new one.
#[derive(Message)]
#[rtype(result = "io::Result<()>")]
pub(in crate::actors) struct Clear;

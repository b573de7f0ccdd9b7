//! What a process can be told.

use crate::actors::stdin::Refused;
use crate::config::ProcessConfig;
use crate::events::OutputChannel;
use crate::process::{ExitStatus, Fault, Mood, Pid, Signal};
use actix::Message;
use std::sync::Arc;

/// Start it, as a client asks; `name` is how the client calls it.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct Start {
    pub(in crate::actors) name: String,
    pub(in crate::actors) wait: bool,
}

/// Stop it, as a client asks.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct Stop {
    pub(in crate::actors) name: String,
    pub(in crate::actors) wait: bool,
}

/// Send it a signal.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct SendSignal {
    pub(in crate::actors) name: String,
    pub(in crate::actors) signal: Signal,
}

/// Write to its stdin.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct WriteStdin {
    pub(in crate::actors) name: String,
    pub(in crate::actors) bytes: Vec<u8>,
}

/// Remove its logs and start new ones.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct ClearLogs {
    pub(in crate::actors) name: String,
}

/// Open its logs, because it is about to be started.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Prepare;

/// Start it because its group was activated.
#[derive(Message)]
#[rtype(result = "Result<(), Fault>")]
pub(in crate::actors) struct Autostart {
    pub(in crate::actors) name: String,
}

/// It is configured so from now on, which its child can't notice.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct TakeConfig(pub(in crate::actors) Arc<ProcessConfig>);

/// Its child was reaped.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct ChildExited(
    pub(in crate::actors) Pid,
    pub(in crate::actors) ExitStatus,
);

/// It wrote something that concerns others than its log. Answered when listeners have had room
/// for all of it.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Output {
    pub(in crate::actors) channel: OutputChannel,
    pub(in crate::actors) said: Vec<Said>,
}

/// What a child wrote, the one of the moment or an earlier one.
pub(in crate::actors) struct Said {
    pub(in crate::actors) author: Pid,
    pub(in crate::actors) words: Words,
}

/// Of which kind it is.
pub(in crate::actors) enum Words {
    /// Plain output of a channel with `*_events_enabled`.
    Plain(Vec<u8>),
    /// A communication, captured between its tokens.
    Captured(Vec<u8>),
}

/// Hand on what was written and concerns others; answered when that is done, or takes too long.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct TellAll;

/// Write an event to its stdin.
#[derive(Message)]
#[rtype(result = "Result<(), Refused>")]
pub(in crate::actors) struct Deliver(pub(in crate::actors) Vec<u8>);

/// Its child broke the protocol of event listeners, and lives on.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct ProtocolBroken;

/// supervisord's mood changed; to a process that is no more wanted, it is as if it did.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(in crate::actors) struct MoodChanged(pub(in crate::actors) Mood);

/// Stop because supervisord stops; answered when nothing is left.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct ShutDown;

/// If it is being stopped, kill it now.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(in crate::actors) struct Hurry;

/// Reopen its logs.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub(in crate::actors) struct ReopenLogs;

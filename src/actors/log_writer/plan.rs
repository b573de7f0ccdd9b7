//! What is to become of an output.

use super::FILES;
use crate::actors::log_counts::LogCounts;
use crate::events::OutputChannel;
use crate::logging::{Rotation, Sink};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to become of an output.
#[derive(Clone, Debug)]
pub(in crate::actors) struct Plan {
    pub(in crate::actors) process: Arc<str>,
    pub(in crate::actors) channel: OutputChannel,
    /// Counts what is logged.
    pub(in crate::actors) counts: Arc<LogCounts>,
    /// The file it is logged to.
    pub(in crate::actors) file: Option<FilePlan>,
    /// Log it to syslog, too.
    pub(in crate::actors) syslog: bool,
    pub(in crate::actors) strip_ansi: bool,
    /// Bytes of a captured communication to keep.
    pub(in crate::actors) capture: Option<usize>,
    /// Tell the process of what is written, for events.
    pub(in crate::actors) events: bool,
    /// Copy it to the activity log.
    pub(in crate::actors) echo: bool,
}

/// The file an output is logged to.
#[derive(Clone, Debug)]
pub(in crate::actors) struct FilePlan {
    pub(in crate::actors) path: PathBuf,
    pub(in crate::actors) rotation: Rotation,
    /// Its permission bits, before the umask.
    pub(in crate::actors) mode: u32,
}

impl FilePlan {
    /// A sink to the file, and how opening it went; to be called on the log thread.
    pub(super) fn open(&self) -> (Sink, io::Result<()>) {
        FILES.with_borrow_mut(|files| files.open(&self.path, self.rotation, self.mode))
    }
}

impl Plan {
    /// Whether anybody wants the output at all.
    pub(in crate::actors) const fn is_wanted(&self) -> bool {
        self.file.is_some() || self.syslog || self.capture.is_some() || self.events || self.echo
    }
}

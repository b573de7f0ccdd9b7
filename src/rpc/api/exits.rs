//! The last exits of a process, with the last lines that it wrote before each.

use super::process::Exit;
use crate::logging::tail::before;
use crate::process::{self, History, ProcessInfo, Written};
use actix_web::rt::task::spawn_blocking;
use std::path::Path;
use std::sync::Arc;

/// The most that is told of each output, in bytes.
const MOST: u64 = 2048;

/// Tells of the exits that are remembered. The files are read off the server's thread.
pub(super) async fn tell(info: &ProcessInfo, history: &History) -> Vec<Exit> {
    let exits: Vec<_> = history.exits().cloned().collect();
    let (stdout, stderr) = (info.stdout_logfile.clone(), info.stderr_logfile.clone());
    let told = spawn_blocking(move || {
        let told = |exit| one(exit, &stdout, &stderr);
        exits.iter().map(told).collect()
    });
    told.await.unwrap_or_default()
}

fn one(exit: &process::Exit, stdout: &Arc<str>, stderr: &Arc<str>) -> Exit {
    Exit {
        pid: exit.pid,
        start: exit.start,
        stop: exit.stop,
        exitstatus: exit.status.code(),
        signal: exit.status.signal().map(|signal| signal.to_string()),
        reason: exit.ending.name(),
        stdout: last_lines(stdout, exit.stdout),
        stderr: last_lines(stderr, exit.stderr),
    }
}

fn last_lines(path: &str, written: Option<Written>) -> Option<String> {
    let Written { end, length } = written?;
    let bytes = before(Path::new(path), end, length.min(MOST)).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    // The first line is cut off, unless it is all there is.
    let whole = match text.split_once('\n') {
        Some((_, rest)) if length > MOST && !rest.is_empty() => rest,
        _ => &text,
    };
    Some(whole.to_owned())
}

//! `supervisor.*`: reading and clearing logs; `logs.*`: reopening them. Files are read off the server's thread.

use super::args::Args;
use super::method::Answer;
use super::shape::Tail;
use super::supervisor::{done, results};
use crate::actors::SupervisorHandle;
use crate::events::OutputChannel;
use crate::logging::tail::{self, ReadError};
use crate::process::{Fault, FaultCode, ProcessInfo};
use crate::xmlrpc::encode::Bytes;
use actix_web::rt::task::spawn_blocking;
use std::path::{Path, PathBuf};
use tokio::sync::Semaphore;

pub(super) async fn read_main(handle: SupervisorHandle, args: Args) -> Answer {
    let (offset, length) = (args.number(0)?, args.number(1)?);
    match handle.main_log() {
        Some(path) => read(path, offset, length).await,
        None => Err(Fault::new(FaultCode::NoFile, "syslog")),
    }
}

pub(super) async fn reopen(handle: SupervisorHandle, _: Args) -> Answer {
    handle.reopen_logs().await;
    done()
}

pub(super) async fn clear_main(handle: SupervisorHandle, _: Args) -> Answer {
    handle.clear_main_log().await?;
    done()
}

pub(super) async fn read_stdout(handle: SupervisorHandle, args: Args) -> Answer {
    read_process(&handle, &args, OutputChannel::Stdout).await
}

pub(super) async fn read_stderr(handle: SupervisorHandle, args: Args) -> Answer {
    read_process(&handle, &args, OutputChannel::Stderr).await
}

pub(super) async fn tail_stdout(handle: SupervisorHandle, args: Args) -> Answer {
    tail_process(&handle, &args, OutputChannel::Stdout).await
}

pub(super) async fn tail_stderr(handle: SupervisorHandle, args: Args) -> Answer {
    tail_process(&handle, &args, OutputChannel::Stderr).await
}

pub(super) async fn clear(handle: SupervisorHandle, args: Args) -> Answer {
    handle.clear_process_logs(args.text(0)?).await?;
    done()
}

pub(super) async fn clear_all(handle: SupervisorHandle, _: Args) -> Answer {
    results(handle.clear_all_process_logs().await)
}

async fn read_process(handle: &SupervisorHandle, args: &Args, channel: OutputChannel) -> Answer {
    let info = handle.process_info(args.text(0)?)?;
    let (offset, length) = (args.number(1)?, args.number(2)?);
    match logfile(&info, channel) {
        Some(path) => read(path, offset, length).await,
        None => Err(Fault::bare(FaultCode::NoFile)),
    }
}

async fn tail_process(handle: &SupervisorHandle, args: &Args, channel: OutputChannel) -> Answer {
    let info = handle.process_info(args.text(0)?)?;
    let (offset, length) = (args.number(1)?, args.number(2)?);
    let tail = match logfile(&info, channel) {
        Some(path) => off_thread(move || tail::tail(&path, offset, length)).await?,
        None => tail::Tail {
            bytes: Vec::new(),
            offset: 0,
            overflow: false,
        },
    };
    Ok(Box::new(Tail(tail)))
}

/// The file of one of a process's outputs, if it has one.
pub(in crate::rpc) fn logfile(info: &ProcessInfo, channel: OutputChannel) -> Option<PathBuf> {
    let path = match channel {
        OutputChannel::Stdout => &info.stdout_logfile,
        OutputChannel::Stderr => &info.stderr_logfile,
    };
    (!path.is_empty()).then(|| PathBuf::from(&**path))
}

async fn read(path: PathBuf, offset: i64, length: i64) -> Answer {
    Ok(Box::new(Bytes(read_file(path, offset, length).await?)))
}

/// A part of a file, by the rules of readLog.
pub(super) async fn read_file(path: PathBuf, offset: i64, length: i64) -> Result<Vec<u8>, Fault> {
    off_thread(move || read_part(&path, offset, length)).await?
}

/// How many logs are read at once: what is read is kept in memory.
static READERS: Semaphore = Semaphore::const_new(8);

/// Reads on another thread, when it is its turn.
async fn off_thread<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let failed = Fault::bare(FaultCode::Failed);
    let Ok(_turn) = READERS.acquire().await else {
        return Err(failed);
    };
    spawn_blocking(read).await.or(Err(failed))
}

fn read_part(path: &Path, offset: i64, length: i64) -> Result<Vec<u8>, Fault> {
    tail::read(path, offset, length).map_err(|error| match error {
        ReadError::NoFile => Fault::new(FaultCode::NoFile, path.display().to_string()),
        ReadError::BadArguments => Fault::bare(FaultCode::BadArguments),
        ReadError::Failed(_) => Fault::bare(FaultCode::Failed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_faults_with_the_path_or_the_plain_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let fault = |offset, length| read_part(&path, offset, length).unwrap_err().to_string();
        assert_eq!(fault(0, 0), format!("NO_FILE: {}", path.display()));
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(fault(-4, 1), "BAD_ARGUMENTS");
        assert_eq!(read_part(&path, 3, 4).unwrap(), b"3456");
        let fault = read_part(dir.path(), 0, 0).unwrap_err().to_string();
        assert_eq!(fault, "FAILED");
    }
}

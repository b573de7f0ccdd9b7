//! `/logtail` and `/mainlogtail`: logs as streams that go on for as long as the client listens.

use super::growing_log::GrowingLog;
use super::logs::logfile;
use super::reply;
use crate::actors::SupervisorHandle;
use crate::events::OutputChannel;
use crate::logging::Follower;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HttpDate, LAST_MODIFIED};
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use std::io;
use std::path::PathBuf;

/// The stream of a process's log, by the parts of its path: a name and perhaps a channel.
pub(super) async fn of_process(handle: &SupervisorHandle, parts: &[String]) -> HttpResponse {
    let path = process_log(parts).and_then(|(name, channel)| {
        let info = handle.process_info(name).ok()?;
        logfile(&info, channel)
    });
    stream(path, Some(("X-Accel-Buffering", "no"))).await
}

/// The stream of supervisord's own log.
pub(super) async fn of_supervisord(handle: &SupervisorHandle) -> HttpResponse {
    stream(handle.main_log(), None).await
}

fn process_log(parts: &[String]) -> Option<(&str, OutputChannel)> {
    match parts {
        [name] => Some((name, OutputChannel::Stdout)),
        [name, channel] if channel == "stdout" => Some((name, OutputChannel::Stdout)),
        [name, channel] if channel == "stderr" => Some((name, OutputChannel::Stderr)),
        _ => None,
    }
}

async fn stream(path: Option<PathBuf>, header: Option<(&str, &str)>) -> HttpResponse {
    let Some(path) = path else {
        return reply::not_found();
    };
    let opened = GrowingLog::open(path, Follower::open).await;
    match opened.and_then(|log| Ok((log.follower().modified()?, log))) {
        Ok((modified, log)) => {
            let mut reply = HttpResponse::Ok();
            reply.insert_header((CONTENT_TYPE, "text/plain;charset=utf-8"));
            reply.insert_header((LAST_MODIFIED, HttpDate::from(modified)));
            if let Some(header) = header {
                reply.insert_header(header);
            }
            reply.streaming(unfold(log, next))
        }
        Err(_) => reply::not_found(),
    }
}

/// The next piece, however long it takes; an error ends the stream.
async fn next(mut log: GrowingLog) -> Option<(io::Result<Bytes>, GrowingLog)> {
    loop {
        let (piece, looked) = log.look(Follower::next_chunk).await.ok()?;
        log = looked;
        match piece {
            Some(bytes) => return Some((Ok(Bytes::from(bytes)), log)),
            None => log.changed().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_process_and_perhaps_a_channel() {
        let of = |parts: &[&str]| {
            let parts: Vec<_> = parts.iter().map(|&part| part.to_owned()).collect();
            process_log(&parts).map(|(name, channel)| (name.to_owned(), channel))
        };
        let want = |channel| Some(("a:b".to_owned(), channel));
        assert_eq!(of(&["a:b"]), want(OutputChannel::Stdout));
        assert_eq!(of(&["a:b", "stdout"]), want(OutputChannel::Stdout));
        assert_eq!(of(&["a:b", "stderr"]), want(OutputChannel::Stderr));
        assert_eq!(of(&["a:b", "nope"]), None);
        assert_eq!(of(&["a:b", "stdout", "x"]), None);
        assert_eq!(of(&[]), None);
    }
}

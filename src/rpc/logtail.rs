//! `/logtail` and `/mainlogtail`: logs as streams that go on for as long as the client listens.

use super::logs::logfile;
use super::reply;
use crate::actors::SupervisorHandle;
use crate::events::OutputChannel;
use crate::logging::Follower;
use crate::os::watch::FileWatch;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HttpDate, LAST_MODIFIED};
use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// A pause before each look but the first, in which small writes gather into one piece.
const GATHER: Duration = Duration::from_millis(10);

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
    match Stream::open(path).await {
        Ok((stream, modified)) => {
            let mut reply = HttpResponse::Ok();
            reply.insert_header((CONTENT_TYPE, "text/plain;charset=utf-8"));
            reply.insert_header((LAST_MODIFIED, HttpDate::from(modified)));
            if let Some(header) = header {
                reply.insert_header(header);
            }
            reply.streaming(unfold(stream, Stream::next))
        }
        Err(_) => reply::not_found(),
    }
}

/// A log on its way to a client.
struct Stream {
    follower: Follower,
    watch: FileWatch,
    /// Whether small writes are let gather before the next look.
    pause: bool,
}

impl Stream {
    /// Opens a log, and tells when it was written last.
    async fn open(path: PathBuf) -> io::Result<(Self, SystemTime)> {
        let watch = FileWatch::new(path.clone());
        let open = move || {
            let follower = Follower::open(&path)?;
            let modified = follower.modified()?;
            io::Result::Ok((follower, modified))
        };
        let (follower, modified) = spawn_blocking(open).await??;
        let stream = Self {
            follower,
            watch,
            pause: false,
        };
        Ok((stream, modified))
    }

    /// The next piece, however long it takes; an error ends the stream.
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        loop {
            if self.pause {
                sleep(GATHER).await;
            }
            self.pause = true;
            self.watch.mind();
            let (follower, piece) = spawn_blocking(move || {
                let piece = self.follower.next_chunk();
                (self.follower, piece)
            })
            .await
            .ok()?;
            self.follower = follower;
            match piece {
                Ok(None) => self.watch.changed().await,
                Ok(Some(bytes)) => return Some((Ok(Bytes::from(bytes)), self)),
                Err(error) => return Some((Err(error), self)),
            }
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

//! A log as it grows, as server-sent events. The id of each says where to go on.

use super::problem::Problem;
use super::sse::{self, Events, SILENCE};
use crate::logging::{FollowPiece, Follower};
use crate::process::{Fault, FaultCode, LogEnd};
use crate::rpc::growing_log::GrowingLog;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The most that following a log begins with, in bytes.
pub(super) const MAX_TAIL: u64 = 1 << 20;

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// With so many bytes of what is there.
    Tail(u64),
    /// Behind what another stream has brought.
    Place(LogEnd),
}

impl From {
    /// The place that an event's id names.
    pub(super) fn id(id: &str) -> Option<Self> {
        let (inode, size) = id.split_once('-')?;
        let (inode, size) = (inode.parse().ok()?, size.parse().ok()?);
        Some(Self::Place(LogEnd { inode, size }))
    }
}

/// A log on its way to a client.
struct Following {
    log: GrowingLog,
    /// The beginning of a character whose rest is still to come.
    unfinished: Vec<u8>,
    /// When the client was sent something last.
    spoke: Instant,
}

#[derive(Serialize)]
struct Output {
    text: String,
}

#[derive(Serialize)]
struct Skipped {
    bytes: u64,
}

#[derive(Serialize)]
struct Nothing {}

/// The stream of the log at a path.
pub(super) async fn stream(path: PathBuf, from: From) -> Result<HttpResponse, Problem> {
    let no_file = Fault::new(FaultCode::NoFile, path.display().to_string());
    let open = move |path: &Path| match from {
        From::Tail(bytes) => Follower::open_with(path, bytes),
        From::Place(place) => Follower::resume(path, place, MAX_TAIL),
    };
    let Ok(log) = GrowingLog::open(path, open).await else {
        return Err(no_file.into());
    };
    let following = Following {
        log,
        unfinished: Vec::new(),
        spoke: Instant::now(),
    };
    Ok(sse::reply(unfold(following, Following::next)))
}

impl Following {
    /// The next events, however long they take; an error ends the stream.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            let (piece, log) = self.log.look(Follower::next_piece).await.ok()?;
            self.log = log;
            match piece {
                Some(piece) => {
                    self.spoke = Instant::now();
                    let events = self.events(piece).ok()?;
                    return Some((events.into_bytes(), self));
                }
                None if self.spoke.elapsed() >= SILENCE => {
                    self.spoke = Instant::now();
                    return Some((sse::still_here(), self));
                }
                // It comes back now and then, though nothing has changed.
                None => self.log.changed().await,
            }
        }
    }

    fn events(&mut self, piece: FollowPiece) -> io::Result<Events> {
        let mut events = Events::default();
        match piece {
            FollowPiece::Bytes(bytes) => {
                let text = self.text(bytes);
                let LogEnd { inode, size } = self.log.follower().place()?;
                let id = format!("{inode}-{}", size - self.unfinished.len() as u64);
                events.push(Some(&id), "output", &Output { text });
            }
            FollowPiece::Truncated => events.push(None, "truncated", &self.begin()),
            FollowPiece::Rotated => events.push(None, "rotated", &self.begin()),
            FollowPiece::Skipped(bytes) => events.push(None, "skipped", &Skipped { bytes }),
        }
        Ok(events)
    }

    fn begin(&mut self) -> Nothing {
        self.unfinished.clear();
        Nothing {}
    }

    /// What the bytes say, with what was left of those before, up to the last whole character.
    fn text(&mut self, bytes: Vec<u8>) -> String {
        let mut all = std::mem::take(&mut self.unfinished);
        all.extend(bytes);
        self.unfinished = all.split_off(all.len() - unfinished(&all));
        String::from_utf8_lossy(&all).into_owned()
    }
}

/// How many of the last bytes are the beginning of a character of UTF-8.
fn unfinished(bytes: &[u8]) -> usize {
    let last = bytes.last_chunk::<3>().map_or(bytes, |last| last);
    for (back, &byte) in last.iter().rev().enumerate() {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return 0,
        };
        return if back + 1 < length { back + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_cut() {
        for text in ["x", "é", "€", "🦀", "a🦀b"] {
            let bytes = text.as_bytes();
            assert_eq!(unfinished(bytes), 0, "{text}");
        }
        for (bytes, want) in [
            (&b"\xf0\x9f\xa6"[..], 3),
            (b"a\xc3", 1),
            (b"\xe2\x82", 2),
            (b"\x80\x80\x80\x80", 0),
            (b"a\xff", 0),
            (b"", 0),
        ] {
            assert_eq!(unfinished(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn an_id_names_a_place() {
        let place = From::Place(LogEnd { inode: 7, size: 9 });
        assert_eq!(From::id("7-9"), Some(place));
        for wrong in ["", "7", "7-", "a-b", "-1-2"] {
            assert_eq!(From::id(wrong), None, "{wrong}");
        }
    }
}

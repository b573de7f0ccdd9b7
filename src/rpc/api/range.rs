//! Logs as files: whole, or by ranges of bytes (RFC 9110, section 14).

use super::problem::Problem;
use crate::logging::tail::open_log;
use crate::process::{Fault, FaultCode};
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE,
};
use actix_web::rt::task::spawn_blocking;
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The most that is read at a time.
const PIECE: u64 = 64 * 1024;

/// What a `Range` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// From the first to the last of these.
    Between(u64, u64),
    /// From here to the end.
    From(u64),
    /// So many bytes at the end.
    Last(u64),
}

impl Asked {
    /// `None` where it is not understood, and the whole is to be given; so it is with several
    /// ranges.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        match (first, last) {
            ("", last) => Some(Self::Last(last.parse().ok()?)),
            (first, "") => Some(Self::From(first.parse().ok()?)),
            (first, last) => {
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    /// Where it lies in a file of this size, never empty; `None` when outside.
    fn within(self, size: u64) -> Option<Range<u64>> {
        match self {
            Self::Between(first, _) | Self::From(first) if first >= size => None,
            Self::Between(first, last) => Some(first..size.min(last.saturating_add(1))),
            Self::From(first) => Some(first..size),
            Self::Last(length) if length == 0 || size == 0 => None,
            Self::Last(length) => Some(size.saturating_sub(length)..size),
        }
    }
}

/// Answers with a log, or a part of it; with a name, for browsers to save it under.
pub(super) async fn reply(
    path: PathBuf,
    asked: Option<Asked>,
    name: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let shown = path.display().to_string();
    let opened = spawn_blocking(move || open_log(&path)).await;
    let (file, size) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Fault::new(FaultCode::NoFile, shown).into());
        }
        _ => return Err(Fault::bare(FaultCode::Failed).into()),
    };
    let (range, mut reply) = match asked {
        None => (0..size, HttpResponse::Ok()),
        Some(asked) => match asked.within(size) {
            // Of an empty file the end is as good as the whole.
            None if size == 0 && matches!(asked, Asked::Last(_)) => (0..0, HttpResponse::Ok()),
            None => return Ok(not_satisfiable(size)),
            Some(range) => {
                let mut reply = HttpResponse::PartialContent();
                let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                reply.insert_header((CONTENT_RANGE, told));
                (range, reply)
            }
        },
    };
    reply
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CACHE_CONTROL, "no-store"));
    if let Some(name) = name {
        let told = format!("attachment; filename=\"{}\"", plain(name));
        reply.insert_header((CONTENT_DISPOSITION, told));
    }
    let length = range.end - range.start;
    if length == 0 {
        return Ok(reply.body(Bytes::new()));
    }
    let pieces = unfold((file, range), next_piece);
    Ok(reply.body(SizedStream::new(length, Box::pin(pieces))))
}

fn not_satisfiable(size: u64) -> HttpResponse {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        format!("the log has {size} bytes"),
    );
    let mut reply = problem.reply();
    if let Ok(range) = format!("bytes */{size}").parse() {
        reply.headers_mut().insert(CONTENT_RANGE, range);
    }
    reply
}

type Rest = (File, Range<u64>);

/// The next piece of what is left. A file that has become shorter ends the answer early, which a
/// client can tell.
async fn next_piece((file, range): Rest) -> Option<(io::Result<Bytes>, Rest)> {
    if range.is_empty() {
        return None;
    }
    let length = PIECE.min(range.end - range.start);
    let start = range.start;
    let (file, read) = spawn_blocking(move || {
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        let read = file.read_exact_at(&mut bytes, start).map(|()| bytes);
        (file, read)
    })
    .await
    .ok()?;
    Some((read.map(Bytes::from), (file, start + length..range.end)))
}

/// A name that is safe in a header and as a file.
fn plain(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars()
        .map(|c| if safe(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lie_within_the_file() {
        for (header, want) in [
            ("bytes=0-4", Some(0..5)),
            ("bytes=5-", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-99", Some(0..10)),
            ("bytes=8-99", Some(8..10)),
            ("bytes=0-18446744073709551615", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=99-100", None),
            ("bytes=-0", None),
        ] {
            let asked = Asked::parse(header).unwrap();
            assert_eq!(asked.within(10), want, "{header}");
            assert_eq!(asked.within(0), None, "{header}");
        }
    }

    #[test]
    fn what_is_not_understood_is_the_whole() {
        for header in [
            "",
            "bytes",
            "lines=1-2",
            "bytes=2-1",
            "bytes=0-1,3-4",
            "bytes=a-b",
        ] {
            assert_eq!(Asked::parse(header), None, "{header}");
        }
    }

    #[test]
    fn names_are_made_safe() {
        assert_eq!(plain("web:a/b\".log"), "web_a_b_.log");
    }
}

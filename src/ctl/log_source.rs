//! A log of one process among several that are looked at together.

use super::connection::Connection;

/// More of a line is not waited for, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// What stands for a byte that XML-RPC can't carry.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// A log: what was in it, and the stream of what comes.
pub(super) struct LogSource {
    /// The process's name.
    pub(super) name: String,
    /// The stream, until it ends.
    pub(super) stream: Option<Connection>,
    /// The end of what was in the log, until the stream has begun.
    seam: Option<String>,
    /// The start of a line.
    line: Vec<u8>,
}

impl LogSource {
    /// Whose log's end was this; the stream is opened after that was read.
    pub(super) fn new(name: String, end: String, stream: Option<Connection>) -> Self {
        Self {
            name,
            stream,
            seam: (!end.is_empty()).then_some(end),
            line: Vec::new(),
        }
    }

    /// Cuts into lines what has come since the last time, or was there.
    pub(super) fn lines(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.line.extend_from_slice(bytes);
        let end = match memchr::memrchr(b'\n', &self.line) {
            Some(end) => end + 1,
            None if self.line.len() > MAX_LINE => self.line.len(),
            None => return Vec::new(),
        };
        let rest = self.line.split_off(end);
        let whole = std::mem::replace(&mut self.line, rest);
        let lines = whole.split_inclusive(|byte| *byte == b'\n');
        let without_end = |line: &[u8]| line.strip_suffix(b"\n").unwrap_or(line).to_vec();
        lines.map(without_end).collect()
    }

    /// The line that will not be ended any more.
    pub(super) fn last_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        (!line.is_empty()).then_some(line)
    }

    /// What of the stream's bytes is new: it begins with the end of what was there.
    pub(super) fn take_new(&mut self) -> Vec<u8> {
        let bytes = self
            .stream
            .as_mut()
            .map(Connection::take)
            .unwrap_or_default();
        match self.seam.take_if(|_| !bytes.is_empty()) {
            Some(end) => after_seam(&end, &bytes),
            None => bytes,
        }
    }
}

/// `bytes` without what of their start is the end of `before` already. They may begin within a
/// character; and what XML-RPC can't carry stands in `before` as U+FFFD.
fn after_seam(before: &str, bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| byte & 0xc0 != 0x80);
    let bytes = bytes.get(start.unwrap_or(0)..).unwrap_or_default();
    let text: String = String::from_utf8_lossy(bytes)
        .chars()
        .map(as_told)
        .collect();
    let known = |end: &usize| {
        text.get(..*end)
            .is_some_and(|known| before.ends_with(known))
    };
    let known = (0..=text.len()).rev().find(known).unwrap_or(0);
    text.get(known..).unwrap_or_default().as_bytes().to_vec()
}

const fn as_told(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => c,
        '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => REPLACEMENT,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_goes_on_where_the_log_was_left() {
        for (before, bytes, new) in [
            ("one\ntwo\n", &b"one\ntwo\n"[..], ""),
            ("zero\none\ntwo\n", b"ne\ntwo\nthree\n", "three\n"),
            ("one\n", b"two\n", "two\n"),
            ("xü\n", b"\xbc\nnew\n", "new\n"),
            ("a\u{fffd}[1mb\n", b"a\x1b[1mb\nc\n", "c\n"),
            ("x\u{fffd}\n", b"x\xff\n", ""),
        ] {
            let after = after_seam(before, bytes);
            assert_eq!(String::from_utf8_lossy(&after), new, "{before:?}");
        }
    }

    #[test]
    fn lines_come_whole() {
        let mut source = LogSource::new("a".into(), String::new(), None);
        assert!(source.lines(b"on").is_empty());
        assert_eq!(source.lines(b"e\n\ntw"), [&b"one"[..], b""]);
        assert_eq!(source.last_line().unwrap(), b"tw");
        assert_eq!(source.last_line(), None);
        assert_eq!(source.lines(&[b'x'; MAX_LINE + 1]).len(), 1);
    }
}

//! The end of a log: its last lines, and where a stream of it goes on.

use super::Error;
use super::controller::Controller;
use super::logs::whole_log;
use super::options::Options;

/// How much of a log's end is looked through for lines at first, and at most, in bytes.
const FIRST_LOOK: i64 = 8 * 1024;
const LONGEST_LOOK: i64 = 16 * 1024 * 1024;

/// What stands for a byte that XML-RPC can't carry.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The end of a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LogEnd {
    /// Byte by byte.
    Exact(Vec<u8>),
    /// As XML-RPC tells it, which has U+FFFD for what it can't carry.
    Told(String),
}

impl LogEnd {
    /// Reads as much of a log as holds the lines that are wanted, if it has so many.
    pub(super) fn read(controller: &mut Controller<'_>, name: &str) -> Result<Self, Error> {
        let wanted = controller.options.lines;
        let mut length = FIRST_LOOK;
        loop {
            let end = Self::last(controller, name, length)?;
            let bytes = end.bytes();
            let found = memchr::memchr_iter(b'\n', bytes).count();
            let is_all = i64::try_from(bytes.len()).is_ok_and(|found| found < length);
            if found > wanted || is_all || length >= LONGEST_LOOK {
                return Ok(end);
            }
            length *= 8;
        }
    }

    /// Reads its last `length` bytes. Supervisor's own servers know only one way to tell them, and
    /// no other tells why there are none.
    fn last(controller: &mut Controller<'_>, name: &str, length: i64) -> Result<Self, Error> {
        let Options { channel, .. } = controller.options;
        controller.report.flush();
        match controller.client.end_of(&whole_log(name, channel), length) {
            Ok(bytes) => Ok(Self::Exact(bytes)),
            Err(error @ Error::Status { .. }) if !error.is_unauthorized() => {
                let supervisor = controller.supervisor();
                let told = supervisor.read_process_log(name, channel, length)?;
                Ok(Self::Told(told))
            }
            Err(error) => Err(error),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Exact(bytes) => bytes,
            Self::Told(text) => text.as_bytes(),
        }
    }

    /// Its last lines.
    pub(super) fn last_lines(&self, lines: usize) -> &[u8] {
        let bytes = self.bytes();
        let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let mut starts = memchr::memrchr_iter(b'\n', body).map(|end| end + 1);
        match lines.checked_sub(1) {
            None => &[],
            Some(before) => {
                let start = starts.nth(before).unwrap_or(0);
                bytes.get(start..).unwrap_or(bytes)
            }
        }
    }

    /// What is new of a stream's first bytes: without what of their start is the end of this.
    pub(super) fn new_of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let known = match self {
            Self::Exact(end) => {
                let lengths = (0..=bytes.len()).rev();
                let mut starts = lengths.filter_map(|length| bytes.get(..length));
                let start = starts.find(|start| end.ends_with(start));
                start.map_or(0, <[u8]>::len)
            }
            Self::Told(end) => known_length(end, bytes),
        };
        bytes.get(known..).unwrap_or_default()
    }
}

/// How many of the bytes are told at the end of `told`. They may begin within a character.
fn known_length(told: &str, bytes: &[u8]) -> usize {
    let start = bytes.iter().position(|byte| byte & 0xc0 != 0x80);
    let mut length = start.unwrap_or(0);
    let mut text = String::new();
    let mut known = length;
    for chunk in bytes.get(length..).unwrap_or_default().utf8_chunks() {
        for c in chunk.valid().chars() {
            text.push(as_told(c));
            length += c.len_utf8();
            if told.ends_with(&text) {
                known = length;
            }
        }
        if !chunk.invalid().is_empty() {
            text.push(REPLACEMENT);
            length += chunk.invalid().len();
            if told.ends_with(&text) {
                known = length;
            }
        }
    }
    known
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
    fn the_last_lines_are_found_from_the_end() {
        for (text, lines, want) in [
            ("a\nb\nc\n", 2, "b\nc\n"),
            ("a\nb\nc", 2, "b\nc"),
            ("a\nb\n", 5, "a\nb\n"),
            ("a\n\n\n", 2, "\n\n"),
            ("a\n", 0, ""),
            ("", 3, ""),
            ("a", 1, "a"),
        ] {
            let end = LogEnd::Exact(text.as_bytes().to_vec());
            let last = String::from_utf8_lossy(end.last_lines(lines));
            assert_eq!(last, want, "{text:?} {lines}");
        }
    }

    #[test]
    fn a_stream_goes_on_where_the_log_was_left() {
        for (before, bytes, new) in [
            (&b"one\ntwo\n"[..], &b"one\ntwo\n"[..], &b""[..]),
            (b"zero\none\ntwo\n", b"ne\ntwo\nthree\n", b"three\n"),
            (b"one\n", b"two\n", b"two\n"),
            (b"", b"two\n", b"two\n"),
            (b"x\xc3", b"x\xc3\xbc", b"\xbc"),
            (b"x\xc3\xbc\n", b"\xbc\nnew\n", b"new\n"),
            (b"a\x1b[1mb\n", b"a\x1b[1mb\n\x1b[31mc", b"\x1b[31mc"),
            (b"x\xff\n", b"x\xff\n\xff", b"\xff"),
        ] {
            let exact = LogEnd::Exact(before.to_vec());
            assert_eq!(exact.new_of(bytes), new, "{before:?}");
        }
    }

    #[test]
    fn what_xml_can_not_carry_is_known_again() {
        for (before, bytes, new) in [
            ("one\ntwo\n", &b"ne\ntwo\nthree\n"[..], &b"three\n"[..]),
            ("", b"two\n", b"two\n"),
            ("x\u{fc}\n", b"\xbc\nnew\n", b"new\n"),
            ("a\u{fffd}[1mb\n", b"a\x1b[1mb\n\x1b[31mc", b"\x1b[31mc"),
            ("x\u{fffd}\n", b"x\xff\n\xff", b"\xff"),
        ] {
            let told = LogEnd::Told(before.to_owned());
            assert_eq!(told.new_of(bytes), new, "{before:?}");
        }
    }
}

//! A log of one process among several that are looked at together.

use super::connection::Connection;
use super::log_end::LogEnd;
use super::terminal_text::TerminalText;

/// More of a line is not waited for, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// A log: what was in it, and the stream of what comes.
pub(super) struct LogSource {
    /// The process's name.
    pub(super) name: String,
    /// The stream, until it ends.
    pub(super) stream: Option<Connection>,
    /// What it looks like at a terminal, if it is shown there.
    pub(super) text: Option<TerminalText>,
    /// The end of what was in the log, until the stream has begun.
    seam: Option<LogEnd>,
    /// The start of a line.
    line: Vec<u8>,
}

impl LogSource {
    /// Whose log's end was this; the stream is opened after that was read.
    pub(super) fn new(
        name: String,
        end: LogEnd,
        stream: Option<Connection>,
        text: Option<TerminalText>,
    ) -> Self {
        Self {
            name,
            stream,
            text,
            seam: Some(end),
            line: Vec::new(),
        }
    }

    /// What is to be shown for bytes of it.
    pub(super) fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        match &mut self.text {
            Some(text) => text.feed(bytes),
            None => bytes.to_vec(),
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
            Some(end) => end.new_of(&bytes).to_vec(),
            None => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole() {
        let mut source = LogSource::new("a".into(), LogEnd::Exact(Vec::new()), None, None);
        assert!(source.lines(b"on").is_empty());
        assert_eq!(source.lines(b"e\n\ntw"), [&b"one"[..], b""]);
        assert_eq!(source.last_line().unwrap(), b"tw");
        assert_eq!(source.last_line(), None);
        assert_eq!(source.lines(&[b'x'; MAX_LINE + 1]).len(), 1);
    }
}

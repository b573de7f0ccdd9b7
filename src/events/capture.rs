//! Finds the capture tokens in a byte stream that is cut anywhere.
//!
//! A process with `*_capture_maxbytes` sends a message by writing it between the two tokens. A
//! BEGIN inside a message is part of it, an END outside is ordinary output.

use memchr::memmem::Finder;
use std::collections::VecDeque;
use std::mem;
use std::sync::LazyLock;

/// What begins a message.
pub const BEGIN: &[u8] = b"<!--XSUPERVISOR:BEGIN-->";
/// What ends it.
pub const END: &[u8] = b"<!--XSUPERVISOR:END-->";

/// A part of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Ordinary output; never empty.
    Plain(&'a [u8]),
    /// What the stream brings of a message, as it comes; never empty.
    Part(&'a [u8]),
    /// A message has come to its end.
    Captured(Message),
    /// The stream has come to its end within a message.
    Unfinished(Message),
}

/// What was kept of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its last bytes, as many as may be kept.
    pub bytes: Vec<u8>,
    /// How many came before them.
    pub lost: usize,
}

/// Splits a stream into ordinary output and messages.
///
/// It keeps the message that comes, at most `maxbytes` of it, and otherwise only how
/// much of a token the stream has ended with: ordinary output is held back for no longer than it
/// may be the beginning of a token.
#[derive(Clone, Debug)]
pub struct Capture {
    maxbytes: usize,
    mode: Mode,
    /// How many bytes of the mode's token the stream so far ends with.
    matched: usize,
}

#[derive(Clone, Debug)]
enum Mode {
    Plain,
    Capturing(Kept),
}

/// The end of a message that goes on.
#[derive(Clone, Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    lost: usize,
}

struct Token {
    bytes: &'static [u8],
    finder: LazyLock<Finder<'static>>,
}

// A token's first byte occurs in it only once. Hence what broke a match can't hold the beginning
// of another, and at most the stream's last `<` can be the beginning of a token.
static BEGIN_TOKEN: Token = Token {
    bytes: BEGIN,
    finder: LazyLock::new(|| Finder::new(BEGIN)),
};
static END_TOKEN: Token = Token {
    bytes: END,
    finder: LazyLock::new(|| Finder::new(END)),
};

impl Token {
    /// How many bytes at the end of `data` are a beginning of the token.
    fn begun_at_end(&self, data: &[u8]) -> usize {
        let tail = &data[data.len().saturating_sub(self.bytes.len() - 1)..];
        memchr::memrchr(b'<', tail)
            .and_then(|at| tail.get(at..))
            .filter(|begun| self.bytes.starts_with(begun))
            .map_or(0, <[u8]>::len)
    }
}

impl Capture {
    /// Begins outside of any message. `maxbytes` is how much of a message is kept.
    pub const fn new(maxbytes: usize) -> Self {
        Self {
            maxbytes,
            mode: Mode::Plain,
            matched: 0,
        }
    }

    /// Takes the next bytes of the stream and tells the pieces that they complete, in order.
    pub fn feed(&mut self, data: &[u8], mut tell: impl FnMut(Piece<'_>)) {
        let mut rest = data;
        while !rest.is_empty() {
            rest = match self.matched {
                0 => self.search(rest, &mut tell),
                _ => self.continue_match(rest, &mut tell),
            };
        }
    }

    /// The stream, or what its author had to say, has ended: tells what is held back. What comes
    /// then is outside of any message.
    pub fn finish(&mut self, mut tell: impl FnMut(Piece<'_>)) {
        let token = self.token().bytes;
        let held = mem::take(&mut self.matched);
        self.pass(&token[..held], &mut tell);
        if let Mode::Capturing(kept) = mem::replace(&mut self.mode, Mode::Plain) {
            tell(Piece::Unfinished(kept.into()));
        }
    }

    /// Looks for a whole token, and for the beginning of one at the end.
    fn search<'d>(&mut self, data: &'d [u8], tell: &mut impl FnMut(Piece<'_>)) -> &'d [u8] {
        let token = self.token();
        if let Some(at) = token.finder.find(data) {
            self.pass(&data[..at], tell);
            self.toggle(tell);
            return &data[at + token.bytes.len()..];
        }
        self.matched = token.begun_at_end(data);
        self.pass(&data[..data.len() - self.matched], tell);
        &[]
    }

    /// Compares with what is missing of a token that earlier data began.
    fn continue_match<'d>(&mut self, data: &'d [u8], tell: &mut impl FnMut(Piece<'_>)) -> &'d [u8] {
        let token = self.token().bytes;
        let missing = &token[self.matched..];
        let common = missing.len().min(data.len());
        if missing[..common] != data[..common] {
            let held = mem::take(&mut self.matched);
            self.pass(&token[..held], tell);
            return data;
        }
        self.matched += common;
        if self.matched == token.len() {
            self.toggle(tell);
        }
        &data[common..]
    }

    fn pass(&mut self, data: &[u8], tell: &mut impl FnMut(Piece<'_>)) {
        match &mut self.mode {
            _ if data.is_empty() => {}
            Mode::Plain => tell(Piece::Plain(data)),
            Mode::Capturing(kept) => {
                kept.append(data, self.maxbytes);
                tell(Piece::Part(data));
            }
        }
    }

    fn toggle(&mut self, tell: &mut impl FnMut(Piece<'_>)) {
        self.matched = 0;
        match mem::replace(&mut self.mode, Mode::Plain) {
            Mode::Plain => self.mode = Mode::Capturing(Kept::default()),
            Mode::Capturing(kept) => tell(Piece::Captured(kept.into())),
        }
    }

    const fn token(&self) -> &'static Token {
        match self.mode {
            Mode::Plain => &BEGIN_TOKEN,
            Mode::Capturing(_) => &END_TOKEN,
        }
    }
}

impl Kept {
    /// Appends and keeps the last `maxbytes` bytes.
    fn append(&mut self, data: &[u8], maxbytes: usize) {
        let skipped = data.len().saturating_sub(maxbytes);
        let data = &data[skipped..];
        let excess = (self.bytes.len() + data.len()).saturating_sub(maxbytes);
        self.bytes.drain(..excess);
        self.bytes.extend(data);
        self.lost += skipped + excess;
    }
}

impl From<Kept> for Message {
    fn from(Kept { bytes, lost }: Kept) -> Self {
        Self {
            bytes: bytes.into(),
            lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pieces, neighbouring plain ones joined; captured text in brackets, of which plain text
    /// has none, without the second one where the end is missing.
    fn told(mut capture: Capture, chunks: &[&[u8]]) -> Vec<String> {
        let mut pieces = Vec::<String>::new();
        let mut parts = Vec::new();
        let mut tell = |piece: Piece<'_>| match piece {
            Piece::Plain(bytes) => {
                assert!(!bytes.is_empty());
                let text = bytes.escape_ascii().to_string().replace('[', "\\x5b");
                match pieces.last_mut().filter(|last| !last.starts_with('[')) {
                    Some(last) => last.push_str(&text),
                    None => pieces.push(text),
                }
            }
            Piece::Part(bytes) => {
                assert!(!bytes.is_empty());
                parts.extend_from_slice(bytes);
            }
            Piece::Captured(message) => {
                pieces.push(format!("[{}]", shown(&message, mem::take(&mut parts))));
            }
            Piece::Unfinished(message) => {
                pieces.push(format!("[{}", shown(&message, mem::take(&mut parts))));
            }
        };
        for chunk in chunks {
            capture.feed(chunk, &mut tell);
        }
        capture.finish(&mut tell);
        pieces
    }

    /// A message, a dot for each lost byte, that came in these parts.
    fn shown(message: &Message, parts: Vec<u8>) -> String {
        assert!(parts.ends_with(&message.bytes));
        assert_eq!(parts.len(), message.lost + message.bytes.len());
        format!(
            "{}{}",
            ".".repeat(message.lost),
            message.bytes.escape_ascii()
        )
    }

    const B: &str = "<!--XSUPERVISOR:BEGIN-->";
    const E: &str = "<!--XSUPERVISOR:END-->";

    #[test]
    fn marked_text_is_cut_out() {
        for (stream, pieces) in [
            (
                format!("before{B}secret{E}after"),
                vec!["before", "[secret]", "after"],
            ),
            (format!("{B}{E}"), vec!["[]"]),
            (format!("{B}a{E}{B}b{E}"), vec!["[a]", "[b]"]),
            (format!("{B}a{B}b{E}"), vec!["[a<!--XSUPERVISOR:BEGIN-->b]"]),
            (format!("a{E}b"), vec!["a<!--XSUPERVISOR:END-->b"]),
            (format!("<{B}x<{E}<"), vec!["<", "[x<]", "<"]),
            (
                format!("<!--XSUPERVISOR:{B}x{E}"),
                vec!["<!--XSUPERVISOR:", "[x]"],
            ),
            ("short".into(), vec!["short"]),
            (String::new(), vec![]),
        ] {
            assert_eq!(
                told(Capture::new(100), &[stream.as_bytes()]),
                pieces,
                "{stream}"
            );
        }
    }

    #[test]
    fn output_is_held_back_only_while_it_may_begin_a_token() {
        let mut capture = Capture::new(100);
        let mut plain = Vec::new();
        for (chunk, so_far) in [
            ("hi <", "hi "),
            ("!--XSUP", "hi "),
            ("!", "hi <!--XSUP!"),
            ("<!--XSUPERVISOR:END", "hi <!--XSUP!<!--XSUPERVISOR:END"),
        ] {
            capture.feed(chunk.as_bytes(), |piece| match piece {
                Piece::Plain(bytes) => plain.extend_from_slice(bytes),
                piece => panic!("nothing was captured: {piece:?}"),
            });
            assert_eq!(String::from_utf8_lossy(&plain), so_far);
        }
    }

    #[test]
    fn nothing_is_lost_at_the_end_of_the_stream() {
        for (stream, pieces) in [
            (
                "a<!--XSUPERVISOR:BEGIN--".into(),
                vec!["a<!--XSUPERVISOR:BEGIN--"],
            ),
            (format!("a{B}"), vec!["a", "["]),
            (format!("a{B}never ended"), vec!["a", "[never ended"]),
            (
                format!("{B}never ended<!--XSUPERVISOR:END--"),
                vec!["[never ended<!--XSUPERVISOR:END--"],
            ),
        ] {
            assert_eq!(told(Capture::new(100), &[stream.as_bytes()]), pieces);
        }
    }

    #[test]
    fn what_comes_after_the_end_of_a_stream_is_no_part_of_it() {
        for (first, pieces) in [
            (format!("{B}half"), vec!["x", "[y]"]),
            (B[..7].to_owned(), vec!["x", "[y]"]),
        ] {
            let mut capture = Capture::new(100);
            capture.feed(first.as_bytes(), |_| ());
            capture.finish(|_| ());
            assert_eq!(told(capture, &[format!("x{B}y{E}").as_bytes()]), pieces);
        }
    }

    #[test]
    fn the_last_maxbytes_of_a_message_are_kept() {
        let stream = format!("{B}0123456789{E}{B}{E}");
        for (maxbytes, pieces) in [
            (100, ["[0123456789]", "[]"]),
            (10, ["[0123456789]", "[]"]),
            (3, ["[.......789]", "[]"]),
            (0, ["[..........]", "[]"]),
        ] {
            let capture = Capture::new(maxbytes);
            assert_eq!(told(capture.clone(), &[stream.as_bytes()]), pieces);
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            assert_eq!(told(capture, &bytes), pieces);
        }
    }

    #[test]
    fn a_message_without_end_takes_no_more_memory_than_allowed() {
        let mut capture = Capture::new(1000);
        capture.feed(BEGIN, |_| ());
        for _ in 0..1000 {
            capture.feed(&[b'x'; 4096], |piece| {
                assert!(matches!(piece, Piece::Part(_)), "nothing is complete");
            });
        }
        let Mode::Capturing(kept) = &capture.mode else {
            panic!("it is captured");
        };
        assert_eq!((kept.bytes.len(), kept.lost), (1000, 4_095_000));
        assert!(kept.bytes.capacity() <= 4096);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            Just(BEGIN.to_vec()),
            Just(END.to_vec()),
            (0..BEGIN.len()).prop_map(|length| BEGIN[..length].to_vec()),
            (0..END.len()).prop_map(|length| END[..length].to_vec()),
            prop::collection::vec(prop_oneof![Just(b'<'), any::<u8>()], 0..20),
        ];
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    fn cut<'a>(stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
        let mut rest = stream;
        let mut chunks = Vec::new();
        for &length in lengths {
            let (chunk, after) = rest.split_at(length.min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        chunks.push(rest);
        chunks
    }

    proptest! {
        #[test]
        fn any_cuts_give_the_same_pieces(
            stream in stream(),
            lengths in prop::collection::vec(0..30_usize, 0..30),
            maxbytes in 0..40_usize,
        ) {
            let whole = told(Capture::new(maxbytes), &[&stream]);
            prop_assert_eq!(told(Capture::new(maxbytes), &cut(&stream, &lengths)), whole);
        }

        #[test]
        fn no_byte_is_lost(
            stream in stream(),
            lengths in prop::collection::vec(0..30_usize, 0..30),
        ) {
            let mut capture = Capture::new(usize::MAX);
            let mut again = Vec::new();
            let mut tell = |piece: Piece<'_>| match piece {
                Piece::Plain(bytes) => again.extend_from_slice(bytes),
                Piece::Part(_) => {}
                Piece::Captured(message) => again.extend([BEGIN, &message.bytes, END].concat()),
                Piece::Unfinished(message) => again.extend([BEGIN, &message.bytes].concat()),
            };
            for chunk in cut(&stream, &lengths) {
                capture.feed(chunk, &mut tell);
            }
            capture.finish(&mut tell);
            prop_assert_eq!(again, stream);
        }
    }
}

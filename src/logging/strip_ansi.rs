//! Removes escape sequences from a byte stream cut anywhere.

use memchr::memchr;
use std::borrow::Cow;

const ESC: u8 = 0x1b;

/// Removes terminal escape sequences (ECMA-48: colours, cursor movement, titles) and leaves every
/// other byte, valid text or not. A sequence may be cut anywhere between two chunks.
#[derive(Debug, Default)]
pub struct StripAnsi {
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Outside any sequence.
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte, before the final one.
    Intermediate,
    /// After ESC [, before the final byte.
    Control,
    /// In a string (title, palette, device control), which ends with BEL or ESC \. A newline ends
    /// it, too, so that an unfinished one costs no more than its line.
    String,
    /// After ESC in a string.
    StringEscape,
}

impl StripAnsi {
    /// `chunk` without the sequences in it; untouched, and not copied, if there are none.
    pub fn strip<'a>(&mut self, chunk: &'a [u8]) -> Cow<'a, [u8]> {
        if self.state == State::Text && memchr(ESC, chunk).is_none() {
            return Cow::Borrowed(chunk);
        }
        let mut text = Vec::with_capacity(chunk.len());
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            if self.state == State::Text {
                rest = self.copy_text(rest, &mut text);
                continue;
            }
            let (state, is_text) = self.state.after(byte);
            self.state = state;
            if is_text {
                text.push(byte);
            }
            rest = after;
        }
        Cow::Owned(text)
    }

    /// Copies up to the next ESC; gives back what comes after it.
    fn copy_text<'a>(&mut self, bytes: &'a [u8], text: &mut Vec<u8>) -> &'a [u8] {
        let Some(at) = memchr(ESC, bytes) else {
            text.extend_from_slice(bytes);
            return &[];
        };
        let (plain, rest) = bytes.split_at(at);
        text.extend_from_slice(plain);
        self.state = State::Escape;
        rest.split_first().map_or(&[], |(_, after)| after)
    }
}

impl State {
    /// The state after `byte`, and whether the byte is text. One that can't go on a sequence ends
    /// it and is text.
    fn after(self, byte: u8) -> (Self, bool) {
        match (self, byte) {
            (Self::String, ESC) => (Self::StringEscape, false),
            (Self::StringEscape, b'\\') | (Self::String, 0x07 | 0x18 | 0x1a) => (Self::Text, false),
            (Self::String, b'\n') => (Self::Text, true),
            (Self::String, _) => (Self::String, false),
            (_, ESC) => (Self::Escape, false),
            (Self::Escape | Self::StringEscape, b'[') => (Self::Control, false),
            (Self::Escape | Self::StringEscape, b']' | b'P' | b'X' | b'^' | b'_') => {
                (Self::String, false)
            }
            (Self::Escape | Self::StringEscape | Self::Intermediate, 0x20..=0x2f) => {
                (Self::Intermediate, false)
            }
            (Self::Control, 0x20..=0x3f) => (Self::Control, false),
            (Self::Text, _) => (Self::Text, true),
            (_, 0x30..=0x7e) => (Self::Text, false),
            _ => (Self::Text, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strip(bytes: &[u8]) -> Vec<u8> {
        StripAnsi::default().strip(bytes).into_owned()
    }

    #[test]
    fn sequences_go_and_text_stays() {
        for (with, without) in [
            (
                &b"\x1b[31mred\x1b[0m plain \x1b[2Jx"[..],
                &b"red plain x"[..],
            ),
            (b"\x1b[1;38;2;1;2;3mx\x1b[?25hy\x1b[2Gz", b"xyz"),
            (b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b", b"ab"),
            (b"\x1bPq#0\x1b\\a\x1b(Bb\x1b7c\x1b=d", b"abcd"),
            (
                b"tab\t cr\r bell\x07 nul\0 high\xff\xc3\xa9",
                b"tab\t cr\r bell\x07 nul\0 high\xff\xc3\xa9",
            ),
        ] {
            assert_eq!(strip(with), without, "{}", with.escape_ascii());
        }
    }

    #[test]
    fn a_broken_sequence_costs_no_more_than_itself() {
        for (with, without) in [
            (&b"a\x1b[31\nb"[..], &b"a\nb"[..]),
            (b"a\x1b\nb", b"a\nb"),
            (b"a\x1b]0;unfinished\nb", b"a\nb"),
            (b"a\x1b[3\x1b[31mb", b"ab"),
            (b"a\x1b\xffb", b"a\xffb"),
            (b"a\x1b]0;t\x1b[31mb", b"ab"),
            (b"a\x1b", b"a"),
        ] {
            assert_eq!(strip(with), without, "{}", with.escape_ascii());
        }
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(
            StripAnsi::default().strip(b"plain"),
            Cow::Borrowed(_)
        ));
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            bytes in prop::collection::vec(prop::sample::select(b"\x1b[]m31;?(\\\x07\n \xffPx".to_vec()), 0..60),
            cut in 0usize..60,
        ) {
            let (a, b) = bytes.split_at(cut.min(bytes.len()));
            let mut strip_ansi = StripAnsi::default();
            let mut cut = strip_ansi.strip(a).into_owned();
            cut.extend_from_slice(&strip_ansi.strip(b));
            prop_assert_eq!(cut, strip(&bytes));
        }
    }
}

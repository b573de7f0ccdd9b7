//! What may reach a terminal of a log: text and its colours, and nothing that moves the cursor,
//! changes the terminal or makes it answer. A log holds what strangers have sent.

/// No colour is longer than this, in bytes.
const MAX_PARAMETERS: usize = 64;

/// The first byte of the control characters U+0080 to U+009F in UTF-8.
const C1: u8 = 0xc2;

/// A log on its way to a terminal, in pieces.
#[derive(Clone, Debug)]
pub(super) struct TerminalText {
    /// Whether colours are wanted.
    color: bool,
    /// Whether one is on.
    colored: bool,
    at: At,
    /// How many bytes of a character are yet to come.
    missing: u8,
}

/// Where in a sequence (ECMA-48) the next byte stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    /// In none.
    Text,
    /// Behind [`C1`].
    C1,
    /// Behind ESC.
    Escape,
    /// Behind ESC [ and these.
    Control(Vec<u8>),
    /// In a string for the terminal, such as its title.
    Command,
    /// Behind ESC in such a string.
    CommandEscape,
}

impl TerminalText {
    /// With its colours or without.
    pub(super) const fn new(color: bool) -> Self {
        Self {
            color,
            colored: false,
            at: At::Text,
            missing: 0,
        }
    }

    /// What is to be shown for the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.take(*byte, &mut out);
        }
        out
    }

    /// What leaves the terminal as it was before.
    pub(super) fn end(&mut self) -> &'static str {
        self.at = At::Text;
        match std::mem::replace(&mut self.colored, false) {
            true => "\x1b[0m",
            false => "",
        }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        let goes_on = self.missing > 0 && matches!(byte, 0x80..=0xbf);
        self.missing = match byte {
            0xc3..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ if goes_on => self.missing - 1,
            _ => 0,
        };
        // A line ends whatever was begun in it.
        if byte == b'\n' {
            out.extend_from_slice(self.end().as_bytes());
            return out.push(byte);
        }
        self.at = match (std::mem::replace(&mut self.at, At::Text), byte) {
            (At::Command, 0x07) | (At::CommandEscape, b'\\') => At::Text,
            (At::Command, 0x1b) => At::CommandEscape,
            (At::Command, _) => At::Command,
            (_, 0x1b) => At::Escape,
            (At::Escape | At::CommandEscape, b'[') => At::Control(Vec::new()),
            (At::Escape | At::CommandEscape, b']' | b'P' | b'X' | b'^' | b'_') => At::Command,
            (At::Escape | At::CommandEscape, b' '..=b'/') => At::Escape,
            (At::Escape | At::CommandEscape, b'0'..=b'~') => At::Text,
            (At::Control(mut begun), b' '..=b'?') if begun.len() < MAX_PARAMETERS => {
                begun.push(byte);
                At::Control(begun)
            }
            (At::Control(parameters), b'm') => {
                self.paint(&parameters, out);
                At::Text
            }
            (At::Control(_), b' '..=b'~') => At::Text,
            (At::C1, 0x80..=0x9f) => At::Text,
            (_, C1) => At::C1,
            (before, _) => {
                out.extend((before == At::C1).then_some(C1));
                let is_shown = match byte {
                    b'\t' => true,
                    // By itself, terminals that don't speak UTF-8 take it for a command.
                    0x80..=0x9f => goes_on,
                    _ => byte >= b' ' && byte != 0x7f,
                };
                out.extend(is_shown.then_some(byte));
                At::Text
            }
        };
    }

    fn paint(&mut self, parameters: &[u8], out: &mut Vec<u8>) {
        let is_color = |byte: &u8| matches!(byte, b'0'..=b'9' | b';' | b':');
        if self.color && parameters.iter().all(is_color) {
            self.colored = !matches!(parameters, b"" | b"0");
            out.extend_from_slice(b"\x1b[");
            out.extend_from_slice(parameters);
            out.push(b'm');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(color: bool, bytes: &[u8]) -> String {
        let mut text = TerminalText::new(color);
        let mut out = text.feed(bytes);
        out.extend_from_slice(text.end().as_bytes());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn colours_stay_and_end_with_the_line() {
        for (text, want) in [
            ("\x1b[1;31mred\x1b[0m\n", "\x1b[1;31mred\x1b[0m\n"),
            ("\x1b[38:5:1mred\nx", "\x1b[38:5:1mred\x1b[0m\nx"),
            ("\x1b[32mgreen", "\x1b[32mgreen\x1b[0m"),
            ("a\tü\u{a0}\r\n", "a\tü\u{a0}\n"),
        ] {
            assert_eq!(shown(true, text.as_bytes()), want, "{text:?}");
        }
        assert_eq!(shown(false, b"\x1b[31mred\x1b[m\n"), "red\n");
    }

    #[test]
    fn nothing_else_reaches_the_terminal() {
        for text in [
            "a\x1b[2Jb",
            "a\x1b[?25lb",
            "a\x1b[>4;2mb",
            "a\x1b]0;title\x07b",
            "a\x1b]0;title\x1b\\b",
            "a\x1bP+q544e\x1b\\b",
            "a\x1bcb",
            "a\x1b(0b",
            "a\u{9b}b",
            "a\x07\x08\r\0\x7fb",
            "a\x1b\x1b[2Jb",
        ] {
            assert_eq!(shown(true, text.as_bytes()), "ab", "{text:?}");
        }
        assert_eq!(shown(true, b"a\x1b]0;title\nb"), "a\nb");
        assert_eq!(
            shown(true, b"a\x9bb\xe2\x82\xac\x9b\xc3\x9b"),
            "ab\u{20ac}\u{db}"
        );
    }

    proptest! {
        #[test]
        fn pieces_are_shown_as_the_whole(text in "[a\n\x07\x1b\\[\\]\\\\0-9;mJ\u{9b}ü]{0,40}", at in 0_usize..40) {
            let bytes = text.as_bytes();
            let (mut whole, mut pieces) = (TerminalText::new(true), TerminalText::new(true));
            let (first, second) = bytes.split_at(at.min(bytes.len()));
            let parts = [pieces.feed(first), pieces.feed(second)].concat();
            prop_assert_eq!(&parts, &whole.feed(bytes));
            let colors = parts.windows(2).filter(|pair| *pair == b"\x1b[").count();
            prop_assert_eq!(parts.iter().filter(|byte| **byte == 0x1b).count(), colors);
        }
    }
}

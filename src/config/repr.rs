//! Text in quotes, as Supervisor's messages show it.

use std::fmt::Write as _;

/// Whether Python's `str` methods take the character for a blank: Unicode's `White_Space` and the
/// four ASCII separators.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// The text in single quotes (double ones where it holds a single quote and no double one), with
/// backslashes, control characters and invisible characters escaped: what Python's `repr` gives.
pub fn repr(text: &str) -> String {
    quoted(text, |c| !is_printable(c))
}

/// Like [`repr`], with everything but ASCII escaped.
pub(super) fn ascii_repr(text: &str) -> String {
    quoted(text, |c| !c.is_ascii() || !is_printable(c))
}

fn quoted(text: &str, escape: impl Fn(char) -> bool) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            c if escape(c) => push_escaped(&mut out, c),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn push_escaped(out: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a String can't fail.
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Whether a reader would see the character for what it is. Coarser than Unicode's categories:
/// unassigned code points pass.
fn is_printable(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    c == ' ' || !(c.is_control() || is_blank(c) || invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_python_does() {
        for (text, shown) in [
            ("abc", "'abc'"),
            ("it's", "\"it's\""),
            ("'\"", "'\\'\"'"),
            ("a\n\t\r\\", "'a\\n\\t\\r\\\\'"),
            ("\0\x7f\u{a0}", "'\\x00\\x7f\\xa0'"),
            ("é日本", "'é日本'"),
            ("\u{feff}[x]\u{2028}", "'\\ufeff[x]\\u2028'"),
        ] {
            assert_eq!(repr(text), shown);
        }
        assert_eq!(ascii_repr("é🐱"), "'\\xe9\\U0001f431'");
    }
}

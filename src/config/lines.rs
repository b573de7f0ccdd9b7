//! Supervisor's rules for the lines of an INI file: comments, continuations, sections, keys.
//!
//! They are those of Python's `RawConfigParser` with `;` and `#` as prefixes of comments, whole-line
//! and inline.

use super::repr::is_blank;
use std::collections::HashMap;

/// A section as one file has it, repeated ones merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Its name, between the brackets.
    pub(super) name: String,
    /// The line of its first header, from 1.
    pub(super) line: usize,
    /// The lines of the others.
    pub(super) repeated: Vec<usize>,
    /// Its options in the order of the lines; a repeated one counts the last time.
    pub(super) options: Vec<OptionLines>,
}

/// An option with the text of all its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OptionLines {
    /// Its name, lower-cased.
    pub(super) key: String,
    /// Its value, lines joined by newlines.
    pub(super) value: String,
    /// The line it begins on, from 1.
    pub(super) line: usize,
}

/// Why a text is no INI file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SyntaxError {
    /// Something stands before the first section.
    NoHeader {
        /// Its line.
        line: usize,
        /// The line's text, with its end.
        text: String,
    },
    /// These lines are neither a header nor an option.
    BadLines(Vec<(usize, String)>),
}

/// Reads the sections of a file's text, in the order of their first headers.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, SyntaxError> {
    let mut reader = Reader::default();
    for (index, line) in physical_lines(text).enumerate() {
        reader.line(index + 1, line)?;
    }
    if reader.bad.is_empty() {
        Ok(reader.finish())
    } else {
        Err(SyntaxError::BadLines(reader.bad))
    }
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    /// The places of the sections by name.
    places: HashMap<String, usize>,
    /// The section that lines belong to now.
    current: Option<usize>,
    /// Whether its last option can be continued.
    continuable: bool,
    /// The indent of the last header or key.
    indent: usize,
    bad: Vec<(usize, String)>,
}

impl Reader {
    fn line(&mut self, number: usize, line: Line<'_>) -> Result<(), SyntaxError> {
        let (text, commented) = uncomment(line.text);
        if text.is_empty() {
            if !commented && self.continuable {
                self.append("");
            }
            return Ok(());
        }
        let indent = line.text.chars().take_while(|&c| is_blank(c)).count();
        if self.continuable && indent > self.indent {
            self.append(text);
            return Ok(());
        }
        self.indent = indent;
        match (header(text), self.current) {
            (Some(name), _) => self.open(name, number),
            (None, Some(section)) => self.option(section, number, text, line),
            (None, None) => {
                let text = line.to_string();
                return Err(SyntaxError::NoHeader { line: number, text });
            }
        }
        Ok(())
    }

    fn append(&mut self, text: &str) {
        let section = self.current.and_then(|index| self.sections.get_mut(index));
        if let Some(option) = section.and_then(|section| section.options.last_mut()) {
            option.value.push('\n');
            option.value.push_str(text);
        }
    }

    fn open(&mut self, name: &str, line: usize) {
        self.continuable = false;
        let end = self.sections.len();
        let place = *self.places.entry(name.to_owned()).or_insert(end);
        match self.sections.get_mut(place) {
            Some(section) => section.repeated.push(line),
            None => self.sections.push(Section {
                name: name.to_owned(),
                line,
                repeated: Vec::new(),
                options: Vec::new(),
            }),
        }
        self.current = Some(place);
    }

    fn option(&mut self, section: usize, number: usize, text: &str, line: Line<'_>) {
        match (split_option(text), self.sections.get_mut(section)) {
            (Some((key, value)), Some(section)) => {
                section.options.push(OptionLines {
                    key: key.to_lowercase(),
                    value: value.to_owned(),
                    line: number,
                });
                self.continuable = true;
            }
            _ => {
                // What follows an empty key can't continue it.
                self.continuable &= !text.starts_with(['=', ':']);
                self.bad.push((number, line.to_string()));
            }
        }
    }

    fn finish(mut self) -> Vec<Section> {
        for option in self.sections.iter_mut().flat_map(|s| &mut s.options) {
            let kept = option.value.trim_end_matches(is_blank).len();
            option.value.truncate(kept);
        }
        self.sections
    }
}

/// A physical line without its end, which is LF, CRLF, CR or the end of the file.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    ended: bool,
}

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)?;
        f.write_str(if self.ended { "\n" } else { "" })
    }
}

fn physical_lines(mut rest: &str) -> impl Iterator<Item = Line<'_>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = rest.find(['\n', '\r']) else {
            let text = std::mem::take(&mut rest);
            return Some(Line { text, ended: false });
        };
        let (text, after) = rest.split_at(end);
        let width = if after.starts_with("\r\n") { 2 } else { 1 };
        rest = after.get(width..).unwrap_or_default();
        Some(Line { text, ended: true })
    })
}

/// The line without its comment and the blanks around it, and whether it had a comment. A comment
/// begins at a `;` or `#` that is the line's first character or follows a blank.
fn uncomment(line: &str) -> (&str, bool) {
    let mut after_blank = true;
    for (index, c) in line.char_indices() {
        if after_blank && matches!(c, ';' | '#') {
            return (
                line.get(..index).unwrap_or_default().trim_matches(is_blank),
                true,
            );
        }
        after_blank = is_blank(c);
    }
    (line.trim_matches(is_blank), false)
}

/// The name of a section header: all between `[` and the last `]`; what follows is ignored.
fn header(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// An option's key and value, divided at the first `=` or `:`.
fn split_option(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(['=', ':'])?;
    let key = key.trim_end_matches(is_blank);
    (!key.is_empty()).then_some((key, value.trim_start_matches(is_blank)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `section.key=value` for each option, the last of repeated ones only.
    fn options(text: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for section in parse(text).unwrap() {
            for (at, option) in section.options.iter().enumerate() {
                if !section.options[at + 1..]
                    .iter()
                    .any(|o| o.key == option.key)
                {
                    out.push(format!("{}.{}={}", section.name, option.key, option.value));
                }
            }
        }
        out
    }

    #[test]
    fn a_comment_begins_a_line_or_follows_a_blank() {
        for (line, value) in [
            ("x=1 ; c", "1"),
            ("x=1 # c", "1"),
            ("x=1\t;c", "1"),
            ("x=1\u{a0};c", "1"),
            ("x=a;b#c", "a;b#c"),
            ("x=;y", ";y"),
            ("x= ;y", ""),
            ("x=bash -c \"y ; z\"", "bash -c \"y"),
            ("x=x;y;z ;q #w", "x;y;z"),
        ] {
            let found = options(&format!("[a]\n;c\n  # c\n{line}\n"));
            assert_eq!(found, [format!("a.x={value}")], "{line}");
        }
    }

    #[test]
    fn a_key_ends_at_the_first_delimiter_and_is_lower_cased() {
        assert_eq!(
            options("[a]\nCommand : a=b\nfoo:bar=baz\né = \"q\" \n"),
            ["a.command=a=b", "a.foo=bar=baz", "a.é=\"q\""]
        );
    }

    #[test]
    fn a_deeper_line_continues_the_value_whatever_it_holds() {
        let text = "[a]\nx=1\n  2 ; c\n; c\n\n  [b]\n\ty=3\n\n\nz=4\n";
        assert_eq!(options(text), ["a.x=1\n2\n\n[b]\ny=3", "a.z=4"]);
        assert_eq!(options("[a]\n  x=\n   1\n  y=2\n"), ["a.x=\n1", "a.y=2"]);
    }

    #[test]
    fn a_header_reaches_to_the_last_bracket() {
        for (line, name) in [
            ("[a] junk", "a"),
            ("[a]b]", "a]b"),
            ("[ a ]", " a "),
            ("  [a]", "a"),
            ("[a] ; c", "a"),
        ] {
            let sections = parse(line).unwrap();
            assert_eq!(sections[0].name, name);
        }
        assert_eq!(options("[a]\n[program:b\n"), ["a.[program=b"]);
    }

    #[test]
    fn a_repeated_section_goes_on_and_a_repeated_key_counts_last() {
        let text = "[a]\nx=1\ny=1\n[b]\n[a]\nX=2\n";
        assert_eq!(options(text), ["a.y=1", "a.x=2"]);
        let sections = parse(text).unwrap();
        assert_eq!(sections.len(), 2);
        assert_eq!((sections[0].line, &*sections[0].repeated), (1, &[5][..]));
    }

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        assert_eq!(options("[a]\r\nx=1\ry=2\n"), ["a.x=1", "a.y=2"]);
        assert_eq!(options("[a]\nx=1\u{2028}2\u{b}3"), ["a.x=1\u{2028}2\u{b}3"]);
    }

    #[test]
    fn bad_lines_are_all_told_with_their_numbers() {
        assert_eq!(
            parse("x=1\n[a]\n"),
            Err(SyntaxError::NoHeader {
                line: 1,
                text: "x=1\n".to_owned()
            })
        );
        assert_eq!(
            parse("\u{feff}[a]"),
            Err(SyntaxError::NoHeader {
                line: 1,
                text: "\u{feff}[a]".to_owned()
            })
        );
        assert_eq!(
            parse("[a]\nfoo ; c\n=1\n[]\nx=1\nbar\n=\n more"),
            Err(SyntaxError::BadLines(vec![
                (2, "foo ; c\n".to_owned()),
                (3, "=1\n".to_owned()),
                (4, "[]\n".to_owned()),
                (6, "bar\n".to_owned()),
                (7, "=\n".to_owned()),
                (8, " more".to_owned()),
            ]))
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(?s)([\\[\\]=:;# \n\r\ta-c]|.)*") {
            let _ = parse(&text);
        }

        #[test]
        fn a_plain_value_is_read_back(value in "[!-~&&[^;#]]([ -~&&[^;#]]*[!-~&&[^;#]])?") {
            prop_assert_eq!(options(&format!("[a]\nx={value}\n")), [format!("a.x={value}")]);
        }
    }
}

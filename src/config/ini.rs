//! The options of a file and its includes, each with the file and line it comes from.

use super::lines::{self, OptionLines, SyntaxError};
use ini::{Ini, ParseOption, Properties};
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::path::Path;
use std::sync::Arc;

/// The section whose options are fallbacks in all others.
const DEFAULT: &str = "DEFAULT";

/// A file that options come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SourceFile {
    /// Its path as messages show it.
    pub(super) shown: Arc<str>,
    /// The absolute directory it lies in: `%(here)s`.
    pub(super) here: String,
}

impl SourceFile {
    /// `path` must be absolute.
    pub(super) fn new(shown: &str, path: &Path) -> Self {
        let here = path.parent().unwrap_or(path);
        Self {
            shown: shown.into(),
            here: here.to_string_lossy().into_owned(),
        }
    }
}

/// Where a section or an option stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file.
    pub(super) file: Arc<SourceFile>,
    /// The line, from 1.
    pub(super) line: usize,
}

/// An option's value as it stands in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// Its text, not expanded.
    pub(super) text: &'a str,
    /// Where it stands.
    pub(super) origin: &'a Origin,
}

/// All sections of a file and what is merged over it.
#[derive(Debug)]
pub(super) struct Document {
    ini: Ini,
    origins: HashMap<String, SectionOrigins>,
    repeats: Vec<Repeat>,
}

/// A section or an option that stands twice.
#[derive(Debug)]
pub(super) struct Repeat {
    /// The section.
    pub(super) section: String,
    /// The option, if it is one.
    pub(super) option: Option<String>,
    /// Where it stands first,
    pub(super) first: Origin,
    /// and where again.
    pub(super) again: Origin,
}

#[derive(Debug)]
struct SectionOrigins {
    header: Origin,
    options: HashMap<String, Origin>,
}

impl Document {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self {
            ini: Ini::new(),
            origins: HashMap::new(),
            repeats: Vec::new(),
        }
    }

    /// Merges the text of a file over what is there: its options win, its new sections come last.
    pub(super) fn merge(&mut self, file: &Arc<SourceFile>, text: &str) -> Result<(), SyntaxError> {
        for section in lines::parse(text)? {
            self.merge_section(file, section);
        }
        Ok(())
    }

    /// Merges options that stand in no file; `file` is the one that they are to be part of.
    pub(super) fn put(
        &mut self,
        file: &Arc<SourceFile>,
        section: &str,
        options: &[(String, String)],
    ) {
        let option = |(key, value): &(String, String)| OptionLines {
            key: key.to_lowercase(),
            value: value.clone(),
            line: 1,
        };
        let section = lines::Section {
            name: section.to_owned(),
            line: 1,
            repeated: Vec::new(),
            options: options.iter().map(option).collect(),
        };
        self.merge_section(file, section);
    }

    fn merge_section(&mut self, file: &Arc<SourceFile>, section: lines::Section) {
        let origin = |line| Origin {
            file: Arc::clone(file),
            line,
        };
        let properties = self
            .ini
            .entry(Some(section.name.clone()))
            .or_insert_with(Properties::new);
        for (key, value) in held(&section.options).iter() {
            properties.insert(key, value);
        }
        let mut headers = std::iter::once(section.line).chain(section.repeated);
        let origins = match self.origins.entry(section.name.clone()) {
            Occupied(known) => known.into_mut(),
            Vacant(new) => new.insert(SectionOrigins {
                header: origin(headers.next().unwrap_or(section.line)),
                options: HashMap::new(),
            }),
        };
        let repeat = |option, first: &Origin, line| Repeat {
            section: section.name.clone(),
            option,
            first: first.clone(),
            again: origin(line),
        };
        let headers = headers.map(|line| repeat(None, &origins.header, line));
        self.repeats.extend(headers);
        for OptionLines { key, line, .. } in section.options {
            let known = origins.options.insert(key.clone(), origin(line));
            let known = known.map(|known| repeat(Some(key), &known, line));
            self.repeats.extend(known);
        }
    }

    /// Forgets an option of a section, or else of `[DEFAULT]`.
    pub(super) fn leave_out(&mut self, section: &str, option: &str) {
        for name in [section, DEFAULT] {
            let properties = self.ini.section_mut(Some(name));
            if properties.is_some_and(|properties| properties.remove(option).is_some()) {
                return;
            }
        }
    }

    /// What stands twice, in the order of the files and lines that repeat it.
    pub(super) fn repeats(&self) -> &[Repeat] {
        &self.repeats
    }

    /// The names of all sections but `[DEFAULT]`, in the order of their first appearance.
    pub(super) fn sections(&self) -> impl Iterator<Item = &str> {
        self.ini
            .sections()
            .flatten()
            .filter(|&name| name != DEFAULT)
    }

    /// Whether there is such a section.
    pub(super) fn has(&self, section: &str) -> bool {
        section != DEFAULT && self.origins.contains_key(section)
    }

    /// The options of a section, which need not be there.
    pub(super) fn options(&self, section: &str) -> Options<'_> {
        Options {
            own: self.stored(section),
            default: self.stored(DEFAULT),
        }
    }

    /// The options that stand in a section itself, in the order of their files and lines.
    pub(super) fn own_options(&self, section: &str) -> Vec<(&str, &Origin)> {
        let origins = self.origins.get(section).into_iter();
        let mut options: Vec<_> = origins.flat_map(|origins| &origins.options).collect();
        options.sort_by_key(|(_, origin)| (origin.file.shown.clone(), origin.line));
        let options = options.into_iter();
        options
            .map(|(key, origin)| (key.as_str(), origin))
            .collect()
    }

    fn stored(&self, section: &str) -> Option<Stored<'_>> {
        Some(Stored {
            properties: self.ini.section(Some(section))?,
            origins: self.origins.get(section)?,
        })
    }
}

/// The options of one section, with those of `[DEFAULT]` behind them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a> {
    own: Option<Stored<'a>>,
    default: Option<Stored<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Stored<'a> {
    properties: &'a Properties,
    origins: &'a SectionOrigins,
}

impl<'a> Options<'a> {
    /// Where the section first appears.
    pub(super) fn header(&self) -> Option<&'a Origin> {
        self.own.map(|stored| &stored.origins.header)
    }

    /// An option of the section, or else of `[DEFAULT]`.
    pub(super) fn get(&self, key: &str) -> Option<Entry<'a>> {
        let mut stored = self.own.into_iter().chain(self.default);
        stored.find_map(|stored| {
            Some(Entry {
                text: stored.properties.get(key)?,
                origin: stored.origins.options.get(key)?,
            })
        })
    }
}

/// The options as rust-ini reads them. It would by itself take comments, continuations and the
/// case of keys for something else than Supervisor does, so it is given one unambiguous line for
/// each option: characters that mean anything escaped, the value in quotes.
fn held(options: &[OptionLines]) -> Properties {
    let mut text = String::new();
    for option in options {
        escape(&option.key, &mut text);
        text.push_str("=\"");
        escape(&option.value, &mut text);
        text.push_str("\"\n");
    }
    let reading = ParseOption {
        enabled_quote: true,
        enabled_escape: true,
        ..ParseOption::default()
    };
    let parsed = Ini::load_from_str_opt(&text, reading).unwrap_or_default();
    parsed.general_section().clone()
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(name: &str) -> Arc<SourceFile> {
        Arc::new(SourceFile::new(name, &Path::new("/etc").join(name)))
    }

    fn document(texts: &[&str]) -> Document {
        let mut document = Document::new();
        for (at, text) in texts.iter().enumerate() {
            document.merge(&file(&at.to_string()), text).unwrap();
        }
        document
    }

    fn text<'a>(document: &'a Document, section: &str, key: &str) -> Option<&'a str> {
        document.options(section).get(key).map(|entry| entry.text)
    }

    #[test]
    fn a_later_file_wins_and_sections_keep_their_first_place() {
        let document = document(&["[a]\nx=1\ny=1\n[b]\n", "[c]\n[a]\n\nx=2\n"]);
        assert_eq!(document.sections().collect::<Vec<_>>(), ["a", "b", "c"]);
        let x = document.options("a").get("x").unwrap();
        assert_eq!((x.text, x.origin.line), ("2", 4));
        assert_eq!((&*x.origin.file.shown, &*x.origin.file.here), ("1", "/etc"));
        assert_eq!(text(&document, "a", "y"), Some("1"));
        assert_eq!(
            document.options("a").header().unwrap().file.shown.as_ref(),
            "0"
        );
    }

    #[test]
    fn defaults_stand_in_for_what_a_section_lacks() {
        let document = document(&["[DEFAULT]\nx=1\ny=2\n[a]\nx=3\n"]);
        assert_eq!(document.sections().collect::<Vec<_>>(), ["a"]);
        assert_eq!(text(&document, "a", "x"), Some("3"));
        assert_eq!(text(&document, "a", "y"), Some("2"));
        assert!(!document.has("DEFAULT"));
    }

    #[test]
    fn what_stands_twice_is_known_with_both_places() {
        let texts = ["[a]\nx=1\nx=2\n[a]\ny=1\n", "[a]\nx=3\n[b]\nx=1\n"];
        let document = document(&texts);
        let place = |origin: &Origin| format!("{}:{}", origin.file.shown, origin.line);
        let told = document.repeats().iter().map(|repeat| {
            let option = repeat.option.as_deref().unwrap_or("-");
            format!("{option} {} {}", place(&repeat.first), place(&repeat.again))
        });
        let want = ["- 0:1 0:4", "x 0:2 0:3", "- 0:1 1:1", "x 0:3 1:2"];
        assert_eq!(told.collect::<Vec<_>>(), want);
    }

    #[test]
    fn what_is_left_out_gives_way_to_the_default() {
        let mut document = document(&["[DEFAULT]\nx=1\n[a]\nx=2\n"]);
        document.leave_out("a", "x");
        assert_eq!(text(&document, "a", "x"), Some("1"));
        document.leave_out("a", "x");
        assert_eq!(text(&document, "a", "x"), None);
        document.leave_out("a", "x");
    }

    #[test]
    fn a_section_name_keeps_its_blanks() {
        let document = document(&["[ a ]\nx=1\n[a]\n"]);
        assert_eq!(text(&document, " a ", "x"), Some("1"));
        assert_eq!(text(&document, "a", "x"), None);
    }

    proptest! {
        #[test]
        fn rust_ini_holds_any_text_unchanged(key in "(?s)\\S(.*\\S)?", value in "(?s).*") {
            let option = OptionLines { key: key.clone(), value: value.clone(), line: 1 };
            let held = held(&[option]);
            prop_assert_eq!(held.get(&key), Some(value.as_str()));
        }
    }
}

//! Secrets beside their names: `NAME=value`, `"name": value`, `--name value`, `Bearer value`.

use super::name::is_telling;
use super::program::Program;
use std::ops::Range;

/// Where they are.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<_> = text
        .match_indices(['=', ':'])
        .filter_map(|(at, mark)| assigned(text, at, mark))
        .collect();
    let mut program = Program::Other;
    let mut option = "";
    for word in text.split_whitespace() {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        found.extend(argument(program, option, text, start));
        option = word.trim_matches(['"', '\'', '\\']);
        program = program.or_named(option);
        if let Some(at) = program.attached(word) {
            found.push(value(text, start + at, argument_word));
            option = "";
        }
    }
    found
}

/// The value of `name=value`; of `name: value` and `"name": value`; of `--name:value`.
fn assigned(text: &str, at: usize, mark: &str) -> Option<Range<usize>> {
    let (before, behind) = (&text[..at], &text[at + mark.len()..]);
    let before = before.trim_end_matches(' ');
    let bare = before.trim_end_matches(['"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = &bare[bare.trim_end_matches(is_part).len()..];
    let is_apart = bare.len() < before.len() || behind.starts_with([' ', '"', '\'']);
    let ends = match mark {
        _ if name.starts_with('-') && !behind.starts_with(' ') => argument_word,
        "=" => word,
        _ if is_apart => line,
        // Paths and addresses hold colons, too.
        _ => return None,
    };
    let start = text.len() - behind.trim_start_matches(' ').len();
    let value = value(text, start, ends);
    (!value.is_empty() && is_telling(name, &text[value.clone()])).then_some(value)
}

/// The value, from here on, of an option in a word of its own, and what follows `Bearer`.
fn argument(program: Program, option: &str, text: &str, start: usize) -> Option<Range<usize>> {
    let value = value(text, start, argument_word);
    let shown = &text[value.clone()];
    if ["-u", "--user"].contains(&option) {
        let colon = shown.find(':')?;
        return Some(value.start + colon + 1..value.end).filter(|secret| !secret.is_empty());
    }
    let names = option.starts_with('-') && is_telling(option, shown) || program.asks(option);
    let is_secret = names && !option.contains('=') && !text[start..].starts_with('-');
    (is_secret || option.eq_ignore_ascii_case("bearer")).then_some(value)
}

/// A value that starts here: what its quotes hold, or else what this function takes of it.
fn value(text: &str, start: usize, ends: fn(&str) -> &str) -> Range<usize> {
    let bare = text[start..].trim_start_matches('\\');
    match bare.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let start = text.len() - bare.len() + 1;
            start..start + quoted(&bare[1..], quote).len()
        }
        _ => start..start + ends(&text[start..]).len(),
    }
}

/// What comes before the closing quote.
fn quoted(text: &str, quote: char) -> &str {
    let mut escaped = false;
    let closes = |c: char| {
        let closes = c == quote && !escaped;
        escaped = quote == '"' && c == '\\' && !escaped;
        closes
    };
    text.split(closes).next().unwrap_or_default()
}

/// An argument without quotes around it: it ends at a blank, or where the quotes around the whole
/// command close. Quotes and backslashes within it are a shell's.
fn argument_word(text: &str) -> &str {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match c {
            '"' | '\'' if !behind.starts_with(char::is_whitespace) => match behind.split_once(c) {
                Some((_, behind)) => behind,
                None => break,
            },
            '"' | '\'' => break,
            '\\' => behind.strip_prefix(|_| true).unwrap_or_default(),
            _ if c.is_whitespace() => break,
            _ => behind,
        };
    }
    &text[..text.len() - rest.len()]
}

/// The value of a variable or of a pair in a connection string, without quotes.
fn word(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '"' | '\'');
    text.split(ends).next().unwrap_or_default()
}

/// The same behind a colon, where it may consist of several words.
fn line(text: &str) -> &str {
    let ends = |c: char| matches!(c, '\n' | ',' | '"' | '\'' | '}');
    text.split(ends).next().unwrap_or_default()
}

//! Secrets beside their names: `NAME=value`, `"name": value`, `--name value`, `Bearer value`.

use super::name::is_telling;
use std::ops::Range;

/// Where they are.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<_> = text
        .match_indices(['=', ':'])
        .filter_map(|(at, mark)| assigned(text, at, mark))
        .collect();
    let words: Vec<_> = words(text).collect();
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [name, value] => argument(text, name, value),
        _ => None,
    });
    found.extend(pairs);
    found
}

/// The value of `name=value`; of `name: value` and `"name": value`.
fn assigned(text: &str, at: usize, mark: &str) -> Option<Range<usize>> {
    let (before, behind) = (&text[..at], &text[at + mark.len()..]);
    let before = before.trim_end_matches(' ');
    let bare = before.trim_end_matches(['"', '\'']);
    // Paths and addresses hold colons, too.
    if mark == ":" && bare.len() == before.len() && !behind.starts_with([' ', '"', '\'']) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = &bare[bare.trim_end_matches(is_part).len()..];
    let value = behind.trim_start_matches(' ');
    let start = text.len() - value.len();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => start + 1..start + 1 + value[1..].split(quote).next()?.len(),
        _ if mark == ":" => start..start + line(value).len(),
        _ => start..start + word(value).len(),
    };
    (!value.is_empty() && is_telling(name, &text[value.clone()])).then_some(value)
}

/// The value of an option that stands in a word of its own, and what follows `Bearer`.
fn argument(text: &str, name: &Range<usize>, value: &Range<usize>) -> Option<Range<usize>> {
    let (option, shown) = (&text[name.clone()], &text[value.clone()]);
    if ["-u", "--user"].contains(&option) {
        let colon = shown.find(':')?;
        return Some(value.start + colon + 1..value.end).filter(|secret| !secret.is_empty());
    }
    let names = option.starts_with('-') && is_telling(option, shown);
    let is_secret = names && !option.contains('=') && !shown.starts_with('-');
    (is_secret || option.eq_ignore_ascii_case("bearer")).then(|| value.clone())
}

/// The words of a text, without the quotes around them.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let start = |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
    text.split_whitespace().map(move |word| {
        let bare = word.trim_matches(['"', '\'']);
        start(bare)..start(bare) + bare.len()
    })
}

/// A value without quotes.
fn word(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '&' | '|' | '"' | '\'' | ')');
    text.split(ends).next().unwrap_or_default()
}

/// The same behind a colon, where it may consist of several words.
fn line(text: &str) -> &str {
    let ends = |c: char| matches!(c, '\n' | ',' | '"' | '\'' | '}');
    text.split(ends).next().unwrap_or_default()
}

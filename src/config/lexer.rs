//! The one lexer for shell-like words: `environment` lists and command lines.
//!
//! Its rules are those of Python's `shlex` in POSIX mode.

use std::iter::Peekable;
use std::str::Chars;
use thiserror::Error;

/// Why a text has no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    /// A quote is not closed.
    #[error("No closing quotation")]
    NoClosingQuotation,
    /// It ends with a backslash.
    #[error("No escaped character")]
    NoEscapedCharacter,
}

/// Splits a command line into its words. Quotes and backslashes are the shell's, nothing else is
/// special.
///
/// # Errors
/// When a quote stays open or the line ends with a backslash.
pub fn split_command(text: &str) -> Result<Vec<String>, SplitError> {
    tokens(text, Alphabet::Shell)
}

/// What an unquoted word is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Anything but blanks.
    Shell,
    /// Letters, digits and a few signs; each other character is a token of its own, and `#`
    /// begins a comment.
    Pairs,
}

impl Alphabet {
    fn is_word(self, c: char) -> bool {
        match self {
            Self::Shell => true,
            Self::Pairs => {
                c.is_ascii_alphanumeric()
                    || "_/.+-():".contains(c)
                    || (('À'..='ÿ').contains(&c) && !matches!(c, '×' | '÷'))
            }
        }
    }

    fn is_comment(self, c: char) -> bool {
        self == Self::Pairs && c == '#'
    }
}

/// All tokens of the text.
pub(super) fn tokens(text: &str, alphabet: Alphabet) -> Result<Vec<String>, SplitError> {
    let mut rest = text.chars().peekable();
    let mut tokens = Vec::new();
    while skip_to_token(&mut rest, alphabet) {
        tokens.push(token(&mut rest, alphabet)?);
    }
    Ok(tokens)
}

/// Whether there is a token to read after blanks and comments.
fn skip_to_token(rest: &mut Peekable<Chars<'_>>, alphabet: Alphabet) -> bool {
    while let Some(&c) = rest.peek() {
        if alphabet.is_comment(c) {
            rest.by_ref().find(|&c| c == '\n');
        } else if is_separator(c) {
            rest.next();
        } else {
            return true;
        }
    }
    false
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Reads the token that begins here: a sign of its own, or parts, quoted and not, up to its end.
fn token(rest: &mut Peekable<Chars<'_>>, alphabet: Alphabet) -> Result<String, SplitError> {
    let mut token = String::new();
    let mut empty = true;
    while let Some(&c) = rest.peek() {
        match c {
            '\'' | '"' => {
                rest.next();
                quoted(rest, c, &mut token)?;
            }
            '\\' => {
                rest.next();
                token.push(rest.next().ok_or(SplitError::NoEscapedCharacter)?);
            }
            c if is_separator(c) || alphabet.is_comment(c) => break,
            c if alphabet.is_word(c) => token.extend(rest.next()),
            _ if empty => return Ok(rest.next().into_iter().collect()),
            _ => break,
        }
        empty = false;
    }
    Ok(token)
}

/// Reads up to the closing quote. In double quotes a backslash escapes itself and the quote.
fn quoted(
    rest: &mut Peekable<Chars<'_>>,
    quote: char,
    token: &mut String,
) -> Result<(), SplitError> {
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match rest.next().ok_or(SplitError::NoEscapedCharacter)? {
                c @ ('"' | '\\') => token.push(c),
                c => token.extend(['\\', c]),
            },
            c => token.push(c),
        }
    }
    Err(SplitError::NoClosingQuotation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_command_is_split_as_the_shell_would() {
        for (text, words) in [
            ("", &[][..]),
            ("/bin/cat", &["/bin/cat"]),
            (" a\tb\r\n c ", &["a", "b", "c"]),
            ("sh -c 'a \"b\" c'", &["sh", "-c", "a \"b\" c"]),
            (r#"a"b c"d 'e'f"#, &["ab cd", "ef"]),
            (r#""a\"b\\c\d" x"#, &[r#"a"b\c\d"#, "x"]),
            (r"a\ b '\'", &["a b", r"\"]),
            ("'' \"\"", &["", ""]),
            ("a#b # c;d=e", &["a#b", "#", "c;d=e"]),
        ] {
            assert_eq!(split_command(text).unwrap(), words, "{text}");
        }
    }

    #[test]
    fn an_open_quote_and_a_last_backslash_are_refused() {
        for text in ["'a", "a\"b", "\"a\\\""] {
            assert_eq!(split_command(text), Err(SplitError::NoClosingQuotation));
        }
        for text in ["a\\", "\\", "\"a\\"] {
            assert_eq!(split_command(text), Err(SplitError::NoEscapedCharacter));
        }
    }

    #[test]
    fn signs_are_tokens_of_their_own_in_pairs() {
        let tokens = |text| tokens(text, Alphabet::Pairs).unwrap();
        assert_eq!(tokens("A=b/c.d,E"), ["A", "=", "b/c.d", ",", "E"]);
        assert_eq!(tokens("A=foo#bar\nB"), ["A", "=", "foo", "B"]);
        assert_eq!(tokens("$x\\,y\"z\""), ["$", "x,yz"]);
    }

    proptest! {
        #[test]
        fn quoting_is_undone_by_splitting(words in prop::collection::vec(".*", 0..5)) {
            let line: Vec<_> = words
                .iter()
                .map(|w| format!("'{}'", w.replace('\'', "'\\''")))
                .collect();
            prop_assert_eq!(split_command(&line.join(" ")).unwrap(), words);
        }

        #[test]
        fn no_text_makes_the_lexer_panic(text in "(?s).*") {
            let _ = tokens(&text, Alphabet::Pairs);
        }
    }
}

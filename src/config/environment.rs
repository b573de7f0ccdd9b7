//! `environment` lists: `KEY="value",OTHER=value`.

use super::error::Problem;
use super::lexer::{Alphabet, tokens};
use std::collections::BTreeMap;

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

/// Reads the list. Tokens are taken by position: key, `=`, value, and any one token as separator,
/// which the last pair may lack; a later duplicate wins.
pub(super) fn pairs(text: &str) -> Result<Environment, Problem> {
    let tokens = tokens(text, Alphabet::Pairs).map_err(|error| Problem::Quotation {
        error,
        value: text.to_owned(),
    })?;
    let mut pairs = Environment::new();
    for item in tokens.chunks(4) {
        match item {
            [key, equals, value] | [key, equals, value, _] if equals == "=" => {
                pairs.insert(key.clone(), value.clone());
            }
            _ => return Err(Problem::Pairs(text.to_owned())),
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_taken_by_position() {
        for (text, want) in [
            ("", ""),
            ("A=1,B=2,", "A=1|B=2"),
            ("A=1;B=2", "A=1|B=2"),
            ("A=1,A=2", "A=2"),
            ("A=$HOME", "A=$"),
            ("A=~/x", "A=~"),
            ("A=foo@bar=baz", "A=foo|bar=baz"),
            ("A=\"'q'\"", "A='q'"),
            ("A='\"q\"'", "A=\"q\""),
            ("A=\"a\\\"b\"", "A=a\"b"),
            ("A='a\\'", "A=a\\"),
            ("A=日本", "A=日"),
            ("A=\"日本\"", "A=日本"),
            ("\"A B\"=1", "A B=1"),
            ("A=a\"b c\"d,B=\"\"", "A=ab cd|B="),
            ("A=foo#bar", "A=foo"),
            ("A=1,\n  B=2", "A=1|B=2"),
        ] {
            let pairs = pairs(text).unwrap();
            let shown: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
            assert_eq!(shown.join("|"), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for text in [
            "A",
            "A=1 B=2",
            "A=,B=1",
            "A=",
            "A=a=b",
            "A=foo@bar",
            "A=1,B",
            "A=1\nB=2",
        ] {
            assert_eq!(pairs(text), Err(Problem::Pairs(text.to_owned())), "{text}");
        }
        assert_eq!(
            pairs("A='x").unwrap_err().to_string(),
            "No closing quotation in value \"A='x\""
        );
    }
}

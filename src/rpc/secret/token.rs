//! Keys and tokens that are known by their looks, whatever they are called.

use std::ops::Range;

/// How such a token begins, how long what follows is at least, and what that consists of.
type Form = (&'static str, usize, fn(u8) -> bool);

/// As their issuers document them: GitHub, GitLab, AWS, Slack, and those with `sk-`.
const FORMS: [Form; 14] = [
    ("ghp_", 36, is_alphanumeric),
    ("gho_", 36, is_alphanumeric),
    ("ghu_", 36, is_alphanumeric),
    ("ghs_", 36, is_alphanumeric),
    ("ghr_", 36, is_alphanumeric),
    ("github_pat_", 22, is_alphanumeric),
    ("glpat-", 16, is_part),
    ("AKIA", 16, is_capital),
    ("xoxa-", 8, is_part),
    ("xoxb-", 8, is_part),
    ("xoxp-", 8, is_part),
    ("xoxr-", 8, is_part),
    ("xoxs-", 8, is_part),
    ("sk-", 20, is_part),
];

/// Where they are.
pub(super) fn secrets(text: &str) -> impl Iterator<Item = Range<usize>> {
    let runs = text.split(|c: char| !c.is_ascii() || !is_part(c as u8));
    runs.filter_map(move |run| {
        let start = run.as_ptr().addr() - text.as_ptr().addr();
        let forms = FORMS.iter().filter_map(|form| formed(run, form));
        let first = forms.chain(web_token(run)).min()?;
        Some(start + first..start + run.len())
    })
}

/// Where a token of this form begins.
fn formed(run: &str, (prefix, len, is_body): &Form) -> Option<usize> {
    starts(run, prefix).find(|at| {
        let body = run.as_bytes()[at + prefix.len()..].iter();
        body.take(*len).filter(|byte| is_body(**byte)).count() == *len
    })
}

/// Where a JSON Web Token (RFC 7519) begins: three parts, of which the first is a JSON object.
fn web_token(run: &str) -> Option<usize> {
    starts(run, "eyJ").next().filter(|at| {
        let mut parts = run[*at..].split('.');
        parts.by_ref().take(2).all(|part| !part.is_empty()) && parts.next().is_some()
    })
}

/// Where a run has this prefix, but not within a word: `disk-` isn't `sk-`.
fn starts(run: &str, prefix: &str) -> impl Iterator<Item = usize> {
    let within = |at| run[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let found = run.match_indices(prefix).map(|(at, _)| at);
    found.filter(move |at| !within(*at))
}

fn is_part(byte: u8) -> bool {
    is_alphanumeric(byte) || matches!(byte, b'_' | b'-' | b'.')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        secrets(text).next().is_some()
    }

    #[test]
    fn tokens_are_known_by_their_looks() {
        let body = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for prefix in [
            "ghp_",
            "ghs_",
            "github_pat_",
            "AKIA",
            "xoxb-",
            "sk-",
            "glpat-",
        ] {
            let token = format!("{prefix}{body}");
            let text = format!("é:{token} x");
            let found: Vec<_> = secrets(&text).map(|range| &text[range]).collect();
            assert_eq!(found, [token]);
        }
        assert!(is_found("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"));
        assert!(is_found("AKIAIOSFODNN7EXAMPLE"));
    }

    #[test]
    fn what_only_begins_like_a_token_is_none() {
        for text in [
            "ghp_short",
            "AKIA",
            "AKIAlowercaseletters",
            "xoxb-",
            "sk-learn",
            "/dev/disk-0123456789012345678901234",
            "eyJust.name",
            "eyJ.py",
        ] {
            assert!(!is_found(text), "{text}");
        }
    }
}

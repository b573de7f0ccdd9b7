//! What looks like a secret, in environments and command lines, and texts without it.
//!
//! It is better to hide too much than too little. What is hidden is found by the names of variables
//! and options, by passwords in URLs, and by what keys and tokens look like.

mod assignment;
mod name;
mod program;
mod token;
mod url;

use super::role::Role;
use std::borrow::Cow;
use std::ops::Range;

/// Stands in the place of a secret.
const HIDDEN: &str = "***";

/// Whether a variable's value is to be kept back, by its name or by what it is.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    name::is_telling_variable(name, value) || !found(value).is_empty()
}

/// A text as who has this role may see it: readers without its secrets.
pub(super) fn shown_to(role: Role, text: &str) -> Cow<'_, str> {
    match role {
        Role::Reader => masked(text),
        Role::Operator | Role::Admin => text.into(),
    }
}

/// A text with `***` in the place of each secret.
fn masked(text: &str) -> Cow<'_, str> {
    let mut found = found(text);
    if found.is_empty() {
        return text.into();
    }
    found.sort_by_key(|secret| secret.start);
    let (mut shown, mut end) = (String::with_capacity(text.len()), 0);
    for secret in found {
        if secret.start >= end {
            shown.push_str(&text[end..secret.start]);
            shown.push_str(HIDDEN);
        }
        end = end.max(secret.end);
    }
    shown.push_str(&text[end..]);
    shown.into()
}

/// Where secrets are in a text, in any order.
fn found(text: &str) -> Vec<Range<usize>> {
    let is_key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    let mut found: Vec<_> = is_key.then_some(0..text.len()).into_iter().collect();
    found.extend(url::secrets(text));
    found.extend(token::secrets(text));
    found.extend(assignment::secrets(text));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn values_are_secrets_under_any_name() {
        for value in [
            "postgres://user:pw@db/x",
            "postgres://u:p/w@db/x",
            "redis://:pw@cache:6379",
            "a://h/,amqp://u:pw@h2/",
            "https://ghp_abcdef@github.com/x",
            "Server=db;User Id=sa;Password=hunter2;",
            "Server=db;Uid=sa;Pwd=hunter2;",
            "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nabc",
            "{\"token\": \"abc\"}",
            "--password hunter2",
            "-----BEGIN PRIVATE KEY-----\nabc",
        ] {
            assert!(is_secret("X", value), "{value}");
        }
        for value in [
            "",
            "a b",
            "http://host:8080/a@b:c",
            "https://unpkg.com/vue@3",
            "https://git@host/repo",
            "ssh://git@host/repo",
            "/usr/bin:/opt/auth:/bin",
            "a=b,c=d",
        ] {
            assert!(!is_secret("X", value), "{value}");
        }
    }

    #[test]
    fn a_command_is_shown_without_its_secrets() {
        for (command, shown) in [
            ("cat -v x", "cat -v x"),
            ("run --password=supersecret -v", "run --password=*** -v"),
            ("run --password supersecret -v", "run --password *** -v"),
            ("run --db-pass='a b' x", "run --db-pass='***' x"),
            ("env API_KEY=abc run", "env API_KEY=*** run"),
            (
                "sh -c 'PASS=a; export PASS'",
                "sh -c 'PASS=***; export PASS'",
            ),
            ("run postgres://u:p@db/x y", "run postgres://u:***@db/x y"),
            ("curl -u me:pw https://x", "curl -u me:*** https://x"),
            (
                "curl -H 'Authorization: Bearer abcdefgh' x",
                "curl -H 'Authorization: ***' x",
            ),
            ("run --token --verbose", "run --token --verbose"),
            ("run --key-file=/etc/k --pin", "run --key-file=/etc/k --pin"),
            ("run --password=é€", "run --password=***"),
        ] {
            assert_eq!(masked(command), shown);
        }
    }

    #[test]
    fn a_secret_is_hidden_up_to_its_end() {
        for (command, shown) in [
            (
                "run --password=a,b --token=x&c --api-key=y)d --pw=z;e -v",
                "run --password=*** --token=*** --api-key=*** --pw=*** -v",
            ),
            ("sh -c 'run --pw=a;b' c 'd'", "sh -c 'run --pw=***' c 'd'"),
            ("run --pw=a'b c'd e", "run --pw=*** e"),
            (r"run --pw=a\ b c", "run --pw=*** c"),
            (r#"run --pw="a\"b" c"#, r#"run --pw="***" c"#),
            (r#"run --secret "a b c" d"#, r#"run --secret "***" d"#),
            (r#"run --secret " a b" d"#, r#"run --secret "***" d"#),
            (
                r#"sh -c 'run --secret "a b" c'"#,
                r#"sh -c 'run --secret "***" c'"#,
            ),
            ("run 'Uid=sa;Pwd=a,b;X=y'", "run 'Uid=sa;Pwd=***;X=y'"),
            ("curl -u 'me:p w' x", "curl -u 'me:***' x"),
            ("run --pw '-a b' c", "run --pw '***' c"),
            ("env PWD=/srv run", "env PWD=/srv run"),
        ] {
            assert_eq!(masked(command), shown);
        }
    }

    #[test]
    fn programs_options_of_their_own_are_known() {
        for (command, shown) in [
            ("mysql -uroot -psecret db", "mysql -uroot -p*** db"),
            ("sh -c 'mysql -psecret'", "sh -c 'mysql -p***'"),
            ("mysqldump -p'a b' db", "mysqldump -p'***' db"),
            ("nc -p80 -a x", "nc -p80 -a x"),
            ("redis-cli -a secret ping", "redis-cli -a *** ping"),
            ("run --secret:a;b -v", "run --secret:*** -v"),
            ("run -v my-auth:/auth", "run -v my-auth:/auth"),
        ] {
            assert_eq!(masked(command), shown);
        }
    }

    proptest! {
        #[test]
        fn what_is_not_hidden_is_as_it_was(text in "([ -~é]|pass|key|=|://|@|: |\"|--token ){0,20}") {
            let shown = masked(&text);
            let mut rest = &*text;
            for part in shown.split(HIDDEN) {
                rest = rest.split_once(part).unwrap().1;
            }
        }
    }
}

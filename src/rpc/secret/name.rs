//! Names that tell that what they name is a secret.

/// Parts of such names.
const PARTS: [&str; 18] = [
    "secret",
    "passw",
    "passphrase",
    "token",
    "apikey",
    "private",
    "credential",
    "auth",
    "cookie",
    "session",
    "salt",
    "signature",
    "dsn",
    "pwd",
    "jwt",
    "bearer",
    "webhook",
    "accesskey",
];

/// Words of such names; shorter, so that they don't count as parts of others.
const WORDS: [&str; 10] = [
    "pass", "key", "keys", "pin", "otp", "totp", "pw", "cred", "creds", "sas",
];

/// Variables that only look so: they hold paths. Spelt otherwise, as `Pwd`, they are passwords.
const HARMLESS: [&str; 3] = ["PWD", "OLDPWD", "SSH_AUTH_SOCK"];

/// What names of paths end with.
const PATHS: [&str; 4] = ["file", "path", "dir", "directory"];

/// Whether the name of a variable of the environment tells that its value is a secret.
pub(super) fn is_telling_variable(name: &str, value: &str) -> bool {
    !HARMLESS.contains(&name) && is_telling(name, value)
}

/// Whether the name tells that this value is a secret. Where a secret lies is none.
pub(super) fn is_telling(name: &str, value: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    if value.starts_with('/') && (HARMLESS.contains(&name) || PATHS.contains(&last)) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let is_word = |word: &String| WORDS.contains(&word.as_str()) || is_glued(word);
    PARTS.iter().any(|part| name.contains(part)) || words.iter().any(is_word)
}

/// A word as in `DBPASS`; not as in `BYPASS`.
fn is_glued(word: &str) -> bool {
    word.ends_with("pass") && !["bypass", "compass", "trespass"].contains(&word)
}

/// The words of `DB_PASS`, `dbPass` and `db-pass1`, in small letters and without numbers.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let begins = was_small && c.is_ascii_uppercase();
        if begins || !c.is_ascii_alphabetic() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphabetic(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "DB_PASS",
            "MYSQL_PASS",
            "SMTP_PASS",
            "PASS",
            "PASS_DB",
            "DBPASS",
            "dbPass",
            "MYSQL_PWD",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "apiKey",
            "SENTRY_DSN",
            "KEY",
            "KEY1",
            "ENCRYPTION_KEYS",
            "stripe_key",
            "AUTHORIZATION",
            "SLACK_WEBHOOK_URL",
            "JWT",
            "BEARER",
            "PIN",
            "OTP",
        ] {
            assert!(is_telling_variable(name, "x"), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PWD",
            "LANG",
            "KEYBOARD",
            "MONKEY",
            "PORT",
            "SPIN",
            "BYPASS",
            "SSH_AUTH_SOCK",
        ] {
            assert!(!is_telling_variable(name, "x"), "{name}");
        }
    }

    #[test]
    fn where_a_secret_lies_is_none() {
        assert!(!is_telling("DB_PASSWORD_FILE", "/run/secrets/db"));
        assert!(is_telling("DB_PASSWORD_FILE", "hunter2"));
        assert!(is_telling("DB_PASSWORD", "/hunter2"));
    }

    #[test]
    fn a_working_directory_is_no_password() {
        assert!(!is_telling_variable("OLDPWD", "x"));
        assert!(!is_telling("PWD", "/srv"));
        assert!(is_telling("PWD", "hunter2"));
        assert!(is_telling("Pwd", "/hunter2"));
    }
}

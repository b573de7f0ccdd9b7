//! What in an environment looks like a secret.

/// Parts of names whose values are nobody's business.
const TELLING: [&str; 16] = [
    "secret",
    "passw",
    "passphrase",
    "token",
    "apikey",
    "api_key",
    "access_key",
    "private",
    "credential",
    "auth",
    "cookie",
    "session",
    "salt",
    "signature",
    "dsn",
    "pwd",
];

/// Whether a variable's value is to be kept back, by its name or by what it is.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_key = name == "key" || name.ends_with("_key") || name.ends_with("key_id");
    let is_directory = name == "pwd" || name == "oldpwd" || name == "ssh_auth_sock";
    let is_told = is_key || TELLING.iter().any(|part| name.contains(part));
    (is_told && !is_directory) || holds_password(value) || value.contains("PRIVATE KEY-----")
}

/// Whether a value is a URL with a password: `scheme://user:password@host`.
fn holds_password(value: &str) -> bool {
    let authority = value
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "apiKey",
            "SENTRY_DSN",
            "KEY",
            "stripe_key",
            "AUTHORIZATION",
        ] {
            assert!(is_secret(name, "x"), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PWD",
            "LANG",
            "KEYBOARD",
            "MONKEY",
            "PORT",
            "SSH_AUTH_SOCK",
        ] {
            assert!(!is_secret(name, "x"), "{name}");
        }
    }

    #[test]
    fn urls_with_passwords_are_secrets_under_any_name() {
        assert!(is_secret("DATABASE_URL", "postgres://user:pw@db/x"));
        assert!(is_secret("X", "redis://:pw@cache:6379"));
        assert!(!is_secret("X", "http://host:8080/a@b:c"));
        assert!(!is_secret("X", "ssh://git@host/repo"));
        assert!(is_secret("X", "-----BEGIN PRIVATE KEY-----\nabc"));
    }
}

//! Programs that take a password by an option whose name doesn't tell so.

/// The last of them that a command line has named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Program {
    /// MySQL's and MariaDB's clients: `-psecret`.
    Mysql,
    /// `redis-cli -a secret`.
    Redis,
    /// None of them.
    Other,
}

impl Program {
    /// The program that this word names, or else this one.
    pub(super) fn or_named(self, word: &str) -> Self {
        match word.rsplit('/').next().unwrap_or_default() {
            "mysql" | "mysqldump" => Self::Mysql,
            "redis-cli" => Self::Redis,
            name if name.starts_with("mariadb") => Self::Mysql,
            _ => self,
        }
    }

    /// Whether this option's value, in the next word, is a secret.
    pub(super) fn asks(self, option: &str) -> bool {
        self == Self::Redis && option == "-a"
    }

    /// Where a secret begins in an option's own word.
    pub(super) fn attached(self, word: &str) -> Option<usize> {
        let option = word.trim_start_matches(['"', '\'', '\\']);
        let value = option.strip_prefix("-p").filter(|value| !value.is_empty());
        let value = value.filter(|_| self == Self::Mysql)?;
        Some(word.len() - value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_mean_passwords_to_some_programs_only() {
        let mysql = Program::Other.or_named("/usr/bin/mysqldump");
        assert_eq!(mysql.attached("-psecret"), Some(2));
        assert_eq!(mysql.attached("'-psecret"), Some(3));
        assert_eq!(mysql.attached("-p"), None);
        assert_eq!(mysql.or_named("-uroot"), mysql);
        assert_eq!(Program::Other.or_named("mariadb-admin"), mysql);
        assert!(Program::Other.or_named("redis-cli").asks("-a"));
        assert!(!mysql.asks("-a"));
        assert_eq!(Program::Other.or_named("nc").attached("-p80"), None);
    }
}

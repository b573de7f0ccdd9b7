//! AUTO child logs: generated names, and the removal of those of an earlier run.

use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many characters of a name are random.
const RANDOM: usize = 8;

/// What they are drawn from.
const ALPHABET: &[u8; 37] = b"abcdefghijklmnopqrstuvwxyz0123456789_";

/// How often another name is tried when one is taken.
const TRIES: usize = 100;

/// Makes an empty file `<process>-<channel>---<identifier>-<8 random>.log` in `childlogdir`, new
/// and readable by its owner only. `channel` is `stdout` or `stderr`.
pub fn create(
    childlogdir: &Path,
    process: &str,
    channel: &str,
    identifier: &str,
) -> io::Result<PathBuf> {
    let prefix = format!("{process}-{channel}---{identifier}-");
    if prefix.contains('/') {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a log name may not contain a slash",
        ));
    }
    for _ in 0..TRIES {
        let path = childlogdir.join(format!("{prefix}{}.log", random_name()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(super::PRIVATE)
            .open(&path);
        match file {
            Ok(_) => return Ok(path),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Random characters; std keys each `RandomState` from the system's random source.
fn random_name() -> String {
    let mut number = RandomState::new().hash_one(());
    let mut draw = || {
        let index = usize::try_from(number % 37).unwrap_or(0);
        number /= 37;
        char::from(ALPHABET.get(index).copied().unwrap_or(b'_'))
    };
    (0..RANDOM).map(|_| draw()).collect()
}

/// Removes the AUTO logs of `identifier` in `childlogdir`, backups too. Says, as the texts of
/// warnings, what could not be removed.
pub fn clean(childlogdir: &Path, identifier: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(childlogdir) else {
        return vec!["Could not clear childlog dir".to_owned()];
    };
    let paths = entries
        .flatten()
        .filter(|entry| is_auto_log(&entry.file_name().to_string_lossy(), identifier));
    paths
        .filter_map(|entry| warning_unless_removed(&entry.path()))
        .collect()
}

fn warning_unless_removed(path: &Path) -> Option<String> {
    fs::remove_file(path)
        .err()
        .map(|_| format!("Failed to clean up '{}'", path.display()))
}

/// Whether `name` is that of an AUTO log or of its backup:
/// `<something>---<identifier>-<no whitespace>.log`, then perhaps a dot and up to four digits.
fn is_auto_log(name: &str, identifier: &str) -> bool {
    let Some(stem) = without_backup_number(name).strip_suffix(".log") else {
        return false;
    };
    let marker = format!("---{identifier}-");
    stem.match_indices(&marker).any(|(at, _)| {
        let random = stem.get(at + marker.len()..).unwrap_or_default();
        at > 0 && !random.is_empty() && !random.contains(char::is_whitespace)
    })
}

fn without_backup_number(name: &str) -> &str {
    let rest = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if name.len() - rest.len() > 4 {
        name
    } else {
        rest.strip_suffix('.').unwrap_or(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::tempdir;

    #[test]
    fn a_name_tells_process_channel_and_identifier() {
        let dir = tempdir().unwrap();
        let path = create(dir.path(), "p", "stdout", "idx").unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let random = name
            .strip_prefix("p-stdout---idx-")
            .unwrap()
            .strip_suffix(".log")
            .unwrap();
        assert_eq!(random.len(), 8);
        assert!(random.bytes().all(|b| ALPHABET.contains(&b)), "{random}");
        let meta = fs::metadata(&path).unwrap();
        assert_eq!((meta.permissions().mode() & 0o777, meta.len()), (0o600, 0));
    }

    #[test]
    fn names_differ() {
        let dir = tempdir().unwrap();
        let names: std::collections::HashSet<_> = (0..50)
            .map(|_| create(dir.path(), "p", "stdout", "i").unwrap())
            .collect();
        assert_eq!(names.len(), 50);
    }

    #[test]
    fn a_missing_directory_and_a_slash_are_errors() {
        let dir = tempdir().unwrap();
        let kind = |dir: &Path, process| create(dir, process, "stdout", "i").unwrap_err().kind();
        assert_eq!(kind(&dir.path().join("no"), "p"), io::ErrorKind::NotFound);
        assert_eq!(kind(dir.path(), "../p"), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn names_of_auto_logs_are_known() {
        for (name, expected) in [
            ("p-stdout---idx-abcdefgh.log", true),
            ("q-stdout---idx-abc.log.3", true),
            ("q-stdout---idx-abc.log.1234", true),
            ("q-stdout---idx-abc.log7", true),
            ("q-stdout---idx-abc.log.", true),
            ("a---idx-b---idx-c.log", true),
            ("q-stdout---idx-abc.log.12345", false),
            ("q-stdout---idx-abc.log.gz", false),
            ("q-stdout---idx-abc.logXYZ", false),
            ("q-stdout---other-abc.log", false),
            ("q-stdout---idx-a b.log", false),
            ("---idx-abc.log", false),
            ("q-stdout---idx-.log", false),
            ("q-stdout--idx-abc.log", false),
            ("", false),
        ] {
            assert_eq!(is_auto_log(name, "idx"), expected, "{name}");
        }
    }

    #[test]
    fn the_identifier_is_no_pattern() {
        assert!(is_auto_log("p-stdout---a.b-x.log", "a.b"));
        assert!(!is_auto_log("p-stdout---aXb-x.log", "a.b"));
    }

    #[test]
    fn cleaning_removes_auto_logs_and_warns_of_what_stays() {
        let dir = tempdir().unwrap();
        let own = create(dir.path(), "p", "stderr", "idx").unwrap();
        fs::write(dir.path().join("other.log"), "").unwrap();
        let stuck = dir.path().join("p-stdout---idx-dir.log");
        fs::create_dir(&stuck).unwrap();
        let warnings = clean(dir.path(), "idx");
        assert_eq!(
            warnings,
            [format!("Failed to clean up '{}'", stuck.display())]
        );
        assert!(!own.exists() && dir.path().join("other.log").exists());
    }

    #[test]
    fn a_missing_directory_is_a_warning() {
        let warnings = clean(Path::new("/nonexistent/childlog"), "idx");
        assert_eq!(warnings, ["Could not clear childlog dir"]);
    }
}

//! The lines of earlier sessions, kept as readline keeps them: one a line, nothing else.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// More of the file is not read, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// How many lines are kept.
pub(super) const MAX_LINES: usize = 10_000;

/// The lines of the file, oldest first; none where it can't be read.
pub(super) fn load(path: &Path) -> Vec<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    if read.is_err() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Writes the last of them for the user's eyes only, over what was there.
pub(super) fn save(path: &Path, lines: &[String]) -> io::Result<()> {
    let kept = lines.iter().skip(lines.len().saturating_sub(MAX_LINES));
    let text: String = kept.flat_map(|line| [line.as_str(), "\n"]).collect();
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn lines_are_kept_as_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("history");
        assert!(load(&path).is_empty());
        let lines = ["status".to_owned(), r"tail a\b ü".to_owned()];
        save(&path, &lines).unwrap();
        assert_eq!(load(&path), lines);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "status\ntail a\\b ü\n");
    }
}

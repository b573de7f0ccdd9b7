//! The files that a configuration was read from, and whether reading them again would find the
//! same. Whoever asks often would otherwise have thousands of programs parsed each time.

use super::include::matches;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The files of one reading, as they were just before it.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The patterns of `[include]`, and what they matched.
    patterns: Vec<(String, Vec<PathBuf>)>,
    marks: Vec<(PathBuf, Option<Mark>)>,
}

/// What changes with a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    device: u64,
    inode: u64,
    length: u64,
    /// In seconds and nanoseconds, as all times.
    modified: (i64, i64),
    /// Its content, its owner or its mode: this can't be set back.
    changed: (i64, i64),
}

impl Files {
    /// A file is about to be read.
    pub(super) fn note(&mut self, path: &Path) {
        self.marks.push((path.to_owned(), Mark::of(path)));
    }

    /// A pattern has been looked up.
    pub(super) fn looked_up(&mut self, pattern: &str, files: &[PathBuf]) {
        self.patterns.push((pattern.to_owned(), files.to_owned()));
    }

    /// Whether the same files are there and none of them has changed. False where none was noted.
    pub fn are_unchanged(&self) -> bool {
        let mut patterns = self.patterns.iter();
        let mut marks = self.marks.iter();
        !self.marks.is_empty()
            && marks.all(|(path, mark)| mark.is_some() && *mark == Mark::of(path))
            && patterns.all(|(pattern, files)| matches(pattern) == *files)
    }
}

impl Mark {
    fn of(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|file| Self::from(&file))
    }
}

impl From<&Metadata> for Mark {
    fn from(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            length: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_would_be_read_otherwise_has_changed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let pattern = at("*.ini").to_string_lossy().into_owned();
        fs::write(at("main"), "a").unwrap();
        fs::write(at("1.ini"), "a").unwrap();
        let noted = || {
            let mut files = Files::default();
            files.note(&at("main"));
            files.looked_up(&pattern, &matches(&pattern));
            files
        };
        assert!(noted().are_unchanged() && !Files::default().are_unchanged());

        let before = noted();
        fs::write(at("main"), "ab").unwrap();
        assert!(!before.are_unchanged() && noted().are_unchanged());
        let before = noted();
        fs::write(at("2.ini"), "").unwrap();
        assert!(!before.are_unchanged() && noted().are_unchanged());
        let before = noted();
        fs::remove_file(at("main")).unwrap();
        assert!(!before.are_unchanged() && !noted().are_unchanged());
    }
}

//! A log followed as it grows, through rotation and truncation.

use super::tail::open_to_read;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much of what is there already is shown at first, in bytes.
const FIRST: u64 = 1024;

/// The most that one chunk holds, in bytes.
const CHUNK: u64 = 64 * 1024;

/// What is said when the file became shorter than what was read of it.
const TRUNCATED: &[u8] = b"==> File truncated <==\n";

/// Reads a log from its last 1024 bytes on. When the file at the path is another than before, the
/// old one is read to its end and the new one from its start.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    position: u64,
}

impl Follower {
    /// Begins to follow the regular file at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open_to_read(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let position = meta.len().saturating_sub(FIRST);
        Ok(Self {
            path: path.to_owned(),
            file,
            position,
        })
    }

    /// When the file was last changed.
    pub fn modified(&self) -> io::Result<SystemTime> {
        self.file.metadata()?.modified()
    }

    /// What came since the last call, up to 64 KiB; `None` if nothing did. To be called until it
    /// is `None`, then again when the file may have grown.
    pub fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.file.metadata()?.len() < self.position {
            self.position = 0;
            return Ok(Some(TRUNCATED.to_vec()));
        }
        let bytes = self.read()?;
        if bytes.is_empty() && self.turn_to_new_file()? {
            return Ok(Some(self.read()?).filter(|bytes| !bytes.is_empty()));
        }
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.position))?;
        (&self.file).take(CHUNK).read_to_end(&mut bytes)?;
        self.position += bytes.len() as u64;
        Ok(bytes)
    }

    /// Whether there is another regular file at the path by now. While there is none at all, the
    /// old one is kept.
    fn turn_to_new_file(&mut self) -> io::Result<bool> {
        let identity = |meta: fs::Metadata| (meta.dev(), meta.ino());
        let Ok(there) = fs::metadata(&self.path) else {
            return Ok(false);
        };
        if !there.is_file() || identity(there) == identity(self.file.metadata()?) {
            return Ok(false);
        }
        let Ok(file) = open_to_read(&self.path) else {
            return Ok(false);
        };
        self.file = file;
        self.position = 0;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use tempfile::{TempDir, tempdir};

    fn started(content: &[u8]) -> (TempDir, PathBuf, Follower) {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        fs::write(&path, content).unwrap();
        let follower = Follower::open(&path).unwrap();
        (dir, path, follower)
    }

    fn append(path: &Path, bytes: &[u8]) {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
    }

    fn all(follower: &mut Follower) -> String {
        let chunks = std::iter::from_fn(|| follower.next_chunk().unwrap());
        String::from_utf8(chunks.flatten().collect()).unwrap()
    }

    #[test]
    fn it_begins_with_the_last_1024_bytes() {
        let (_dir, _, mut follower) = started(&[vec![b'a'; 10], vec![b'b'; 1024]].concat());
        assert_eq!(all(&mut follower), "b".repeat(1024));
    }

    #[test]
    fn growth_is_told_and_silence_too() {
        let (_dir, path, mut follower) = started(b"one\n");
        assert_eq!(all(&mut follower), "one\n");
        assert_eq!(follower.next_chunk().unwrap(), None);
        append(&path, b"two\n");
        assert_eq!(all(&mut follower), "two\n");
    }

    #[test]
    fn nothing_is_lost_when_the_file_is_rotated() {
        let (dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        append(&path, b"two\n");
        fs::rename(&path, dir.path().join("o.1")).unwrap();
        fs::write(&path, b"three\n").unwrap();
        assert_eq!(all(&mut follower), "two\nthree\n");
    }

    #[test]
    fn a_removed_file_is_waited_for() {
        let (_dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        let kept = fs::rename(&path, path.with_extension("gone"));
        kept.unwrap();
        assert_eq!(all(&mut follower), "");
        fs::write(&path, b"new\n").unwrap();
        assert_eq!(all(&mut follower), "new\n");
    }

    #[test]
    fn truncation_is_told_and_reading_starts_over() {
        let (_dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        fs::write(&path, b"2\n").unwrap();
        assert_eq!(all(&mut follower), "==> File truncated <==\n2\n");
    }

    #[test]
    fn chunks_are_bounded() {
        let (_dir, path, mut follower) = started(b"");
        append(&path, &vec![b'x'; 100_000]);
        assert_eq!(follower.next_chunk().unwrap().unwrap().len(), 64 * 1024);
        assert_eq!(all(&mut follower).len(), 100_000 - 64 * 1024);
    }

    #[test]
    fn what_is_no_regular_file_is_not_followed() {
        assert!(Follower::open(Path::new("/dev/zero")).is_err());
        assert!(Follower::open(Path::new("/nonexistent")).is_err());
    }
}

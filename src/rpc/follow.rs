//! Reads a log as it grows, through rotation and truncation, without missing a byte.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most bytes that are read at once.
const PIECE: usize = 64 << 10;

/// What is told in place of bytes that a truncation took away.
const TRUNCATED: &[u8] = b"==> File truncated <==\n";

/// A log that is followed.
///
/// It is assumed that a log is rotated as Supervisor does it: renamed to `NAME.1` (and that to
/// `NAME.2`, and so on) and begun anew under its own name. Files that are rotated faster than they
/// are read are found again under their numbers.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    file: File,
    offset: u64,
}

impl Follower {
    /// Opens a regular file, to be read from its last `back` bytes on.
    pub(super) fn open(path: PathBuf, back: u64) -> io::Result<Self> {
        let mut file = open(&path)?;
        let offset = file.metadata()?.len().saturating_sub(back);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { path, file, offset })
    }

    /// When the file was written last.
    pub(super) fn modified(&self) -> io::Result<SystemTime> {
        self.file.metadata()?.modified()
    }

    /// The next bytes; empty when there are none for now.
    pub(super) fn read(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let bytes = self.read_on()?;
            if !bytes.is_empty() {
                return Ok(bytes);
            }
            if self.file.metadata()?.len() < self.offset {
                self.go_to(0)?;
                return Ok(TRUNCATED.to_vec());
            }
            let Some(next) = self.successor()? else {
                return Ok(bytes);
            };
            // What was written between the last read and the rotation.
            let rest = self.read_on()?;
            if !rest.is_empty() {
                return Ok(rest);
            }
            self.file = next;
            self.offset = 0;
        }
    }

    fn read_on(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.file).take(PIECE as u64).read_to_end(&mut bytes)?;
        self.offset += bytes.len() as u64;
        Ok(bytes)
    }

    fn go_to(&mut self, offset: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset))?;
        self.offset = offset;
        Ok(())
    }

    /// The file to go on with when the one at hand was rotated away: the one that was begun next.
    /// `None` while the one at hand is current, or none has taken its place yet.
    fn successor(&self) -> io::Result<Option<File>> {
        let current = identity(&self.file.metadata()?);
        let Some(first) = look(&self.path)? else {
            return Ok(None);
        };
        if first == current {
            return Ok(None);
        }
        let mut newer = self.path.clone();
        for number in 1.. {
            let older = numbered(&self.path, number);
            match look(&older)? {
                Some(found) if found == current => break,
                Some(_) => newer = older,
                // Removed, or cleared: the file under the log's own name follows.
                None => {
                    newer.clone_from(&self.path);
                    break;
                }
            }
        }
        let next = match open(&newer) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        // A rotation meanwhile has shifted the numbers: look again later.
        Ok((look(&self.path)? == Some(first)).then_some(next))
    }
}

/// Opens a regular file. Never waits, as opening a FIFO would.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "not a regular file",
    ))
}

/// What tells a file from all others: its device and inode.
fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// Which file a path leads to; `None` when to none.
fn look(path: &Path) -> io::Result<Option<(u64, u64)>> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(Some(identity(&file))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    struct Log {
        _dir: tempfile::TempDir,
        path: PathBuf,
    }

    impl Log {
        fn new(text: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("log");
            fs::write(&path, text).unwrap();
            Self { _dir: dir, path }
        }

        fn follow(&self, back: u64) -> Follower {
            Follower::open(self.path.clone(), back).unwrap()
        }

        fn append(&self, text: &str) {
            let mut file = OpenOptions::new()
                .append(true)
                .create(true)
                .open(&self.path);
            file.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
        }

        fn rotate(&self, backups: u32) {
            for number in (1..backups).rev() {
                let _ = fs::rename(
                    numbered(&self.path, number),
                    numbered(&self.path, number + 1),
                );
            }
            fs::rename(&self.path, numbered(&self.path, 1)).unwrap();
        }
    }

    fn next(follower: &mut Follower) -> String {
        String::from_utf8(follower.read().unwrap()).unwrap()
    }

    #[test]
    fn it_starts_with_the_last_bytes() {
        assert_eq!(next(&mut Log::new("0123456789").follow(4)), "6789");
        assert_eq!(next(&mut Log::new("0123").follow(10)), "0123");
    }

    #[test]
    fn growth_is_read_and_nothing_is_nothing() {
        let log = Log::new("");
        let mut follower = log.follow(10);
        assert_eq!(next(&mut follower), "");
        log.append("one");
        assert_eq!(next(&mut follower), "one");
        assert_eq!(next(&mut follower), "");
    }

    #[test]
    fn what_was_written_before_a_rotation_is_not_lost() {
        let log = Log::new("a");
        let mut follower = log.follow(10);
        assert_eq!(next(&mut follower), "a");
        log.append("b");
        log.rotate(3);
        log.append("c");
        assert_eq!(next(&mut follower), "b");
        assert_eq!(next(&mut follower), "c");
    }

    #[test]
    fn files_rotated_while_nobody_read_are_found_again() {
        let log = Log::new("a");
        let mut follower = log.follow(10);
        assert_eq!(next(&mut follower), "a");
        for text in ["b", "c", "d"] {
            log.rotate(9);
            log.append(text);
        }
        let read: Vec<_> = (0..4).map(|_| next(&mut follower)).collect();
        assert_eq!(read, ["b", "c", "d", ""]);
    }

    #[test]
    fn a_log_that_is_gone_is_waited_for() {
        let log = Log::new("a");
        let mut follower = log.follow(10);
        assert_eq!(next(&mut follower), "a");
        fs::remove_file(&log.path).unwrap();
        assert_eq!(next(&mut follower), "");
        log.append("again");
        assert_eq!(next(&mut follower), "again");
    }

    #[test]
    fn a_truncated_log_is_read_from_its_start() {
        let log = Log::new("before\n");
        let mut follower = log.follow(10);
        assert_eq!(next(&mut follower), "before\n");
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&log.path)
            .unwrap();
        log.append("after\n");
        assert_eq!(next(&mut follower), "==> File truncated <==\n");
        assert_eq!(next(&mut follower), "after\n");
    }

    #[test]
    fn only_regular_files_are_followed() {
        assert!(Follower::open("/dev/null".into(), 0).is_err());
        assert!(Follower::open("/".into(), 0).is_err());
        assert!(Follower::open("/no/such/file".into(), 0).is_err());
    }
}

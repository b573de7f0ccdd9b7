//! A log file with a size limit and numbered backups.

use super::short_write::{ShortWrite, write_all};
use super::stream::{Stream, descriptor_named};
use crate::process::LogEnd;
use nix::fcntl::OFlag;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The most backups that are kept: each rotation looks for every one of them.
pub const MAX_BACKUPS: u64 = 10_000;

/// When a file is rotated, and what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Size in bytes at which the file is rotated; 0 is never.
    pub maxbytes: u64,
    /// Rotated files to keep, `file.1` the newest; 0 truncates the file instead. No more than
    /// [`MAX_BACKUPS`].
    pub backups: u64,
}

impl Rotation {
    /// From the options' numbers, of which those below 0 mean 0.
    pub fn new(maxbytes: i64, backups: i64) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Self {
            maxbytes: count(maxbytes),
            backups: count(backups).min(MAX_BACKUPS),
        }
    }
}

/// Why a write did not go as asked.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Bytes are missing.
    #[error(transparent)]
    Short(#[from] ShortWrite),
    /// All bytes are written, but the file, which has reached its limit, could not be rotated. It
    /// is tried again once the file has grown by the limit anew.
    #[error("cannot rotate: {0}")]
    NotRotated(#[source] io::Error),
}

/// What a log path names: a file that is appended to and rotated, or a descriptor, pipe or device
/// that never is. A value may be closed, after a failed (re)open; the next write tries anew.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    rotation: Rotation,
    mode: u32,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Closed,
    Regular(Regular),
    Stream(Stream),
}

/// An open regular file, its size, and the size at which it is to be rotated.
#[derive(Debug)]
struct Regular {
    file: File,
    size: u64,
    rotate_at: u64,
    /// The last look found something else, or nothing, at its path.
    is_astray: bool,
}

impl RotatingFile {
    /// Where it ends by now; `None` where it is no regular file, or is not open.
    pub fn end(&self) -> Option<LogEnd> {
        let Target::Regular(regular) = &self.target else {
            return None;
        };
        let meta = regular.file.metadata().ok()?;
        Some(LogEnd {
            inode: meta.ino(),
            size: meta.len(),
        })
    }

    /// Opens `path` for appending, made with `mode` less the umask if it is missing.
    pub fn open(path: &Path, rotation: Rotation, mode: u32) -> io::Result<Self> {
        let mut file = Self::closed(path, rotation, mode);
        file.reopen()?;
        Ok(file)
    }

    /// The file at `path`, to be opened by the first write.
    pub fn closed(path: &Path, rotation: Rotation, mode: u32) -> Self {
        Self {
            path: path.to_owned(),
            rotation,
            mode,
            target: Target::Closed,
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rotates by other limits from the next write on.
    pub fn set_rotation(&mut self, rotation: Rotation) {
        self.rotation = rotation;
        if let Target::Regular(regular) = &mut self.target {
            regular.rotate_at = rotation.maxbytes;
        }
    }

    /// Opens the file if an earlier attempt failed.
    pub fn ensure_open(&mut self) -> io::Result<()> {
        if matches!(self.target, Target::Closed) {
            self.reopen()
        } else {
            Ok(())
        }
    }

    /// Opens what lies at the path, unless it is the open file or was no regular file. After an
    /// error the open file is written on.
    pub fn ensure_at_path(&mut self) -> io::Result<()> {
        match &self.target {
            Target::Closed => self.reopen()?,
            Target::Stream(_) => {}
            Target::Regular(regular) => {
                if !is_at(&self.path, &regular.file.metadata()?) {
                    self.target = self.open_path()?;
                }
            }
        }
        Ok(())
    }

    /// Closes the file and opens what now lies at its path.
    pub fn reopen(&mut self) -> io::Result<()> {
        self.target = Target::Closed;
        self.target = match descriptor_named(&self.path) {
            Some(number) => Target::Stream(Stream::inherit(number)?),
            None => self.open_path()?,
        };
        Ok(())
    }

    fn open_path(&self) -> io::Result<Target> {
        // Non-blocking, so that a FIFO without a reader is an error rather than a wait.
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(self.mode)
            .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
            .open(&self.path)?;
        let meta = file.metadata()?;
        Ok(if meta.is_file() {
            Target::Regular(Regular {
                file,
                size: meta.len(),
                rotate_at: self.rotation.maxbytes,
                is_astray: false,
            })
        } else {
            Target::Stream(Stream::nonblocking(file))
        })
    }

    /// Appends `bytes` whole, then rotates if the file has reached its limit. So a file may exceed
    /// the limit by one write, and lines may be cut where writes are.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.ensure_open()
            .map_err(|error| ShortWrite { written: 0, error })?;
        match &mut self.target {
            Target::Closed => Ok(()),
            Target::Stream(stream) => Ok(stream.write(bytes)?),
            Target::Regular(regular) => match regular.write(bytes) {
                Ok(()) => self.rotate_if_due(),
                Err(short) => {
                    self.replace_broken(&short.error);
                    Err(short.into())
                }
            },
        }
    }

    /// After an error that may be the open file's own (a stale handle, say), goes on with what now
    /// lies at the path; with the old one if that can't be opened, as after a change of user.
    fn replace_broken(&mut self, error: &io::Error) {
        if error.kind() != io::ErrorKind::StorageFull {
            self.replace();
        }
    }

    /// Goes on with what now lies at the path, or with the open file if that can't be opened.
    fn replace(&mut self) {
        if let Ok(target) = self.open_path() {
            self.target = target;
        }
    }

    fn rotate_if_due(&mut self) -> Result<(), WriteError> {
        let Target::Regular(regular) = &mut self.target else {
            return Ok(());
        };
        if self.rotation.maxbytes == 0 || regular.size < regular.rotate_at {
            return Ok(());
        }
        regular.rotate_at = regular.size.saturating_add(self.rotation.maxbytes);
        self.rotate().map_err(WriteError::NotRotated)
    }

    fn rotate(&mut self) -> io::Result<()> {
        if self.rotation.backups == 0 {
            return self.truncate();
        }
        self.shift_backups()?;
        self.reopen()
    }

    fn truncate(&mut self) -> io::Result<()> {
        if let Target::Regular(regular) = &mut self.target {
            regular.file.set_len(0)?;
            regular.size = 0;
            regular.rotate_at = self.rotation.maxbytes;
        }
        Ok(())
    }

    /// Makes room at `file.1` and moves the file there. The oldest is removed first: renaming over
    /// a file costs twice as much as removing it before.
    fn shift_backups(&self) -> io::Result<()> {
        let oldest = self.rotation.backups;
        unless_missing(fs::remove_file(self.backup(oldest)))?;
        for n in (1..oldest).rev() {
            unless_missing(fs::rename(self.backup(n), self.backup(n + 1)))?;
        }
        unless_missing(fs::rename(&self.path, self.backup(1)))
    }

    fn backup(&self, n: u64) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{n}"));
        name.into()
    }

    /// Looks at what became of the open file: opens its path anew if it was removed or renamed,
    /// and learns its size if something else changed that.
    ///
    /// A file that was renamed is written on until the look after the one that finds it so: those
    /// who rotate logs from outside rename them, then send a signal, and expect the lines about
    /// that in the old file.
    pub fn check_path(&mut self) -> io::Result<()> {
        let Target::Regular(regular) = &mut self.target else {
            return Ok(());
        };
        let meta = regular.file.metadata()?;
        if meta.nlink() == 0 {
            return self.reopen();
        }
        regular.size = meta.len();
        let was_astray = regular.is_astray;
        regular.is_astray = !is_at(&self.path, &meta);
        if was_astray && regular.is_astray {
            self.replace();
        }
        Ok(())
    }

    /// Removes the file (one that is missing will do) and starts it anew; its backups stay. What
    /// is not a regular file is left alone.
    pub fn clear(&mut self) -> io::Result<()> {
        self.remove()?;
        self.reopen()
    }

    fn remove(&self) -> io::Result<()> {
        if descriptor_named(&self.path).is_some() {
            return Ok(());
        }
        match fs::metadata(&self.path) {
            Ok(meta) if !meta.is_file() => Ok(()),
            _ => unless_missing(fs::remove_file(&self.path)),
        }
    }
}

impl Regular {
    fn write(&mut self, bytes: &[u8]) -> Result<(), ShortWrite> {
        let result = write_all(bytes, |rest| self.file.write(rest));
        let written = result
            .as_ref()
            .map_or_else(|short| short.written, |()| bytes.len());
        self.size += written as u64;
        result
    }
}

/// Whether the path leads to this file.
fn is_at(path: &Path, file: &Metadata) -> bool {
    fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (file.dev(), file.ino()))
}

fn unless_missing(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|e| {
        if e.kind() == io::ErrorKind::NotFound {
            Ok(())
        } else {
            Err(e)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{ORDINARY, PRIVATE};
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::{TempDir, tempdir};

    const NEVER: Rotation = Rotation {
        maxbytes: 0,
        backups: 0,
    };

    fn open(dir: &TempDir, maxbytes: u64, backups: u64) -> RotatingFile {
        let rotation = Rotation { maxbytes, backups };
        RotatingFile::open(&dir.path().join("o"), rotation, ORDINARY).unwrap()
    }

    fn read(dir: &TempDir, name: &str) -> String {
        fs::read_to_string(dir.path().join(name)).unwrap()
    }

    fn names(dir: &TempDir) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn write_lines(file: &mut RotatingFile, lines: std::ops::Range<u32>) {
        for i in lines {
            file.write(format!("line {i} 89\n").as_bytes()).unwrap();
        }
    }

    #[test]
    fn the_write_that_reaches_maxbytes_rolls_the_file() {
        let dir = tempdir().unwrap();
        write_lines(&mut open(&dir, 20, 2), 0..9);
        assert_eq!(names(&dir), ["o", "o.1", "o.2"]);
        assert_eq!(read(&dir, "o"), "line 8 89\n");
        assert_eq!(read(&dir, "o.1"), "line 6 89\nline 7 89\n");
        assert_eq!(read(&dir, "o.2"), "line 4 89\nline 5 89\n");
    }

    #[test]
    fn without_backups_the_file_is_truncated() {
        let dir = tempdir().unwrap();
        write_lines(&mut open(&dir, 20, 0), 0..5);
        assert_eq!(names(&dir), ["o"]);
        assert_eq!(read(&dir, "o"), "line 4 89\n");
    }

    #[test]
    fn a_chunk_may_exceed_maxbytes_and_leaves_an_empty_file() {
        let dir = tempdir().unwrap();
        open(&dir, 20, 1).write(&[b'x'; 50]).unwrap();
        assert_eq!((read(&dir, "o").len(), read(&dir, "o.1").len()), (0, 50));
    }

    #[test]
    fn what_the_file_held_before_counts() {
        let dir = tempdir().unwrap();
        fs::write(dir.path().join("o"), "before\n").unwrap();
        let mut file = open(&dir, 10, 1);
        file.write(b"again\n").unwrap();
        assert_eq!(read(&dir, "o.1"), "before\nagain\n");
    }

    #[test]
    fn a_file_that_is_full_when_opened_takes_one_more_write() {
        let dir = tempdir().unwrap();
        fs::write(dir.path().join("o"), "0123456789").unwrap();
        open(&dir, 10, 1).write(b"a").unwrap();
        assert_eq!(read(&dir, "o.1"), "0123456789a");
    }

    #[test]
    fn gaps_and_files_beyond_the_backups_stay_as_they_are() {
        let dir = tempdir().unwrap();
        for name in ["o.2", "o.7"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        open(&dir, 1, 3).write(b"a").unwrap();
        assert_eq!(names(&dir), ["o", "o.1", "o.3", "o.7"]);
        assert_eq!(read(&dir, "o.3"), "o.2");
    }

    #[test]
    fn a_failed_rotation_loses_nothing_and_is_not_tried_at_each_write() {
        let dir = tempdir().unwrap();
        fs::create_dir(dir.path().join("o.1")).unwrap();
        let mut file = open(&dir, 10, 1);
        assert!(matches!(
            file.write(&[b'x'; 10]),
            Err(WriteError::NotRotated(_))
        ));
        file.write(b"y").unwrap();
        assert_eq!(read(&dir, "o"), "xxxxxxxxxxy");
        fs::remove_dir(dir.path().join("o.1")).unwrap();
        file.write(&[b'z'; 9]).unwrap();
        assert_eq!(read(&dir, "o.1"), "xxxxxxxxxxyzzzzzzzzz");
    }

    #[test]
    fn a_renamed_file_is_written_on_until_it_is_reopened() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        file.write(b"one\n").unwrap();
        fs::rename(dir.path().join("o"), dir.path().join("moved")).unwrap();
        file.check_path().unwrap();
        file.write(b"two\n").unwrap();
        assert_eq!(names(&dir), ["moved"]);
        file.reopen().unwrap();
        file.write(b"three\n").unwrap();
        assert_eq!(
            (read(&dir, "moved"), read(&dir, "o")),
            ("one\ntwo\n".into(), "three\n".into())
        );
    }

    #[test]
    fn a_file_that_is_still_renamed_at_the_second_look_is_made_anew() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        let (path, moved) = (dir.path().join("o"), dir.path().join("moved"));
        fs::rename(&path, &moved).unwrap();
        file.check_path().unwrap();
        fs::rename(&moved, &path).unwrap();
        file.check_path().unwrap();
        fs::rename(&path, &moved).unwrap();
        file.check_path().unwrap();
        assert_eq!(names(&dir), ["moved"]);
        file.check_path().unwrap();
        file.write(b"one\n").unwrap();
        assert_eq!(
            (read(&dir, "moved"), read(&dir, "o")),
            (String::new(), "one\n".into())
        );
    }

    #[test]
    fn a_renamed_file_whose_path_can_not_be_opened_is_written_on() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        fs::rename(dir.path().join("o"), dir.path().join("moved")).unwrap();
        fs::create_dir(dir.path().join("o")).unwrap();
        for _ in 0..3 {
            file.check_path().unwrap();
        }
        file.write(b"one\n").unwrap();
        assert_eq!(read(&dir, "moved"), "one\n");
    }

    #[test]
    fn who_joins_a_file_gets_the_one_at_its_path_or_an_error() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        file.write(b"one\n").unwrap();
        file.ensure_at_path().unwrap();
        assert_eq!(read(&dir, "o"), "one\n");
        fs::rename(dir.path().join("o"), dir.path().join("moved")).unwrap();
        fs::create_dir(dir.path().join("o")).unwrap();
        assert!(file.ensure_at_path().is_err());
        file.write(b"two\n").unwrap();
        assert_eq!(read(&dir, "moved"), "one\ntwo\n");
        fs::remove_dir(dir.path().join("o")).unwrap();
        file.ensure_at_path().unwrap();
        assert_eq!(read(&dir, "o"), "");
    }

    #[test]
    fn a_removed_file_is_made_anew() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        file.write(b"one\n").unwrap();
        fs::remove_file(dir.path().join("o")).unwrap();
        file.check_path().unwrap();
        file.write(b"two\n").unwrap();
        assert_eq!(read(&dir, "o"), "two\n");
    }

    #[test]
    fn a_file_replaced_by_another_is_left_for_the_new_one() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 0, 0);
        fs::write(dir.path().join("new"), "new\n").unwrap();
        fs::rename(dir.path().join("new"), dir.path().join("o")).unwrap();
        file.check_path().unwrap();
        file.write(b"two\n").unwrap();
        assert_eq!(read(&dir, "o"), "new\ntwo\n");
    }

    #[test]
    fn a_file_truncated_from_outside_is_known_to_be_small() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 10, 1);
        file.write(b"12345678\n").unwrap();
        fs::write(dir.path().join("o"), "").unwrap();
        file.check_path().unwrap();
        file.write(b"two\n").unwrap();
        assert_eq!(
            (names(&dir), read(&dir, "o")),
            (vec!["o".to_owned()], "two\n".into())
        );
    }

    #[test]
    fn clearing_starts_a_new_file_and_leaves_the_backups() {
        let dir = tempdir().unwrap();
        let mut file = open(&dir, 5, 1);
        file.write(b"first").unwrap();
        file.write(b"x").unwrap();
        file.clear().unwrap();
        file.clear().unwrap();
        assert_eq!(
            (read(&dir, "o"), read(&dir, "o.1")),
            (String::new(), "first".into())
        );
        file.write(b"y").unwrap();
        assert_eq!(read(&dir, "o"), "y");
    }

    /// Has the open file answer every write with an error that is its own, as EIO is.
    fn break_open_file(log: &mut RotatingFile) {
        let Target::Regular(regular) = &mut log.target else {
            panic!("{log:?}")
        };
        regular.file = File::open(&log.path).unwrap();
    }

    #[test]
    fn a_file_that_can_not_be_written_is_opened_anew() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, 0, 0);
        break_open_file(&mut log);
        assert!(matches!(
            log.write(b"x"),
            Err(WriteError::Short(ShortWrite { written: 0, .. }))
        ));
        log.write(b"y").unwrap();
        assert_eq!(read(&dir, "o"), "y");
    }

    #[test]
    fn a_file_that_breaks_after_a_rotation_is_opened_anew_and_rotated_on() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, 4, 2);
        log.write(b"one\n").unwrap();
        break_open_file(&mut log);
        log.write(b"x").unwrap_err();
        log.write(b"two\n").unwrap();
        break_open_file(&mut log);
        fs::rename(dir.path().join("o"), dir.path().join("away")).unwrap();
        fs::create_dir(dir.path().join("o")).unwrap();
        for _ in 0..2 {
            log.write(b"x").unwrap_err();
        }
        fs::remove_dir(dir.path().join("o")).unwrap();
        log.write(b"x").unwrap_err();
        log.write(b"three").unwrap();
        assert_eq!(
            (read(&dir, "o"), read(&dir, "o.1"), read(&dir, "o.2")),
            (String::new(), "three".into(), "two\n".into())
        );
    }

    #[test]
    fn a_private_file_stays_private_through_rotation_and_clearing() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let rotation = Rotation {
            maxbytes: 1,
            backups: 1,
        };
        let mut file = RotatingFile::open(&path, rotation, PRIVATE).unwrap();
        file.write(b"x").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        file.clear().unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_device_is_neither_rotated_nor_removed() {
        let rotation = Rotation {
            maxbytes: 1,
            backups: 1,
        };
        let null = Path::new("/dev/null");
        let mut file = RotatingFile::open(null, rotation, ORDINARY).unwrap();
        file.write(b"more than one").unwrap();
        file.clear().unwrap();
        assert!(null.exists() && !Path::new("/dev/null.1").exists());
    }

    #[test]
    fn a_link_to_a_device_is_not_removed() {
        let dir = tempdir().unwrap();
        let link = dir.path().join("o");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        open(&dir, 0, 0).clear().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_fifo_without_a_reader_is_an_error_not_a_wait() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = RotatingFile::open(&path, NEVER, ORDINARY).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(nix::libc::ENXIO));
    }

    #[test]
    fn a_directory_or_a_path_in_a_missing_one_is_an_error() {
        let dir = tempdir().unwrap();
        let kind = |path: &Path| {
            RotatingFile::open(path, NEVER, ORDINARY)
                .unwrap_err()
                .kind()
        };
        assert_eq!(kind(dir.path()), io::ErrorKind::IsADirectory);
        assert_eq!(kind(&dir.path().join("no/o")), io::ErrorKind::NotFound);
    }

    #[test]
    fn options_below_zero_mean_zero() {
        assert_eq!(Rotation::new(7, i64::MAX).backups, MAX_BACKUPS);
        assert_eq!(Rotation::new(-1, -5), NEVER);
        assert_eq!(
            Rotation::new(7, 8),
            Rotation {
                maxbytes: 7,
                backups: 8
            }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn backups_and_file_together_hold_every_byte_written(
            sizes in prop::collection::vec(0usize..40, 0..30),
            maxbytes in 1u64..50,
        ) {
            let dir = tempdir().unwrap();
            let mut file = open(&dir, maxbytes, 40);
            let mut all = Vec::new();
            for (i, size) in sizes.iter().enumerate() {
                let bytes = vec![b'a' + (i % 26) as u8; *size];
                file.write(&bytes).unwrap();
                all.extend(bytes);
            }
            let backups = (1..=40).rev().map(|n| file.backup(n)).filter(|path| path.exists());
            let found: Vec<u8> = backups
                .chain([file.path().to_owned()])
                .flat_map(|path| fs::read(path).unwrap())
                .collect();
            prop_assert_eq!(found, all);
        }
    }
}

//! A log followed as it grows, through rotation and truncation, without missing a byte.

use super::tail::open_to_read;
use crate::process::LogEnd;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much of what is there already is shown at first, in bytes.
const FIRST: u64 = 1024;

/// The most that one chunk holds, in bytes.
const CHUNK: u64 = 64 * 1024;

/// How many of the bytes read last are remembered, to see that they are still there.
const REMEMBERED: usize = 64;

/// How often a file is looked for among those that are being renamed.
const ATTEMPTS: u32 = 10;

/// What following a file brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// More of it.
    Bytes(Vec<u8>),
    /// What was read is no longer in it; it is read from its beginning.
    Truncated,
    /// It was taken away; its successor is read from its beginning.
    Rotated,
    /// So many bytes of it are left out.
    Skipped(u64),
}

/// What is said when what was read of the file is no longer in it.
const TRUNCATED: &[u8] = b"==> File truncated <==\n";

/// Reads a log from its last 1024 bytes on. When the file at the path is another than before, the
/// old one is read to its end and the new one from its start.
///
/// A log is rotated by renaming it to `NAME.1` (and that to `NAME.2`, and so on) and beginning it
/// anew under its own name. Files that were rotated faster than they were read are found again
/// under their numbers.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    position: u64,
    /// The bytes before the position, as far as they were read.
    remembered: Vec<u8>,
    /// How many bytes before the position are to be told as left out.
    skipped: u64,
}

impl Follower {
    /// Begins to follow the regular file at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::open_with(path, FIRST)
    }

    /// Goes on where another one stopped; from the beginning of the file at `path`, where that is
    /// another by now or has become shorter. What has come meanwhile is left out but for the last
    /// `most` bytes.
    pub fn resume(path: &Path, place: LogEnd, most: u64) -> io::Result<Self> {
        let mut follower = Self::open_with(path, u64::MAX)?;
        let meta = follower.file.metadata()?;
        if meta.ino() == place.inode && meta.len() >= place.size {
            follower.position = place.size;
        }
        let missed = meta.len().saturating_sub(follower.position);
        follower.skipped = missed.saturating_sub(most);
        follower.position += follower.skipped;
        Ok(follower)
    }

    /// Begins to follow the regular file at `path`, with its last `first` bytes.
    pub fn open_with(path: &Path, first: u64) -> io::Result<Self> {
        let file = open_regular(path)?;
        let position = file.metadata()?.len().saturating_sub(first);
        Ok(Self {
            path: path.to_owned(),
            file,
            position,
            remembered: Vec::new(),
            skipped: 0,
        })
    }

    /// When the file was last changed.
    pub fn modified(&self) -> io::Result<SystemTime> {
        self.file.metadata()?.modified()
    }

    /// What came since the last call, up to 64 KiB; `None` if nothing did. To be called until it
    /// is `None`, then again when the file may have grown.
    pub fn next_chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match self.next_piece()? {
                None => return Ok(None),
                Some(Piece::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Piece::Truncated) => return Ok(Some(TRUNCATED.to_vec())),
                Some(Piece::Rotated | Piece::Skipped(_)) => {}
            }
        }
    }

    /// The same with what happened to the file told apart.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        if self.skipped > 0 {
            return Ok(Some(Piece::Skipped(std::mem::take(&mut self.skipped))));
        }
        if self.is_truncated()? {
            self.start_over();
            return Ok(Some(Piece::Truncated));
        }
        if let Some(bytes) = self.read()? {
            return Ok(Some(Piece::Bytes(bytes)));
        }
        let Some(next) = self.successor()? else {
            return Ok(None);
        };
        // What was written between the last look and the rotation.
        if let Some(bytes) = self.read()? {
            return Ok(Some(Piece::Bytes(bytes)));
        }
        self.file = next;
        self.start_over();
        Ok(Some(Piece::Rotated))
    }

    /// Up to where it was read.
    pub fn place(&self) -> io::Result<LogEnd> {
        Ok(LogEnd {
            inode: self.file.metadata()?.ino(),
            size: self.position,
        })
    }

    fn start_over(&mut self) {
        self.remembered.clear();
        self.position = 0;
    }

    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.position))?;
        (&self.file).take(CHUNK).read_to_end(&mut bytes)?;
        self.position += bytes.len() as u64;
        self.remembered.extend(
            bytes
                .last_chunk::<REMEMBERED>()
                .map_or(&*bytes, |last| last),
        );
        let surplus = self.remembered.len().saturating_sub(REMEMBERED);
        self.remembered.drain(..surplus);
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// Whether the bytes before the position are gone. A file that was truncated may have grown
    /// beyond the position since, so its size alone does not tell.
    fn is_truncated(&self) -> io::Result<bool> {
        let mut there = vec![0; self.remembered.len()];
        let start = self.position.saturating_sub(there.len() as u64);
        match self.file.read_exact_at(&mut there, start) {
            Ok(()) => Ok(there != self.remembered),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The file to go on with when the one at hand was rotated away: the one that was begun next.
    /// `None` while the one at hand is current, or while none has taken its place.
    fn successor(&self) -> io::Result<Option<File>> {
        for _ in 0..ATTEMPTS {
            let old = self.file.metadata()?;
            let Some(current) = look(&self.path)? else {
                return Ok(None);
            };
            if current == identity(&old) {
                return Ok(None);
            }
            let (newer, expected) = match self.newer_than(identity(&old), current)? {
                Some(found) => found,
                // It may have been missed because it was renamed meanwhile.
                None if old.nlink() > 0 => continue,
                None => (self.path.clone(), current),
            };
            let Ok(file) = open_regular(&newer) else {
                continue;
            };
            let meta = file.metadata()?;
            if identity(&meta) == expected {
                // Whoever made an empty file has perhaps not told the writer yet.
                let begun = meta.len() > 0 || expected != current;
                return Ok(begun.then_some(file));
            }
        }
        // It has got a name of another kind; the current file is all that is left to follow.
        Ok(open_regular(&self.path).ok().filter(|file| !is_empty(file)))
    }

    /// The path and identity of the file that was begun after `old`; `None` when `old` is not
    /// among the numbered files.
    ///
    /// A rotation may go on meanwhile. It renames the highest number first, so files only move
    /// away from this search, in front of which there is at most one gap; and if one file was seen
    /// just before `old`, none was between them.
    fn newer_than(
        &self,
        old: Identity,
        current: Identity,
    ) -> io::Result<Option<(PathBuf, Identity)>> {
        let mut newer = (self.path.clone(), current);
        let mut gap = false;
        for number in 1_u32.. {
            let path = numbered(&self.path, number);
            match look(&path)? {
                Some(found) if found == old => return Ok(Some(newer)),
                Some(found) => newer = (path, found),
                None if gap => break,
                None => gap = true,
            }
        }
        Ok(None)
    }
}

fn open_regular(path: &Path) -> io::Result<File> {
    let file = open_to_read(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::ErrorKind::InvalidInput.into())
}

/// What tells a file from all others: its device and inode.
type Identity = (u64, u64);

fn identity(meta: &Metadata) -> Identity {
    (meta.dev(), meta.ino())
}

/// Which file a path leads to; `None` when to none.
fn look(path: &Path) -> io::Result<Option<Identity>> {
    match std::fs::metadata(path) {
        Ok(meta) => Ok(Some(identity(&meta))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_empty(file: &File) -> bool {
    file.metadata().is_ok_and(|meta| meta.len() == 0)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::{ORDINARY, RotatingFile, Rotation};
    use std::fs;
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
    fn truncation_is_seen_though_the_file_has_grown_again() {
        let (_dir, path, mut follower) = started(b"before\n");
        all(&mut follower);
        fs::write(&path, b"after it\n").unwrap();
        assert_eq!(all(&mut follower), "==> File truncated <==\nafter it\n");
    }

    #[test]
    fn files_rotated_while_nobody_read_are_found_again() {
        let (_dir, path, mut follower) = started(b"a");
        all(&mut follower);
        for text in ["b", "c", "d"] {
            for number in [2, 1] {
                let _ = fs::rename(numbered(&path, number), numbered(&path, number + 1));
            }
            fs::rename(&path, numbered(&path, 1)).unwrap();
            fs::write(&path, text).unwrap();
        }
        assert_eq!(all(&mut follower), "bcd");
    }

    #[test]
    fn the_old_file_is_read_until_the_new_one_is_begun() {
        let (dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        let old = dir.path().join("o-20261121");
        fs::rename(&path, &old).unwrap();
        fs::write(&path, "").unwrap();
        append(&old, b"two\n");
        assert_eq!(all(&mut follower), "two\n");
        append(&old, b"three\n");
        append(&path, b"four\n");
        assert_eq!(all(&mut follower), "three\nfour\n");
    }

    #[test]
    fn nothing_is_lost_while_another_thread_rotates() {
        let (dir, path, mut follower) = started(b"");
        let rotation = Rotation {
            maxbytes: 50,
            backups: 1000,
        };
        let mut log = RotatingFile::open(&path, rotation, ORDINARY).unwrap();
        let writer = std::thread::spawn(move || {
            for number in 0..1000 {
                log.write(format!("{number}\n").as_bytes()).unwrap();
            }
        });
        let mut read = String::new();
        while !writer.is_finished() {
            read.push_str(&all(&mut follower));
        }
        writer.join().unwrap();
        read.push_str(&all(&mut follower));
        let want: Vec<_> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(read.lines().collect::<Vec<_>>(), want);
        drop(dir);
    }

    #[test]
    fn a_log_of_many_chunks_is_read_as_it_is() {
        let (_dir, path, mut follower) = started(b"");
        let mut want = String::new();
        for line in 0..20_000 {
            want.push_str(&format!("line {line}\n"));
        }
        append(&path, want.as_bytes());
        assert_eq!(all(&mut follower), want);
    }

    #[test]
    fn chunks_are_bounded() {
        let (_dir, path, mut follower) = started(b"");
        append(&path, &vec![b'x'; 100_000]);
        assert_eq!(follower.next_chunk().unwrap().unwrap().len(), 64 * 1024);
        assert_eq!(all(&mut follower).len(), 100_000 - 64 * 1024);
    }

    #[test]
    fn following_goes_on_where_it_stopped_or_begins_anew() {
        let (dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        let place = follower.place().unwrap();
        append(&path, b"two\n");
        let read = |place| all(&mut Follower::resume(&path, place, 99).unwrap());
        assert_eq!(read(place), "two\n");
        let beyond = LogEnd { size: 99, ..place };
        assert_eq!(read(beyond), "one\ntwo\n");
        fs::rename(&path, dir.path().join("o.1")).unwrap();
        fs::write(&path, b"three\n").unwrap();
        assert_eq!(read(place), "three\n");
    }

    #[test]
    fn of_much_that_was_missed_only_the_end_is_told() {
        let (_dir, path, mut follower) = started(b"one\n");
        all(&mut follower);
        let place = follower.place().unwrap();
        append(&path, &[b'x'; 1000]);
        append(&path, b"end");
        for (place, skipped) in [(place, 1000), (LogEnd { inode: 0, size: 5 }, 1004)] {
            let mut follower = Follower::resume(&path, place, 3).unwrap();
            let piece = follower.next_piece().unwrap();
            assert_eq!(piece, Some(Piece::Skipped(skipped)));
            assert_eq!(all(&mut follower), "end");
        }
        let mut follower = Follower::resume(&path, place, 1003).unwrap();
        let piece = follower.next_piece().unwrap();
        assert!(matches!(piece, Some(Piece::Bytes(bytes)) if bytes.len() == 1003));
    }

    #[test]
    fn what_is_no_regular_file_is_not_followed() {
        assert!(Follower::open(Path::new("/dev/zero")).is_err());
        assert!(Follower::open(Path::new("/nonexistent")).is_err());
    }
}

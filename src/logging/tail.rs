//! The offset rules of `readLog` and `tailLog`, on a file.

use crate::process::LogEnd;
use nix::fcntl::OFlag;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The most that one call reads: 64 MiB, more than the default `logfile_maxbytes`. Of more, a
/// [`read`] gives the first part of what was asked for (the last, where that was the file's end),
/// a [`tail`] the last.
pub const MAX_READ: u64 = 64 * 1024 * 1024;

/// Why a log can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is missing.
    #[error("no file")]
    NoFile,
    /// Offset and length make no sense together.
    #[error("bad arguments")]
    BadArguments,
    /// It can't be opened, sought or read: a pipe, a directory, not permitted.
    #[error("failed: {0}")]
    Failed(#[source] io::Error),
}

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The last bytes asked for.
    pub bytes: Vec<u8>,
    /// Where the next call should begin: the size of the file.
    pub offset: i64,
    /// Whether the file has grown by more than was asked for.
    pub overflow: bool,
}

/// Reads the log at `path`, by Supervisor's rules:
///
/// | offset | length | what |
/// |---|---|---|
/// | < 0 | 0 | the last `-offset` bytes |
/// | < 0 | else | `BadArguments` |
/// | ≥ 0 | < 0 | `BadArguments` |
/// | ≥ 0 | 0 | from `offset` to the end |
/// | ≥ 0 | > 0 | up to `length` bytes from `offset` |
pub fn read(path: &Path, offset: i64, length: i64) -> Result<Vec<u8>, ReadError> {
    if !path.exists() {
        return Err(ReadError::NoFile);
    }
    if length < 0 || (offset < 0 && length != 0) {
        return Err(ReadError::BadArguments);
    }
    read_part(path, offset, length.unsigned_abs()).map_err(ReadError::Failed)
}

fn read_part(path: &Path, offset: i64, length: u64) -> io::Result<Vec<u8>> {
    let (mut file, size) = open_log(path)?;
    let Ok(start) = u64::try_from(offset) else {
        return read_last(&mut file, size, offset.unsigned_abs());
    };
    let rest = size.saturating_sub(start);
    let wanted = if length == 0 { rest } else { rest.min(length) };
    read_at(&mut file, start, wanted)
}

/// The end of the log at `path`, for one who has read up to `offset` and takes `length` bytes:
/// the last `length` bytes if the file reaches beyond `offset`, none if it does not. So bytes
/// before `offset` come again where fewer than `length` are new.
///
/// A missing file has no bytes and offset 0; one that can't be read has none and `offset`.
pub fn tail(path: &Path, offset: i64, length: i64) -> Tail {
    let nothing = |offset| Tail {
        bytes: Vec::new(),
        offset,
        overflow: false,
    };
    if !path.exists() {
        return nothing(0);
    }
    read_tail(path, offset, length).unwrap_or_else(|_| nothing(offset))
}

fn read_tail(path: &Path, offset: i64, length: i64) -> io::Result<Tail> {
    let (mut file, size) = open_log(path)?;
    let end = i64::try_from(size).unwrap_or(i64::MAX);
    let overflow = end > offset.saturating_add(length);
    let wanted = if offset < end {
        u64::try_from(length).unwrap_or(0)
    } else {
        0
    };
    Ok(Tail {
        bytes: read_last(&mut file, size, wanted)?,
        offset: end,
        overflow,
    })
}

/// How many rotated files are looked through for an earlier end of a log.
const ROTATED: u32 = 3;

/// The last `length` bytes before a place in the log at `path`, which may have been rotated away
/// since, and reach back into what had been rotated away before; `None` where they are no longer
/// there.
///
/// # Errors
/// When a file can't be read.
pub fn before(path: &Path, place: LogEnd, length: u64) -> io::Result<Option<Vec<u8>>> {
    let mut paths = (0..=ROTATED).map(|number| numbered(path, number));
    let found = paths.find_map(|path| open_log(&path).ok().filter(|(file, _)| is(file, place)));
    let Some((mut file, size)) = found else {
        return Ok(None);
    };
    if size < place.size {
        return Ok(None);
    }
    let here = length.min(place.size);
    let bytes = read_at(&mut file, place.size - here, here)?;
    let earlier = paths.next().and_then(|path| open_log(&path).ok());
    match earlier {
        Some((mut file, size)) if here < length => {
            let earlier = read_last(&mut file, size, length - here)?;
            Ok(Some([earlier, bytes].concat()))
        }
        _ => Ok(Some(bytes)),
    }
}

/// The path of a log, or of what was rotated away so many times.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    if number > 0 {
        name.push(format!(".{number}"));
    }
    PathBuf::from(name)
}

fn is(file: &File, place: LogEnd) -> bool {
    file.metadata().is_ok_and(|meta| meta.ino() == place.inode)
}

/// Opens what lies at `path` to read, without waiting for whoever may be at its other end.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens a log and says its size.
///
/// # Errors
/// NotFound, IsADirectory, or that it can't be opened or sought.
pub fn open_log(path: &Path) -> io::Result<(File, u64)> {
    let mut file = open_to_read(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let size = file.seek(SeekFrom::End(0))?;
    Ok((file, size))
}

fn read_last(file: &mut File, size: u64, length: u64) -> io::Result<Vec<u8>> {
    let length = length.min(size).min(MAX_READ);
    read_at(file, size - length, length)
}

fn read_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if length > 0 {
        file.seek(SeekFrom::Start(start))?;
        file.take(length.min(MAX_READ)).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use tempfile::{TempDir, tempdir};

    fn digits() -> (TempDir, PathBuf) {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        std::fs::write(&path, "0123456789").unwrap();
        (dir, path)
    }

    #[test]
    fn read_follows_the_table() {
        let (_dir, path) = digits();
        for (offset, length, expected) in [
            (0, 0, "0123456789"),
            (3, 0, "3456789"),
            (10, 0, ""),
            (99, 0, ""),
            (0, 4, "0123"),
            (8, 4, "89"),
            (10, 4, ""),
            (99, 4, ""),
            (-4, 0, "6789"),
            (-10, 0, "0123456789"),
            (-99, 0, "0123456789"),
            (i64::MIN, 0, "0123456789"),
            (i64::MAX, i64::MAX, ""),
        ] {
            let bytes = read(&path, offset, length).unwrap();
            assert_eq!(bytes, expected.as_bytes(), "({offset}, {length})");
        }
        for (offset, length) in [(-1, 1), (-1, -1), (0, -1), (5, i64::MIN)] {
            let result = read(&path, offset, length);
            assert!(
                matches!(result, Err(ReadError::BadArguments)),
                "({offset}, {length})"
            );
        }
    }

    #[test]
    fn tail_follows_the_table() {
        let (_dir, path) = digits();
        for (offset, length, bytes, overflow) in [
            (0, 0, "", true),
            (0, 4, "6789", true),
            (0, 100, "0123456789", false),
            (5, 5, "56789", false),
            (5, 6, "456789", false),
            (10, 4, "", false),
            (20, 5, "", false),
            (-4, 2, "89", true),
            (5, -3, "", true),
            (0, 1, "9", true),
            (i64::MAX, i64::MAX, "", false),
            (i64::MIN, i64::MIN, "", true),
        ] {
            let expected = Tail {
                bytes: bytes.into(),
                offset: 10,
                overflow,
            };
            assert_eq!(
                tail(&path, offset, length),
                expected,
                "({offset}, {length})"
            );
        }
    }

    #[test]
    fn what_was_before_a_place_is_found_through_rotations() {
        let (dir, path) = digits();
        let inode = std::fs::metadata(&path).unwrap().ino();
        let place = LogEnd { inode, size: 7 };
        let read = |length| before(&path, place, length).unwrap();
        assert_eq!(read(3).unwrap(), b"456");
        assert_eq!(read(99).unwrap(), b"0123456");
        std::fs::rename(&path, dir.path().join("o.1")).unwrap();
        std::fs::write(&path, "new").unwrap();
        std::fs::write(dir.path().join("o.2"), "old").unwrap();
        assert_eq!(read(8).unwrap(), b"d0123456");
        std::fs::write(dir.path().join("o.1"), "short").unwrap();
        assert_eq!(read(3), None);
        std::fs::remove_file(dir.path().join("o.1")).unwrap();
        assert_eq!(read(3), None);
    }

    #[test]
    fn a_missing_file_comes_before_bad_arguments() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("no");
        assert!(matches!(read(&path, -1, 5), Err(ReadError::NoFile)));
        assert_eq!(
            tail(&path, 7, 5),
            Tail {
                bytes: vec![],
                offset: 0,
                overflow: false
            }
        );
    }

    #[test]
    fn what_can_not_be_read_is_failed_and_keeps_the_offset() {
        let dir = tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for path in [dir.path(), fifo.as_path()] {
            assert!(
                matches!(read(path, 0, 5), Err(ReadError::Failed(_))),
                "{path:?}"
            );
            assert_eq!(
                tail(path, 7, 5),
                Tail {
                    bytes: vec![],
                    offset: 7,
                    overflow: false
                }
            );
        }
    }

    #[test]
    fn endless_devices_are_empty() {
        for device in ["/dev/null", "/dev/zero"] {
            assert_eq!(read(Path::new(device), 0, 0).unwrap(), b"");
            assert_eq!(tail(Path::new(device), 0, 9).offset, 0);
        }
    }

    #[test]
    fn a_giant_file_is_read_up_to_the_limit() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read(&path, 0, 0).unwrap().len() as u64, MAX_READ);
        assert_eq!(tail(&path, 0, 10).bytes.len(), 10);
    }
}

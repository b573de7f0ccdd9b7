//! The offset rules of `readLog` and `tailLog`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Why a part of a log can't be had.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// There is no such file.
    #[error("no such file")]
    NoFile,
    /// The offset and length make no sense together.
    #[error("bad arguments")]
    BadArguments,
    /// It can't be read.
    #[error("{0}")]
    Failed(#[from] io::Error),
}

/// The bytes at an offset: a negative one counts from the end and takes length 0; length 0 is all
/// there is.
pub fn read(path: &Path, offset: i64, length: i64) -> Result<Vec<u8>, TailError> {
    let (mut file, size) = open(path)?;
    if (offset < 0 && length != 0) || length < 0 {
        return Err(TailError::BadArguments);
    }
    let start = if offset < 0 {
        size.saturating_add(offset).max(0)
    } else {
        offset
    };
    let length = if length == 0 { i64::MAX } else { length };
    Ok(part(&mut file, start, length)?)
}

/// The last `length` bytes where the file has grown beyond `offset`, its size, and whether bytes
/// were left out.
pub fn tail(path: &Path, offset: i64, length: i64) -> (Vec<u8>, i64, bool) {
    let Ok((mut file, size)) = open(path) else {
        return (Vec::new(), 0, false);
    };
    let overflow = size > offset.saturating_add(length);
    if offset >= size || length <= 0 {
        return (Vec::new(), size, overflow);
    }
    match part(&mut file, size.saturating_sub(length).max(0), length) {
        Ok(bytes) => (bytes, size, overflow),
        Err(_) => (Vec::new(), offset, false),
    }
}

fn open(path: &Path) -> Result<(File, i64), TailError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => TailError::NoFile,
        _ => TailError::Failed(error),
    })?;
    let size = file.metadata()?.len();
    Ok((file, size.try_into().unwrap_or(i64::MAX)))
}

fn part(file: &mut File, start: i64, length: i64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start.unsigned_abs()))?;
    file.take(length.unsigned_abs()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

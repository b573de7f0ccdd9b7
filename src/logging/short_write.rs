//! A write that ended early.

use std::io;

/// Not all bytes could be written.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct ShortWrite {
    /// How many were, from the front.
    pub written: usize,
    /// What stopped the rest; `WouldBlock` where nobody reads the other end.
    pub error: io::Error,
}

/// Calls `write` until all of `bytes` are written or it fails; an interrupted call is repeated.
pub(super) fn write_all(
    bytes: &[u8],
    mut write: impl FnMut(&[u8]) -> io::Result<usize>,
) -> Result<(), ShortWrite> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match write(rest) {
            Ok(0) => {
                return Err(ShortWrite {
                    written,
                    error: io::ErrorKind::WriteZero.into(),
                });
            }
            Ok(n) => written += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ShortWrite { written, error }),
        }
    }
    Ok(())
}

//! Error numbers by name, as Supervisor's messages show them.

pub use nix::errno::Errno;
use std::io;

/// `ENOENT`, and so on.
pub fn errno_name(errno: Errno) -> String {
    match errno {
        Errno::UnknownErrno => "unknown error".to_owned(),
        known => format!("{known:?}"),
    }
}

/// The name of the error number that is behind an I/O error; an error without one tells itself.
pub fn io_error_name(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::UnknownErrno) | None => error.to_string(),
        Some(errno) => errno_name(errno),
    }
}

/// Says an error without Rust's own additions: `Address already in use (EADDRINUSE)`.
pub fn io_error_words(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(errno) => format!("{} ({})", errno.desc(), errno_name(errno)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_number_is_told_by_name() {
        assert_eq!(errno_name(Errno::ENOENT), "ENOENT");
        assert_eq!(
            io_error_name(&io::Error::from_raw_os_error(libc::EACCES)),
            "EACCES"
        );
        assert_eq!(io_error_name(&io::Error::other("what")), "what");
        assert_eq!(
            io_error_words(&io::Error::from_raw_os_error(libc::EISDIR)),
            "Is a directory (EISDIR)"
        );
        assert_eq!(io_error_words(&io::Error::other("what")), "what");
    }
}

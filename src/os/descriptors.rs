//! The descriptors that we were started with.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};

/// Marks every descriptor but stdin, stdout and stderr close-on-exec, so that what a shell or an
/// init system left open for us does not leak into children. To be called once, at start.
///
/// Each spawn does the same with close_range(2); this holds on kernels before 5.9, too. Linux
/// only: it reads `/proc/self/fd`.
pub fn close_inherited_on_exec() -> io::Result<()> {
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        if let Some(fd) = name
            .to_str()
            .and_then(|name| name.parse().ok())
            .filter(|&fd| fd > 2)
        {
            close_on_exec(fd);
        }
    }
    Ok(())
}

#[allow(unsafe_code)]
fn close_on_exec(fd: RawFd) {
    // SAFETY: the descriptor is used for this one call, which fails harmlessly when it was closed
    // in the meantime.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    let _ = fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn an_inherited_descriptor_is_closed_on_exec() {
        let file = fs::File::open("/dev/null").unwrap();
        fcntl(&file, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
        close_inherited_on_exec().unwrap();
        let flags = fcntl(file.as_fd(), FcntlArg::F_GETFD).unwrap();
        assert_eq!(FdFlag::from_bits_retain(flags), FdFlag::FD_CLOEXEC);
    }
}

//! Listening sockets before anybody listens: what HTTP and FastCGI sockets have in common.

use super::errno::Errno;
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, Uid, chown};
use socket2::{Domain, SockAddr, Socket, Type};
use std::fs;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

/// A unix socket bound to `path` with these permission bits; at no time has it more.
pub(super) fn bind_unix(path: &Path, mode: u32) -> io::Result<Socket> {
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // Linux makes the file with the mode that the socket itself has, less the umask; the umask
    // is the whole process's and no other thread may see it change.
    fchmod(&socket, Mode::from_bits_truncate(mode))?;
    socket.bind(&address)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(socket)
}

/// A TCP socket bound to an address.
pub(super) fn bind_tcp(address: SocketAddrV4) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::V4(address).into())?;
    Ok(socket)
}

/// Gives a file to a user and a group; `None` leaves them.
pub(super) fn give(path: &Path, uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
    if uid.is_none() && gid.is_none() {
        return Ok(());
    }
    chown(path, uid.map(Uid::from_raw), gid.map(Gid::from_raw))
}

/// Connects to a unix socket, to see whether somebody listens. Never waits.
pub(super) fn try_connect(path: &Path) -> io::Result<()> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)
}

/// Removes a socket file, whosoever it is. Leaves files of other kinds alone.
pub(super) fn unlink(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::other("the file exists and is not a socket")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

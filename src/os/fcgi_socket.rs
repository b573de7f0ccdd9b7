//! The listening socket that a FastCGI program's processes share as their stdin.
//!
//! It blocks, since its users are the children, who expect it to.

use super::errno::{Errno, io_error_words};
use super::socket;
use socket2::Socket;
use std::fs;
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::OwnedFd;
use std::path::Path;

/// A unix socket and its owner and group. A socket that is already there is replaced, unless
/// somebody listens on it; the file stays when the socket is closed. No backlog is the system's greatest.
pub fn open_unix(
    path: &Path,
    mode: u32,
    owner: Option<(u32, Option<u32>)>,
    backlog: Option<u16>,
) -> Result<OwnedFd, String> {
    let open = || {
        if is_listened_on(path) {
            return Err(Errno::EADDRINUSE.into());
        }
        socket::unlink(path)?;
        let socket = socket::bind_unix(path, mode)?;
        finish(&socket, path, owner, backlog).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(socket.into())
    };
    open().map_err(|error: io::Error| io_error_words(&error))
}

/// Whether some program listens there, even one that is too busy to accept.
fn is_listened_on(path: &Path) -> bool {
    match socket::try_connect(path) {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

fn finish(
    socket: &Socket,
    path: &Path,
    owner: Option<(u32, Option<u32>)>,
    backlog: Option<u16>,
) -> io::Result<()> {
    if let Some((uid, gid)) = owner {
        socket::give(path, Some(uid), gid)?;
    }
    listen(socket, backlog)
}

/// A TCP socket.
pub fn open_tcp(address: SocketAddrV4, backlog: Option<u16>) -> Result<OwnedFd, String> {
    let open = || {
        let socket = socket::bind_tcp(address)?;
        listen(&socket, backlog)?;
        Ok(socket.into())
    };
    open().map_err(|error: io::Error| io_error_words(&error))
}

fn listen(socket: &Socket, backlog: Option<u16>) -> io::Result<()> {
    socket.listen(backlog.map_or(libc::SOMAXCONN, i32::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    fn local(port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
    }

    #[test]
    fn a_unix_socket_replaces_one_that_nobody_listens_on_and_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.sock");
        let former = UnixListener::bind(&path).unwrap();
        let error = open_unix(&path, 0o770, None, None).unwrap_err();
        assert_eq!(error, "Address already in use (EADDRINUSE)");
        UnixStream::connect(&path).unwrap();
        drop(former);
        let socket = open_unix(&path, 0o770, None, None).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o770);
        UnixStream::connect(&path).unwrap();
        UnixListener::from(socket).accept().unwrap();
        assert!(path.exists());
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.sock");
        fs::write(&path, "precious").unwrap();
        let error = open_unix(&path, 0o700, None, None).unwrap_err();
        assert_eq!(error, "the file exists and is not a socket");
        let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = busy.local_addr().unwrap().port();
        let error = open_tcp(local(port), Some(7)).unwrap_err();
        assert_eq!(error, "Address already in use (EADDRINUSE)");
    }

    #[test]
    fn a_tcp_socket_listens() {
        let socket = open_tcp(local(0), Some(1)).unwrap();
        let listener = std::net::TcpListener::from(socket);
        std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap();
    }
}

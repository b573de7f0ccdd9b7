//! The listening socket that a FastCGI program's processes share as their stdin.
//!
//! It blocks, since its users are the children, who expect it to.

use super::errno::{Errno, io_error_words};
use super::file_id::FileId;
use super::socket;
use nix::unistd::{getegid, geteuid};
use socket2::Socket;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The files of unix sockets that we have closed. Whoever inherited one may listen on it still,
/// and is not in the way of another.
static LEFT: Mutex<BTreeMap<PathBuf, Made>> = Mutex::new(BTreeMap::new());

/// A listening socket for children to share.
#[derive(Debug)]
pub struct FcgiListener {
    socket: Socket,
    file: Option<SocketFile>,
}

/// The file of a unix socket, from its making to the end of the socket.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    made: Made,
}

/// What tells a file from others at its path, those that are made when it is gone as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Made {
    id: FileId,
    time: SystemTime,
}

impl FcgiListener {
    /// The socket for one more child.
    pub fn share(&self) -> Result<OwnedFd, String> {
        let shared = self.socket.try_clone().map(OwnedFd::from);
        shared.map_err(|error| io_error_words(&error))
    }

    /// Changes how many connections may wait.
    pub fn set_backlog(&self, backlog: Option<u16>) -> Result<(), String> {
        listen(&self.socket, backlog).map_err(|error| io_error_words(&error))
    }

    /// Changes the permission bits of a unix socket's file.
    pub fn set_mode(&self, mode: u32) -> Result<(), String> {
        self.change(|path| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
    }

    /// Changes the owner and the group of a unix socket's file; `None` is ourselves.
    pub fn set_owner(&self, owner: Option<(u32, Option<u32>)>) -> Result<(), String> {
        let ourselves = (geteuid().as_raw(), Some(getegid().as_raw()));
        let (uid, gid) = owner.unwrap_or(ourselves);
        self.change(|path| Ok(socket::give(path, Some(uid), gid)?))
    }

    /// Changes the file, if it is still ours.
    fn change(&self, change: impl Fn(&Path) -> io::Result<()>) -> Result<(), String> {
        let Some(SocketFile { path, made }) = &self.file else {
            return Ok(());
        };
        let changed = match Made::at(path) {
            Ok(there) if there != *made => Err(io::Error::other("another file has its place")),
            Ok(_) => change(path),
            Err(error) => Err(error),
        };
        changed.map_err(|error| io_error_words(&error))
    }
}

impl SocketFile {
    fn at(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            made: Made::at(path)?,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        left.insert(std::mem::take(&mut self.path), self.made);
    }
}

impl Made {
    fn at(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self {
            id: FileId::of(&metadata),
            time: metadata.modified()?,
        })
    }
}

/// A unix socket and its owner and group. A socket that is already there is replaced, unless
/// another program listens on it; the file stays when the socket is closed. No backlog is the
/// system's greatest.
pub fn open_unix(
    path: &Path,
    mode: u32,
    owner: Option<(u32, Option<u32>)>,
    backlog: Option<u16>,
) -> Result<FcgiListener, String> {
    let open = || {
        if !is_left(path) && is_listened_on(path) {
            return Err(Errno::EADDRINUSE.into());
        }
        socket::unlink(path)?;
        let socket = socket::bind_unix(path, mode)?;
        let file = finish(&socket, path, owner, backlog).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })?;
        Ok(FcgiListener {
            socket,
            file: Some(file),
        })
    };
    open().map_err(|error: io::Error| io_error_words(&error))
}

/// Whether the file there is that of a socket that we have closed.
fn is_left(path: &Path) -> bool {
    let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    let made = left.get(path);
    made.is_some_and(|made| Made::at(path).is_ok_and(|there| there == *made))
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
) -> io::Result<SocketFile> {
    if let Some((uid, gid)) = owner {
        socket::give(path, Some(uid), gid)?;
    }
    listen(socket, backlog)?;
    SocketFile::at(path)
}

/// A TCP socket.
pub fn open_tcp(address: SocketAddrV4, backlog: Option<u16>) -> Result<FcgiListener, String> {
    let open = || {
        let socket = socket::bind_tcp(address)?;
        listen(&socket, backlog)?;
        Ok(FcgiListener { socket, file: None })
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
    use std::os::unix::fs::MetadataExt;
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
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o7777, 0o770);
        UnixStream::connect(&path).unwrap();
        UnixListener::from(socket.share().unwrap())
            .accept()
            .unwrap();
        assert!(path.exists());
    }

    #[test]
    fn who_inherited_a_socket_does_not_stand_in_the_way_of_the_next() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.sock");
        let open = || open_unix(&path, 0o700, None, None);
        let first = open().unwrap();
        let inherited = first.share().unwrap();
        open().expect_err("it is in use by ourselves");
        drop(first);
        UnixStream::connect(&path).unwrap();
        let second = open().unwrap();
        drop((inherited, second));
        fs::rename(&path, directory.path().join("left")).unwrap();
        let theirs = UnixListener::bind(&path).unwrap();
        open().expect_err("it is another's");
        drop(theirs);
        open().unwrap();
    }

    #[test]
    fn a_socket_changes_while_it_is_open() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.sock");
        let socket = open_unix(&path, 0o700, None, Some(1)).unwrap();
        let fill = || (0..100).take_while(|_| socket::try_connect(&path).is_ok());
        let waiting = fill().count();
        assert!(waiting < 10, "{waiting}");
        socket.set_backlog(Some(10)).unwrap();
        assert_eq!(waiting + fill().count(), 11);
        socket.set_mode(0o640).unwrap();
        socket.set_owner(None).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o640);
        assert_eq!(metadata.uid(), geteuid().as_raw());
    }

    #[test]
    fn a_file_that_took_the_place_of_ours_is_not_changed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.sock");
        let socket = open_unix(&path, 0o700, None, None).unwrap();
        fs::rename(&path, directory.path().join("ours")).unwrap();
        fs::write(&path, "theirs").unwrap();
        let before = fs::metadata(&path).unwrap().mode();
        let error = socket.set_mode(0o777).unwrap_err();
        assert_eq!(error, "another file has its place");
        assert_eq!(fs::metadata(&path).unwrap().mode(), before);
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
        let listener = std::net::TcpListener::from(socket.share().unwrap());
        std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap();
    }
}

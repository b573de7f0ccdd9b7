//! The sockets that HTTP servers listen on.

use super::errno::{Errno, io_error_words};
use super::file_id::FileId;
use super::host::ipv4_address;
use super::socket;
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::{UtimensatFlags, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{Uid, User};
use std::fs;
use std::io;
use std::net::{SocketAddrV4, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How often a stale socket file may come back before we give up.
const ATTEMPTS: usize = 3;

/// Why an HTTP server can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Somebody listens there.
    #[error(
        "Another program is already listening on a port that one of our HTTP servers is \
         configured to use.  Shut this program down first before starting supervisord."
    )]
    InUse,
    /// The socket can't be given to its owner.
    #[error(
        "Not permitted to chown {path} to uid/gid ({uid}, {gid}); adjust \"sockchown\" value in \
         config file or on command line to values that the current user ({me}) can successfully \
         chown"
    )]
    Chown {
        /// The socket.
        path: String,
        /// The wanted uid, -1 for none.
        uid: i64,
        /// The wanted gid, -1 for none.
        gid: i64,
        /// Our user's name.
        me: String,
    },
    /// Anything else.
    #[error("Cannot open an HTTP server on {place}: {why}")]
    Failed {
        /// The path, or host and port.
        place: String,
        /// What the system says.
        why: String,
    },
}

/// Where a unix server listens, its rights and its owner.
#[derive(Clone, Copy, Debug)]
pub struct UnixAddress<'a> {
    /// The socket file, absolute.
    pub path: &'a Path,
    /// Its permission bits.
    pub mode: u32,
    /// Its owner; `None` leaves it.
    pub uid: Option<u32>,
    /// Its group; `None` leaves it.
    pub gid: Option<u32>,
}

/// A unix server that listens.
#[derive(Debug)]
pub struct UnixServer {
    /// Non-blocking.
    pub listener: UnixListener,
    /// Its file.
    pub file: SocketFile,
    /// Whether a dead server's socket file had to make room.
    pub replaced_stale: bool,
}

/// A socket file that we made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketFile {
    path: PathBuf,
    id: FileId,
}

/// Opens a unix server.
///
/// The file appears all at once, with its mode and owner and with somebody listening. A file
/// that is already there is replaced when it is a socket on which nobody listens, else it is an
/// error; nothing here waits for another program.
pub fn open_unix(address: &UnixAddress<'_>) -> Result<UnixServer, OpenError> {
    let own = temporary(address.path);
    let failed = |error: io::Error| failed(address.path.display().to_string(), &error);
    socket::unlink(&own).map_err(failed)?;
    let opened = open_as(&own, address);
    let _ = fs::remove_file(&own);
    opened
}

/// A name beside the socket that no other running program uses.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    name.into()
}

fn open_as(own: &Path, address: &UnixAddress<'_>) -> Result<UnixServer, OpenError> {
    let failed = |error| failed(address.path.display().to_string(), &error);
    let socket = socket::bind_unix(own, address.mode).map_err(failed)?;
    give(own, address)?;
    let file = SocketFile {
        path: address.path.to_owned(),
        id: FileId::of(&fs::metadata(own).map_err(failed)?),
    };
    socket.listen(BACKLOG).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(UnixServer {
        listener: socket.into(),
        file,
        replaced_stale: publish(own, address.path)?,
    })
}

fn give(own: &Path, address: &UnixAddress<'_>) -> Result<(), OpenError> {
    let place = address.path.display().to_string();
    match socket::give(own, address.uid, address.gid) {
        Ok(()) => Ok(()),
        Err(Errno::EPERM) => Err(OpenError::Chown {
            path: place,
            uid: address.uid.map_or(-1, i64::from),
            gid: address.gid.map_or(-1, i64::from),
            me: my_name(),
        }),
        Err(errno) => Err(failed(place, &errno.into())),
    }
}

fn my_name() -> String {
    let uid = Uid::effective();
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => uid.to_string(),
    }
}

/// Gives the socket its name, which must be free or a stale socket's; tells whether it was stale.
fn publish(own: &Path, path: &Path) -> Result<bool, OpenError> {
    let failed = |error: io::Error| failed(path.display().to_string(), &error);
    for attempt in 0..ATTEMPTS {
        match fs::hard_link(own, path) {
            Ok(()) => return Ok(attempt > 0),
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            Err(_) if is_listened_on(path) => return Err(OpenError::InUse),
            Err(_) => socket::unlink(path).map_err(failed)?,
        }
    }
    Err(OpenError::InUse)
}

/// Whether some program has the socket open for listening, or may have. Never waits.
fn is_listened_on(path: &Path) -> bool {
    match socket::try_connect(path) {
        Ok(()) => true,
        Err(error) => !matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound
        ),
    }
}

fn failed(place: String, error: &io::Error) -> OpenError {
    let why = io_error_words(error);
    OpenError::Failed { place, why }
}

impl SocketFile {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to the socket that we made.
    pub fn is_ours(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|now| FileId::of(&now) == self.id)
    }

    /// Sets the times of the file to now, unless another has taken its place. Clients that come and
    /// go leave them as they are, and those who sweep temporary directories go by them.
    pub fn refresh(&self) {
        if self.is_ours() {
            let (now, path) = (TimeSpec::UTIME_NOW, &self.path);
            let _ = utimensat(AT_FDCWD, path, &now, &now, UtimensatFlags::NoFollowSymlink);
        }
    }

    /// Removes the file, unless another has taken its place.
    pub fn remove(&self) {
        if self.is_ours() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Opens a TCP server on an IPv4 address, given as such or by name; an empty host is all
/// interfaces. The listener is non-blocking.
pub fn open_tcp(host: &str, port: u16) -> Result<TcpListener, OpenError> {
    let listen = || {
        let socket = socket::bind_tcp(SocketAddrV4::new(ipv4_address(host)?, port))?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(socket.into())
    };
    listen().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => OpenError::InUse,
        _ => failed(format!("{host}:{port}"), &error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use socket2::{Domain, SockAddr, Socket, Type};
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use std::os::unix::net::UnixStream;
    use tempfile::TempDir;

    fn open(path: &Path, mode: u32) -> Result<UnixServer, OpenError> {
        open_unix(&UnixAddress {
            path,
            mode,
            uid: None,
            gid: None,
        })
    }

    fn story() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s.sock");
        (directory, path)
    }

    fn names(directory: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(directory.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_server_answers_with_its_mode_and_leaves_nothing_else_behind() {
        let (directory, path) = story();
        let server = open(&path, 0o1760).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o1760);
        assert!(metadata.file_type().is_socket() && !server.replaced_stale);
        UnixStream::connect(&path).unwrap();
        server.listener.accept().unwrap();
        let none = server.listener.accept().unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(names(&directory), ["s.sock"]);
        server.file.remove();
        assert_eq!(names(&directory), [""; 0]);
    }

    #[test]
    fn a_socket_that_is_listened_on_is_in_use() {
        let (directory, path) = story();
        let first = open(&path, 0o700).unwrap();
        let error = open(&path, 0o700).unwrap_err();
        assert!(matches!(error, OpenError::InUse), "{error}");
        assert!(first.file.is_ours());
        assert_eq!(names(&directory), ["s.sock"]);
    }

    #[test]
    fn a_listener_whose_queue_is_full_is_in_use_and_not_waited_for() {
        let (_directory, path) = story();
        let full = socket::bind_unix(&path, 0o700).unwrap();
        full.listen(0).unwrap();
        let _waiting: Vec<_> = (0..)
            .map_while(|_| {
                let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                let connected = socket.connect(&SockAddr::unix(&path).unwrap()).is_ok();
                connected.then_some(socket)
            })
            .collect();
        assert!(matches!(open(&path, 0o700), Err(OpenError::InUse)));
    }

    #[test]
    fn a_stale_socket_makes_room() {
        let (directory, path) = story();
        drop(UnixListener::bind(&path).unwrap());
        let server = open(&path, 0o700).unwrap();
        assert!(server.replaced_stale && server.file.is_ours());
        assert_eq!(names(&directory), ["s.sock"]);
    }

    #[test]
    fn a_file_that_is_no_socket_is_left_alone() {
        let (directory, path) = story();
        fs::write(&path, "precious").unwrap();
        let error = open(&path, 0o700).unwrap_err().to_string();
        let place = path.display();
        assert_eq!(
            error,
            format!("Cannot open an HTTP server on {place}: the file exists and is not a socket")
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(names(&directory), ["s.sock"]);
    }

    #[test]
    fn a_socket_that_took_our_place_is_not_removed() {
        let (_directory, path) = story();
        let first = open(&path, 0o700).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!first.file.is_ours());
        let second = open(&path, 0o700).unwrap();
        first.file.remove();
        assert!(second.file.is_ours());
    }

    #[test]
    fn only_our_own_socket_is_made_to_look_young() {
        let (_directory, path) = story();
        let server = open(&path, 0o700).unwrap();
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();
        let age = || {
            let long_ago = TimeSpec::new(1, 0);
            let flags = UtimensatFlags::NoFollowSymlink;
            utimensat(AT_FDCWD, &path, &long_ago, &long_ago, flags).unwrap();
            modified()
        };
        let old = age();
        server.file.refresh();
        assert!(modified() > old);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "another's").unwrap();
        let old = age();
        server.file.refresh();
        assert_eq!(modified(), old);
    }

    #[test]
    fn a_directory_that_is_not_there_is_told() {
        let error = open(Path::new("/nonexistent/s.sock"), 0o700).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Cannot open an HTTP server on /nonexistent/s.sock: No such file or directory (ENOENT)"
        );
    }

    #[test]
    fn a_path_that_is_too_long_is_told() {
        let path = format!("/tmp/{}", "x".repeat(200));
        let error = open(Path::new(&path), 0o700).unwrap_err().to_string();
        assert!(
            error.starts_with("Cannot open an HTTP server on /tmp/xxx"),
            "{error}"
        );
    }

    #[test]
    fn a_port_that_is_taken_is_in_use() {
        let first = open_tcp("127.0.0.1", 0).unwrap();
        let port = first.local_addr().unwrap().port();
        assert!(matches!(open_tcp("localhost", port), Err(OpenError::InUse)));
    }

    #[test]
    fn no_host_is_all_interfaces() {
        let listener = open_tcp("", 0).unwrap();
        assert!(listener.local_addr().unwrap().ip().is_unspecified());
    }

    #[test]
    fn a_host_without_ipv4_is_told() {
        let error = open_tcp("::1", 9).unwrap_err().to_string();
        assert_eq!(
            error,
            "Cannot open an HTTP server on ::1:9: the host has no IPv4 address"
        );
    }
}

//! A log target that is not a regular file: pipe, terminal, socket, device.

use super::short_write::{ShortWrite, write_all};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::SockRef;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long one write waits in all for a reader that was reading before. A reader that lets it
/// pass is not waited for again until it reads.
const PATIENCE: Duration = Duration::from_millis(100);

/// POSIX lets at least this much into a pipe at once, or nothing (`PIPE_BUF` on Linux).
const PIECE: usize = 4096;

/// A pipe, terminal, socket or device to write to. No write blocks for longer than a moment.
#[derive(Debug)]
pub struct Stream {
    file: File,
    kind: Kind,
    stalled: bool,
}

/// How the target is kept from blocking us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It never does, or its description is our own and non-blocking.
    Plain,
    /// It may block and its flags are shared with others: ask before each piece.
    Asked,
    /// A socket: each call says that it must not block.
    Socket,
}

impl Stream {
    /// Descriptor `number` as it was inherited: /dev/stdout is where our stdout goes, though
    /// opening it anew may be impossible (a socket) or forbidden (after a change of user).
    ///
    /// Descriptors above 2 have no owner in this process to copy them from and are opened through
    /// /proc.
    pub fn inherit(number: RawFd) -> io::Result<Self> {
        let fd = match number {
            0 => io::stdin().as_fd().try_clone_to_owned()?,
            1 => io::stdout().as_fd().try_clone_to_owned()?,
            2 => io::stderr().as_fd().try_clone_to_owned()?,
            _ => open_descriptor(number)?.into(),
        };
        Self::over(fd)
    }

    /// Writes to `fd`, whose flags may be shared with other processes and stay as they are.
    pub fn over(fd: OwnedFd) -> io::Result<Self> {
        let shared = File::from(fd);
        let kind = shared.metadata()?.file_type();
        if kind.is_socket() {
            return Ok(Self::new(shared, Kind::Socket));
        }
        if !kind.is_fifo() && !kind.is_char_device() {
            return Ok(Self::new(shared, Kind::Plain));
        }
        Ok(match open_descriptor(shared.as_raw_fd()) {
            Ok(own) => Self::new(own, Kind::Plain),
            Err(_) => Self::new(shared, Kind::Asked),
        })
    }

    /// Writes to a file that was opened with `O_NONBLOCK`.
    pub(super) fn nonblocking(file: File) -> Self {
        Self::new(file, Kind::Plain)
    }

    fn new(file: File, kind: Kind) -> Self {
        Self {
            file,
            kind,
            stalled: false,
        }
    }

    /// Writes all of `bytes`, waiting a moment (0.1 s in all) for a reader that is behind.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ShortWrite> {
        let mut deadline = None;
        write_all(bytes, |rest| {
            loop {
                match self.write_some(rest) {
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                        let left = deadline
                            .get_or_insert_with(|| Instant::now() + PATIENCE)
                            .saturating_duration_since(Instant::now());
                        if self.stalled || left.is_zero() || !self.is_writable(left) {
                            self.stalled = true;
                            return Err(e);
                        }
                    }
                    done => {
                        self.stalled = false;
                        return done;
                    }
                }
            }
        })
    }

    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.kind {
            Kind::Plain => self.file.write(bytes),
            Kind::Socket => {
                let flags = nix::libc::MSG_DONTWAIT | nix::libc::MSG_NOSIGNAL;
                SockRef::from(&self.file).send_with_flags(bytes, flags)
            }
            Kind::Asked if !self.is_writable(Duration::ZERO) => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            Kind::Asked => self.file.write(bytes.get(..PIECE).unwrap_or(bytes)),
        }
    }

    /// Whether a write would do something now (or fail at once), waiting up to `patience`.
    fn is_writable(&self, patience: Duration) -> bool {
        let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO);
        let mut fds = [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)];
        poll(&mut fds, timeout).is_ok_and(|ready| ready > 0)
    }
}

/// Opens what descriptor `number` refers to, with flags of its own.
fn open_descriptor(number: RawFd) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
        .open(format!("/proc/self/fd/{number}"))
}

/// Which of our descriptors `path` names: `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`,
/// `/proc/self/fd/N`, `/proc/<our pid>/fd/N`, or a symbolic link to one of these.
pub fn descriptor_named(path: &Path) -> Option<RawFd> {
    named_directly(path).or_else(|| named_directly(&fs::read_link(path).ok()?))
}

fn named_directly(path: &Path) -> Option<RawFd> {
    let path = path.to_str()?;
    match path {
        "/dev/stdin" => return Some(0),
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        _ => {}
    }
    let own = format!("/proc/{}/fd/", std::process::id());
    let number = ["/dev/fd/", "/proc/self/fd/", &own]
        .iter()
        .find_map(|dir| path.strip_prefix(dir))?;
    if number.bytes().all(|b| b.is_ascii_digit()) {
        number.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn names_of_our_descriptors_are_known() {
        let own = format!("/proc/{}/fd/4", std::process::id());
        for (path, number) in [
            ("/dev/stdout", Some(1)),
            ("/dev/stderr", Some(2)),
            ("/dev/fd/3", Some(3)),
            ("/proc/self/fd/17", Some(17)),
            (own.as_str(), Some(4)),
            ("/dev/fd/", None),
            ("/dev/fd/+1", None),
            ("/dev/fd/1/x", None),
            ("/dev/fd/99999999999", None),
            ("/dev/null", None),
            ("/tmp/stdout", None),
        ] {
            assert_eq!(descriptor_named(Path::new(path)), number, "{path}");
        }
    }

    #[test]
    fn a_link_to_dev_stdout_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("access.log");
        std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
        assert_eq!(descriptor_named(&link), Some(1));
    }

    fn fill(stream: &mut Stream) -> usize {
        let short = stream.write(&vec![b'x'; 1 << 20]).unwrap_err();
        assert_eq!(short.error.kind(), io::ErrorKind::WouldBlock);
        short.written
    }

    #[test]
    fn a_pipe_that_nobody_reads_does_not_block_and_takes_more_once_read() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut stream = Stream::over(writer.into()).unwrap();
        let written = fill(&mut stream);
        assert!(written >= PIECE);
        assert_eq!(stream.write(b"more").unwrap_err().written, 0);
        reader.read_exact(&mut vec![0; written]).unwrap();
        stream.write(b"more").unwrap();
        let mut more = [0; 4];
        reader.read_exact(&mut more).unwrap();
        assert_eq!(&more, b"more");
    }

    #[test]
    fn a_shared_blocking_pipe_keeps_its_flags_and_does_not_block_either() {
        let (_reader, writer) = io::pipe().unwrap();
        let mut stream = Stream::new(File::from(OwnedFd::from(writer)), Kind::Asked);
        assert!(fill(&mut stream) >= PIECE);
        let flags = nix::fcntl::fcntl(&stream.file, nix::fcntl::FcntlArg::F_GETFL).unwrap();
        assert!(!OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK));
    }

    #[test]
    fn a_socket_that_nobody_reads_does_not_block() {
        let (_reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut stream = Stream::over(writer.into()).unwrap();
        assert_eq!(stream.kind, Kind::Socket);
        fill(&mut stream);
    }

    #[test]
    fn a_pipe_whose_reader_is_gone_is_an_error() {
        let (reader, writer) = io::pipe().unwrap();
        let mut stream = Stream::over(writer.into()).unwrap();
        drop(reader);
        assert_eq!(
            stream.write(b"x").unwrap_err().error.kind(),
            io::ErrorKind::BrokenPipe
        );
    }

    #[test]
    fn an_inherited_regular_file_shares_its_offset() {
        let mut file = tempfile::tempfile().unwrap();
        let mut stream = Stream::over(file.as_fd().try_clone_to_owned().unwrap()).unwrap();
        file.write_all(b"one").unwrap();
        stream.write(b"two").unwrap();
        file.write_all(b"three").unwrap();
        let mut text = String::new();
        io::Seek::rewind(&mut file).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "onetwothree");
    }
}

//! The file that says which process the supervisor is.

use super::errno::io_error_name;
use super::file_id::FileId;
use crate::process::Pid;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How often the file may be replaced under our hands before we give up.
const ATTEMPTS: usize = 8;
/// More than any pid's digits.
const LONGEST: u64 = 32;

/// A pid file that says our pid and that we hold locked, so that a second supervisor knows that
/// we live.
///
/// A file that is no regular one, like `/dev/null`, is written and neither locked nor removed.
#[derive(Debug)]
pub struct Pidfile {
    path: PathBuf,
    file: File,
    was_left_behind: bool,
}

/// Why a pid file can't be had.
#[derive(Debug, thiserror::Error)]
pub enum PidfileError {
    /// A living process holds it.
    #[error(
        "Another supervisord is already running{}: it holds the pidfile {path}",
        .pid.map_or_else(String::new, |pid| format!(" with pid {pid}"))
    )]
    Held {
        /// The file.
        path: String,
        /// The pid that it says, if any.
        pid: Option<Pid>,
    },
    /// It can't be opened or written.
    #[error("could not write pidfile {path}: {why}")]
    Failed {
        /// The file.
        path: String,
        /// The name of the error.
        why: String,
    },
}

/// Fails when a living process holds this pid file. Changes nothing.
///
/// The lock that decides is that of flock(2), so a file that was left behind, or that another
/// program wrote, holds nobody up.
pub fn check(path: &Path) -> Result<(), PidfileError> {
    match File::open(path) {
        Ok(mut file) => lock(&mut file, path).map(drop),
        Err(_) => Ok(()),
    }
}

impl Pidfile {
    /// Writes our pid. The file's mode is 0666 less the umask.
    ///
    /// Whoever calls this again, for the same path, has to drop the former value first.
    pub fn write(path: &Path) -> Result<Self, PidfileError> {
        let failed = |error: io::Error| PidfileError::Failed {
            path: path.display().to_string(),
            why: io_error_name(&error),
        };
        for _ in 0..ATTEMPTS {
            let mut file = open(path).map_err(failed)?;
            lock(&mut file, path)?;
            let pidfile = Self {
                path: path.to_owned(),
                was_left_behind: is_regular(&file) && pid_in(&mut file).is_some(),
                file,
            };
            if pidfile.is_in_place() {
                pidfile.say_our_pid().map_err(failed)?;
                return Ok(pidfile);
            }
        }
        Err(failed(io::Error::other("it is replaced again and again")))
    }

    fn say_our_pid(&self) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes())?;
        if file.metadata()?.is_file() {
            let end = file.stream_position()?;
            file.set_len(end)?;
        }
        Ok(())
    }

    /// Whether the path still leads to the file that we hold.
    fn is_in_place(&self) -> bool {
        match (self.file.metadata(), fs::metadata(&self.path)) {
            (Ok(ours), Ok(there)) => FileId::of(&ours) == FileId::of(&there),
            _ => false,
        }
    }

    /// Whether the file was there and said a pid: that of a supervisor that did not end in order.
    pub fn was_left_behind(&self) -> bool {
        self.was_left_behind
    }

    /// Removes the file, unless another has taken its place.
    pub fn remove(self) {
        if is_regular(&self.file) && self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// A file system that knows no locks lets everybody have the file.
fn lock(file: &mut File, path: &Path) -> Result<(), PidfileError> {
    if !is_regular(file) {
        return Ok(());
    }
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(PidfileError::Held {
            path: path.display().to_string(),
            pid: pid_in(file),
        }),
        Err(TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

fn pid_in(file: &mut File) -> Option<Pid> {
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// The pid that a file says; an error when it can't be read or says none. Waits for nobody: a
/// FIFO that nobody writes to says none.
pub fn read(path: &Path) -> io::Result<Pid> {
    let no_pid = || io::Error::new(io::ErrorKind::InvalidData, "it holds no pid");
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let mut file = options.open(path)?;
    pid_in(&mut file).filter(|&pid| pid > 0).ok_or_else(no_pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn story() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("p.pid");
        (directory, path)
    }

    #[test]
    fn a_file_left_behind_is_overwritten_and_ours_is_removed() {
        let (_directory, path) = story();
        fs::write(&path, "123\n\n\n\n\n\n\n\n\n\n\n\n\n").unwrap();
        assert!(check(&path).is_ok());
        let pidfile = Pidfile::write(&path).unwrap();
        assert!(pidfile.was_left_behind());
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
        assert_eq!(read(&path).unwrap(), std::process::id().cast_signed());
        pidfile.remove();
        assert!(!path.exists());
    }

    #[test]
    fn a_new_file_and_one_that_says_no_pid_were_not_left_behind() {
        let (_directory, path) = story();
        let pidfile = Pidfile::write(&path).unwrap();
        assert!(!pidfile.was_left_behind());
        pidfile.remove();
        fs::write(&path, "123456789012345678901234567890\nand more\n").unwrap();
        assert!(!Pidfile::write(&path).unwrap().was_left_behind());
        assert!(
            !Pidfile::write(Path::new("/dev/null"))
                .unwrap()
                .was_left_behind()
        );
    }

    #[test]
    fn a_file_that_is_held_names_its_holder() {
        let (_directory, path) = story();
        let _held = Pidfile::write(&path).unwrap();
        let me = std::process::id();
        let text = format!(
            "Another supervisord is already running with pid {me}: it holds the pidfile {}",
            path.display()
        );
        assert_eq!(check(&path).unwrap_err().to_string(), text);
        assert_eq!(Pidfile::write(&path).unwrap_err().to_string(), text);
    }

    #[test]
    fn a_file_that_took_our_place_is_not_removed() {
        let (_directory, path) = story();
        let pidfile = Pidfile::write(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "1\n").unwrap();
        pidfile.remove();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n");
    }

    #[test]
    fn a_device_is_neither_locked_nor_removed() {
        let null = Path::new("/dev/null");
        let first = Pidfile::write(null).unwrap();
        Pidfile::write(null).unwrap().remove();
        first.remove();
        assert!(null.exists());
    }

    #[test]
    fn what_can_not_be_written_says_why() {
        let error = Pidfile::write(Path::new("/no/dir/p.pid")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not write pidfile /no/dir/p.pid: ENOENT"
        );
    }

    #[test]
    fn a_file_without_a_pid_is_an_error() {
        let (_directory, path) = story();
        for text in ["", "x", "-1\n", "0", "99999999999999999999"] {
            fs::write(&path, text).unwrap();
            assert_eq!(
                read(&path).unwrap_err().to_string(),
                "it holds no pid",
                "{text}"
            );
        }
    }

    #[test]
    fn a_fifo_that_nobody_writes_to_is_an_error_at_once() {
        let (_directory, path) = story();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(read(&path).unwrap_err().to_string(), "it holds no pid");
    }
}

//! A log file that never fails its writer.

use super::backlog::Backlog;
use super::report::{Report, Reporter};
use super::rotating::{RotatingFile, Rotation, WriteError};
use super::short_write::ShortWrite;
use crate::process::LogEnd;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often, at most, a file that is written to is looked after: it may have been removed.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A log file and what waits to be written to it.
///
/// `now` is monotonic time since any fixed point, everywhere.
#[derive(Debug)]
pub struct LogFile {
    file: RotatingFile,
    backlog: Backlog,
    reporter: Reporter,
    checked: Duration,
    /// Bytes that were lost since it was opened.
    lost: u64,
}

impl LogFile {
    /// The log at `path`, and how opening it went. After a failure the log is usable all the same:
    /// each write tries to open it anew.
    pub fn open(path: &Path, rotation: Rotation, mode: u32) -> (Self, io::Result<()>) {
        let mut file = RotatingFile::closed(path, rotation, mode);
        let opened = file.reopen();
        let log = Self {
            file,
            backlog: Backlog::default(),
            reporter: Reporter::new(path),
            checked: Duration::ZERO,
            lost: 0,
        };
        (log, opened)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Rotates by other limits from now on.
    pub fn set_rotation(&mut self, rotation: Rotation) {
        self.file.set_rotation(rotation);
    }

    /// Opens the file if an earlier attempt failed, or if it no longer lies at its path; fails where
    /// opening it for the first time would.
    pub fn ensure_open(&mut self) -> io::Result<()> {
        self.file.ensure_at_path()
    }

    /// How many bytes were lost since it was opened.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Where it ends by now; `None` where it is no regular file.
    pub fn end(&self) -> Option<LogEnd> {
        self.file.end()
    }

    /// How many bytes wait for the file to take them.
    pub fn pending(&self) -> usize {
        self.backlog.len()
    }

    /// Writes what waits, then `bytes`; what can't be written waits, up to
    /// [`CAPACITY`](super::backlog::CAPACITY).
    pub fn write(&mut self, bytes: &[u8], now: Duration) -> Option<Report> {
        let result = self.check(now).and_then(|()| self.write_in_order(bytes));
        match result {
            Ok(()) => self.reporter.recovered(now),
            Err(WriteError::NotRotated(error)) => self.reporter.not_rotated(error, now),
            Err(WriteError::Short(short)) => {
                let rest = bytes.get(short.written..).unwrap_or_default();
                let lost = self.backlog.push(rest);
                self.reporter.lose(lost);
                self.lost += lost as u64;
                self.reporter.trouble(short.error, self.backlog.len(), now)
            }
        }
    }

    /// Tries to write what waits.
    pub fn retry(&mut self, now: Duration) -> Option<Report> {
        self.write(&[], now)
    }

    /// Tries for the last time to write what waits, and tells what is lost by now.
    pub fn close(&mut self, now: Duration) -> Option<Report> {
        let report = if self.pending() > 0 {
            self.retry(now)
        } else {
            None
        };
        let pending = self.backlog.len();
        self.backlog.clear();
        self.reporter.closed(pending).or(report)
    }

    /// Fails with how much of `bytes` was written; what waited before is not counted.
    fn write_in_order(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if let Some(error) = self.drain()? {
            self.file.write(bytes)?;
            return Err(WriteError::NotRotated(error));
        }
        self.file.write(bytes)
    }

    /// Writes what waits; gives back why the file could not be rotated afterwards.
    fn drain(&mut self) -> Result<Option<io::Error>, WriteError> {
        if self.backlog.is_empty() {
            return Ok(None);
        }
        let (written, rest) = match self.file.write(self.backlog.bytes()) {
            Ok(()) => (self.backlog.len(), Ok(None)),
            Err(WriteError::NotRotated(error)) => (self.backlog.len(), Ok(Some(error))),
            Err(WriteError::Short(ShortWrite { written, error })) => {
                (written, Err(ShortWrite { written: 0, error }.into()))
            }
        };
        self.backlog.remove(written);
        rest
    }

    fn check(&mut self, now: Duration) -> Result<(), WriteError> {
        if now.saturating_sub(self.checked) < CHECK_EVERY {
            return Ok(());
        }
        self.checked = now;
        Ok(self
            .file
            .check_path()
            .map_err(|error| ShortWrite { written: 0, error })?)
    }

    /// Closes the file and opens what now lies at its path.
    pub fn reopen(&mut self, now: Duration) -> Option<Report> {
        match self.file.reopen() {
            Ok(()) => self.retry(now),
            Err(error) => self.reporter.trouble(error, self.backlog.len(), now),
        }
    }

    /// Removes the file, forgets what waits, and starts a new file.
    pub fn clear(&mut self) -> io::Result<()> {
        self.backlog.clear();
        self.file.clear()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ORDINARY;
    use super::super::backlog::CAPACITY;
    use super::*;
    use std::fs;
    use std::io::Read;
    use tempfile::tempdir;

    const NEVER: Rotation = Rotation {
        maxbytes: 0,
        backups: 0,
    };

    fn open(path: &Path) -> LogFile {
        LogFile::open(path, NEVER, ORDINARY).0
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_full_disk_is_told_and_what_is_lost_is_counted() {
        let mut log = open(Path::new("/dev/full"));
        let report = log.write(b"hello", at(0));
        let Some(Report::Trouble {
            error,
            pending: 5,
            lost: 0,
            ..
        }) = report
        else {
            panic!("{report:?}")
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(log.write(&vec![b'x'; CAPACITY], at(1)).is_none());
        assert_eq!(log.pending(), CAPACITY);
        assert!(matches!(
            log.retry(at(60)),
            Some(Report::Trouble { lost: 5, .. })
        ));
    }

    #[test]
    fn writing_resumes_in_order_when_a_missing_directory_appears() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("sub/o");
        let (mut log, opened) = LogFile::open(&path, NEVER, ORDINARY);
        assert_eq!(opened.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(matches!(
            log.write(b"one\n", at(0)),
            Some(Report::Trouble { pending: 4, .. })
        ));
        assert!(log.write(b"two\n", at(1)).is_none());
        fs::create_dir(dir.path().join("sub")).unwrap();
        assert!(matches!(
            log.write(b"three\n", at(2)),
            Some(Report::Recovered { lost: 0, .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_removed_directory_is_survived() {
        let dir = tempdir().unwrap();
        let sub = dir.path().join("sub");
        fs::create_dir(&sub).unwrap();
        let mut log = open(&sub.join("o"));
        assert!(log.write(b"one\n", at(0)).is_none());
        fs::remove_dir_all(&sub).unwrap();
        assert!(
            log.write(b"two\n", at(1))
                .is_some_and(|report| matches!(report, Report::Trouble { .. }))
        );
        fs::create_dir(&sub).unwrap();
        assert!(matches!(log.retry(at(1)), Some(Report::Recovered { .. })));
        assert_eq!(fs::read_to_string(sub.join("o")).unwrap(), "two\n");
    }

    #[test]
    fn a_directory_in_the_place_of_the_file_is_trouble() {
        let dir = tempdir().unwrap();
        let report = open(dir.path()).write(b"one\n", at(0));
        assert!(matches!(report, Some(Report::Trouble { pending: 4, .. })));
    }

    #[test]
    fn an_unlinked_file_is_noticed_within_a_second() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let mut log = open(&path);
        log.write(b"one\n", at(5));
        fs::remove_file(&path).unwrap();
        log.write(b"two\n", at(6));
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
    }

    #[test]
    fn a_pipe_that_nobody_reads_costs_bytes_but_not_the_order() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("fifo");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let mut log = open(&path);
        assert!(matches!(
            log.write(b"early\n", at(0)),
            Some(Report::Trouble { pending: 6, .. })
        ));
        let options = fs::OpenOptions::new().read(true).write(true).open(&path);
        let mut reader = options.unwrap();
        assert!(matches!(
            log.retry(at(0)),
            Some(Report::Recovered { lost: 0, .. })
        ));
        log.write(&vec![b'x'; 1 << 20], at(1));
        assert_eq!(log.pending(), CAPACITY);
        let mut early = [0; 6];
        reader.read_exact(&mut early).unwrap();
        assert_eq!(&early, b"early\n");
    }

    #[test]
    fn closing_tells_what_is_lost_and_was_not_told() {
        let mut log = open(Path::new("/dev/full"));
        log.write(b"told", at(0));
        assert!(log.write(&vec![b'x'; CAPACITY], at(1)).is_none());
        let report = log.close(at(2));
        let Some(report @ Report::Closed { .. }) = report else {
            panic!("{report:?}")
        };
        assert_eq!(
            report.to_string(),
            "log /dev/full is closed (65540 bytes lost)"
        );
        assert!(log.close(at(3)).is_none(), "it was told");
    }

    #[test]
    fn closing_writes_what_can_be_written() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("sub/o");
        let mut log = open(&path);
        log.write(b"one\n", at(0));
        fs::create_dir(dir.path().join("sub")).unwrap();
        let report = log.close(at(1));
        assert!(matches!(report, Some(Report::Recovered { lost: 0, .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        fs::remove_file(&path).unwrap();
        assert!(log.close(at(9)).is_none());
        assert!(!path.exists(), "nothing is made where nothing waits");
    }

    #[test]
    fn clearing_forgets_what_waits() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("sub/o");
        let mut log = open(&path);
        log.write(b"old\n", at(0));
        fs::create_dir(dir.path().join("sub")).unwrap();
        log.clear().unwrap();
        log.write(b"new\n", at(0));
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
    }

    #[test]
    fn a_file_that_can_not_be_rotated_is_told_and_written() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        fs::create_dir(dir.path().join("o.1")).unwrap();
        let rotation = Rotation {
            maxbytes: 3,
            backups: 1,
        };
        let (mut log, _) = LogFile::open(&path, rotation, ORDINARY);
        assert!(matches!(
            log.write(b"abc", at(0)),
            Some(Report::NotRotated { .. })
        ));
        assert_eq!(
            (fs::read(&path).unwrap(), log.pending()),
            (b"abc".to_vec(), 0)
        );
    }
}

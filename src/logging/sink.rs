//! Where an output channel's bytes go.

use super::log_file::LogFile;
use super::report::Report;
use super::rotating::Rotation;
use super::syslog::LineSink;
use super::unfinished::{MAX_HELD, split_unfinished};
use crate::process::LogEnd;
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// One place where bytes are logged. A write never fails; see [`Report`].
///
/// `now` is monotonic time since any fixed point, everywhere.
#[derive(Debug, Default)]
pub enum Sink {
    /// Nowhere.
    #[default]
    None,
    /// A file or an inherited descriptor; made by [`Files`](super::Files).
    File(SharedFile),
    /// syslog, a message a line.
    Syslog(LineSink),
}

impl Sink {
    /// Logs `bytes`.
    pub fn write(&mut self, bytes: &[u8], now: Duration) -> Option<Report> {
        match self {
            Self::None => None,
            Self::File(file) => file.write(bytes, now),
            Self::Syslog(lines) => lines.write(bytes, now),
        }
    }

    /// Lets go of an unfinished line that was held back; to be called when no more is to come.
    pub fn flush(&mut self, now: Duration) -> Option<Report> {
        match self {
            Self::None => None,
            Self::File(file) => file.flush(now),
            Self::Syslog(lines) => lines.flush(now),
        }
    }

    /// Closes it for good: tries for the last time to write what waits, and tells what is lost
    /// with it. A file that others share is left to them.
    pub fn close(self, now: Duration) -> Option<Report> {
        match self {
            Self::None => None,
            Self::File(file) => file.close(now),
            Self::Syslog(lines) => lines.close(now),
        }
    }

    /// How many bytes wait for the file to take them; while there are any, call
    /// [`retry`](Self::retry) now and then.
    pub fn pending(&self) -> usize {
        match self {
            Self::File(file) => file.file.borrow().pending(),
            Self::None | Self::Syslog(_) => 0,
        }
    }

    /// How many bytes the file has lost since it was opened, whoever wrote them.
    pub fn lost(&self) -> u64 {
        match self {
            Self::File(file) => file.file.borrow().lost(),
            Self::None | Self::Syslog(_) => 0,
        }
    }

    /// Where the file ends by now; `None` where it is none.
    pub fn end(&self) -> Option<LogEnd> {
        match self {
            Self::File(file) => file.file.borrow().end(),
            Self::None | Self::Syslog(_) => None,
        }
    }

    /// Fails where opening the file for the first time would: it may be gone.
    pub fn ensure_open(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.file.borrow_mut().ensure_open(),
            Self::None | Self::Syslog(_) => Ok(()),
        }
    }

    /// Tries to write what waits.
    pub fn retry(&mut self, now: Duration) -> Option<Report> {
        match self {
            Self::File(file) => file.file.borrow_mut().retry(now),
            Self::None | Self::Syslog(_) => None,
        }
    }

    /// Rotates the file by other limits from now on, for all who share it.
    pub fn set_rotation(&mut self, rotation: Rotation) {
        if let Self::File(file) = self {
            file.file.borrow_mut().set_rotation(rotation);
        }
    }

    /// Opens anew what lies at the file's path.
    pub fn reopen(&mut self, now: Duration) -> Option<Report> {
        match self {
            Self::File(file) => file.file.borrow_mut().reopen(now),
            Self::None | Self::Syslog(_) => None,
        }
    }

    /// Removes the file and starts it anew.
    pub fn clear(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.clear(),
            Self::None | Self::Syslog(_) => Ok(()),
        }
    }

    /// The file's path.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::File(file) => Some(file.file.borrow().path().to_owned()),
            Self::None | Self::Syslog(_) => None,
        }
    }
}

/// One channel's part in a log file. While others have a part in it too, it writes whole lines:
/// an unfinished one is held back, up to [`MAX_HELD`].
#[derive(Debug)]
pub struct SharedFile {
    file: Rc<RefCell<LogFile>>,
    held: Vec<u8>,
}

impl SharedFile {
    pub(super) fn new(file: Rc<RefCell<LogFile>>) -> Self {
        Self {
            file,
            held: Vec::new(),
        }
    }

    fn write(&mut self, bytes: &[u8], now: Duration) -> Option<Report> {
        if Rc::strong_count(&self.file) == 1 {
            return self.write_after_held(bytes, now);
        }
        let (whole, rest) = split_unfinished(bytes, MAX_HELD.saturating_sub(self.held.len()));
        let report = if whole.is_empty() {
            None
        } else {
            self.write_after_held(whole, now)
        };
        self.held.extend_from_slice(rest);
        report
    }

    fn write_after_held(&mut self, bytes: &[u8], now: Duration) -> Option<Report> {
        if self.held.is_empty() {
            return self.file.borrow_mut().write(bytes, now);
        }
        self.held.extend_from_slice(bytes);
        self.flush(now)
    }

    fn flush(&mut self, now: Duration) -> Option<Report> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            None
        } else {
            self.file.borrow_mut().write(&held, now)
        }
    }

    fn close(mut self, now: Duration) -> Option<Report> {
        let report = self.flush(now);
        let last = Rc::into_inner(self.file).and_then(|file| file.into_inner().close(now));
        last.or(report)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.held = Vec::new();
        self.file.borrow_mut().clear()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ORDINARY;
    use super::*;

    #[test]
    fn no_sink_takes_anything() {
        let mut sink = Sink::None;
        assert!(sink.write(b"x", Duration::ZERO).is_none());
        assert_eq!((sink.pending(), sink.path()), (0, None));
        sink.clear().unwrap();
    }

    #[test]
    fn the_last_who_closes_a_file_hears_what_is_lost() {
        let mut files = super::super::Files::default();
        let mut open = || {
            files
                .open("/dev/full".as_ref(), Default::default(), ORDINARY)
                .0
        };
        let (mut a, mut b) = (open(), open());
        a.write(b"told\n", Duration::ZERO);
        b.write(b"held", Duration::ZERO);
        assert!(a.close(Duration::ZERO).is_none());
        let told = b.close(Duration::ZERO);
        assert!(
            matches!(told, Some(Report::Closed { lost: 9, .. })),
            "{told:?}"
        );
    }

    #[test]
    fn held_bytes_are_bounded_however_they_come() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = super::super::Files::default();
        let path = dir.path().join("o");
        let mut open = || files.open(&path, Default::default(), ORDINARY).0;
        let (mut a, _b) = (open(), open());
        for _ in 0..3 * MAX_HELD {
            a.write(b"x", Duration::ZERO);
        }
        let Sink::File(file) = &a else { panic!() };
        assert!(file.held.len() <= MAX_HELD);
        assert!(std::fs::metadata(&path).unwrap().len() >= 2 * MAX_HELD as u64);
    }
}

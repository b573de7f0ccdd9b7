//! supervisord's own log.

use super::log_file::LogFile;
use super::report::Report;
use super::rotating::Rotation;
use super::stamp::Stamp;
use super::stream::{Stream, descriptor_named};
use super::syslog::Syslog;
use crate::process::note::Level;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Where the activity log goes.
#[derive(Debug)]
pub enum ActivityTarget {
    /// To a file or an inherited descriptor.
    File {
        /// Its path.
        path: PathBuf,
        /// When it is rotated.
        rotation: Rotation,
    },
    /// To syslog: each line with its own time, as in a file.
    Syslog(Syslog),
}

/// supervisord's own log: lines `2026-11-21 09:17:50,123 INFO message` in local time, to a file or
/// syslog and, if asked for, to stdout as well. A message of several lines is written as it is.
///
/// It is a plain value at first, to be used before any thread exists (a process forks no threads);
/// then [`ActivityHandle::start`](super::ActivityHandle::start) moves it to a thread of its own. Its
/// own trouble it tells on stderr and, for when it is written again, as a line of its own.
#[derive(Debug)]
pub struct ActivityLog {
    target: Target,
    echo: Option<LogFile>,
    threshold: Level,
    stamp: Stamp,
    born: Instant,
}

#[derive(Debug)]
enum Target {
    File(Box<LogFile>),
    Syslog(Box<Syslog>),
}

impl ActivityLog {
    /// Opens the log for lines of `threshold` and above, copied to stdout if `echo`. Where the
    /// file *is* stdout, lines are not written twice.
    pub fn open(target: ActivityTarget, threshold: Level, echo: bool) -> io::Result<Self> {
        let (target, is_stdout) = match target {
            ActivityTarget::Syslog(syslog) => (Target::Syslog(Box::new(syslog)), false),
            ActivityTarget::File { path, rotation } => {
                let (file, opened) = LogFile::open(&path, rotation, super::ORDINARY);
                opened?;
                (
                    Target::File(Box::new(file)),
                    descriptor_named(&path) == Some(1),
                )
            }
        };
        let echo = (echo && !is_stdout).then(stdout);
        let (stamp, born) = (Stamp::iso(), Instant::now());
        Ok(Self {
            target,
            echo,
            threshold,
            stamp,
            born,
        })
    }

    /// Whether lines of `level` are written.
    pub fn is_enabled(&self, level: Level) -> bool {
        level >= self.threshold
    }

    /// The least important level that is written.
    pub fn threshold(&self) -> Level {
        self.threshold
    }

    /// The file; `None` when the log goes to syslog.
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::File(file) => Some(file.path()),
            Target::Syslog(_) => None,
        }
    }

    /// Writes a line.
    pub fn log(&mut self, level: Level, text: &str) {
        if self.is_enabled(level) {
            self.write_line(level, SystemTime::now(), text);
        }
    }

    /// Writes a line about what happened at `time`.
    pub(super) fn write_line(&mut self, level: Level, time: SystemTime, text: &str) {
        let now = self.now();
        let (second, millis) = self.stamp.of(time);
        let head = format!("{second},{millis:03} {} ", level.code());
        let line = format!("{head}{text}\n");
        let report = match &mut self.target {
            Target::File(file) => file.write(line.as_bytes(), now),
            Target::Syslog(syslog) => send_lines(syslog, &head, text, now),
        };
        let echoed = self.echo.as_mut();
        let echoed = echoed.and_then(|echo| echo.write(line.as_bytes(), now));
        self.tell(report);
        self.tell(echoed);
    }

    /// Tells how the log fares: on stderr at once, and in the log, where the line may have to wait
    /// with the others. What this line may give rise to is told as well; a log that stays in
    /// trouble keeps silent about it.
    fn tell(&mut self, report: Option<Report>) {
        if let Some(report) = report {
            complain(&report);
            self.log(report.level(), &report.to_string());
        }
    }

    /// How many bytes wait to be written.
    pub(super) fn pending(&self) -> usize {
        let of_file = match &self.target {
            Target::File(file) => file.pending(),
            Target::Syslog(_) => 0,
        };
        of_file + self.echo.as_ref().map_or(0, LogFile::pending)
    }

    /// Tries to write what waits.
    pub(super) fn retry(&mut self) {
        let now = self.now();
        let report = self.file().and_then(|file| file.retry(now));
        let echoed = self.echo.as_mut().and_then(|echo| echo.retry(now));
        self.tell(report);
        self.tell(echoed);
    }

    /// Tries for the last time to write what waits, and tells what is lost.
    pub(super) fn close(&mut self) {
        let now = self.now();
        let echoed = self.echo.take().and_then(|mut echo| echo.close(now));
        self.tell(echoed);
        let report = match &mut self.target {
            Target::File(file) => file.close(now),
            Target::Syslog(syslog) => syslog.close(),
        };
        self.tell(report);
    }

    /// Closes the file and opens what now lies at its path.
    pub fn reopen(&mut self) {
        let now = self.now();
        let report = self.file().and_then(|file| file.reopen(now));
        self.tell(report);
    }

    /// Removes the file and starts an empty one. The line `reopening log file` goes with the old
    /// one, so it is seen only on stdout. `NotFound` when the log goes to syslog.
    pub fn clear(&mut self) -> io::Result<()> {
        self.log(Level::Info, "reopening log file");
        match &mut self.target {
            Target::File(file) => file.clear(),
            Target::Syslog(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn file(&mut self) -> Option<&mut LogFile> {
        match &mut self.target {
            Target::File(file) => Some(file),
            Target::Syslog(_) => None,
        }
    }

    fn now(&self) -> Duration {
        self.born.elapsed()
    }
}

fn stdout() -> LogFile {
    LogFile::open(
        Path::new("/dev/stdout"),
        Rotation::default(),
        super::ORDINARY,
    )
    .0
}

fn send_lines(syslog: &mut Syslog, head: &str, text: &str, now: Duration) -> Option<Report> {
    let mut report = None;
    for line in text.trim_end_matches('\n').split('\n') {
        report = syslog
            .send(format!("{head}{line}\n").as_bytes(), now)
            .or(report);
    }
    report
}

/// Tells a report on stderr; if that can't be written either, there is nobody to tell.
fn complain(report: &Report) {
    if let Ok(mut stderr) = Stream::inherit(2) {
        stderr
            .write(format!("supervisord: {report}\n").as_bytes())
            .unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::super::ORDINARY;
    use super::super::backlog::CAPACITY;
    use super::*;
    use std::fs;
    use tempfile::{TempDir, tempdir};

    fn open(dir: &TempDir, threshold: Level) -> ActivityLog {
        let path = dir.path().join("log");
        let target = ActivityTarget::File {
            path,
            rotation: Rotation::default(),
        };
        ActivityLog::open(target, threshold, false).unwrap()
    }

    fn read(dir: &TempDir, name: &str) -> String {
        fs::read_to_string(dir.path().join(name)).unwrap()
    }

    /// Each line without its date and time, which must be there.
    fn texts(log: &str) -> Vec<&str> {
        log.lines()
            .map(|line| {
                let (time, text) = line.split_at("2026-11-21 09:17:50,123 ".len());
                assert_eq!(
                    (&time[10..11], &time[19..20], &time[23..24]),
                    (" ", ",", " "),
                    "{line}"
                );
                text
            })
            .collect()
    }

    #[test]
    fn lines_have_time_level_and_text_from_the_threshold_on() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, Level::Info);
        log.log(Level::Debug, "quiet");
        log.log(Level::Info, "spawned: 'p' with pid 7");
        log.log(Level::Critical, "loud");
        assert_eq!(
            texts(&read(&dir, "log")),
            ["INFO spawned: 'p' with pid 7", "CRIT loud"]
        );
    }

    /// In a daemon nobody reads stderr: what was lost must be said in the log itself.
    #[test]
    fn what_the_log_has_lost_is_told_in_it() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, Level::Warn);
        fs::remove_file(dir.path().join("log")).unwrap();
        fs::create_dir(dir.path().join("log")).unwrap();
        log.reopen();
        for _ in 0..3 {
            log.log(Level::Warn, &"x".repeat(CAPACITY / 2));
        }
        fs::remove_dir(dir.path().join("log")).unwrap();
        log.log(Level::Warn, "back");
        let text = read(&dir, "log");
        let last = text.lines().last().unwrap();
        assert!(
            last.contains(" WARN log ") && last.contains("/log is written again ("),
            "{last}"
        );
        let lost = last
            .rsplit_once('(')
            .unwrap()
            .1
            .strip_suffix(" bytes lost)");
        assert!(
            lost.unwrap().parse::<usize>().unwrap() > CAPACITY / 2,
            "{last}"
        );
        assert_eq!(log.pending(), 0);
    }

    #[test]
    fn the_end_tells_what_stdout_has_not_taken() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, Level::Warn);
        log.echo = Some(LogFile::open(Path::new("/dev/full"), Rotation::default(), ORDINARY).0);
        log.log(Level::Warn, "one");
        log.close();
        let text = read(&dir, "log");
        assert!(
            text.contains("WARN could not write log /dev/full: "),
            "{text}"
        );
        assert!(text.contains("WARN log /dev/full is closed ("), "{text}");
    }

    #[test]
    fn a_message_of_several_lines_is_raw() {
        let dir = tempdir().unwrap();
        open(&dir, Level::Debug).log(Level::Debug, "'p' stdout output:\nhi\n");
        assert!(read(&dir, "log").ends_with("DEBG 'p' stdout output:\nhi\n\n"));
    }

    #[test]
    fn stdout_gets_the_same_lines() {
        let dir = tempdir().unwrap();
        let mut log = open(&dir, Level::Info);
        let path = dir.path().join("stdout");
        log.echo = Some(LogFile::open(&path, Rotation::default(), ORDINARY).0);
        log.log(Level::Info, "one");
        log.clear().unwrap();
        assert_eq!(
            texts(&read(&dir, "stdout")),
            ["INFO one", "INFO reopening log file"]
        );
        assert_eq!(read(&dir, "log"), "");
    }

    #[test]
    fn stdout_as_the_file_is_not_echoed_too() {
        let path = PathBuf::from("/dev/stdout");
        let target = ActivityTarget::File {
            path,
            rotation: Rotation::default(),
        };
        assert!(
            ActivityLog::open(target, Level::Info, true)
                .unwrap()
                .echo
                .is_none()
        );
    }

    #[test]
    fn a_file_that_can_not_be_opened_is_an_error() {
        let path = PathBuf::from("/nonexistent/log");
        let target = ActivityTarget::File {
            path,
            rotation: Rotation::default(),
        };
        assert!(ActivityLog::open(target, Level::Info, false).is_err());
    }

    #[test]
    fn the_line_that_reaches_the_limit_rolls_the_log() {
        let dir = tempdir().unwrap();
        let rotation = Rotation {
            maxbytes: 60,
            backups: 1,
        };
        let target = ActivityTarget::File {
            path: dir.path().join("log"),
            rotation,
        };
        let mut log = ActivityLog::open(target, Level::Info, false).unwrap();
        log.log(Level::Info, "one");
        log.log(Level::Info, "two");
        log.log(Level::Info, "three");
        assert_eq!(texts(&read(&dir, "log.1")), ["INFO one", "INFO two"]);
        assert_eq!(texts(&read(&dir, "log")), ["INFO three"]);
    }

    #[test]
    fn syslog_gets_whole_lines_with_their_time() {
        let dir = tempdir().unwrap();
        let socket = dir.path().join("dev-log");
        let daemon = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
        daemon.set_nonblocking(true).unwrap();
        let target = ActivityTarget::Syslog(Syslog::new("supervisord", &socket));
        let mut log = ActivityLog::open(target, Level::Info, false).unwrap();
        log.log(Level::Warn, "one\ntwo\n");
        assert_eq!(log.path(), None);
        assert_eq!(log.clear().unwrap_err().kind(), io::ErrorKind::NotFound);
        let mut buffer = [0; 200];
        for expected in ["WARN one", "WARN two"] {
            let n = daemon.recv(&mut buffer).unwrap();
            let message = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let (_, line) = message.split_once("supervisord: ").unwrap();
            assert_eq!(texts(line), [expected]);
            assert!(line.ends_with('\n'));
        }
    }
}

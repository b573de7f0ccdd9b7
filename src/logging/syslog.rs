//! Messages to the local syslog daemon.

use super::report::{Report, Reporter};
use super::stamp::Stamp;
use super::unfinished::{MAX_HELD, split_unfinished};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where the syslog daemon listens.
pub const DEV_LOG: &str = "/dev/log";

/// Facility USER, priority INFO: what every message of ours is.
const PRIORITY: &str = "<14>";

/// A connection to the local syslog daemon. Messages that it does not take at once are lost.
#[derive(Debug)]
pub struct Syslog {
    path: PathBuf,
    ident: String,
    socket: Option<UnixDatagram>,
    stamp: Stamp,
    reporter: Reporter,
}

impl Syslog {
    /// Messages in the name of `ident` (the program's name) to the daemon that listens at `path`,
    /// usually [`DEV_LOG`]. The connection is made by the first message.
    pub fn new(ident: &str, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            ident: ident.to_owned(),
            socket: None,
            stamp: Stamp::syslog(),
            reporter: Reporter::new(path),
        }
    }

    /// Sends one message: `<14>Nov 21 09:17:50 ident: message`. One that can't be sent is lost and
    /// counted.
    pub fn send(&mut self, message: &[u8], now: Duration) -> Option<Report> {
        let (time, _) = self.stamp.of(SystemTime::now());
        let mut datagram = format!("{PRIORITY}{time} {}: ", self.ident).into_bytes();
        datagram.extend_from_slice(message);
        match self.deliver(&datagram) {
            Ok(()) => self.reporter.recovered(now),
            Err(error) => {
                self.reporter.lose(message.len());
                self.reporter.trouble(error, 0, now)
            }
        }
    }

    /// Tells what was lost and not told.
    pub fn close(&mut self) -> Option<Report> {
        self.reporter.closed(0)
    }

    /// Sends by the connection there is; if the daemon has gone from there, by a new one.
    fn deliver(&mut self, datagram: &[u8]) -> io::Result<()> {
        if let Some(socket) = &self.socket {
            match socket.send(datagram) {
                Err(e) if e.kind() != io::ErrorKind::WouldBlock => self.socket = None,
                result => return result.map(drop),
            }
        }
        let socket = self.socket.insert(connect(&self.path)?);
        socket.send(datagram).map(drop)
    }
}

fn connect(path: &Path) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.connect(path)?;
    Ok(socket)
}

/// One output channel's lines as syslog messages `<process> <line>`. A line longer than
/// [`MAX_HELD`] becomes several messages.
#[derive(Debug)]
pub struct LineSink {
    syslog: Syslog,
    process: String,
    held: Vec<u8>,
}

impl LineSink {
    /// The lines of `process`.
    pub fn new(process: &str, syslog: Syslog) -> Self {
        Self {
            syslog,
            process: process.to_owned(),
            held: Vec::new(),
        }
    }

    /// Sends the lines in `bytes`; an unfinished one is held back. Empty lines at the end of a
    /// chunk are no messages, those within it are.
    pub(super) fn write(&mut self, bytes: &[u8], now: Duration) -> Option<Report> {
        let (whole, rest) = split_unfinished(bytes, MAX_HELD.saturating_sub(self.held.len()));
        let mut report = None;
        if !whole.is_empty() {
            self.held.extend_from_slice(whole);
            report = self.flush(now);
        }
        self.held.extend_from_slice(rest);
        report
    }

    /// Sends what was held back.
    pub(super) fn flush(&mut self, now: Duration) -> Option<Report> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return None;
        }
        let mut report = None;
        for line in without_newlines_at_the_end(&held).split(|&b| b == b'\n') {
            report = self.send(line, now).or(report);
        }
        report
    }

    /// Sends what was held back, and tells what was lost and not told.
    pub(super) fn close(mut self, now: Duration) -> Option<Report> {
        let report = self.flush(now);
        self.syslog.close().or(report)
    }

    fn send(&mut self, line: &[u8], now: Duration) -> Option<Report> {
        let mut report = None;
        let mut rest = line;
        loop {
            let (piece, after) = rest.split_at(rest.len().min(MAX_HELD));
            let message = [self.process.as_bytes(), b" ", piece].concat();
            report = self.syslog.send(&message, now).or(report);
            rest = after;
            if rest.is_empty() {
                return report;
            }
        }
    }
}

fn without_newlines_at_the_end(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|&b| b != b'\n')
        .map_or(0, |at| at + 1);
    bytes.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::{TempDir, tempdir};

    const NOW: Duration = Duration::ZERO;

    fn listen(dir: &TempDir) -> UnixDatagram {
        let daemon = UnixDatagram::bind(dir.path().join("log")).unwrap();
        daemon.set_nonblocking(true).unwrap();
        daemon
    }

    fn syslog(dir: &TempDir) -> Syslog {
        Syslog::new("supervisord", &dir.path().join("log"))
    }

    fn received(daemon: &UnixDatagram) -> Vec<String> {
        let mut buffer = vec![0; 1 << 16];
        std::iter::from_fn(|| {
            let n = daemon.recv(&mut buffer).ok()?;
            Some(String::from_utf8_lossy(&buffer[..n]).into_owned())
        })
        .collect()
    }

    /// What the messages say after `supervisord: `.
    fn texts(daemon: &UnixDatagram) -> Vec<String> {
        let after = |m: String| m.split_once("supervisord: ").unwrap().1.to_owned();
        received(daemon).into_iter().map(after).collect()
    }

    #[test]
    fn a_message_is_priority_time_ident_and_text() {
        let dir = tempdir().unwrap();
        let daemon = listen(&dir);
        assert!(syslog(&dir).send(b"sl one", NOW).is_none());
        let messages = received(&daemon);
        let [message] = messages.as_slice() else {
            panic!("{messages:?}")
        };
        let time = message
            .strip_prefix("<14>")
            .unwrap()
            .strip_suffix(" supervisord: sl one");
        assert_eq!(time.unwrap().len(), "Nov 21 09:17:50".len());
    }

    #[test]
    fn each_line_is_a_message_and_newlines_at_a_chunks_end_are_none() {
        let dir = tempdir().unwrap();
        let daemon = listen(&dir);
        let mut lines = LineSink::new("p", syslog(&dir));
        lines.write(b"one\n\ntwo\n\n\n", NOW);
        lines.write(b"\n", NOW);
        assert_eq!(texts(&daemon), ["p one", "p ", "p two", "p "]);
    }

    #[test]
    fn a_line_cut_by_chunks_is_one_message() {
        let dir = tempdir().unwrap();
        let daemon = listen(&dir);
        let mut lines = LineSink::new("p", syslog(&dir));
        lines.write(b"he", NOW);
        lines.write(b"llo\nlast", NOW);
        assert_eq!(texts(&daemon), ["p hello"]);
        lines.flush(NOW);
        lines.flush(NOW);
        assert_eq!(texts(&daemon), ["p last"]);
    }

    #[test]
    fn an_endless_line_goes_out_in_pieces() {
        let dir = tempdir().unwrap();
        let daemon = listen(&dir);
        let mut lines = LineSink::new("p", syslog(&dir));
        lines.write(&vec![b'x'; MAX_HELD * 2 + 1], NOW);
        let sizes: Vec<_> = texts(&daemon).iter().map(|text| text.len() - 2).collect();
        assert_eq!(sizes, [MAX_HELD, MAX_HELD, 1]);
    }

    #[test]
    fn a_missing_daemon_costs_messages_which_are_counted() {
        let dir = tempdir().unwrap();
        let mut syslog = syslog(&dir);
        assert!(matches!(
            syslog.send(b"12345", NOW),
            Some(Report::Trouble { lost: 5, .. })
        ));
        assert!(syslog.send(b"123", NOW).is_none());
        let mut lines = LineSink::new("p", super::tests::syslog(&dir));
        lines.write(b"held", NOW);
        assert!(matches!(
            lines.close(NOW),
            Some(Report::Closed { lost: 6, .. })
        ));
        let daemon = listen(&dir);
        assert!(matches!(
            syslog.send(b"back", NOW),
            Some(Report::Recovered { lost: 8, .. })
        ));
        assert_eq!(texts(&daemon), ["back"]);
    }

    #[test]
    fn a_restarted_daemon_is_found_again() {
        let dir = tempdir().unwrap();
        let mut syslog = syslog(&dir);
        let first = listen(&dir);
        syslog.send(b"one", NOW);
        drop(first);
        std::fs::remove_file(dir.path().join("log")).unwrap();
        let second = listen(&dir);
        assert!(syslog.send(b"two", NOW).is_none());
        assert_eq!(texts(&second), ["two"]);
    }

    #[test]
    fn a_daemon_that_does_not_read_does_not_block() {
        let dir = tempdir().unwrap();
        let _daemon = listen(&dir);
        let mut syslog = syslog(&dir);
        let report = (0..10_000).find_map(|_| syslog.send(&[b'x'; 100], NOW));
        assert!(matches!(report, Some(Report::Trouble { lost: 100, .. })));
    }
}

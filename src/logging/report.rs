//! What a log has to say about itself, at most once a minute.

use crate::os::errno::io_error_words;
use crate::process::note::Level;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a log in trouble keeps silent after it has said so.
const SILENCE: Duration = Duration::from_secs(60);

/// News about a log, for its owner to tell. Its `Display` is the sentence to log.
#[derive(Debug)]
pub enum Report {
    /// It can't be written.
    Trouble {
        /// The log.
        path: PathBuf,
        /// Why.
        error: io::Error,
        /// Bytes that wait to be written.
        pending: usize,
        /// Bytes that were lost since the last recovery that was told.
        lost: u64,
    },
    /// It is written again, after a trouble that was told or bytes that were lost.
    Recovered {
        /// The log.
        path: PathBuf,
        /// Bytes that were lost since the last recovery that was told.
        lost: u64,
    },
    /// It is closed for good; nobody will hear more of it.
    Closed {
        /// The log.
        path: PathBuf,
        /// Bytes that were lost since the last recovery that was told, or still waited.
        lost: u64,
    },
    /// It is written, but could not be rotated and grows beyond its limit.
    NotRotated {
        /// The log.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl Report {
    /// How important it is: only a recovery that cost nothing is no warning.
    pub const fn level(&self) -> Level {
        match self {
            Self::Recovered { lost: 0, .. } => Level::Info,
            _ => Level::Warn,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trouble {
                path,
                error,
                pending,
                lost,
            } => write!(
                f,
                "could not write log {}: {} ({pending} bytes waiting, {lost} lost)",
                path.display(),
                io_error_words(error)
            ),
            Self::Recovered { path, lost } => {
                write!(
                    f,
                    "log {} is written again ({lost} bytes lost)",
                    path.display()
                )
            }
            Self::Closed { path, lost } => {
                write!(f, "log {} is closed ({lost} bytes lost)", path.display())
            }
            Self::NotRotated { path, error } => {
                let (path, error) = (path.display(), io_error_words(error));
                write!(f, "could not rotate log {path}: {error}")
            }
        }
    }
}

/// Makes a log's reports: counts what is lost and keeps silent between.
#[derive(Debug)]
pub(super) struct Reporter {
    path: PathBuf,
    lost: u64,
    /// A trouble was told and no recovery since.
    told: bool,
    spoke: Option<Duration>,
}

impl Reporter {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            lost: 0,
            told: false,
            spoke: None,
        }
    }

    /// Counts bytes that will never be written.
    pub(super) fn lose(&mut self, bytes: usize) {
        self.lost += bytes as u64;
    }

    pub(super) fn trouble(
        &mut self,
        error: io::Error,
        pending: usize,
        now: Duration,
    ) -> Option<Report> {
        self.may_speak(now).then(|| {
            self.told = true;
            Report::Trouble {
                path: self.path.clone(),
                error,
                pending,
                lost: self.lost,
            }
        })
    }

    pub(super) fn not_rotated(&mut self, error: io::Error, now: Duration) -> Option<Report> {
        self.may_speak(now).then(|| Report::NotRotated {
            path: self.path.clone(),
            error,
        })
    }

    /// Says that all is well again, if a trouble was told; where one was not, that bytes were lost.
    pub(super) fn recovered(&mut self, now: Duration) -> Option<Report> {
        let news = std::mem::take(&mut self.told) || (self.lost > 0 && self.may_speak(now));
        news.then(|| Report::Recovered {
            path: self.path.clone(),
            lost: std::mem::take(&mut self.lost),
        })
    }

    /// The last words: what was lost and not told, and what still waits and is lost with it.
    pub(super) fn closed(&mut self, pending: usize) -> Option<Report> {
        let lost = std::mem::take(&mut self.lost) + pending as u64;
        (lost > 0).then(|| Report::Closed {
            path: self.path.clone(),
            lost,
        })
    }

    fn may_speak(&mut self, now: Duration) -> bool {
        let may = self
            .spoke
            .is_none_or(|spoke| now.saturating_sub(spoke) >= SILENCE);
        if may {
            self.spoke = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> io::Error {
        io::ErrorKind::StorageFull.into()
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn trouble_is_told_once_a_minute_and_its_end_once() {
        let mut reporter = Reporter::new(Path::new("/o"));
        assert!(reporter.recovered(at(0)).is_none());
        assert!(reporter.trouble(error(), 1, at(0)).is_some());
        assert!(reporter.trouble(error(), 2, at(59)).is_none());
        assert!(reporter.trouble(error(), 3, at(60)).is_some());
        assert!(reporter.recovered(at(60)).is_some());
        assert!(reporter.recovered(at(60)).is_none());
    }

    #[test]
    fn what_was_lost_untold_is_told_the_next_time() {
        let mut reporter = Reporter::new(Path::new("/o"));
        reporter.trouble(error(), 1, at(0));
        reporter.lose(5);
        assert!(matches!(
            reporter.recovered(at(1)),
            Some(Report::Recovered { lost: 5, .. })
        ));
        reporter.lose(7);
        assert!(reporter.trouble(error(), 1, at(10)).is_none());
        assert!(reporter.recovered(at(59)).is_none());
        let told = reporter.recovered(at(60));
        assert!(matches!(told, Some(Report::Recovered { lost: 7, .. })));
        reporter.lose(9);
        let told = reporter.trouble(error(), 1, at(120));
        assert!(matches!(told, Some(Report::Trouble { lost: 9, .. })));
    }

    #[test]
    fn reports_read_as_sentences() {
        let path = PathBuf::from("/o");
        let trouble = Report::Trouble {
            path,
            error: io::Error::other("full"),
            pending: 3,
            lost: 4,
        };
        assert_eq!(
            trouble.to_string(),
            "could not write log /o: full (3 bytes waiting, 4 lost)"
        );
    }
}

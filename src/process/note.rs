//! The sentences that the activity log says about a process, with their levels.

/// How important a line of the activity log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// `blather`, BLAT.
    Blather,
    /// `trace`, TRAC.
    Trace,
    /// `debug`, DEBG.
    Debug,
    /// `info`, INFO.
    Info,
    /// `warn`, WARN.
    Warn,
    /// `error`, ERRO.
    Error,
    /// `critical`, CRIT.
    Critical,
}

impl Level {
    /// The four letters in a log line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blather => "BLAT",
            Self::Trace => "TRAC",
            Self::Debug => "DEBG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERRO",
            Self::Critical => "CRIT",
        }
    }
}

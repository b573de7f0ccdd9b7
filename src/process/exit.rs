//! How a child ended, and the words for it.

use super::Signal;
use std::fmt;

/// How a child ended, from the status that waitpid(2) gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// It called exit with this code.
    Code(u8),
    /// A signal ended it.
    Signaled {
        /// Which one.
        signal: Signal,
        /// Whether it left a core file.
        core: bool,
    },
    /// Neither; the raw status.
    Other(i32),
}

impl ExitStatus {
    /// Reads a raw wait status (Linux layout, wait(2)).
    pub const fn from_wait(raw: i32) -> Self {
        let signal = raw & 0x7f;
        if signal == 0 {
            Self::Code(((raw >> 8) & 0xff) as u8)
        } else if signal != 0x7f {
            Self::Signaled {
                signal: Signal::from_wait(signal),
                core: raw & 0x80 != 0,
            }
        } else {
            Self::Other(raw)
        }
    }

    /// The number that clients see and `exitcodes` is compared with: the code, or -1 when there
    /// is none.
    pub const fn code(self) -> i32 {
        match self {
            Self::Code(code) => code as i32,
            Self::Signaled { .. } | Self::Other(_) => -1,
        }
    }
}

impl ExitStatus {
    /// The signal that ended it, if one did.
    pub const fn signal(self) -> Option<Signal> {
        match self {
            Self::Signaled { signal, .. } => Some(signal),
            Self::Code(_) | Self::Other(_) => None,
        }
    }

    /// The same without what tells it from others of its kind: whether there is a core file, and
    /// what is neither a code nor a signal.
    pub const fn kind(self) -> Self {
        match self {
            Self::Code(_) => self,
            Self::Signaled { signal, .. } => Self::Signaled {
                signal,
                core: false,
            },
            Self::Other(_) => Self::Other(0),
        }
    }

    /// Its code or its signal, or `other`.
    pub fn name(self) -> String {
        match self {
            Self::Code(code) => code.to_string(),
            Self::Signaled { signal, .. } => signal.to_string(),
            Self::Other(_) => "other".to_owned(),
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signaled { signal, core } => {
                let core = if *core { " (core dumped)" } else { "" };
                write!(f, "terminated by {signal}{core}")
            }
            Self::Other(raw) => write!(f, "unknown termination cause 0x{raw:04x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_statuses_are_told_in_supervisors_words() {
        for (raw, text, code) in [
            (0, "exit status 0", 0),
            (0x0100, "exit status 1", 1),
            (0xff00, "exit status 255", 255),
            (9, "terminated by SIGKILL", -1),
            (0x8b, "terminated by SIGSEGV (core dumped)", -1),
            (40, "terminated by signal 40", -1),
            (0x137f, "unknown termination cause 0x137f", -1),
        ] {
            let status = ExitStatus::from_wait(raw);
            assert_eq!((status.to_string().as_str(), status.code()), (text, code));
        }
    }
}

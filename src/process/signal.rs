//! Signals by number and name, as Supervisor's users write and read them. The numbers are Linux's.

use std::fmt;

/// A signal number that exists on this platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signal(i32);

/// Names in the order of the numbers, the one that is shown first where a number has several.
const NAMES: &[(&str, i32)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("IOT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("POLL", 29),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
    ("RTMIN", 34),
    ("RTMAX", 64),
];

impl Signal {
    /// SIGHUP.
    pub const HUP: Self = Self(1);
    /// SIGINT.
    pub const INT: Self = Self(2);
    /// SIGQUIT.
    pub const QUIT: Self = Self(3);
    /// SIGKILL.
    pub const KILL: Self = Self(9);
    /// SIGUSR1.
    pub const USR1: Self = Self(10);
    /// SIGUSR2.
    pub const USR2: Self = Self(12);
    /// SIGTERM.
    pub const TERM: Self = Self(15);
    /// SIGCHLD.
    pub const CHLD: Self = Self(17);

    /// The number for kill(2).
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The signal of a number that has a name: 1–31, 34 and 64.
    pub fn from_number(number: i32) -> Option<Self> {
        NAMES
            .iter()
            .any(|&(_, n)| n == number)
            .then_some(Self(number))
    }

    /// The signal of a name, with or without `SIG`, in any case, blanks around it ignored.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_uppercase();
        let bare = name.strip_prefix("SIG").unwrap_or(&name);
        NAMES
            .iter()
            .find(|&&(known, _)| known == bare)
            .map(|&(_, number)| Self(number))
    }

    /// The signal of a number or a name, as users write it.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().parse() {
            Ok(number) => Self::from_number(number),
            Err(_) => Self::from_name(text),
        }
    }

    /// What waitpid(2) reported as the terminating signal, which may have no name.
    pub const fn from_wait(number: i32) -> Self {
        Self(number)
    }
}

impl fmt::Display for Signal {
    /// `SIGTERM`; a signal without a name is `signal 40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|&&(_, number)| number == self.0) {
            Some((name, _)) => write!(f, "SIG{name}"),
            None => write!(f, "signal {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_with_or_without_sig_in_any_case() {
        for text in ["TERM", "sigterm", " SigTerm "] {
            assert_eq!(Signal::from_name(text), Some(Signal::TERM), "{text}");
        }
        assert_eq!(Signal::from_name("SIG"), None);
        assert_eq!(Signal::from_name("_DFL"), None);
        assert_eq!(Signal::from_name("SIG_IGN"), None);
    }

    #[test]
    fn aliases_show_the_name_that_supervisor_shows() {
        assert_eq!(Signal::from_name("IOT").unwrap().to_string(), "SIGABRT");
        assert_eq!(Signal::from_name("CLD").unwrap().to_string(), "SIGCHLD");
        assert_eq!(Signal::from_name("IO").unwrap().to_string(), "SIGPOLL");
        assert_eq!(Signal::from_wait(40).to_string(), "signal 40");
    }

    #[test]
    fn numbers_without_a_name_are_no_signals() {
        assert_eq!(Signal::from_number(64).unwrap().to_string(), "SIGRTMAX");
        for number in [-1, 0, 32, 33, 35, 63, 65] {
            assert_eq!(Signal::from_number(number), None, "{number}");
        }
    }
}

//! What a program that ran to its end had to say.

use std::process::Command;

/// Exit status, stdout and stderr of a program.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exit status; -1 where a signal ended it.
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Its stdout is exactly this.
    #[track_caller]
    pub(crate) fn says(self, expected: &str) -> Self {
        assert_eq!(self.out, expected, "{self:?}");
        self
    }

    /// Its stdout has each of these in it.
    #[track_caller]
    pub(crate) fn mentions(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "no {word:?} in {self:?}");
        }
        self
    }

    /// Its stderr has each of these in it.
    #[track_caller]
    pub(crate) fn complains(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {self:?}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

//! What processes are waited for to become.

use super::reply::Info;
use crate::process::ProcessState;

/// What a process is waited for to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// RUNNING.
    Running,
    /// RUNNING, or at its end already. There is no word to wish for it.
    Started,
    /// Not alive, for whatever reason.
    Stopped,
    /// EXITED: ended by itself.
    Exited,
}

/// How a process stands to a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Reached,
    OnTheWay,
    /// It won't get there by itself.
    Never(&'static str),
}

impl Goal {
    /// Reads the word for it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let goals = [Self::Running, Self::Stopped, Self::Exited];
        goals.into_iter().find(|goal| goal.word() == word)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::Exited => "exited",
        }
    }

    pub(super) fn standing(self, info: &Info) -> Standing {
        use ProcessState::{Exited, Fatal, Running, Stopped};
        match (self, info.process_state()) {
            (Self::Running | Self::Started, Some(Running)) => Standing::Reached,
            (Self::Exited | Self::Started, Some(Exited)) => Standing::Reached,
            (Self::Stopped, Some(Stopped | Exited | Fatal)) => Standing::Reached,
            (Self::Running | Self::Started | Self::Exited, Some(Fatal)) => Standing::Never("fatal"),
            (Self::Exited, Some(Stopped)) => Standing::Never("not running"),
            _ => Standing::OnTheWay,
        }
    }
}

//! wait.

/// What a process is waited for to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    Running,
    Stopped,
    Exited,
}

impl Goal {
    /// Reads the word for it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "running" => Some(Self::Running),
            "stopped" => Some(Self::Stopped),
            "exited" => Some(Self::Exited),
            _ => None,
        }
    }
}

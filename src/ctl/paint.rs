//! Colours, by the escape sequences that every terminal knows (ECMA-48, SGR).

use crate::process::ProcessState;
use std::fmt;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Color {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Magenta = 35,
    Cyan = 36,
}

/// Those by which processes are told apart; red is kept for what is wrong.
const TELLING_APART: [Color; 5] = [
    Color::Cyan,
    Color::Yellow,
    Color::Green,
    Color::Magenta,
    Color::Blue,
];

impl Color {
    /// One for the process of this number among several.
    pub(super) fn of_number(number: usize) -> Self {
        let mut colors = TELLING_APART.into_iter().cycle();
        colors
            .nth(number % TELLING_APART.len())
            .unwrap_or(Self::Cyan)
    }

    /// One for a state; what has ended has none.
    pub(super) const fn of_state(state: ProcessState) -> Option<Self> {
        use ProcessState::{Backoff, Exited, Fatal, Running, Starting, Stopped, Stopping, Unknown};
        match state {
            Running => Some(Self::Green),
            Starting | Stopping => Some(Self::Yellow),
            Backoff | Fatal | Unknown => Some(Self::Red),
            Stopped | Exited => None,
        }
    }
}

/// A text in a colour, if in any.
pub(super) struct Painted<T>(pub(super) Option<Color>, pub(super) T);

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(color) => {
                write!(f, "\x1b[{}m", color as u8)?;
                self.1.fmt(f)?;
                f.write_str("\x1b[0m")
            }
            None => self.1.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_that_of_the_text() {
        let green = Painted(Some(Color::Green), "up");
        assert_eq!(format!("{green:<4}|"), "\x1b[32mup  \x1b[0m|");
        assert_eq!(format!("{:<4}|", Painted(None, "up")), "up  |");
        assert_eq!(Color::of_number(6), Color::Yellow);
        assert_eq!(Color::of_state(ProcessState::Running), Some(Color::Green));
        assert_eq!(Color::of_state(ProcessState::Exited), None);
    }
}

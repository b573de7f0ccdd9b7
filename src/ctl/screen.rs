//! What supervisorctl knows of the terminal before it.

use crate::config::environment::Environment;
use std::io::IsTerminal;

/// Where output goes, as far as that makes a difference to how it looks. Pipes and files get the
/// plain lines that scripts know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Whether standard output is a terminal.
    pub out: bool,
    /// Whether standard error is one.
    pub err: bool,
    /// Whether the terminal can't move its cursor (`TERM=dumb`, or none).
    pub dumb: bool,
    /// Whether its user wants no colours (`NO_COLOR`, see <https://no-color.org>).
    pub no_color: bool,
}

impl Screen {
    /// That of this process, with `environment`.
    pub fn of_process(environment: &Environment) -> Self {
        let set = |name| environment.get(name).filter(|value| !value.is_empty());
        Self {
            out: std::io::stdout().is_terminal(),
            err: std::io::stderr().is_terminal(),
            dumb: set("TERM").is_none_or(|term| term == "dumb"),
            no_color: set("NO_COLOR").is_some(),
        }
    }

    /// Whether standard output may be coloured.
    pub(super) const fn color(self) -> bool {
        self.out && !self.dumb && !self.no_color
    }

    /// Whether a line on standard error may be written over.
    pub(super) const fn progress(self) -> bool {
        self.err && !self.dumb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_need_a_terminal_that_shows_them_and_a_user_who_wants_them() {
        let terminal = Screen {
            out: true,
            ..Screen::default()
        };
        let no_color = Screen {
            no_color: true,
            ..terminal
        };
        let dumb = Screen {
            dumb: true,
            ..terminal
        };
        assert!(terminal.color());
        assert!(!no_color.color() && !dumb.color() && !Screen::default().color());
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        let environment = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            Screen::of_process(&pairs.collect())
        };
        let screen = environment(&[("TERM", "xterm"), ("NO_COLOR", "")]);
        assert!(!screen.dumb && !screen.no_color);
        let screen = environment(&[("TERM", ""), ("NO_COLOR", "0")]);
        assert!(screen.dumb && screen.no_color);
    }
}

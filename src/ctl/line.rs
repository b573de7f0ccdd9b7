//! The grammar of a command line: an action, then its words.

/// A command line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Nothing but blanks.
    Empty,
    /// It begins with no action's name.
    Unknown(&'a str),
    /// An action and what follows it, without blanks around.
    Action(&'a str, &'a str),
}

impl<'a> Line<'a> {
    /// The action is the leading letters, digits and underscores; `?` is short for `help`.
    pub(super) fn parse(text: &'a str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Empty;
        }
        if let Some(topic) = text.strip_prefix('?') {
            return Self::Action("help", topic.trim());
        }
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        match text.split_at(end.unwrap_or(text.len())) {
            ("", _) => Self::Unknown(text),
            (action, rest) => Self::Action(action, rest.trim()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_ends_at_the_first_other_character() {
        for (text, want) in [
            ("", Line::Empty),
            (" \t ", Line::Empty),
            ("status", Line::Action("status", "")),
            ("  start  a  b ", Line::Action("start", "a  b")),
            ("start-all", Line::Action("start", "-all")),
            ("quick_start x", Line::Action("quick_start", "x")),
            ("?", Line::Action("help", "")),
            ("? stop", Line::Action("help", "stop")),
            ("!ls", Line::Unknown("!ls")),
            (" -x y", Line::Unknown("-x y")),
            ("é", Line::Unknown("é")),
        ] {
            assert_eq!(Line::parse(text), want, "{text:?}");
        }
    }
}

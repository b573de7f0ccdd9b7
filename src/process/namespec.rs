//! The names by which clients call processes: `name`, `group:name`, `group:*`.

use std::fmt;

/// What a client's name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespec {
    /// The group.
    pub group: String,
    /// The process in it; `None` is the whole group (`group:*` or `group:`).
    pub process: Option<String>,
}

impl Namespec {
    /// Splits at the first colon; without one, group and process both bear the name. Never fails:
    /// whether anything has the name is not known here.
    pub fn parse(text: &str) -> Self {
        let (group, process) = text.split_once(':').unwrap_or((text, text));
        Self {
            group: group.to_owned(),
            process: (!matches!(process, "" | "*")).then(|| process.to_owned()),
        }
    }
}

impl fmt::Display for Namespec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.process {
            Some(process) => Display(&self.group, process).fmt(f),
            None => write!(f, "{}:*", self.group),
        }
    }
}

/// A process's name as users see it: `name` where its group has the same name, else `group:name`.
pub struct Display<'a>(pub &'a str, pub &'a str);

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 != self.1 {
            write!(f, "{}:", self.0)?;
        }
        f.write_str(self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_colon_divides() {
        for (text, group, process) in [
            ("cat", "cat", Some("cat")),
            ("web:web_0", "web", Some("web_0")),
            ("web:*", "web", None),
            ("web:", "web", None),
            ("a:b:c", "a", Some("b:c")),
            ("", "", None),
        ] {
            let spec = Namespec::parse(text);
            assert_eq!(
                (spec.group.as_str(), spec.process.as_deref()),
                (group, process),
                "{text}"
            );
        }
    }

    #[test]
    fn the_group_is_shown_where_it_differs() {
        assert_eq!(Namespec::parse("cat:cat").to_string(), "cat");
        assert_eq!(Namespec::parse("web:0").to_string(), "web:0");
        assert_eq!(Namespec::parse("web:").to_string(), "web:*");
    }
}

//! Sections and options that stand twice, which is seldom meant.

use super::ini::{Origin, Repeat};
use super::repr::repr;
use std::fmt;

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = repr(&self.section);
        match &self.option {
            Some(option) => {
                let option = repr(option);
                write!(
                    f,
                    "option {option} in section {section} stands twice, the last one counts"
                )?;
            }
            None => write!(f, "section {section} stands twice, both are one")?,
        }
        write!(f, " ({}; {})", place(&self.first), place(&self.again))
    }
}

fn place(origin: &Origin) -> String {
    format!("file: {}, line: {}", repr(&origin.file.shown), origin.line)
}

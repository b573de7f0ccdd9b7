//! Lines from a terminal that can show characters and no more: typing is shown by us, so that Tab
//! can complete it. Where the terminal shows nothing of itself, something else does the editing
//! (as in an editor's shell window), and its lines are taken as they are.

use super::super::Error;
use super::super::controller::Controller;
use super::super::input::TerminalMode;
use super::names::Names;
use nix::sys::termios::LocalFlags;

const CTRL_D: u8 = 0x04;
const CTRL_H: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const DELETE: u8 = 0x7f;

/// Waits for a line; `None` at the end.
pub(super) fn read_line(
    controller: &mut Controller<'_>,
    prompt: &str,
    names: &Names,
) -> Result<Option<String>, Error> {
    let interrupt = controller.client.interrupt()?;
    controller.report.prompt(prompt);
    let Controller { input, report, .. } = controller;
    if !input.shows_typing() {
        return input.read_line(&interrupt);
    }
    let mode = TerminalMode::without(input.fd(), LocalFlags::ECHO | LocalFlags::ICANON);
    let mut line = TypedLine::default();
    while let Some(byte) = input.read_byte(mode.as_ref(), &interrupt)? {
        match line.press(byte, |text| names.complete(text))? {
            Pressed::Shown(echo) => report.prompt(echo),
            Pressed::Choice(words) => {
                report.prompt(format_args!(
                    "\n{}\n{prompt}{}",
                    words.join(" "),
                    line.text()
                ));
            }
            Pressed::Enter => {
                report.prompt("\n");
                return Ok(Some(line.text()));
            }
            Pressed::End => return Ok(None),
        }
    }
    Ok(None)
}

/// A line being typed.
#[derive(Default)]
struct TypedLine(Vec<u8>);

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
enum Pressed {
    /// The terminal is to show this.
    Shown(String),
    /// The last word may become any of these.
    Choice(Vec<String>),
    /// The line is done.
    Enter,
    /// No line will come.
    End,
}

impl TypedLine {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Takes a key; the error is that of completing.
    fn press<E>(
        &mut self,
        key: u8,
        complete: impl FnOnce(&str) -> Result<(usize, Vec<String>), E>,
    ) -> Result<Pressed, E> {
        Ok(match key {
            b'\n' | b'\r' => Pressed::Enter,
            b'\t' => {
                let (start, found) = complete(&self.text())?;
                self.complete(start, found)
            }
            CTRL_D if self.0.is_empty() => Pressed::End,
            CTRL_H | DELETE => Pressed::Shown(self.erase().to_owned()),
            CTRL_U => {
                let characters = self.text().chars().count();
                self.0.clear();
                Pressed::Shown("\u{8} \u{8}".repeat(characters))
            }
            0..=0x1f => Pressed::Shown(String::new()),
            byte => {
                self.0.push(byte);
                Pressed::Shown(self.last_character())
            }
        })
    }

    /// The last character, once all its bytes are here.
    fn last_character(&self) -> String {
        let start = self.0.iter().rposition(|byte| byte & 0xc0 != 0x80);
        let bytes = start.and_then(|start| self.0.get(start..));
        let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
        text.unwrap_or_default().to_owned()
    }

    fn erase(&mut self) -> &'static str {
        if self.0.is_empty() {
            return "";
        }
        while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
        "\u{8} \u{8}"
    }

    fn complete(&mut self, start: usize, found: Vec<String>) -> Pressed {
        let text = self.text();
        let word = text.get(start..).unwrap_or_default();
        let more = common_prefix(&found)
            .strip_prefix(word)
            .unwrap_or_default()
            .to_owned();
        if more.is_empty() && found.len() > 1 {
            return Pressed::Choice(found);
        }
        self.0.extend_from_slice(more.as_bytes());
        Pressed::Shown(more)
    }
}

fn common_prefix(words: &[String]) -> &str {
    let Some((first, others)) = words.split_first() else {
        return "";
    };
    let same = |word: &String| {
        let pairs = first.char_indices().zip(word.chars());
        let different = pairs.clone().find(|((_, a), b)| a != b);
        different.map_or(first.len().min(word.len()), |((at, _), _)| at)
    };
    let length = others.iter().map(same).min().unwrap_or(first.len());
    first.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the screen shows after these keys, and the line.
    fn typed(keys: &str) -> (String, String) {
        let mut line = TypedLine::default();
        let mut shown = String::new();
        for key in keys.bytes() {
            let names = ["start ", "stop ", "version "];
            let complete = |text: &str| {
                let start = text.rfind(' ').map_or(0, |at| at + 1);
                let fits = |name: &&str| name.starts_with(&text[start..]);
                let found = names.into_iter().filter(fits).map(str::to_owned);
                Ok::<_, ()>((start, found.collect()))
            };
            match line.press(key, complete).unwrap() {
                Pressed::Shown(text) => shown += &text,
                other => shown += &format!("{other:?}"),
            }
        }
        (shown, line.text())
    }

    #[test]
    fn a_word_is_completed_as_far_as_it_is_certain() {
        for (keys, shown, line) in [
            ("ver\tx", "version x", "version x"),
            ("s\ta\t", "start ", "start "),
            ("x\t", "x", "x"),
            ("st\t", "stChoice([\"start \", \"stop \"])", "st"),
        ] {
            assert_eq!(typed(keys), (shown.to_owned(), line.to_owned()), "{keys:?}");
        }
    }

    #[test]
    fn typing_can_be_taken_back() {
        assert_eq!(
            typed("aü\x7fb"),
            ("aü\u{8} \u{8}b".to_owned(), "ab".to_owned())
        );
        assert_eq!(typed("aü\x15b").1, "b");
        assert_eq!(typed("\x7f\x15\x1b"), (String::new(), String::new()));
        assert_eq!(typed("\x04").0, "End");
        assert_eq!(typed("a\x04\r"), ("aEnter".to_owned(), "a".to_owned()));
    }
}

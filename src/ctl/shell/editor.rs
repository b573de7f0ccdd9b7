//! Lines with all the comforts of a terminal, by rustyline.

use super::history;
use super::names::Names;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use std::path::{Path, PathBuf};

/// A terminal on standard input and output, and what was typed there before.
pub(super) struct LineEditor {
    editor: Editor<Tab, DefaultHistory>,
    lines: Vec<String>,
    history_file: Option<PathBuf>,
}

impl LineEditor {
    /// With the history in this file.
    pub(super) fn new(history_file: Option<&Path>) -> rustyline::Result<Self> {
        let lines = history_file.map(history::load).unwrap_or_default();
        Ok(Self {
            editor: editor(&lines)?,
            lines,
            history_file: history_file.map(Path::to_owned),
        })
    }

    /// Forgets what has been typed ahead: only another editor has nothing left of it.
    pub(super) fn forget_typed(&mut self) {
        if let Ok(editor) = editor(&self.lines) {
            self.editor = editor;
        }
    }

    /// The next line; `None` at Ctrl-D, Ctrl-C and when the terminal is gone.
    pub(super) fn read_line(&mut self, prompt: &str, names: Names) -> Option<String> {
        self.editor.set_helper(Some(Tab(names)));
        let line = self.editor.readline(prompt).ok()?;
        if !line.trim().is_empty() {
            let _ = self.editor.add_history_entry(&line);
            self.lines.push(line.clone());
        }
        Some(line)
    }

    /// Writes the history to its file. A history that can't be kept is no failure.
    pub(super) fn save_history(&self) {
        if let Some(path) = &self.history_file {
            let _ = history::save(path, &self.lines);
        }
    }
}

/// An editor that remembers these lines.
fn editor(lines: &[String]) -> rustyline::Result<Editor<Tab, DefaultHistory>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .max_history_size(history::MAX_LINES)?
        .build();
    let mut editor = Editor::with_config(config)?;
    for line in lines {
        editor.add_history_entry(line)?;
    }
    Ok(editor)
}

/// Answers the Tab key.
struct Tab(Names);

impl Completer for Tab {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..position).unwrap_or(line);
        self.0.complete(before).or(Err(ReadlineError::Interrupted))
    }
}

impl Helper for Tab {}
impl Highlighter for Tab {}
impl Validator for Tab {}
impl Hinter for Tab {
    type Hint = String;
}

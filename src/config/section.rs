//! One section being read: its options expanded, converted, and placed when they are at fault.

use super::conversion::Value;
use super::error::{ConfigError, Place, Problem};
use super::expand::{Names, expand};
use super::ini::{Document, Entry, Options};
use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

/// A section and the names that its values may use. `%(here)s` is always among them: the directory
/// of the file in which the option stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section<'a> {
    options: Options<'a>,
    /// Its name, as written.
    pub(super) name: &'a str,
    /// The names.
    pub(super) names: &'a Names<'a>,
}

impl<'a> Section<'a> {
    pub(super) fn new(document: &'a Document, name: &'a str, names: &'a Names<'a>) -> Self {
        Self {
            options: document.options(name),
            name,
            names,
        }
    }

    /// The same section with other names.
    pub(super) fn with<'b>(&self, names: &'b Names<'b>) -> Section<'b>
    where
        'a: 'b,
    {
        Section { names, ..*self }
    }

    /// What follows the first colon of the name.
    pub(super) fn suffix(&self) -> &'a str {
        self.name.split_once(':').map_or("", |(_, suffix)| suffix)
    }

    /// An option as it is written.
    pub(super) fn raw(&self, key: &str) -> Option<&'a str> {
        self.entry(key).map(|entry| entry.text)
    }

    /// An option, expanded.
    pub(super) fn text(&self, key: &str) -> Result<Option<Cow<'a, str>>, ConfigError> {
        self.text_as(key, format_args!("{}.{key}", self.name))
    }

    /// An option, expanded; messages call it `label`.
    pub(super) fn text_as(
        &self,
        key: &str,
        label: impl Display,
    ) -> Result<Option<Cow<'a, str>>, ConfigError> {
        let Some(entry) = self.entry(key) else {
            return Ok(None);
        };
        self.expand(entry.text, key, label).map(Some)
    }

    /// Expands a text as if it were the option's value.
    pub(super) fn expand<'t>(
        &self,
        text: &'t str,
        key: &str,
        label: impl Display,
    ) -> Result<Cow<'t, str>, ConfigError> {
        let here = self.entry(key).map_or("", |entry| &entry.origin.file.here);
        let own = [("here", Value::Text(here))];
        expand(text, &Names::over(self.names, &own), label).map_err(|p| self.error(key, p))
    }

    /// An option, expanded and converted.
    pub(super) fn get<T>(
        &self,
        key: &str,
        convert: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        convert(&text)
            .map(Some)
            .map_err(|problem| self.error(key, problem))
    }

    /// A problem with an option, which need not be there.
    pub(super) fn error(&self, key: &str, problem: Problem) -> ConfigError {
        self.placed(Some(key), problem)
    }

    /// A problem with the section itself.
    pub(super) fn own_error(&self, problem: Problem) -> ConfigError {
        self.placed(None, problem)
    }

    fn placed(&self, key: Option<&str>, problem: Problem) -> ConfigError {
        let option = key
            .and_then(|key| self.entry(key))
            .map(|entry| entry.origin);
        let place = option
            .or_else(|| self.options.header())
            .map(|origin| Place {
                section: self.name.to_owned(),
                option: key.map(str::to_owned),
                file: Arc::clone(&origin.file.shown),
                line: origin.line,
            });
        ConfigError {
            problem,
            place: place.map(Box::new),
        }
    }

    fn entry(&self, key: &str) -> Option<Entry<'a>> {
        self.options.get(key)
    }
}

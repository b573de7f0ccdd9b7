//! What the reading of every section needs.

use super::Remark;
use super::environment::Environment;
use super::error::ConfigError;
use super::expand::Names;
use super::files::Files;
use super::ini::Document;
use super::last::Last;
use super::section::Section;
use std::path::Path;
use std::sync::Arc;

/// Where a configuration is read: the process's environment and directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// The process's own environment, as it was at its start.
    pub(super) environment: &'a Environment,
    /// The directory that relative paths start from, absolute.
    pub(super) directory: &'a Path,
}

/// What is known when groups, servers and plugins are read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    /// All sections.
    pub(super) document: &'a Document,
    /// Where they are read.
    pub(super) around: Surroundings<'a>,
    /// The names that every value may use.
    pub(super) names: Names<'a>,
    /// `[supervisord] environment`.
    pub(super) environment: &'a Environment,
    /// The same as children get it, for the many programs that add nothing.
    pub(super) shared_environment: Arc<[(String, String)]>,
    /// What the section read before came to.
    pub(super) last: Last,
    /// What came up.
    pub(super) found: &'a mut Found,
}

/// What comes up while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What is wrong, in the order of the reading.
    pub(super) problems: Vec<ConfigError>,
    /// What is worth telling.
    pub(super) remarks: Vec<Remark>,
    /// What is read.
    pub(super) files: Files,
}

impl Found {
    /// A result, or nothing: what is wrong is noted, once.
    pub(super) fn keep<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        result
            .map_err(|error| {
                if !self.problems.contains(&error) {
                    self.problems.push(error);
                }
            })
            .ok()
    }

    /// Goes on where nothing is wrong; otherwise gives the first problem and keeps the others.
    pub(super) fn pass(&mut self) -> Result<(), ConfigError> {
        match self.problems.is_empty() {
            true => Ok(()),
            false => Err(self.problems.remove(0)),
        }
    }
}

impl Reading<'_> {
    /// A section, with the names that every value may use.
    pub(super) fn section<'b>(&'b self, name: &'b str) -> Section<'b> {
        Section::new(self.document, name, &self.names)
    }

    /// The names of all sections that begin so.
    pub(super) fn sections(&self, prefix: &str) -> Vec<String> {
        let names = self.document.sections();
        names
            .filter(|name| name.starts_with(prefix))
            .map(str::to_owned)
            .collect()
    }
}

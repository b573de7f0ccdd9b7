//! Patterns of `[include] files` to paths.

use glob::{MatchOptions, glob_with};
use std::path::PathBuf;

/// Wildcards as the shell has them: hidden files and slashes must be spelled out.
const WILDCARDS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The paths that a pattern matches, sorted. `**` is no more than `*`, and a bracket that isn't
/// closed stands for itself.
pub(super) fn matches(pattern: &str) -> Vec<PathBuf> {
    let mut pattern = pattern.to_owned();
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    let found = glob_with(&pattern, WILDCARDS)
        .or_else(|_| glob_with(&pattern.replace('[', "[[]"), WILDCARDS));
    let mut paths: Vec<_> = found.into_iter().flatten().filter_map(Result::ok).collect();
    paths.sort_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    paths
}

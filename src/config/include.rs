//! The files that a configuration is read from: the main one and those of `[include]`.

use super::Remark;
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::ini::{Document, SourceFile};
use super::lines::SyntaxError;
use super::paths::absolute;
use super::reading::Found;
use super::section::Section;
use glob::{MatchOptions, glob_with};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No configuration is longer than this, in bytes; what is, is some other file.
const LONGEST: u64 = 64 << 20;

/// Wildcards as the shell has them: hidden files and slashes must be spelled out.
const WILDCARDS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// Reads the main file into an empty document; messages call it `shown`.
pub(super) fn main_file(document: &mut Document, shown: &str, path: &Path) -> Result<(), Problem> {
    if !path.exists() {
        return Err(Problem::NoFile(shown.to_owned()));
    }
    let bytes = read(path).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => Problem::TooLong(shown.to_owned()),
        _ => Problem::Unreadable(shown.to_owned()),
    })?;
    merge(document, &SourceFile::new(shown, path).into(), bytes)
}

/// What becomes of an included file that is of no use: `include_errors`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum IncludeErrors {
    /// The configuration can't be used. A file that can't be read is left out, as in Supervisor.
    #[default]
    Fail,
    /// It is left out, with a remark.
    Skip,
}

impl IncludeErrors {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "fail" => Ok(Self::Fail),
            "skip" => Ok(Self::Skip),
            _ => Err(Problem::IncludeErrors(text.to_owned())),
        }
    }
}

/// Merges the files that `[include]` names over the document. An `[include]` of theirs has no
/// effect. `directory` is the main file's. An error is the first; others are in `found`.
pub(super) fn included_files(
    document: &mut Document,
    directory: &Path,
    names: &Names<'_>,
    found: &mut Found,
) -> Result<(), ConfigError> {
    if !document.has("include") {
        return Ok(());
    }
    let section = Section::new(document, "include", names);
    let patterns = section
        .text_as("files", "include.files")?
        .ok_or_else(|| section.error("files", Problem::NoIncludeFiles))?
        .into_owned();
    let on_error = section.get("include_errors", IncludeErrors::parse)?;
    let on_error = on_error.unwrap_or_default();
    for pattern in patterns.split_whitespace() {
        let pattern = directory.join(pattern).to_string_lossy().into_owned();
        let files = matches(&pattern);
        found.files.looked_up(&pattern, &files);
        if files.is_empty() {
            let text = format!("No file matches via include \"{pattern}\"");
            found.remarks.push(Remark::warn(text));
        }
        for file in files {
            let shown = file.to_string_lossy();
            let text = format!("Included extra file \"{shown}\" during parsing");
            found.remarks.push(Remark::info(text));
            let source = SourceFile::new(&shown, &absolute(directory, &shown));
            found.files.note(&file);
            let merged = include(document, &file, source);
            match (merged, on_error) {
                (Ok(()), _) | (Err(Problem::Unreadable(_)), IncludeErrors::Fail) => {}
                (Err(problem), IncludeErrors::Fail) => drop(found.keep::<()>(Err(problem.into()))),
                (Err(problem), IncludeErrors::Skip) => {
                    let text = format!("Skipped the included file \"{shown}\": {problem}");
                    found.remarks.push(Remark::critical(text));
                }
            }
        }
    }
    found.pass()
}

fn include(document: &mut Document, path: &Path, source: SourceFile) -> Result<(), Problem> {
    let bytes = read(path).map_err(|_| Problem::Unreadable(source.shown.to_string()))?;
    merge(document, &source.into(), bytes)
}

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

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn merge(document: &mut Document, file: &Arc<SourceFile>, bytes: Vec<u8>) -> Result<(), Problem> {
    let shown = file.shown.to_string();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            return Err(Problem::NotUtf8 {
                file: shown,
                line: 1 + memchr::memchr_iter(b'\n', bytes.get(..valid).unwrap_or_default())
                    .count(),
                byte: bytes.get(valid).copied().unwrap_or_default(),
            });
        }
    };
    document.merge(file, &text).map_err(|error| match error {
        SyntaxError::NoHeader { line, text } => Problem::NoHeader {
            file: shown,
            line,
            text,
        },
        SyntaxError::BadLines(lines) => Problem::BadLines { file: shown, lines },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    fn read_all(directory: &TempDir) -> Result<(Document, Vec<String>), String> {
        let path = directory.path().join("main.conf");
        let (mut document, mut found) = (Document::new(), Found::default());
        main_file(&mut document, "main.conf", &path).map_err(|p| p.to_string())?;
        let names = Names::default();
        let included = included_files(&mut document, directory.path(), &names, &mut found);
        included.map_err(|e| e.to_string())?;
        let remarks = found.remarks.into_iter();
        let root = directory.path().to_str().unwrap().to_owned();
        let texts = remarks.map(|remark| remark.text.replace(&root, ""));
        Ok((document, texts.collect()))
    }

    #[test]
    fn files_are_merged_in_the_order_of_patterns_then_names() {
        let directory = tree(&[
            (
                "main.conf",
                "[include]\nfiles=b/*.ini %(here)s/a/?.ini\n  none/*\n[p]\nx=0\n",
            ),
            ("b/10.ini", "[p]\nx=10\n[include]\nfiles=nested\n"),
            ("b/9.ini", "[p]\nx=9\nhere=%(here)s\n"),
            ("b/.hidden.ini", "bad"),
            ("a/1.ini", "[q]\ny=1\n"),
            ("a/d.ini/x", "bad"),
        ]);
        let (document, told) = read_all(&directory).unwrap();
        assert_eq!(
            told,
            [
                "Included extra file \"/b/10.ini\" during parsing",
                "Included extra file \"/b/9.ini\" during parsing",
                "Included extra file \"/a/1.ini\" during parsing",
                "Included extra file \"/a/d.ini\" during parsing",
                "No file matches via include \"/none/*\"",
            ]
        );
        let x = document.options("p").get("x").unwrap();
        assert_eq!((x.text, x.origin.line), ("9", 2));
        let names = Names::default();
        let here = Section::new(&document, "p", &names).text("here").unwrap();
        assert!(here.unwrap().ends_with("/b"));
    }

    #[test]
    fn a_fault_tells_the_file_it_is_in() {
        let directory = tree(&[("main.conf", "[include]\nfiles=x\n"), ("x", "[a]\nbad\n")]);
        let told = read_all(&directory).unwrap_err();
        assert!(told.ends_with("/x'\n\t[line  2]: 'bad\\n'"), "{told}");
        let directory = tree(&[("main.conf", "[include]\nfoo=1\n")]);
        assert_eq!(
            read_all(&directory).unwrap_err(),
            ".ini file has [include] section, but no files setting in section 'include' \
             (file: 'main.conf', line: 1, option: 'files')"
        );
    }

    #[test]
    fn a_file_of_no_use_is_skipped_where_that_is_asked_for() {
        let main = "[include]\nfiles=a dir good\ninclude_errors=";
        let files = [
            ("a", "[p]\nx=1\nbad\n"),
            ("dir/x", ""),
            ("good", "[p]\ny=1\n"),
        ];
        let tree = |value: &str| {
            tree(&[&[("main.conf", &*format!("{main}{value}"))], &files[..]].concat())
        };
        let (document, told) = read_all(&tree("skip")).unwrap();
        let told: Vec<_> = told
            .iter()
            .filter(|text| text.starts_with("Skipped"))
            .collect();
        assert_eq!(
            told,
            [
                "Skipped the included file \"/a\": Source contains parsing errors: '/a'\n\t[line  3]: 'bad\\n'",
                "Skipped the included file \"/dir\": could not read config file /dir",
            ]
        );
        let options = document.options("p");
        assert!(options.get("x").is_none() && options.get("y").is_some());
        assert!(read_all(&tree("fail")).unwrap_err().contains("'bad"));
        let told = read_all(&tree("maybe")).unwrap_err();
        assert!(
            told.starts_with("invalid 'include_errors' value 'maybe' (fail or skip)"),
            "{told}"
        );
    }

    #[test]
    fn a_missing_file_a_directory_and_bytes_are_no_configuration() {
        let directory = tree(&[("dir/x", "")]);
        assert_eq!(
            read_all(&directory).unwrap_err(),
            "could not find config file main.conf"
        );
        let mut document = Document::new();
        let told = main_file(&mut document, "d", &directory.path().join("dir")).unwrap_err();
        assert_eq!(told.to_string(), "could not read config file d");
        fs::write(directory.path().join("main.conf"), b"[a]\nx=\xff").unwrap();
        assert_eq!(
            read_all(&directory).unwrap_err(),
            "File is not valid UTF-8: byte 0xff\nfile: 'main.conf', line: 2"
        );
    }
}

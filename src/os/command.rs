//! From the first word of a command to the file that is executed.

use crate::process::FaultCode;
use nix::unistd::{AccessFlags, access};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where a bare name is looked for when nobody sets PATH.
const DEFAULT_PATH: &str = "/bin:/usr/bin:/usr/local/bin";

/// Why a command can't be executed, in the words of `spawnerr`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no such file.
    #[error("can't find command '{}'", .0.display())]
    NotFound(PathBuf),
    /// It is a directory.
    #[error("command at '{}' is a directory", .0.display())]
    Directory(PathBuf),
    /// Nobody may execute it.
    #[error("command at '{}' is not executable", .0.display())]
    NotExecutable(PathBuf),
    /// We may not execute it.
    #[error("no permission to run command '{}'", .0.display())]
    NoPermission(PathBuf),
}

impl CommandError {
    /// The kind of fault a client gets for it.
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::NotFound(_) => FaultCode::NoFile,
            Self::Directory(_) | Self::NotExecutable(_) | Self::NoPermission(_) => {
                FaultCode::NotExecutable
            }
        }
    }
}

/// The file to execute for `argv0`, checked by our own rights.
///
/// A name with a slash is a path as it stands; an empty one is found nowhere. A bare name is looked for along `path` (PATH of
/// the process's environment option), else our own PATH unless that is empty, else a default; an
/// empty element is the working directory. As in Supervisor the first directory that has an entry
/// of that name decides, even when the entry can't be executed.
pub fn resolve(argv0: impl AsRef<OsStr>, path: Option<&str>) -> Result<PathBuf, CommandError> {
    let argv0 = argv0.as_ref();
    let file = if argv0.is_empty() || argv0.as_bytes().contains(&b'/') {
        PathBuf::from(argv0)
    } else {
        find(argv0, &search_path(path))
    };
    check(&file)?;
    Ok(file)
}

fn search_path(path: Option<&str>) -> Vec<PathBuf> {
    let own = || env::var_os("PATH").filter(|own| !own.is_empty());
    let path = path
        .map(OsString::from)
        .or_else(own)
        .unwrap_or_else(|| DEFAULT_PATH.into());
    // `env::split_paths` yields nothing at all for an empty text, which means the directory here.
    path.as_bytes()
        .split(|&byte| byte == b':')
        .map(|element| PathBuf::from(OsStr::from_bytes(element)))
        .collect()
}

fn find(name: &OsStr, directories: &[PathBuf]) -> PathBuf {
    directories
        .iter()
        .map(|directory| directory.join(name))
        .find(|file| fs::metadata(file).is_ok())
        .unwrap_or_else(|| PathBuf::from(name))
}

fn check(file: &Path) -> Result<(), CommandError> {
    let Ok(metadata) = fs::metadata(file) else {
        return Err(CommandError::NotFound(file.to_owned()));
    };
    if metadata.is_dir() {
        return Err(CommandError::Directory(file.to_owned()));
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(CommandError::NotExecutable(file.to_owned()));
    }
    access(file, AccessFlags::X_OK).map_err(|_| CommandError::NoPermission(file.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn along(argv0: &str, path: &str) -> Result<PathBuf, CommandError> {
        resolve(argv0, Some(path))
    }

    fn file(directory: &Path, name: &str, mode: u32) {
        let path = directory.join(name);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_bare_name_is_looked_for_along_the_path() {
        assert_eq!(along("sh", "/nonexistent:/bin"), Ok("/bin/sh".into()));
        assert_eq!(along("/bin/sh", ""), Ok("/bin/sh".into()));
    }

    #[test]
    fn what_is_not_found_is_named_as_it_was_written() {
        for (argv0, text) in [
            ("/no/such/cmd", "can't find command '/no/such/cmd'"),
            ("nosuchcmd99", "can't find command 'nosuchcmd99'"),
            ("", "can't find command ''"),
            ("nul\0byte", "can't find command 'nul\0byte'"),
        ] {
            let error = along(argv0, "/bin").unwrap_err();
            assert_eq!(
                (error.to_string().as_str(), error.code()),
                (text, FaultCode::NoFile)
            );
        }
    }

    #[test]
    fn what_is_found_first_decides() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        file(first.path(), "plain", 0o644);
        file(second.path(), "plain", 0o755);
        fs::create_dir(first.path().join("dir")).unwrap();
        let path = format!("{}:{}", first.path().display(), second.path().display());
        for (name, words) in [("plain", "not executable"), ("dir", "a directory")] {
            let error = along(name, &path).unwrap_err();
            let at = first.path().join(name);
            assert_eq!(
                error.to_string(),
                format!("command at '{}' is {words}", at.display())
            );
            assert_eq!(error.code(), FaultCode::NotExecutable);
        }
    }

    #[test]
    fn an_empty_element_is_the_working_directory() {
        assert_eq!(search_path(Some("")), [PathBuf::new()]);
        assert_eq!(
            search_path(Some("/a::b")),
            ["/a", "", "b"].map(PathBuf::from)
        );
        assert_eq!(
            along("Cargo.toml", "").unwrap_err().code(),
            FaultCode::NotExecutable
        );
    }
}

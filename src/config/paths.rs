//! Paths in values: `~`, absolute forms, directories that must exist.

use super::environment::Environment;
use super::error::Problem;
use nix::unistd::{AccessFlags, User, access, getuid};
use std::path::{Component, Path, PathBuf};

/// Replaces a leading `~` or `~user` by the home directory, where there is one.
pub(super) fn expand_user(text: &str, environment: &Environment) -> String {
    let Some(after) = text.strip_prefix('~') else {
        return text.to_owned();
    };
    let (user, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
    let home = match (user, environment.get("HOME")) {
        ("", Some(home)) => Some(home.clone()),
        ("", None) => home_of(User::from_uid(getuid())),
        (user, _) => home_of(User::from_name(user)),
    };
    match home {
        Some(home) => match format!("{}{rest}", home.trim_end_matches('/')) {
            path if path.is_empty() => "/".to_owned(),
            path => path,
        },
        None => text.to_owned(),
    }
}

fn home_of(user: nix::Result<Option<User>>) -> Option<String> {
    Some(user.ok()??.dir.to_string_lossy().into_owned())
}

/// The path seen from `base`, which must be absolute, without `.`, `..` and doubled slashes;
/// symlinks are not followed.
pub(super) fn absolute(base: &Path, path: &str) -> PathBuf {
    let mut out = PathBuf::from("/");
    for component in base.join(path).components() {
        match component {
            Component::Normal(name) => out.push(name),
            Component::ParentDir => {
                out.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    out
}

/// A directory that exists, `~` replaced; it is left relative.
pub(super) fn existing_directory(
    text: &str,
    base: &Path,
    environment: &Environment,
) -> Result<PathBuf, Problem> {
    let path = PathBuf::from(expand_user(text, environment));
    if base.join(&path).is_dir() && path != Path::new("") {
        Ok(path)
    } else {
        Err(Problem::NotADirectory(text.to_owned()))
    }
}

/// A file's path whose directory part, if it has one, exists; `~` is replaced, it is left relative.
pub(super) fn existing_dirpath(
    text: &str,
    base: &Path,
    environment: &Environment,
) -> Result<String, Problem> {
    let path = expand_user(text, environment);
    let directory = path
        .rfind('/')
        .map(|end| path.get(..=end).unwrap_or_default());
    match directory {
        Some(directory) if !base.join(directory).is_dir() => {
            Err(Problem::NoParent(text.to_owned()))
        }
        _ => Ok(path),
    }
}

/// Where temporary files go: the first of `$TMPDIR`, `$TEMP`, `$TMP`, the usual directories and
/// `base` that can be written to.
pub(super) fn temporary_directory(base: &Path, environment: &Environment) -> PathBuf {
    let named = ["TMPDIR", "TEMP", "TMP"]
        .into_iter()
        .filter_map(|name| environment.get(name));
    let usual = ["/tmp", "/var/tmp", "/usr/tmp"].map(str::to_owned);
    named
        .filter(|path| !path.is_empty())
        .chain(&usual)
        .map(|path| absolute(base, path))
        .find(|path| path.is_dir() && access(path, AccessFlags::W_OK | AccessFlags::X_OK).is_ok())
        .unwrap_or_else(|| base.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Environment {
        Environment::from([("HOME".to_owned(), "/home/me/".to_owned())])
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        for (text, want) in [
            ("~", "/home/me"),
            ("~/x", "/home/me/x"),
            ("a/~", "a/~"),
            ("~no such user/x", "~no such user/x"),
        ] {
            assert_eq!(expand_user(text, &home()), want);
        }
        assert_eq!(expand_user("~root/x", &home()), "/root/x");
        let bare = Environment::from([("HOME".to_owned(), "/".to_owned())]);
        assert_eq!(expand_user("~", &bare), "/");
    }

    #[test]
    fn an_absolute_path_has_no_dots_left() {
        for (path, want) in [
            ("a", "/base/a"),
            ("./a//b/../c", "/base/a/c"),
            ("/x/../../y/", "/y"),
            ("", "/base"),
        ] {
            assert_eq!(
                absolute(Path::new("/base"), path),
                Path::new(want),
                "{path}"
            );
        }
    }

    #[test]
    fn directories_must_exist_where_a_path_names_one() {
        let root = Path::new("/");
        let dirpath = |text| existing_dirpath(text, root, &home());
        assert_eq!(dirpath("x.log"), Ok("x.log".to_owned()));
        assert_eq!(dirpath("/x.log"), Ok("/x.log".to_owned()));
        assert_eq!(
            dirpath("~/nonexistent/x.log"),
            Err(Problem::NoParent("~/nonexistent/x.log".to_owned()))
        );
        assert!(existing_directory("/", root, &home()).is_ok());
        assert!(existing_directory("", root, &home()).is_err());
        assert!(existing_directory("/nonexistent", root, &home()).is_err());
    }
}

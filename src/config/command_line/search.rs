//! The search for a configuration file when none is named.

use crate::config::environment::Environment;
use nix::unistd::{AccessFlags, access};
use std::path::Path;

/// Said to root, who may not know what the current directory holds.
pub(super) const ROOT_WARNING: &str = "Supervisord is running as root and it is searching for its \
    configuration file in default locations (including its current working directory); you \
    probably want to specify a \"-c\" argument specifying an absolute path to a configuration \
    file for improved security.";

/// Where the file is looked for, in this order. `program` is `argv[0]`.
pub(super) fn paths(program: &str) -> [String; 6] {
    let base = dirname(dirname(program));
    let join = |name: &str| match base {
        "" => name.to_owned(),
        base if base.ends_with('/') => format!("{base}{name}"),
        base => format!("{base}/{name}"),
    };
    [
        join("etc/supervisord.conf"),
        join("supervisord.conf"),
        "supervisord.conf".to_owned(),
        "etc/supervisord.conf".to_owned(),
        "/etc/supervisord.conf".to_owned(),
        "/etc/supervisor/supervisord.conf".to_owned(),
    ]
}

/// The first of the paths that exists, seen from `directory`.
pub(super) fn find(paths: &[String], directory: &Path) -> Option<String> {
    let found = paths.iter().find(|path| directory.join(path).exists());
    found.cloned()
}

/// `argv[0]` with its directory: what has no slash was found through `PATH`.
pub(super) fn program(argv0: &str, environment: &Environment) -> String {
    let is_program = |path: &String| {
        Path::new(path).is_file() && access(path.as_str(), AccessFlags::X_OK).is_ok()
    };
    let in_path = || {
        let directories = environment
            .get("PATH")?
            .split(':')
            .filter(|dir| !dir.is_empty());
        directories
            .map(|dir| format!("{dir}/{argv0}"))
            .find(is_program)
    };
    let bare = !argv0.contains('/');
    bare.then(in_path)
        .flatten()
        .unwrap_or_else(|| argv0.to_owned())
}

/// Everything before the last slash.
fn dirname(path: &str) -> &str {
    match path.rfind('/') {
        Some(end) => match path.get(..end).unwrap_or_default().trim_end_matches('/') {
            "" => "/",
            directory => directory,
        },
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_two_paths_lie_beside_the_program() {
        for (program, first, second) in [
            (
                "/usr/bin/supervisord",
                "/usr/etc/supervisord.conf",
                "/usr/supervisord.conf",
            ),
            (
                "../bin/supervisord",
                "../etc/supervisord.conf",
                "../supervisord.conf",
            ),
            (
                "bin/supervisord",
                "etc/supervisord.conf",
                "supervisord.conf",
            ),
            ("/supervisord", "/etc/supervisord.conf", "/supervisord.conf"),
        ] {
            let paths = paths(program);
            assert_eq!((paths[0].as_str(), paths[1].as_str()), (first, second));
        }
    }

    #[test]
    fn a_directory_counts_as_found() {
        let directory = tempfile::tempdir().unwrap();
        let paths = ["a".to_owned(), "b".to_owned()];
        assert_eq!(find(&paths, directory.path()), None);
        std::fs::create_dir(directory.path().join("b")).unwrap();
        assert_eq!(find(&paths, directory.path()), Some("b".to_owned()));
    }

    #[test]
    fn a_bare_name_is_looked_up_in_the_path() {
        let environment = Environment::from([("PATH".to_owned(), "/nope::/bin".to_owned())]);
        assert_eq!(program("sh", &environment), "/bin/sh");
        assert_eq!(program("./sh", &environment), "./sh");
        assert_eq!(program("no-such-program", &environment), "no-such-program");
    }
}

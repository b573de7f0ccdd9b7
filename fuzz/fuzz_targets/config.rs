//! Any file is a configuration or an error that can be told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use supervisor::config::command_line::parse_supervisord;
use supervisor::config::{Environment, Invocation, SupervisordArgs, load};
use tempfile::TempDir;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));
static FILE: LazyLock<PathBuf> = LazyLock::new(|| DIRECTORY.path().join("supervisord.conf"));

fuzz_target!(|bytes: &[u8]| {
    // Included files would be those of the machine.
    if bytes.windows(7).any(|word| word.eq_ignore_ascii_case(b"include")) {
        return;
    }
    fs::write(&*FILE, bytes).expect("a file");
    if let Err(error) = load(&arguments(), &Environment::default()) {
        assert!(!error.to_string().is_empty());
    }
});

fn arguments() -> SupervisordArgs {
    let path = FILE.display().to_string();
    let words = ["supervisord".to_owned(), "-c".to_owned(), path];
    match parse_supervisord(&words, &Environment::default()) {
        Ok(Invocation::Run(arguments)) => arguments,
        _ => unreachable!("a file is named"),
    }
}

//! pidproxy: runs a command and passes signals on to the process that a pid file names.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use supervisor::os::pidproxy;

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    match words.as_slice() {
        [_, pidfile, argv @ ..] if !argv.is_empty() => {
            ExitCode::from(pidproxy::run(Path::new(pidfile), argv))
        }
        _ => {
            print_usage(
                words
                    .first()
                    .map_or(OsStr::new("pidproxy"), OsString::as_os_str),
            );
            ExitCode::FAILURE
        }
    }
}

fn print_usage(program: &OsStr) {
    // Where stdout can't be written, nobody listens.
    let _ = writeln!(
        io::stdout(),
        "\
pidproxy -- run command and proxy signals to it via its pidfile.

This executable runs a command and then monitors a pidfile.  When this
executable receives a signal, it sends the same signal to the pid
in the pidfile.

Usage: {} <pidfile name> <command> [<cmdarg1> ...]
",
        program.display()
    );
}

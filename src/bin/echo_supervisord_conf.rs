//! echo_supervisord_conf: prints a sample configuration file.

use std::io::{self, Write};
use std::process::ExitCode;
use supervisor::config::sample::SAMPLE;

fn main() -> ExitCode {
    match io::stdout().write_all(SAMPLE.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

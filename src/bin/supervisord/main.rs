//! `supervisord`: starts what the configuration names and keeps it running.

mod boot;
mod servers;

use std::process::ExitCode;
use supervisor::VERSION;
use supervisor::config::command_line::{Invocation, parse_supervisord};

fn main() -> ExitCode {
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    match parse_supervisord(&argv) {
        Ok(Invocation::Help(text)) => println!("{text}"),
        Ok(Invocation::Version) => println!("{VERSION}"),
        Ok(Invocation::Run(arguments)) => return boot::run(*arguments),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

//! `supervisord`: starts what the configuration names and keeps it running.

mod boot;
mod reachable;
mod room;
mod servers;

use std::process::ExitCode;
use supervisor::VERSION;
use supervisor::config::command_line::parse_supervisord;
use supervisor::config::{Environment, Invocation, UsageError};

fn main() -> ExitCode {
    let argv: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let environment: Environment = std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect();
    match run(&argv, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(error.warning);
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(argv: &[String], environment: Environment) -> Result<(), UsageError> {
    match parse_supervisord(argv, &environment)? {
        Invocation::Help(text) => print!("{text}"),
        Invocation::Version => println!("{VERSION}"),
        Invocation::Run(arguments) => {
            warn(arguments.warning);
            let program = arguments.program.clone();
            boot::supervise(arguments, environment)
                .map_err(|error| UsageError::new(&program, error))?;
        }
    }
    Ok(())
}

fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        eprintln!("{warning}");
    }
}

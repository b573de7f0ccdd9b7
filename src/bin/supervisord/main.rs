//! `supervisord`: starts what the configuration names and keeps it running.

mod boot;
mod reachable;
mod room;
mod servers;

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use supervisor::VERSION;
use supervisor::config::command_line::parse_supervisord;
use supervisor::config::{Environment, Invocation, Source, SupervisordArgs, UsageError};

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
        Ok(code) => code,
        Err(error) => {
            warn(error.warning);
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(argv: &[String], environment: Environment) -> Result<ExitCode, UsageError> {
    match parse_supervisord(argv, &environment)? {
        Invocation::Help(text) => print!("{text}"),
        Invocation::Version => println!("{VERSION}"),
        Invocation::Run(arguments) => {
            warn(arguments.warning);
            if arguments.check {
                return Ok(check(arguments, environment));
            }
            let program = arguments.program.clone();
            boot::supervise(arguments, environment)
                .map_err(|error| UsageError::new(&program, error))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `--check`: tells whether the configuration can be used.
fn check(arguments: SupervisordArgs, environment: Environment) -> ExitCode {
    let program = arguments.program.clone();
    let checked = Source::new(arguments, environment).check();
    let is_good = checked.errors.is_empty();
    let errors = checked.errors.iter().map(|error| format!("Error: {error}"));
    let warnings = checked.warnings.iter();
    let warnings = warnings.map(|warning| format!("Warning: {warning}"));
    let help = (!is_good).then(|| format!("For help, use {program} -h"));
    for line in errors.chain(warnings).chain(help) {
        // Whoever doesn't listen still gets the exit status.
        let _ = writeln!(stderr(), "{line}");
    }
    if !is_good {
        return ExitCode::from(2);
    }
    let _ = writeln!(stdout(), "{}", checked.summary);
    ExitCode::SUCCESS
}

fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        eprintln!("{warning}");
    }
}

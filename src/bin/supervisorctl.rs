//! supervisorctl: shows and steers a running supervisord.

use std::io::{stderr, stdin, stdout};
use std::os::fd::AsFd;
use std::process::ExitCode;
use supervisor::config::command_line::{CtlArgs, Invocation, UsageError, parse_supervisorctl};
use supervisor::config::environment::Environment;
use supervisor::ctl::{self, Output, Screen};

fn main() -> ExitCode {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let argv: Vec<_> = std::env::args_os().map(lossy).collect();
    let environment = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value)));
    let environment = environment.collect();
    match parse_supervisorctl(&argv, &environment) {
        Ok(Invocation::Run(args)) => run(&args, &environment),
        Ok(Invocation::Help(text)) => {
            print!("{}", ctl::usage(&text, Screen::of_process(&environment)));
            ExitCode::SUCCESS
        }
        Ok(Invocation::Version) => ExitCode::SUCCESS,
        Err(error) => refuse(&error),
    }
}

fn run(args: &CtlArgs, environment: &Environment) -> ExitCode {
    match supervisor::config::ctl::load(args, environment) {
        Ok(config) => {
            let (input, output, errors) = (stdin(), stdout(), stderr());
            let screen = Screen::of_process(environment);
            ExitCode::from(ctl::run(
                &config,
                args,
                screen,
                input.as_fd(),
                &mut Output::new(output.as_fd()),
                &mut Output::new(errors.as_fd()),
            ))
        }
        Err(error) => refuse(&UsageError::new(&args.program, error)),
    }
}

fn refuse(error: &UsageError) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(2)
}

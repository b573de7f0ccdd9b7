//! supervisorctl: shows and steers a supervisord over its XML-RPC interface.
//!
//! Floor 4. Synchronous, without a thread: one connection a call, one `poll` where it waits. Knows
//! neither actors nor the server's side; what supervisord can do is what its methods offer. Begin
//! at [`run`], then the table in `commands`.

mod body;
mod check;
mod client;
mod columns;
mod commands;
mod connection;
mod control;
mod controller;
mod error;
pub mod exit_status;
#[cfg(test)]
mod fake_server;
mod foreground;
mod help;
mod http;
mod input;
mod inspect;
mod interrupt;
mod line;
mod logs;
mod outcome;
mod proxy;
mod reload;
mod reply;
mod report;
mod server_url;
mod shell;

use crate::config::command_line::CtlArgs;
use crate::config::ctl::CtlConfig;
use client::Client;
use controller::Controller;
use error::Error;
use input::Input;
use report::Report;
use std::io::Write;
use std::os::fd::BorrowedFd;

/// Carries out the action that `args` hold, or without any opens the prompt, and answers with the
/// exit status ([`exit_status`]); the prompt's is always 0.
pub fn run(
    config: &CtlConfig,
    args: &CtlArgs,
    stdin: BorrowedFd<'_>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let mut controller = Controller {
        client: Client {
            serverurl: config.serverurl.clone(),
            credentials: config.username.clone().zip(config.password.clone()),
        },
        report: Report::new(stdout, stderr),
        input: Input::new(stdin),
        interactive: args.interactive,
        leaving: false,
    };
    if args.interactive && args.action.is_empty() {
        shell::run(&mut controller, &config.prompt);
        return exit_status::SUCCESS;
    }
    controller.run(&args.action);
    controller.report.finish()
}

#[cfg(test)]
mod tests;

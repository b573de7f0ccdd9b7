//! supervisorctl: shows and steers a supervisord over its XML-RPC interface.
//!
//! Floor 4. Synchronous: one connection a call, one `poll` where it waits, which Ctrl-C can end
//! (`interrupt`); nothing else blocks. Knows neither actors nor the server's side; what supervisord
//! can do is what its methods offer. Begin at [`run`], then the table in `commands`.

mod body;
mod calls;
mod check;
mod client;
mod columns;
mod commands;
mod completion;
mod connection;
mod control;
mod controller;
mod drift;
mod error;
pub mod exit_status;
#[cfg(test)]
mod fake_server;
mod foreground;
mod give;
mod globs;
mod help;
mod http;
mod input;
mod inspect;
mod interrupt;
mod json;
mod ledger;
mod line;
mod log_end;
mod log_source;
mod log_view;
mod logs;
pub mod manual;
mod options;
mod order;
mod outcome;
mod output;
mod paint;
mod progress;
mod proxy;
mod reload;
mod renew;
mod reply;
mod report;
mod resolve;
mod resumed;
mod screen;
mod selection;
mod server_url;
mod shell;
mod shells;
mod terminal_text;
mod tls;
mod transport;
mod usage;
mod wait;
mod watch;

use crate::config::command_line::CtlArgs;
use crate::config::ctl::CtlConfig;
use client::Client;
use controller::Controller;
use error::Error;
use input::Input;
use interrupt::Interrupt;
use options::Options;
pub use output::Output;
use report::Report;
pub use screen::Screen;
use std::io::Write;
use std::os::fd::BorrowedFd;
use tls::Trust;
pub use usage::usage;

/// Carries out the action that `args` hold, or without any opens the prompt, and answers with the
/// exit status ([`exit_status`]); the prompt's is always 0.
pub fn run(
    config: &CtlConfig,
    args: &CtlArgs,
    screen: Screen,
    stdin: BorrowedFd<'_>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    // From here on every wait can be ended, and none has to be hurried to.
    let _interrupt = Interrupt::catch(None);
    let mut controller = Controller {
        client: Client {
            serverurl: config.serverurl.clone(),
            credentials: config.username.clone().zip(config.password.clone()),
            trust: Trust::new(config.cacert.clone()),
            patience: None,
        },
        report: Report::new(stdout, stderr),
        input: Input::new(stdin),
        screen,
        interactive: args.interactive,
        // They are an action's; a prompt has many.
        options_before: match args.action.is_empty() {
            true => Vec::new(),
            false => args.options.clone(),
        },
        options: Options::default(),
        interrupted: false,
        leaving: false,
    };
    if args.interactive && args.action.is_empty() {
        shell::run(&mut controller, config);
        return exit_status::SUCCESS;
    }
    controller.run(&args.action);
    controller.report.finish()
}

#[cfg(test)]
mod tests;

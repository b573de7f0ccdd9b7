//! supervisorctl: shows and steers a supervisord over its XML-RPC interface.
//!
//! Floor 4. Synchronous, without a thread: one connection a call, one `poll` where it waits. Knows
//! neither actors nor the server's side; what supervisord can do is what its methods offer. Begin
//! at [`run`], then the table in `commands`.

mod body;
mod client;
mod columns;
mod commands;
mod connection;
mod control;
mod controller;
mod error;
pub mod exit_status;
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

use client::Client;
use controller::Controller;
use error::Error;
use input::Input;
use report::Report;
use std::io::Write;
use std::os::fd::BorrowedFd;

/// Whom to talk to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `http://host[:port]` or `unix://path`.
    pub serverurl: String,
    /// The user for basic authentication; counts only together with `password`.
    pub username: Option<String>,
    /// The user's password.
    pub password: Option<String>,
    /// What the prompt shows before `> `.
    pub prompt: String,
    /// Whether the user may be asked to confirm, or for credentials. Always so at the prompt.
    pub interactive: bool,
}

/// Carries out the action that `words` say, or without any opens a prompt, and answers with the
/// exit status ([`exit_status`]); a prompt's is always 0.
pub fn run(
    settings: &Settings,
    words: &[String],
    stdin: BorrowedFd<'_>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> u8 {
    let credentials = settings.username.clone().zip(settings.password.clone());
    let mut controller = Controller {
        client: Client {
            serverurl: settings.serverurl.clone(),
            credentials,
        },
        report: Report::new(stdout, stderr),
        input: Input::new(stdin),
        interactive: settings.interactive || words.is_empty(),
        leaving: false,
    };
    if words.is_empty() {
        shell::run(&mut controller, &settings.prompt);
        return exit_status::SUCCESS;
    }
    controller.run(&words.join(" "));
    controller.report.status()
}

//! Carries out command lines, one after another.

use super::client::Client;
use super::commands::{self, Command, Words};
use super::input::Input;
use super::line::Line;
use super::options::{self, Options};
use super::proxy::Supervisor;
use super::report::Report;
use super::screen::Screen;
use super::selection::fits;
use super::{Error, exit_status, help};
use crate::process::{FaultCode, Namespec};
use std::fmt::Display;

/// The version of the API that this is written for.
const API_VERSION: &str = "3.0";

/// One supervisorctl: the server it talks to, and its user.
pub(super) struct Controller<'a> {
    /// The server.
    pub(super) client: Client,
    /// What the user gets to see.
    pub(super) report: Report<'a>,
    /// What the user types.
    pub(super) input: Input<'a>,
    /// Where it shows.
    pub(super) screen: Screen,
    /// Whether the user may be asked.
    pub(super) interactive: bool,
    /// The options that stood before the first action, for every action.
    pub(super) options_before: Vec<String>,
    /// Those of the action that is carried out.
    pub(super) options: Options,
    /// Whether Ctrl-C has ended an action that has no better end for it.
    pub(super) interrupted: bool,
    /// Whether the user wants to go.
    pub(super) leaving: bool,
}

impl Controller<'_> {
    /// The server's methods. What is to be seen is shown first, as the call may take its time.
    pub(super) fn supervisor(&mut self) -> Supervisor<'_> {
        self.report.flush();
        Supervisor(&self.client)
    }

    /// Carries out a command line.
    pub(super) fn run(&mut self, line: &str) {
        match Line::parse(line) {
            Line::Empty => {}
            Line::Action("help", topic) => self.help(topic),
            Line::Action("EOF", _) => self.leave(),
            Line::Action(action, words) => match commands::find(action) {
                Some(command) => self.carry_out(command, words),
                None => self.unknown(line.trim()),
            },
            Line::Unknown(line) => self.unknown(line),
        }
    }

    fn unknown(&mut self, line: &str) {
        self.report.line(format_args!("*** Unknown syntax: {line}"));
        self.report.fail(exit_status::GENERIC);
    }

    fn carry_out(&mut self, command: &Command, words: &str) {
        let words: Vec<_> = words.split_whitespace().collect();
        let words = match Options::take(command.action, &self.options_before, &words) {
            Ok((options, words)) => {
                self.options = options;
                words
            }
            Err(what) => {
                self.usage(command.action, what);
                return self.report.fail(exit_status::INVALID_ARGUMENTS);
            }
        };
        self.client.patience = self.options.timeout;
        self.report.reserve_for_documents(self.options.json);
        if let Err(error) = self.persist(command, &words) {
            self.give_up(&error);
        }
        self.client.patience = None;
        self.report.clear_progress();
        self.report.reserve_for_documents(false);
    }

    /// Tries until the server accepts the credentials, or nobody has any.
    fn persist(&mut self, command: &Command, words: &[&str]) -> Result<(), Error> {
        loop {
            match self.attempt(command, words) {
                Err(error) if error.is_unauthorized() && self.authorize()? => {}
                result => return result,
            }
        }
    }

    fn attempt(&mut self, command: &Command, words: &[&str]) -> Result<(), Error> {
        if command.words == Words::None && !words.is_empty() {
            let action = command.action;
            self.usage(action, format_args!("{action} accepts no arguments"));
            return Ok(());
        }
        if command.up_check && !self.up_check()? {
            return Ok(());
        }
        if let Some(word) = self.mistyped(command.action, words)? {
            let action = command.action;
            self.usage(action, format_args!("{action} has no option {word}"));
            self.report.fail(exit_status::INVALID_ARGUMENTS);
            return Ok(());
        }
        (command.handler)(self, words)
    }

    /// The first word that looks like an option and that no process or group bears as its name:
    /// nothing is to be done with the other words then.
    fn mistyped<'a>(&mut self, action: &str, words: &[&'a str]) -> Result<Option<&'a str>, Error> {
        let doubtful = options::doubtful(action, words);
        if doubtful.is_empty() {
            return Ok(None);
        }
        let active = self.supervisor().all_process_info()?;
        let configured = self.supervisor().all_config_info().unwrap_or_default();
        let known = |word: &str| {
            let spec = Namespec::parse(word);
            active.iter().any(|it| fits(&spec, it))
                || active.iter().any(|it| it.group == word)
                || configured.iter().any(|it| it.group == word)
        };
        Ok(doubtful.into_iter().find(|word| !known(word)))
    }

    /// Says that the server wants credentials, and asks for them if there is anybody to ask.
    fn authorize(&mut self) -> Result<bool, Error> {
        self.report.line("Server requires authentication");
        if !self.interactive {
            return Ok(false);
        }
        let credentials = self.ask_credentials()?;
        let given = credentials.is_some();
        self.client.credentials = credentials.or(self.client.credentials.take());
        Ok(given)
    }

    fn ask_credentials(&mut self) -> Result<Option<(String, String)>, Error> {
        let interrupt = self.client.interrupt()?;
        self.report.prompt("Username:");
        let Some(name) = self.input.read_line(&interrupt)? else {
            return Ok(None);
        };
        self.report.prompt("Password:");
        let password = self.input.read_secret(&interrupt)?;
        self.report.line("");
        Ok(password.map(|password| (name, password)))
    }

    /// Tells an error that no handler had words for.
    fn give_up(&mut self, error: &Error) {
        self.report.fail(exit_status::GENERIC);
        match error {
            Error::Interrupted => {
                self.report.fail(exit_status::INTERRUPTED);
                self.report.line("");
                self.interrupted = true;
            }
            error if error.is_unauthorized() => {}
            error => self.report.line(format_args!("error: {error}")),
        }
    }

    /// Whether the server answers, and speaks our version. If not, the user is told and the exit
    /// status set.
    pub(super) fn up_check(&mut self) -> Result<bool, Error> {
        let status = match self.supervisor().api_version() {
            Ok(version) if version == API_VERSION => return Ok(true),
            Ok(version) => {
                self.report.line(format_args!(
                    "Sorry, this version of supervisorctl expects to talk to a server with API \
                     version {API_VERSION}, but the remote version is {version}."
                ));
                exit_status::NOT_INSTALLED
            }
            Err(error) if error.is_fault(FaultCode::UnknownMethod) => {
                self.report.line(
                    "Sorry, supervisord responded but did not recognize the supervisor namespace \
                     commands that supervisorctl uses to control it.  Please check that the \
                     [rpcinterface:supervisor] section is enabled in the configuration file \
                     (see sample.conf).",
                );
                exit_status::UNIMPLEMENTED_FEATURE
            }
            Err(error @ Error::Refused(_)) => {
                self.report.line(error);
                exit_status::INSUFFICIENT_PRIVILEGES
            }
            Err(error @ Error::NoSuchFile(_)) => {
                self.report.line(error);
                exit_status::NOT_RUNNING
            }
            Err(error) => return Err(error),
        };
        self.report.fail(status);
        Ok(false)
    }

    /// Tells the one thing that was asked for, in a line or as JSON.
    pub(super) fn tell(&mut self, text: impl Display, json: impl FnOnce() -> serde_json::Value) {
        match self.options.json {
            true => self.report.document(json()),
            false => self.report.line(text),
        }
    }

    /// Tells how to use an action, or which there are; all of it to somebody at a terminal.
    pub(super) fn help(&mut self, topic: &str) {
        let extent = match self.screen.out {
            true => help::Extent::Whole,
            false => help::Extent::Original,
        };
        help::help(&mut self.report, topic, extent);
    }

    /// Tells how the action is to be used, and why it must be told.
    pub(super) fn usage(&mut self, action: &str, why: impl Display) {
        self.report.line(format_args!("Error: {why}"));
        self.report.fail(exit_status::GENERIC);
        self.help(action);
    }

    /// Tells an error with Supervisor's plain word for it.
    pub(super) fn refuse(&mut self, why: impl Display) {
        self.report.line(format_args!("ERROR: {why}"));
        self.report.fail(exit_status::GENERIC);
    }

    /// Asks a question; true when the answer begins with a y. Where nobody can be asked it is yes.
    pub(super) fn confirm(&mut self, question: &str) -> Result<bool, Error> {
        if !self.interactive {
            return Ok(true);
        }
        let interrupt = self.client.interrupt()?;
        self.report.prompt(format_args!("{question} y/N? "));
        let answer = self.input.read_line(&interrupt)?.unwrap_or_default();
        Ok(answer.starts_with(['y', 'Y']))
    }

    /// Nothing more is to be done.
    pub(super) fn leave(&mut self) {
        self.report.line("");
        self.leaving = true;
    }
}

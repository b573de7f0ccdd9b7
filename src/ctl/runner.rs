//! Carries out command lines, one after another.

use super::commands::{self, Command, Words};
use super::controller::Controller;
use super::handlers::handler;
use super::line::Line;
use super::options::{self, Options};
use super::selection::fits;
use super::{Error, exit_status};
use crate::process::Namespec;

/// Carries out a command line.
pub(super) fn run(controller: &mut Controller<'_>, line: &str) {
    match Line::parse(line) {
        Line::Empty => {}
        Line::Action("help", topic) => controller.help(topic),
        Line::Action("EOF", _) => controller.leave(),
        Line::Action(action, words) => match commands::find(action) {
            Some(command) => carry_out(controller, command, words),
            None => unknown(controller, line.trim()),
        },
        Line::Unknown(line) => unknown(controller, line),
    }
}

fn unknown(controller: &mut Controller<'_>, line: &str) {
    controller
        .report
        .line(format_args!("*** Unknown syntax: {line}"));
    controller.report.fail(exit_status::GENERIC);
}

fn carry_out(controller: &mut Controller<'_>, command: &Command, words: &str) {
    let words: Vec<_> = words.split_whitespace().collect();
    let words = match Options::take(command.action, &controller.options_before, &words) {
        Ok((options, words)) => {
            controller.options = options;
            words
        }
        Err(what) => {
            controller.usage(command.action, what);
            return controller.report.fail(exit_status::INVALID_ARGUMENTS);
        }
    };
    controller.client.patience = controller.options.timeout;
    controller
        .report
        .reserve_for_documents(controller.options.json);
    if let Err(error) = persist(controller, command, &words) {
        give_up(controller, &error);
    }
    controller.client.patience = None;
    controller.report.clear_progress();
    controller.report.reserve_for_documents(false);
}

/// Tries until the server accepts the credentials, or nobody has any.
fn persist(
    controller: &mut Controller<'_>,
    command: &Command,
    words: &[&str],
) -> Result<(), Error> {
    loop {
        match attempt(controller, command, words) {
            Err(error) if error.is_unauthorized() && controller.authorize()? => {}
            result => return result,
        }
    }
}

fn attempt(
    controller: &mut Controller<'_>,
    command: &Command,
    words: &[&str],
) -> Result<(), Error> {
    if command.words == Words::None && !words.is_empty() {
        let action = command.action;
        controller.usage(action, format_args!("{action} accepts no arguments"));
        return Ok(());
    }
    if command.up_check && !controller.up_check()? {
        return Ok(());
    }
    if let Some(word) = mistyped(controller, command.action, words)? {
        let action = command.action;
        controller.usage(action, format_args!("{action} has no option {word}"));
        controller.report.fail(exit_status::INVALID_ARGUMENTS);
        return Ok(());
    }
    handler(command.action).map_or(Ok(()), |handler| handler(controller, words))
}

/// The first word that looks like an option and that no process or group bears as its name:
/// nothing is to be done with the other words then.
fn mistyped<'a>(
    controller: &mut Controller<'_>,
    action: &str,
    words: &[&'a str],
) -> Result<Option<&'a str>, Error> {
    let doubtful = options::doubtful(action, words);
    if doubtful.is_empty() {
        return Ok(None);
    }
    let active = controller.supervisor().all_process_info()?;
    let configured = controller
        .supervisor()
        .all_config_info()
        .unwrap_or_default();
    let known = |word: &str| {
        let spec = Namespec::parse(word);
        active.iter().any(|it| fits(&spec, it))
            || active.iter().any(|it| it.group == word)
            || configured.iter().any(|it| it.group == word)
    };
    Ok(doubtful.into_iter().find(|word| !known(word)))
}

/// Tells an error that no handler had words for.
fn give_up(controller: &mut Controller<'_>, error: &Error) {
    controller.report.fail(exit_status::GENERIC);
    match error {
        Error::Interrupted => {
            controller.report.fail(exit_status::INTERRUPTED);
            controller.report.line("");
            controller.interrupted = true;
        }
        error if error.is_unauthorized() => {}
        error => controller.report.line(format_args!("error: {error}")),
    }
}

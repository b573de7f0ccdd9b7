//! The prompt.

use super::Error;
use super::controller::Controller;

/// Shows the status, then carries out the lines that the user types until there are no more.
pub(super) fn run(controller: &mut Controller<'_>, prompt: &str) {
    controller.run("status");
    while !controller.leaving {
        match next_line(controller, prompt) {
            Ok(Some(line)) => controller.run(&line),
            Ok(None) | Err(_) => controller.run("EOF"),
        }
    }
}

/// `quit` and `exit`
pub(super) fn quit(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    controller.leave();
    Ok(())
}

fn next_line(controller: &mut Controller<'_>, prompt: &str) -> Result<Option<String>, Error> {
    let interrupt = controller.client.interrupt()?;
    controller.report.prompt(format_args!("{prompt}> "));
    controller.input.read_line(&interrupt)
}

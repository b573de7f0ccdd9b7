//! The prompt: plain lines from a pipe, lines that Tab completes from a terminal, and on one that
//! can move its cursor line editing and a history.

mod dumb;
mod editor;
mod history;
pub(super) mod names;

use super::controller::Controller;
use super::line::Line;
use super::options::is_order;
use super::{Error, runner};
use crate::config::ctl::CtlConfig;
use editor::LineEditor;
use names::Names;

/// What Ctrl-C doesn't take back.
const GOES_ON: &str = "Interrupted; what has been ordered goes on";

/// Where the lines come from.
enum Lines {
    Plain,
    Dumb,
    Edited(Box<LineEditor>),
}

/// Shows the status, then carries out the lines that the user types until there are no more.
pub(super) fn run(controller: &mut Controller<'_>, config: &CtlConfig) {
    runner::run(controller, "status");
    controller.leaving |= controller.interrupted;
    let mut lines = Lines::of(controller, config);
    while !controller.leaving {
        match lines.next(controller, &config.prompt) {
            Ok(Some(line)) => lines.carry_out(controller, &line),
            // The editor has ended its line already.
            Ok(None) if matches!(lines, Lines::Edited(_)) => controller.leaving = true,
            Ok(None) | Err(_) => runner::run(controller, "EOF"),
        }
    }
    if let Lines::Edited(editor) = &lines {
        editor.save_history();
    }
}

impl Lines {
    fn of(controller: &Controller<'_>, config: &CtlConfig) -> Self {
        if !(controller.input.is_terminal() && controller.screen.out) {
            return Self::Plain;
        }
        if controller.screen.dumb {
            return Self::Dumb;
        }
        LineEditor::new(config.history_file.as_deref())
            .map_or(Self::Plain, |editor| Self::Edited(Box::new(editor)))
    }

    /// Carries out a line. Whoever ends that by Ctrl-C is asked for another one, whatever else was
    /// typed meanwhile; a pipe can't be asked.
    fn carry_out(&mut self, controller: &mut Controller<'_>, line: &str) {
        controller.input.take_used();
        runner::run(controller, line);
        let has_asked = controller.input.take_used();
        if !std::mem::take(&mut controller.interrupted) {
            // What was typed ahead may have been meant for the action, a password even: it is no
            // line of commands.
            if let Self::Edited(editor) = self
                && has_asked
            {
                editor.forget_typed();
            }
            return;
        }
        controller.input.forget_typed();
        match self {
            Self::Plain => controller.leaving = true,
            Self::Dumb => {}
            Self::Edited(editor) => editor.forget_typed(),
        }
        let is_order = matches!(Line::parse(line), Line::Action(action, _) if is_order(action));
        if is_order && !has_asked && !controller.leaving {
            controller.report.line(GOES_ON);
        }
    }

    fn next(
        &mut self,
        controller: &mut Controller<'_>,
        prompt: &str,
    ) -> Result<Option<String>, Error> {
        let prompt = format!("{prompt}> ");
        let names = Names::of(&controller.client);
        match self {
            Self::Plain => {
                let interrupt = controller.client.interrupt()?;
                controller.report.prompt(&prompt);
                controller.input.read_line(&interrupt)
            }
            Self::Dumb => dumb::read_line(controller, &prompt, &names),
            Self::Edited(editor) => {
                controller.report.flush();
                let interrupt = controller.client.interrupt()?;
                interrupt.check()?;
                // Ctrl-C is a key to the editor, which has a handler of its own besides.
                Ok(interrupt.let_through(|| editor.read_line(&prompt, names)))
            }
        }
    }
}

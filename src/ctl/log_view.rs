//! logs: the ends of any number of logs, and what comes, line by line.

use super::connection::Connection;
use super::controller::Controller;
use super::log_end::LogEnd;
use super::log_source::LogSource;
use super::logs::{cannot_stream, logtail};
use super::options::Options;
use super::paint::{Color, Painted};
use super::screen::Screen;
use super::selection::{distinct_names, select};
use super::terminal_text::TerminalText;
use super::{Error, exit_status};
use crate::process::FaultCode;
use serde_json::json;
use std::os::fd::AsFd;

/// How lines are told apart.
enum Look {
    /// Not at all: there is one log, which is shown as it is.
    Bare,
    /// By the names before them, as wide as this and maybe coloured.
    Prefixed { width: usize, color: bool },
    /// As objects.
    Json,
}

/// `logs [-f] [-n LINES] [--stderr] NAME...`
pub(super) fn logs(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("logs", "logs requires a process name");
        return Ok(());
    }
    match show(controller, names) {
        Err(Error::Interrupted) if controller.options.follow => {
            if controller.screen.out {
                // A line may have ended in the middle of its colour.
                let end = if controller.screen.color() {
                    "\x1b[0m"
                } else {
                    ""
                };
                controller.report.line(end);
            }
            Ok(())
        }
        result => result,
    }
}

fn show(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    let all = controller.supervisor().all_process_info()?;
    let selected = select(&mut controller.report, &all, names, exit_status::GENERIC);
    let selected = distinct_names(&selected);
    let look = Look::of(controller, &selected);
    let mut sources = Vec::new();
    for (number, name) in selected.into_iter().enumerate() {
        if let Some((mut source, end)) = open(controller, name)? {
            look.show(controller, number, &mut source, &end);
            sources.push((number, source));
        }
    }
    if controller.options.follow {
        return follow(controller, &look, sources);
    }
    for (number, mut source) in sources {
        look.finish(controller, number, &mut source);
    }
    Ok(())
}

/// A log with its last lines, as many as are wanted. What can't be read is told.
fn open(
    controller: &mut Controller<'_>,
    name: String,
) -> Result<Option<(LogSource, Vec<u8>)>, Error> {
    let Options {
        channel, follow, ..
    } = controller.options;
    let end = match LogEnd::read(controller, &name) {
        Err(error) if error.is_fault(FaultCode::NoFile) => {
            return refuse(controller, &name, "no log file");
        }
        Err(error) if error.is_fault(FaultCode::BadName) => {
            return refuse(controller, &name, "no such process");
        }
        Err(error) if error.is_fault(FaultCode::Failed) => {
            return refuse(controller, &name, "unknown error reading log");
        }
        end => end?,
    };
    let mut stream = None;
    if follow {
        match controller.client.stream(&logtail(&name, channel)) {
            Ok(begun) => stream = Some(begun),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => {
                cannot_stream(controller, &logtail(&name, channel), &error);
                controller.report.fail(exit_status::GENERIC);
            }
        }
    }
    let Screen { out, .. } = controller.screen;
    let text = TerminalText::new(controller.screen.color());
    let text = (out && !controller.options.json).then_some(text);
    let wanted = end.last_lines(controller.options.lines).to_vec();
    Ok(Some((LogSource::new(name, end, stream, text), wanted)))
}

fn refuse<T>(controller: &mut Controller<'_>, name: &str, why: &str) -> Result<Option<T>, Error> {
    controller
        .report
        .line(format_args!("{name}: ERROR ({why})"));
    controller.report.fail(exit_status::GENERIC);
    Ok(None)
}

/// Shows what comes until the last stream has ended or the reader of our output is gone.
fn follow(
    controller: &mut Controller<'_>,
    look: &Look,
    mut sources: Vec<(usize, LogSource)>,
) -> Result<(), Error> {
    let interrupt = controller.client.interrupt()?;
    loop {
        for (number, source) in &mut sources {
            let new = source.take_new();
            if !look.show(controller, *number, source, &new) {
                return Ok(());
            }
            if source.stream.is_none() {
                look.finish(controller, *number, source);
            }
        }
        sources.retain(|(_, source)| source.stream.is_some());
        if sources.is_empty() {
            return Ok(());
        }
        let streams = sources
            .iter()
            .filter_map(|(_, source)| source.stream.as_ref());
        let ready = interrupt.wait(&streams.map(AsFd::as_fd).collect::<Vec<_>>())?;
        for ((_, source), _) in sources.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            receive(source);
        }
    }
}

/// Takes what has come. A stream that ends, or fails, is over.
fn receive(source: &mut LogSource) {
    let goes_on = source.stream.as_mut().map(Connection::receive_now);
    if !matches!(goes_on, Some(Ok(true))) {
        source.stream = None;
    }
}

impl Look {
    fn of(controller: &Controller<'_>, names: &[String]) -> Self {
        if controller.options.json {
            return Self::Json;
        }
        match names {
            [_] => Self::Bare,
            _ => Self::Prefixed {
                width: names
                    .iter()
                    .map(|name| name.chars().count())
                    .max()
                    .unwrap_or(0),
                color: controller.screen.color(),
            },
        }
    }

    /// Shows what came from a log, in whole lines; false when nobody reads them any more.
    fn show(
        &self,
        controller: &mut Controller<'_>,
        number: usize,
        source: &mut LogSource,
        bytes: &[u8],
    ) -> bool {
        if matches!(self, Self::Bare) {
            return bytes.is_empty() || controller.report.stream(&source.shown(bytes));
        }
        let lines = source.lines(bytes);
        let shown = lines
            .iter()
            .flat_map(|line| self.line(controller, number, source, line));
        let shown: Vec<u8> = shown.collect();
        shown.is_empty() || controller.report.stream(&shown)
    }

    /// Shows the line that a log ends with, though it has no end.
    fn finish(&self, controller: &mut Controller<'_>, number: usize, source: &mut LogSource) {
        if let Some(text) = &mut source.text {
            controller.report.stream(text.end().as_bytes());
        }
        if let Some(line) = source.last_line() {
            let line = self.line(controller, number, source, &line);
            controller.report.stream(&line);
        }
    }

    fn line(
        &self,
        controller: &Controller<'_>,
        number: usize,
        source: &mut LogSource,
        line: &[u8],
    ) -> Vec<u8> {
        let ended = [line, b"\n"].concat();
        match self {
            Self::Bare => source.shown(&ended),
            Self::Prefixed { width, color } => {
                let name = &source.name;
                let color = color.then(|| Color::of_number(number));
                let prefix = format!("{name:width$} |");
                let prefix = Painted(color, prefix).to_string();
                [prefix.as_bytes(), b" ", &source.shown(&ended)].concat()
            }
            Self::Json => {
                let channel = controller.options.channel.name();
                let (name, line) = (&source.name, String::from_utf8_lossy(line));
                let object = json!({"name": name, "channel": channel, "line": line});
                format!("{object}\n").into_bytes()
            }
        }
    }
}

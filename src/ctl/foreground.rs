//! fg: a process's output and input at the terminal, line by line.

use super::Error;
use super::connection::Connection;
use super::controller::Controller;
use super::globs::expand_members;
use super::logs::{BANNER, cannot_stream, logtail};
use super::proxy::Channel;
use super::reply::Info;
use crate::process::{FaultCode, ProcessState};
use std::os::fd::AsFd;

/// `fg NAME`
pub(super) fn fg(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    match expand_members(controller, words)?.as_slice() {
        [] => {
            controller.refuse("no process name supplied");
            controller.help("fg");
        }
        [name] => match controller.supervisor().process_info(name) {
            Ok(info) if is_running(&info) => return attach(controller, name),
            Ok(_) => controller.refuse("process not running"),
            Err(error) if error.is_fault(FaultCode::BadName) => {
                controller.refuse("bad process name supplied");
            }
            Err(error) => return Err(error),
        },
        _ => controller.refuse("too many process names supplied"),
    }
    Ok(())
}

fn attach(controller: &mut Controller<'_>, name: &str) -> Result<(), Error> {
    controller.report.line(BANNER);
    controller.report.flush();
    let streams = open_streams(controller, name);
    match streams.and_then(|streams| converse(controller, name, streams)) {
        Ok(()) | Err(Error::Interrupted) => {}
        Err(error) => controller.report.line(format_args!("ERROR: {error}")),
    }
    controller.report.line("Exiting foreground");
    Ok(())
}

/// The streams that can be had. The others are told, and missed by nobody.
fn open_streams(controller: &mut Controller<'_>, name: &str) -> Result<Vec<Connection>, Error> {
    let mut streams = Vec::new();
    for channel in [Channel::Stdout, Channel::Stderr] {
        let path = logtail(name, channel);
        match controller.client.stream(&path) {
            Ok(stream) => streams.push(stream),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => cannot_stream(controller, &path, &error),
        }
    }
    Ok(streams)
}

/// Shows what comes from the streams and hands typed lines to the process, until the input or the
/// last stream ends or the process is gone.
fn converse(
    controller: &mut Controller<'_>,
    name: &str,
    mut streams: Vec<Connection>,
) -> Result<(), Error> {
    let interrupt = controller.client.interrupt()?;
    while !controller.input.is_at_end() {
        for stream in &mut streams {
            if !controller.report.stream(&stream.take()) {
                return Ok(());
            }
        }
        let input = std::iter::once(controller.input.as_fd());
        let sources: Vec<_> = input.chain(streams.iter().map(AsFd::as_fd)).collect();
        let mut ready = interrupt.wait(&sources)?.into_iter();
        if ready.next().unwrap_or(true) {
            controller.input.fill();
        }
        let before = streams.len();
        streams.retain_mut(|stream| {
            !ready.next().unwrap_or(false) || stream.receive_now().unwrap_or(false)
        });
        if streams.is_empty() && before > 0 {
            return Ok(());
        }
        while let Some(line) = controller.input.line() {
            if !hand_over(controller, name, &line)? {
                controller.report.line("Process got killed");
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Hands a line to the process; false when it is gone.
fn hand_over(controller: &mut Controller<'_>, name: &str, line: &str) -> Result<bool, Error> {
    let supervisor = controller.supervisor();
    match supervisor.send_process_stdin(name, &format!("{line}\n")) {
        Err(error) if error.is_fault(FaultCode::NotRunning) => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(is_running(&supervisor.process_info(name)?)),
    }
}

fn is_running(info: &Info) -> bool {
    info.state == i64::from(ProcessState::Running.code())
}

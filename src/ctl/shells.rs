//! completion: scripts by which shells complete supervisorctl's command line, and the answers that
//! these scripts ask for.

use super::controller::Controller;
use super::shell::names::Names;
use super::{Error, exit_status};

/// The script for a shell.
fn script(shell: &str) -> Option<&'static str> {
    match shell {
        "bash" => Some(include_str!("completions/supervisorctl.bash")),
        "fish" => Some(include_str!("completions/supervisorctl.fish")),
        "zsh" => Some(include_str!("completions/supervisorctl.zsh")),
        _ => None,
    }
}

/// `completion bash|zsh|fish`, and for the scripts `completion candidates LINE|`, where the bar
/// marks the cursor at the line's end.
pub(super) fn completion(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    match words {
        ["candidates", line @ ..] => return candidates(controller, &line.join(" ")),
        [shell] => match script(shell) {
            Some(script) => controller.report.line(script.trim_end()),
            None => refuse(controller),
        },
        _ => refuse(controller),
    }
    Ok(())
}

fn refuse(controller: &mut Controller<'_>) {
    controller.usage("completion", "completion requires bash, zsh or fish");
    controller.report.fail(exit_status::INVALID_ARGUMENTS);
}

fn candidates(controller: &mut Controller<'_>, line: &str) -> Result<(), Error> {
    let line = line.strip_suffix('|').unwrap_or(line);
    let (_, found) = Names::of(&controller.client).complete(line)?;
    for candidate in found {
        controller.report.line(candidate.trim_end());
    }
    Ok(())
}

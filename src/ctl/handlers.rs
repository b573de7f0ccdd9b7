//! Which function carries out which action.

use super::controller::Controller;
use super::globs::{expand_groups, slices};
use super::{Error, check, control, foreground, inspect, log_view, logs, reload, shells, wait};

/// Carries out an action on the words that follow it. What the user is to know goes to the report;
/// an error is what no handler has words for.
pub(super) type Handler = fn(&mut Controller<'_>, &[&str]) -> Result<(), Error>;

/// Carries out an action on the groups that the words, maybe patterns, stand for.
fn with_groups(
    controller: &mut Controller<'_>,
    names: &[&str],
    handler: Handler,
) -> Result<(), Error> {
    let groups = expand_groups(controller, names)?;
    handler(controller, &slices(&groups))
}

/// What carries out the action of this name.
pub(super) fn handler(action: &str) -> Option<Handler> {
    Some(match action {
        "add" => |controller, names| with_groups(controller, names, reload::add),
        "avail" => inspect::avail,
        "check" => check::check,
        "clear" => logs::clear,
        "completion" => shells::completion,
        "fg" => foreground::fg,
        "logs" => log_view::logs,
        "maintail" => logs::maintail,
        "open" => inspect::open,
        "pid" => inspect::pid,
        "reload" => reload::reload,
        "remove" => |controller, names| with_groups(controller, names, reload::remove),
        "reread" => reload::reread,
        "restart" => control::restart,
        "shutdown" => reload::shutdown,
        "signal" => control::signal,
        "start" => control::start,
        "status" => inspect::status,
        "stop" => control::stop,
        "tail" => logs::tail,
        "update" => |controller, names| with_groups(controller, names, reload::update),
        "version" => inspect::version,
        "wait" => wait::wait,
        "exit" | "quit" => |controller, _| {
            controller.leave();
            Ok(())
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::commands::COMMANDS;

    #[test]
    fn every_action_can_be_carried_out() {
        let lacking = COMMANDS.iter().find(|it| handler(it.action).is_none());
        assert_eq!(lacking.map(|it| it.action), None);
    }
}

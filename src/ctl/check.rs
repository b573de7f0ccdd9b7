//! check.

use super::controller::Controller;
use super::{Error, exit_status};
use crate::process::FaultCode;

/// `check`: has supervisord look its file over; nothing is taken on. What is wrong is told on
/// stdout as everywhere, what only looks wrong on stderr.
pub(super) fn check(controller: &mut Controller<'_>, _words: &[&str]) -> Result<(), Error> {
    let checked = match controller.supervisor().check_config() {
        Err(error) if error.is_fault(FaultCode::UnknownMethod) => {
            controller.refuse("this supervisord can not check its configuration");
            return Ok(());
        }
        checked => checked?,
    };
    if controller.options.json {
        controller.report.document(checked.json);
        if !checked.errors.is_empty() {
            controller.report.fail(exit_status::GENERIC);
        }
        return Ok(());
    }
    for error in &checked.errors {
        controller.refuse(error);
    }
    for warning in &checked.warnings {
        controller
            .report
            .error_line(format_args!("WARNING: {warning}"));
    }
    controller.report.line(checked.summary);
    Ok(())
}

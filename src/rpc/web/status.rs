//! The status page.

use super::html::{escape, page as framed, quote};
use crate::actors::handle::SupervisorHandle;
use crate::process::namespec::Display;
use crate::process::{ProcessInfo, ProcessState};
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// Every process with its state and what can be done with it, below a message if there is one.
pub(super) fn page(handle: &SupervisorHandle, message: Option<&str>) -> String {
    let mut body = "<header><img src=\"images/supervisor.gif\" alt=\"\" width=\"48\">\
                    <h1>Supervisor Status</h1></header>\n"
        .to_owned();
    if let Some(message) = message {
        // Writing to a String cannot fail.
        let _ = writeln!(body, "<div class=\"message\">{}</div>", escape(message));
    }
    body.push_str(
        "<p><a href=\"index.html?action=refresh\">Refresh</a>\n\
         <a href=\"index.html?action=restartall\">Restart All</a>\n\
         <a href=\"index.html?action=stopall\">Stop All</a></p>\n",
    );
    let all = handle.all_process_info();
    if all.is_empty() {
        body.push_str("<p>No programs to manage</p>\n");
    } else {
        table(&mut body, &all);
    }
    framed("Supervisor Status", &body)
}

fn table(body: &mut String, all: &[ProcessInfo]) {
    let zone = TimeZone::system();
    body.push_str(
        "<table>\n<tr><th>State</th><th>Description</th><th>Name</th><th>Action</th></tr>\n",
    );
    for info in all {
        row(body, info, &zone);
    }
    body.push_str("</table>\n");
}

fn row(body: &mut String, info: &ProcessInfo, zone: &TimeZone) {
    let name = Display(&info.group, &info.name).to_string();
    let (url, name) = (quote(&name), escape(&name));
    let state = info.state.name().to_lowercase();
    let _ = write!(
        body,
        "<tr><td><span class=\"{state}\">{state}</span></td><td>{}</td>\
         <td><a href=\"tail.html?processname={url}\" target=\"_blank\">{name}</a></td><td>",
        escape(&info.description(zone))
    );
    for (action, text) in actions(info.state) {
        let _ = writeln!(
            body,
            "<a href=\"index.html?processname={url}&amp;action={action}\">{text}</a>"
        );
    }
    let _ = write!(
        body,
        "<a href=\"logtail/{url}\" target=\"_blank\">Tail -f Stdout</a>\n\
         <a href=\"logtail/{url}/stderr\" target=\"_blank\">Tail -f Stderr</a></td></tr>\n"
    );
}

/// What can be done with a process in a state: actions and their names.
const fn actions(state: ProcessState) -> &'static [(&'static str, &'static str)] {
    const CLEAR: (&str, &str) = ("clearlog", "Clear Log");
    match state {
        ProcessState::Running => &[("restart", "Restart"), ("stop", "Stop"), CLEAR],
        ProcessState::Starting | ProcessState::Backoff => &[("stop", "Stop"), CLEAR],
        ProcessState::Stopped | ProcessState::Exited | ProcessState::Fatal => {
            &[("start", "Start"), CLEAR]
        }
        ProcessState::Stopping | ProcessState::Unknown => &[CLEAR],
    }
}

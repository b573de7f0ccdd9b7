//! The plain page: every process and forms, for browsers without scripts and for programs that
//! read the page.

use super::html::{escape, page as framed, quote};
use crate::actors::handle::SupervisorHandle;
use crate::process::namespec::Display;
use crate::process::{ProcessInfo, ProcessState};
use crate::rpc::api;
use crate::rpc::role::Role;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// Every process with its state and what can be done with it, below a message if there is one.
pub(super) fn page(handle: &SupervisorHandle, role: Role, told: Option<&str>) -> String {
    let body = format!(
        "<header class=\"top\"><h1>Supervisor Status</h1> <p>{}</p> \
         <a class=\"button\" href=\"./\">Live page</a></header>\n{}\n{}<main>\n{}</main>",
        escape(&handle.identifier()),
        warnings(handle),
        told.map(message).unwrap_or_default(),
        table(&handle.all_process_info(), role)
    );
    framed("Supervisor Status", &body)
}

/// What whoever runs supervisord should know.
pub(super) fn warnings(handle: &SupervisorHandle) -> String {
    let warning = |text: &str| {
        format!(
            "<p class=\"warning\" role=\"alert\"><span><strong>⚠ Open to everyone:</strong> {}</span></p>",
            escape(text)
        )
    };
    api::warnings(handle.running_config())
        .map(|one| warning(&one.text))
        .collect()
}

/// What became of an action.
pub(super) fn message(text: &str) -> String {
    format!(
        "<p class=\"message\" role=\"status\">{}</p>\n",
        escape(text)
    )
}

/// Processes and, for who may act, forms.
pub(super) fn table(all: &[ProcessInfo], role: Role) -> String {
    if all.is_empty() {
        return "<p>No programs to manage</p>\n".into();
    }
    let mut html = String::with_capacity(1024 + 768 * all.len());
    if role >= Role::Operator {
        let on_all = form(None, &ON_ALL);
        // Writing to a String cannot fail.
        let _ = writeln!(html, "<div class=\"on-all\">{on_all}</div>");
    }
    html.push_str(
        "<table class=\"plain\">\n<thead><tr><th>Name</th><th>State</th><th>Description</th>\
         <th>Action</th></tr></thead>\n<tbody>\n",
    );
    let zone = TimeZone::system();
    for info in all {
        row(&mut html, info, role, &zone);
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

fn row(html: &mut String, info: &ProcessInfo, role: Role, zone: &TimeZone) {
    let name = Display(&info.group, &info.name).to_string();
    let (url, text) = (quote(&name), escape(&name));
    let state = info.state.name().to_lowercase();
    let form = match role {
        Role::Reader => String::new(),
        _ => form(Some(&text), actions(info.state)),
    };
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<tr><td class=\"name\"><a href=\"tail.html?processname={url}\">{text}</a></td>\
         <td><span class=\"state {state}\"><span aria-hidden=\"true\">{}</span> {state}</span></td>\
         <td class=\"description\">{}</td><td class=\"links\">{form}\
         <a href=\"logtail/{url}\">Tail -f Stdout</a>\n\
         <a href=\"logtail/{url}/stderr\">Tail -f Stderr</a></td></tr>\n",
        sign(info.state),
        escape(&info.description(zone))
    );
}

/// How a state looks without colour, as on the live page.
const fn sign(state: ProcessState) -> &'static str {
    match state {
        ProcessState::Running => "●",
        ProcessState::Starting => "◔",
        ProcessState::Stopping => "◑",
        ProcessState::Backoff => "↻",
        ProcessState::Fatal => "✖",
        ProcessState::Exited => "◇",
        ProcessState::Stopped => "○",
        ProcessState::Unknown => "?",
    }
}

/// A button for each action; on a process, where one is named in HTML.
fn form(process: Option<&str>, actions: &[(&str, &str)]) -> String {
    let mut html = "<form method=\"post\" action=\"index.html\">".to_owned();
    if let Some(name) = process {
        let _ = write!(
            html,
            "<input type=\"hidden\" name=\"processname\" value=\"{name}\">"
        );
    }
    for (action, text) in actions {
        let _ = writeln!(
            html,
            "<button name=\"action\" value=\"{action}\">{text}</button>"
        );
    }
    html.push_str("</form>\n");
    html
}

/// What can be done with all.
const ON_ALL: [(&str, &str); 3] = [
    ("refresh", "Refresh"),
    ("restartall", "Restart All"),
    ("stopall", "Stop All"),
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_posts_what_its_buttons_say() {
        let html = form(Some("a&amp;b"), &[("stop", "Stop")]);
        assert!(html.contains("method=\"post\"") && html.contains("value=\"a&amp;b\""));
        assert!(html.contains("<button name=\"action\" value=\"stop\">Stop</button>"));
    }
}

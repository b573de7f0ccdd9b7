//! The page at `/`: a shell that scripts bring to life, with the first processes in it for the
//! first look and for browsers without scripts.

use super::assets;
use super::html::escape;
use super::status::{message, table, warnings};
use crate::actors::handle::SupervisorHandle;
use crate::rpc::role::Role;
use std::fmt::Write as _;

/// The page with its places to fill, as `{name}`.
const SHELL: &str = include_str!("assets/page/page.html");

/// How many processes the page has in it before it is live.
const FIRST: usize = 200;

/// The page for somebody with a role, with a message if there is one.
pub(super) fn page(handle: &SupervisorHandle, role: Role, told: Option<&str>) -> String {
    fill(SHELL, |name| match name {
        "role" => role.name().to_owned(),
        "version" => crate::VERSION.to_owned(),
        "identifier" => escape(&handle.identifier()),
        "assets" => assets::PATH.clone(),
        "modules" => assets::scripts(),
        "warnings" => warnings(handle),
        "message" => told.map(message).unwrap_or_default(),
        "plain" => first(handle, role),
        _ => String::new(),
    })
}

/// A template with its places filled. What is put in is not looked at again.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = template.split('{');
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or(("", part));
        page.push_str(&value(name));
        page.push_str(rest);
    }
    page
}

fn first(handle: &SupervisorHandle, role: Role) -> String {
    let mut all = handle.all_process_info();
    let more = all.len().saturating_sub(FIRST);
    all.truncate(FIRST);
    let mut html = table(&all, role);
    if more > 0 {
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p><a href=\"index.html\">{more} more are on the plain page.</a></p>"
        );
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once() {
        let filled = fill("<p>{a}</p>{b}{c}", |name| match name {
            "a" => "{b}".into(),
            "b" => "x".into(),
            _ => String::new(),
        });
        assert_eq!(filled, "<p>{b}</p>x");
    }

    #[test]
    fn every_place_of_the_shell_has_a_name_that_is_known() {
        let known = [
            "role",
            "version",
            "identifier",
            "assets",
            "modules",
            "warnings",
            "message",
            "plain",
        ];
        fill(SHELL, |name| {
            assert!(known.contains(&name), "{name}");
            String::new()
        });
    }
}

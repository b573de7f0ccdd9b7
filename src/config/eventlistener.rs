//! What only `[eventlistener:x]` has.

use super::error::{ConfigError, Problem};
use super::section::Section;
use super::values::{boolean, integer, list, natural, payload_length};
use super::{EventListener, Remark};
use crate::events::EventType;
use std::collections::BTreeSet;

/// The only way to read a listener's results, which needs no Python.
const RESULT_HANDLER: &str = "supervisor.dispatchers:default_handler";

impl EventListener {
    /// Reads a pool's own options. A `result_handler` can't be imported and gives a remark.
    pub(super) fn read(section: &Section<'_>) -> Result<(Self, Option<Remark>), ConfigError> {
        let buffer_size = section.get("buffer_size", |text| buffer_size(text, section.name))?;
        let remark = result_handler(section)?;
        let events = section.get("events", |text| events(text, section.name))?;
        let events = events.unwrap_or_default();
        if events.is_empty() {
            return Err(section.error("events", requires_events(section.name)));
        }
        if section.get("redirect_stderr", boolean)? == Some(true) {
            let problem = Problem::ListenerStderr(section.name.to_owned());
            return Err(section.error("redirect_stderr", problem));
        }
        let restart = section.get("restart_on_protocol_error", boolean)?;
        let length = section.get("payload_length", payload_length)?;
        let wait = section.get("outputwaitsecs", natural)?;
        let listener = Self {
            buffer_size: buffer_size.unwrap_or(10),
            events,
            restart_on_protocol_error: restart.unwrap_or(false),
            payload_length: length.unwrap_or_default(),
            outputwaitsecs: wait.unwrap_or(2),
        };
        Ok((listener, remark))
    }
}

fn requires_events(section: &str) -> Problem {
    Problem::Requires {
        section: section.to_owned(),
        article: "an",
        option: "events",
    }
}

fn buffer_size(text: &str, section: &str) -> Result<usize, Problem> {
    let size = integer(text)?;
    let sound = usize::try_from(size).ok().filter(|&size| size > 0);
    sound.ok_or_else(|| Problem::BufferSize {
        section: section.to_owned(),
        size,
    })
}

fn result_handler(section: &Section<'_>) -> Result<Option<Remark>, ConfigError> {
    let handler = section
        .text("result_handler")?
        .filter(|text| *text != RESULT_HANDLER);
    Ok(handler.map(|handler| {
        Remark::warn(format!(
            "For [{}], result_handler={handler} is a Python plugin and can't be loaded, the \
             default handler has been used",
            section.name
        ))
    }))
}

fn events(text: &str, section: &str) -> Result<BTreeSet<EventType>, Problem> {
    let event = |name: &str| {
        let name = name.to_uppercase();
        EventType::from_name(&name).ok_or_else(|| Problem::UnknownEvent {
            section: section.to_owned(),
            name,
        })
    };
    list(text).map(event).collect()
}

//! What the methods of `twiddler` can do, where the configuration has that interface.

use super::problem::Problem;
use crate::actors::SupervisorHandle;
use crate::process::{Fault, FaultCode, Level};
use crate::rpc::twiddler::{level_named, permit};
use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A program as it is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProgram {
    name: String,
    options: Map<String, Value>,
}

/// A line for supervisord's own log as it is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    message: String,
    level: Option<String>,
}

impl NewProgram {
    /// Adds it to an active group.
    pub(super) async fn add(self, handle: &SupervisorHandle, group: &str) -> Result<(), Problem> {
        allow(handle, "addProgramToGroup")?;
        let options: Result<_, Problem> = self.options.into_iter().map(option).collect();
        Ok(handle.add_program(group, &self.name, options?).await?)
    }
}

impl Line {
    /// Writes it.
    pub(super) fn write(self, handle: &SupervisorHandle) -> Result<(), Problem> {
        allow(handle, "log")?;
        let level = match &self.level {
            Some(name) => level_named(name).ok_or_else(|| {
                let unknown = format!("there is no level {name:?}");
                Problem::new(StatusCode::BAD_REQUEST, unknown)
            })?,
            None => Level::Info,
        };
        if handle.logs(level) {
            handle.log(level, self.message);
        }
        Ok(())
    }
}

/// Removes a process that is stopped from its group.
pub(super) async fn remove(
    handle: &SupervisorHandle,
    group: &str,
    process: &str,
) -> Result<(), Problem> {
    allow(handle, "removeProcessFromGroup")?;
    Ok(handle.remove_process(group, process).await?)
}

/// Whether the configuration has the interface and lets clients call the method.
fn allow(handle: &SupervisorHandle, method: &str) -> Result<(), Fault> {
    if handle.running_config().twiddler.is_none() {
        let missing = "the configuration has no [rpcinterface:twiddler]";
        return Err(Fault::new(FaultCode::UnknownMethod, missing));
    }
    permit(handle, method)
}

/// An option as in a file; numbers and truths may be given as such.
fn option((name, value): (String, Value)) -> Result<(String, String), Problem> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => {
            let odd = format!("option {name:?} is neither a text, a number nor a truth");
            return Err(Problem::new(StatusCode::BAD_REQUEST, odd));
        }
    };
    Ok((name, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_are_texts_numbers_or_truths() {
        let read = |value| option(("x".into(), value)).map(|(_, text)| text);
        assert_eq!(read(json!("a b")).unwrap(), "a b");
        assert_eq!(read(json!(2)).unwrap(), "2");
        assert_eq!(read(json!(false)).unwrap(), "false");
        assert!(read(json!(null)).is_err() && read(json!([1])).is_err());
    }
}

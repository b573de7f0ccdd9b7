//! `twiddler.*`: the interface of the plugin `supervisor_twiddler`, by which clients add and remove
//! programs while supervisord runs. It is there where `[rpcinterface:twiddler]` names it.

use super::args::{Args, INCORRECT};
use super::method::Answer;
use super::shown::shown;
use super::supervisor::done;
use crate::actors::handle::SupervisorHandle;
use crate::process::note::Level;
use crate::process::{Fault, FaultCode};
use crate::xmlrpc::Value;

/// The version of this interface, which clients check.
const API_VERSION: &str = "1.0";

/// Levels by the names and numbers that Supervisor's Python knows.
const LEVELS: &[(&str, i64, Level)] = &[
    ("CRIT", 50, Level::Critical),
    ("ERRO", 40, Level::Error),
    ("WARN", 30, Level::Warn),
    ("INFO", 20, Level::Info),
    ("DEBG", 10, Level::Debug),
    ("TRAC", 5, Level::Trace),
    ("BLAT", 3, Level::Blather),
];

/// Whether the file lets clients call a method.
pub(super) fn permit(handle: &SupervisorHandle, method: &str) -> Result<(), Fault> {
    let twiddler = handle.running_config().twiddler.as_ref();
    match twiddler.is_some_and(|twiddler| twiddler.allows(method)) {
        true => Ok(()),
        false => Err(Fault::new(FaultCode::NotInWhitelist, method)),
    }
}

pub(super) fn api_version(handle: &SupervisorHandle, _: &Args) -> Answer {
    permit(handle, "getAPIVersion")?;
    Ok(Box::new(API_VERSION))
}

pub(super) fn group_names(handle: &SupervisorHandle, _: &Args) -> Answer {
    permit(handle, "getGroupNames")?;
    Ok(Box::new(handle.group_names()))
}

pub(super) fn log(handle: &SupervisorHandle, args: &Args) -> Answer {
    permit(handle, "log")?;
    let level = match args.values.get(1) {
        Some(level) => known_level(level).ok_or(INCORRECT)?,
        None => Level::Info,
    };
    if handle.logs(level) {
        handle.log(level, shown(args.value(0)));
    }
    done()
}

fn known_level(value: &Value) -> Option<Level> {
    match value {
        Value::Str(name) => level_named(name),
        Value::Int(given) => level(|_, number| number == *given),
        _ => None,
    }
}

/// The level of a name as Supervisor's log has it, in any case.
pub(super) fn level_named(wanted: &str) -> Option<Level> {
    level(|name, _| name.eq_ignore_ascii_case(wanted))
}

fn level(is_meant: impl Fn(&str, i64) -> bool) -> Option<Level> {
    let mut levels = LEVELS.iter();
    let (_, _, level) = levels.find(|(name, number, _)| is_meant(name, *number))?;
    Some(*level)
}

pub(super) async fn add_program(handle: SupervisorHandle, args: Args) -> Answer {
    permit(&handle, "addProgramToGroup")?;
    let options = options(args.value(2))?;
    let (group, program) = (args.text(0)?, args.text(1)?);
    handle.add_program(group, program, options).await?;
    done()
}

/// A program's options. Python's clients may give numbers and truths as such.
fn options(value: &Value) -> Result<Vec<(String, String)>, Fault> {
    let Value::Struct(members) = value else {
        return Err(INCORRECT);
    };
    let text = |value: &Value| match value {
        Value::Str(_) | Value::Int(_) | Value::Bool(_) => Ok(shown(value)),
        _ => Err(INCORRECT),
    };
    let option = |(key, value): &(String, Value)| Ok((key.clone(), text(value)?));
    members.iter().map(option).collect()
}

pub(super) async fn remove_process(handle: SupervisorHandle, args: Args) -> Answer {
    permit(&handle, "removeProcessFromGroup")?;
    handle.remove_process(args.text(0)?, args.text(1)?).await?;
    done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn a_level_is_a_name_or_a_number() {
        assert_eq!(known_level(&text("warn")), Some(Level::Warn));
        assert_eq!(known_level(&Value::Int(3)), Some(Level::Blather));
        assert_eq!(known_level(&Value::Int(4)), None);
        assert_eq!(known_level(&text("LOUD")), None);
        assert_eq!(known_level(&Value::Nil), None);
    }

    #[test]
    fn options_are_texts_numbers_or_truths() {
        let members = [
            ("command", text("/bin/cat")),
            ("numprocs", Value::Int(2)),
            ("autostart", Value::Bool(false)),
        ];
        let members = members.map(|(key, value)| (key.to_owned(), value));
        let shown: Vec<_> = options(&Value::Struct(members.to_vec())).unwrap();
        let values: Vec<_> = shown.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["/bin/cat", "2", "False"]);
        let odd = vec![("command".to_owned(), Value::Array(vec![]))];
        assert_eq!(options(&Value::Struct(odd)), Err(INCORRECT));
        assert_eq!(options(&text("command=x")), Err(INCORRECT));
    }
}

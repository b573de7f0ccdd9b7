//! What supervisord's methods answer, as far as supervisorctl looks at it.

use super::json::json;
use crate::process::ProcessState;
use crate::process::fault::SUCCESS;
use crate::process::namespec::Display;
use crate::xmlrpc::Value;
use serde_json::Value as Json;

/// A process, as `getProcessInfo` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Info {
    /// Its group's name.
    pub group: String,
    /// Its name.
    pub name: String,
    /// The number of its state.
    pub state: i64,
    /// The word for it.
    pub statename: String,
    /// What a person wants to know besides.
    pub description: String,
    /// 0 when it does not run.
    pub pid: i64,
}

/// A process with all that the server tells of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FullInfo {
    /// What supervisorctl understands of it.
    pub info: Info,
    /// All of it.
    pub json: Json,
}

/// What became of one process of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Its group's name.
    pub group: String,
    /// Its name.
    pub name: String,
    /// A fault's number, or [`SUCCESS`](crate::process::fault::SUCCESS).
    pub status: i64,
    /// The fault's text.
    pub description: String,
}

/// A process as the file configures it, from `getAllConfigInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Configured {
    /// Its group's name.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Whether its group is active.
    pub inuse: bool,
    /// Whether it starts by itself.
    pub autostart: bool,
    /// Its group's priority.
    pub group_prio: i64,
    /// Its own.
    pub process_prio: i64,
}

/// The names of groups that a new reading of the file concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Not active yet.
    pub added: Vec<String>,
    /// Active with another configuration.
    pub changed: Vec<String>,
    /// Active but no longer configured.
    pub removed: Vec<String>,
}

/// A part of the file that no update takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    /// The section.
    pub section: String,
    /// The option; empty where it is the section as a whole.
    pub option: String,
    /// What became of it: a word as of `reread`.
    pub change: String,
    /// What takes it on.
    pub remedy: String,
}

/// A process that is not as the files have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drift {
    /// Its group's name.
    pub group: String,
    /// Its name.
    pub name: String,
    /// What became of it in the files: a word as of `reread`.
    pub change: String,
}

/// What looking the file over came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checked {
    /// What makes it unusable.
    pub errors: Vec<String>,
    /// What can't be meant so.
    pub warnings: Vec<String>,
    /// All of it in one line.
    pub summary: String,
    /// The answer as it came.
    pub json: Json,
}

/// A type that an answer may hold. The error is what the answer lacks.
pub(super) trait Reply: Sized {
    /// Reads it.
    fn read(value: &Value) -> Result<Self, String>;
}

impl AsRef<Self> for Info {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<Info> for FullInfo {
    fn as_ref(&self) -> &Info {
        &self.info
    }
}

impl Info {
    /// Its state, if it has one that we know.
    pub(super) fn process_state(&self) -> Option<ProcessState> {
        let mut states = ProcessState::ALL.into_iter();
        states.find(|state| i64::from(state.code()) == self.state)
    }

    /// The name by which users call it.
    pub(super) fn namespec(&self) -> String {
        Display(&self.group, &self.name).to_string()
    }
}

impl Outcome {
    /// Whether it went well.
    pub(super) fn is_success(&self) -> bool {
        self.status == i64::from(SUCCESS)
    }

    /// The name by which users call the process.
    pub(super) fn namespec(&self) -> String {
        Display(&self.group, &self.name).to_string()
    }
}

impl Reply for Info {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            group: member(value, "group")?,
            name: member(value, "name")?,
            state: member(value, "state")?,
            statename: member(value, "statename")?,
            description: member(value, "description")?,
            pid: member(value, "pid")?,
        })
    }
}

impl Reply for FullInfo {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            info: Info::read(value)?,
            json: json(value),
        })
    }
}

impl Reply for Outcome {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            group: member(value, "group")?,
            name: member(value, "name")?,
            status: member(value, "status")?,
            description: member(value, "description")?,
        })
    }
}

impl Reply for Configured {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            group: member(value, "group")?,
            name: member(value, "name")?,
            inuse: member(value, "inuse")?,
            autostart: member(value, "autostart")?,
            group_prio: member(value, "group_prio")?,
            process_prio: member(value, "process_prio")?,
        })
    }
}

impl Reply for Changes {
    /// `[[added, changed, removed]]`.
    fn read(value: &Value) -> Result<Self, String> {
        let lists = Vec::<Vec<Vec<String>>>::read(value)?;
        match <[_; 3]>::try_from(lists.into_iter().flatten().collect::<Vec<_>>()) {
            Ok([added, changed, removed]) => Ok(Self {
                added,
                changed,
                removed,
            }),
            Err(_) => Err("not three lists of groups".to_owned()),
        }
    }
}

impl Reply for Pending {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            section: member(value, "section")?,
            option: member(value, "option")?,
            change: member(value, "change")?,
            remedy: member(value, "remedy")?,
        })
    }
}

impl Drift {
    /// The name by which users call it.
    pub(super) fn namespec(&self) -> String {
        Display(&self.group, &self.name).to_string()
    }
}

impl Reply for Drift {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            group: member(value, "group")?,
            name: member(value, "name")?,
            change: member(value, "change")?,
        })
    }
}

impl Reply for Checked {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(Self {
            errors: member(value, "errors")?,
            warnings: member(value, "warnings")?,
            summary: member(value, "summary")?,
            json: json(value),
        })
    }
}

impl<T: Reply> Reply for Vec<T> {
    fn read(value: &Value) -> Result<Self, String> {
        let items = value.as_array().ok_or("no array")?;
        items.iter().map(T::read).collect()
    }
}

impl Reply for String {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(value.as_str().ok_or("no string")?.to_owned())
    }
}

impl Reply for i64 {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(value.as_int().ok_or("no integer")?)
    }
}

impl Reply for bool {
    /// An integer counts too: 0 is false.
    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(truth) => Ok(*truth),
            Value::Int(number) => Ok(*number != 0),
            _ => Err("no boolean".to_owned()),
        }
    }
}

impl Reply for Json {
    fn read(value: &Value) -> Result<Self, String> {
        Ok(json(value))
    }
}

fn member<T: Reply>(value: &Value, name: &str) -> Result<T, String> {
    let member = value.get(name).ok_or_else(|| format!("no {name}"))?;
    T::read(member).map_err(|what| format!("{name}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Value {
        Value::Array(
            names
                .iter()
                .map(|name| Value::Str((*name).into()))
                .collect(),
        )
    }

    #[test]
    fn changes_are_three_lists_in_a_list() {
        let lists = vec![names(&["a"]), names(&[]), names(&["b", "c"])];
        let value = Value::Array(vec![Value::Array(lists)]);
        let changes = Changes::read(&value).unwrap();
        assert_eq!(changes.added, ["a"]);
        assert!(changes.changed.is_empty());
        assert_eq!(changes.removed, ["b", "c"]);
        assert!(Changes::read(&Value::Array(vec![])).is_err());
        assert!(Changes::read(&names(&["a"])).is_err());
    }

    #[test]
    fn what_is_missing_is_named() {
        let value = Value::Struct(vec![
            ("group".into(), Value::Str("g".into())),
            ("name".into(), Value::Int(1)),
        ]);
        assert_eq!(Outcome::read(&value), Err("name: no string".to_owned()));
        assert_eq!(Outcome::read(&Value::Nil), Err("no group".to_owned()));
    }
}

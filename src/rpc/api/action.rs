//! What is done with processes: one, a group, a selection, all. The verbs are the handle's.

use super::problem::Problem;
use super::resource::Verb;
use crate::actors::{Outcome, SupervisorHandle};
use crate::process::fault::SUCCESS;
use crate::process::{Fault, FaultCode, Mood, Namespec, Signal};
use actix_web::http::StatusCode;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What to do with whom, as it is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Selection {
    action: String,
    targets: Vec<String>,
    #[serde(default = "yes")]
    wait: bool,
    signal: Option<String>,
}

const fn yes() -> bool {
    true
}

/// What became of a process, in the words of startAllProcesses.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Told {
    group: Arc<str>,
    name: Arc<str>,
    status: i32,
    description: String,
}

/// What became of each process.
#[derive(Serialize)]
pub(super) struct AllTold {
    results: Vec<Told>,
}

impl AllTold {
    pub(super) fn new(outcomes: Vec<Outcome>) -> Self {
        Self {
            results: outcomes.into_iter().map(Told::from).collect(),
        }
    }
}

impl From<Outcome> for Told {
    fn from(outcome: Outcome) -> Self {
        let (status, description) = match outcome.result {
            Ok(()) => (SUCCESS, "OK".to_owned()),
            Err(fault) => (fault.code.number(), fault.to_string()),
        };
        Self {
            group: outcome.group,
            name: outcome.name,
            status,
            description,
        }
    }
}

/// A verb with all that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    what: What,
    wait: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Start,
    Stop,
    Restart,
    Signal(Signal),
    ClearLogs,
}

impl Action {
    /// The action of a verb; `signal` is a name or a number.
    ///
    /// # Errors
    /// BAD_SIGNAL, INCORRECT_PARAMETERS where a signal is needed and there is none.
    pub(super) fn new(verb: Verb, signal: Option<&str>, wait: bool) -> Result<Self, Fault> {
        let what = match verb {
            Verb::Start => What::Start,
            Verb::Stop => What::Stop,
            Verb::Restart => What::Restart,
            Verb::ClearLogs => What::ClearLogs,
            Verb::Signal => {
                let missing = || Fault::new(FaultCode::IncorrectParameters, "which signal?");
                let text = signal.ok_or_else(missing)?;
                let unknown = || Fault::new(FaultCode::BadSignal, text);
                What::Signal(Signal::parse(text).ok_or_else(unknown)?)
            }
        };
        Ok(Self { what, wait })
    }

    /// Carries it out on one process.
    pub(super) async fn on_process(
        self,
        handle: &SupervisorHandle,
        name: &str,
    ) -> Result<Told, Fault> {
        let Namespec { group, process } = Namespec::parse(name);
        let unknown = || Fault::new(FaultCode::BadName, name);
        let process = process.ok_or_else(unknown)?;
        handle.process_info(name)?;
        match self.what {
            What::Start => handle.start_process(name, self.wait).await,
            What::Stop => handle.stop_process(name, self.wait).await,
            What::Restart => {
                // One that is not up is started all the same.
                let _ = handle.stop_process(name, true).await;
                handle.start_process(name, self.wait).await
            }
            What::Signal(signal) => handle.signal_process(name, signal).await,
            What::ClearLogs => handle.clear_process_logs(name).await,
        }?;
        Ok(Told::from(Outcome {
            group: group.into(),
            name: process.into(),
            result: Ok(()),
        }))
    }

    /// Carries it out on a group.
    pub(super) async fn on_group(
        self,
        handle: &SupervisorHandle,
        group: &str,
    ) -> Result<Vec<Outcome>, Fault> {
        match self.what {
            What::Start => handle.start_group(group, self.wait).await,
            What::Stop => handle.stop_group(group, self.wait).await,
            What::Restart => {
                handle.stop_group(group, true).await?;
                handle.start_group(group, self.wait).await
            }
            What::Signal(signal) => handle.signal_group(group, signal).await,
            What::ClearLogs => handle.clear_group_logs(group).await,
        }
    }

    async fn on_all(self, handle: &SupervisorHandle) -> Vec<Outcome> {
        match self.what {
            What::Start => handle.start_all(self.wait).await,
            What::Stop => handle.stop_all(self.wait).await,
            What::Restart => {
                handle.stop_all(true).await;
                handle.start_all(self.wait).await
            }
            What::Signal(signal) => handle.signal_all(signal).await,
            What::ClearLogs => handle.clear_all_process_logs().await,
        }
    }

    /// Carries it out on what a target of a selection names.
    async fn on_target(self, handle: &SupervisorHandle, target: &str) -> Vec<Told> {
        if target == "*" {
            let outcomes = self.on_all(handle).await;
            return outcomes.into_iter().map(Told::from).collect();
        }
        let spec = Namespec::parse(target);
        let result = match &spec.process {
            None => self
                .on_group(handle, &spec.group)
                .await
                .map(|outcomes| outcomes.into_iter().map(Told::from).collect()),
            Some(_) => self.on_process(handle, target).await.map(|told| vec![told]),
        };
        result.unwrap_or_else(|fault| {
            vec![Told::from(Outcome {
                group: spec.group.into(),
                name: spec.process.unwrap_or_default().into(),
                result: Err(fault),
            })]
        })
    }
}

impl Selection {
    /// Carries it out on all targets at once.
    pub(super) async fn carry_out(self, handle: &SupervisorHandle) -> Result<AllTold, Problem> {
        if self.targets.is_empty() {
            let nobody = "no targets; \"*\" is everyone";
            return Err(Problem::new(StatusCode::BAD_REQUEST, nobody));
        }
        let Some(verb) = Verb::named(&self.action) else {
            let unknown = format!("there is no action {:?}", self.action);
            return Err(Problem::new(StatusCode::BAD_REQUEST, unknown));
        };
        let action = Action::new(verb, self.signal.as_deref(), self.wait)?;
        let targets = self.targets.iter();
        let told = join_all(targets.map(|target| action.on_target(handle, target))).await;
        Ok(AllTold {
            results: told.into_iter().flatten().collect(),
        })
    }
}

/// Whether supervisord takes orders.
///
/// # Errors
/// SHUTDOWN_STATE when it is about to end or to restart.
pub(super) fn takes_orders(handle: &SupervisorHandle) -> Result<(), Fault> {
    if handle.mood() == Mood::Running {
        return Ok(());
    }
    Err(Fault::bare(FaultCode::ShutdownState))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_waits_unless_it_is_told_not_to() {
        let parse = serde_json::from_str::<Selection>;
        let selection = parse(r#"{"action": "stop", "targets": ["a:*", "b"]}"#).unwrap();
        assert!(selection.wait && selection.targets == ["a:*", "b"]);
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"action": "stop"}"#,
            r#"{"action": "stop", "targets": "a"}"#,
            r#"{"action": "stop", "targets": ["a"], "wiat": false}"#,
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_signal_has_a_name_or_a_number() {
        let action = |signal| Action::new(Verb::Signal, signal, true);
        assert_eq!(action(Some("HUP")), action(Some("1")));
        let refused = |signal| action(signal).unwrap_err().to_string();
        assert_eq!(refused(Some("NOPE")), "BAD_SIGNAL: NOPE");
        assert_eq!(refused(None), "INCORRECT_PARAMETERS: which signal?");
    }
}

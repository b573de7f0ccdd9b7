//! What the buttons of the status page do.

use super::form::Form;
use crate::actors::handle::SupervisorHandle;
use crate::process::{Fault, FaultCode, Mood};
use crate::rpc::role::Role;

/// An action on one process or on all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing but a fresh page.
    Refresh,
    /// Stop every process.
    StopAll,
    /// Stop every process, then start every process.
    RestartAll,
    /// Something with the process of a name.
    One(Verb, String),
}

/// What is done with one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Stop it if it is up, then start it.
    Restart,
    /// Clear its logs.
    ClearLog,
}

/// The form names an action that there is not, or one on a process but no process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSuchAction;

impl Action {
    /// The action that a form asks for, if any.
    pub(super) fn of(form: &Form) -> Result<Option<Self>, NoSuchAction> {
        let Some(action) = form.get("action") else {
            return Ok(None);
        };
        let one = |verb| {
            let name = form.get("processname").ok_or(NoSuchAction)?;
            Ok(Self::One(verb, name.to_owned()))
        };
        match action {
            "refresh" => Ok(Self::Refresh),
            "stopall" => Ok(Self::StopAll),
            "restartall" => Ok(Self::RestartAll),
            "start" => one(Verb::Start),
            "stop" => one(Verb::Stop),
            "restart" => one(Verb::Restart),
            "clearlog" => one(Verb::ClearLog),
            _ => Err(NoSuchAction),
        }
        .map(Some)
    }

    /// Who may ask for it.
    pub(super) const fn role(&self) -> Role {
        match self {
            Self::Refresh => Role::Reader,
            _ => Role::Operator,
        }
    }

    /// Carries it out and tells what became of it.
    pub(super) async fn carry_out(self, handle: &SupervisorHandle) -> String {
        if handle.mood() != Mood::Running && self != Self::Refresh {
            return unexpected(&Fault::bare(FaultCode::ShutdownState));
        }
        match self {
            Self::Refresh => format!("Page refreshed at {}", now()),
            Self::StopAll => {
                handle.stop_all(true).await;
                format!("All stopped at {}", now())
            }
            Self::RestartAll => {
                handle.stop_all(true).await;
                handle.start_all(true).await;
                format!("All restarted at {}", now())
            }
            Self::One(_, name) if handle.process_info(&name).is_err() => {
                format!("No such process named {name}")
            }
            Self::One(verb, name) => verb.carry_out(handle, &name).await,
        }
    }
}

impl Verb {
    async fn carry_out(self, handle: &SupervisorHandle, name: &str) -> String {
        match self {
            Self::Start => match handle.start_process(name, true).await {
                Ok(()) => format!("Process {name} started"),
                Err(fault) => format!("ERROR: Process {name}: {}", start_failure(&fault)),
            },
            Self::Stop => match handle.stop_process(name, true).await {
                Ok(()) => format!("Process {name} stopped"),
                Err(fault) => unexpected(&fault),
            },
            Self::Restart => {
                // One that is not up is started all the same.
                let _ = handle.stop_process(name, true).await;
                match handle.start_process(name, true).await {
                    Ok(()) => format!("Process {name} restarted"),
                    Err(fault) => format!("ERROR: Process {name}: {}", start_failure(&fault)),
                }
            }
            Self::ClearLog => match handle.clear_process_logs(name).await {
                Ok(()) => format!("Log for {name} cleared"),
                Err(fault) => unexpected(&fault),
            },
        }
    }
}

fn start_failure(fault: &Fault) -> String {
    match fault.code {
        FaultCode::NoFile => "no such file".into(),
        FaultCode::NotExecutable => "file not executable".into(),
        FaultCode::AlreadyStarted => "already started".into(),
        FaultCode::SpawnError => "spawn error".into(),
        FaultCode::AbnormalTermination => "abnormal termination".into(),
        _ => unexpected(fault),
    }
}

fn unexpected(fault: &Fault) -> String {
    format!("unexpected rpc fault [{}] {fault}", fault.code.number())
}

/// The time as C's ctime(3) tells it.
fn now() -> String {
    let now = jiff::Zoned::now();
    now.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_an_action_and_perhaps_a_process() {
        let action = |query| Action::of(&Form::of(b"", query));
        assert_eq!(action(""), Ok(None));
        assert_eq!(action("action="), Ok(None));
        assert_eq!(action("action=stopall"), Ok(Some(Action::StopAll)));
        assert_eq!(
            action("processname=a%3Ab&action=start"),
            Ok(Some(Action::One(Verb::Start, "a:b".into())))
        );
        assert_eq!(action("action=start"), Err(NoSuchAction));
        assert_eq!(action("processname=a&action=bogus"), Err(NoSuchAction));
    }

    #[test]
    fn failures_to_start_are_told_in_words() {
        let told = |code| start_failure(&Fault::new(code, "a"));
        assert_eq!(told(FaultCode::NoFile), "no such file");
        assert_eq!(
            told(FaultCode::Failed),
            "unexpected rpc fault [30] FAILED: a"
        );
    }
}

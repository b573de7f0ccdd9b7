//! What is asked of processes: the calls for it, and how their outcomes are told.

use super::calls::Call;
use super::exit_status;
use super::outcome::Verb;
use crate::process::ProcessState::{
    self, Backoff, Exited, Fatal, Running, Starting, Stopped, Stopping, Unknown,
};
use crate::process::{FaultCode, Namespec};
use crate::xmlrpc::Value;

/// What is asked of processes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order<'a> {
    /// To start. Whether that is waited for.
    Start { wait: bool },
    /// To stop. Whether that is waited for.
    Stop { wait: bool },
    /// To take this signal.
    Signal(&'a str),
}

/// Whom an order is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    All,
    /// Every process of a group.
    Group(String),
    /// A process, as the user called it.
    Process(String),
}

const START: Verb = Verb {
    done: "started",
    idle: Some(FaultCode::AlreadyStarted),
    faults: &[
        (FaultCode::BadName, "no such process"),
        (FaultCode::NoFile, "no such file"),
        (FaultCode::NotExecutable, "file is not executable"),
        (FaultCode::AlreadyStarted, "already started"),
        (FaultCode::SpawnError, "spawn error"),
        (FaultCode::AbnormalTermination, "abnormal termination"),
    ],
    no_group: exit_status::INVALID_ARGUMENTS,
};

const STOP: Verb = Verb {
    done: "stopped",
    idle: Some(FaultCode::NotRunning),
    faults: &[
        (FaultCode::BadName, "no such process"),
        (FaultCode::NotRunning, "not running"),
    ],
    no_group: exit_status::GENERIC,
};

const SIGNAL: Verb = Verb {
    done: "signalled",
    idle: None,
    faults: &[
        (FaultCode::BadName, "no such process"),
        (FaultCode::BadSignal, "bad signal name"),
        (FaultCode::NotRunning, "not running"),
    ],
    no_group: exit_status::GENERIC,
};

/// Orders that were given and not waited for.
const STARTING: Verb = Verb {
    done: "starting",
    ..START
};
const STOPPING: Verb = Verb {
    done: "stopping",
    ..STOP
};

impl Target {
    /// Whom a user's names stand for: `all` among them makes the others meaningless.
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a str> + Clone) -> Vec<Self> {
        if names.clone().into_iter().any(|name| name == "all") {
            return vec![Self::All];
        }
        let target = |name: &str| match Namespec::parse(name) {
            Namespec {
                group,
                process: None,
            } => Self::Group(group),
            _ => Self::Process(name.to_owned()),
        };
        names.into_iter().map(target).collect()
    }

    /// The name in lines about it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Group(group) => group.clone(),
            Self::Process(name) => Namespec::parse(name).to_string(),
        }
    }
}

impl Order<'_> {
    /// How its outcomes are told.
    pub(super) const fn verb(self) -> &'static Verb {
        match self {
            Self::Start { wait: true } => &START,
            Self::Start { wait: false } => &STARTING,
            Self::Stop { wait: true } => &STOP,
            Self::Stop { wait: false } => &STOPPING,
            Self::Signal(_) => &SIGNAL,
        }
    }

    /// Whether its answers are held against the states that follow: supervisord accepts a start
    /// that is not waited for even where nothing comes of it.
    pub(super) const fn is_checked(self) -> bool {
        matches!(self, Self::Start { wait: false })
    }

    /// The state that it is to lead to, if its end is waited for.
    pub(super) const fn goal(self) -> Option<ProcessState> {
        match self {
            Self::Start { wait: true } => Some(Running),
            Self::Stop { wait: true } => Some(Stopped),
            _ => None,
        }
    }

    /// Whether it concerns a process in this state, where it is given to many.
    pub(super) const fn concerns(self, state: ProcessState) -> bool {
        let up = matches!(state, Starting | Running | Backoff);
        match self {
            Self::Start { .. } => !up,
            Self::Stop { .. } | Self::Signal(_) => up,
        }
    }

    /// Whether it has come to its end, well or not, for a process that was `before` and is `now`.
    pub(super) fn is_over(self, before: ProcessState, now: ProcessState) -> bool {
        match self {
            Self::Start { .. } => now != before && !matches!(now, Starting | Stopping),
            _ => matches!(now, Stopped | Exited | Fatal | Unknown),
        }
    }

    /// The call that gives it.
    pub(super) fn call(self, target: &Target) -> Call {
        let [all, group, process] = self.methods();
        let (method, name) = match target {
            Target::All => (all, None),
            Target::Group(name) => (group, Some(name)),
            Target::Process(name) => (process, Some(name)),
        };
        let params = name.into_iter().cloned().map(Value::Str);
        Call {
            method,
            params: params.chain(self.argument()).collect(),
        }
    }

    /// The methods for all, for a group, and for a process.
    const fn methods(self) -> [&'static str; 3] {
        match self {
            Self::Start { .. } => [
                "supervisor.startAllProcesses",
                "supervisor.startProcessGroup",
                "supervisor.startProcess",
            ],
            Self::Stop { .. } => [
                "supervisor.stopAllProcesses",
                "supervisor.stopProcessGroup",
                "supervisor.stopProcess",
            ],
            Self::Signal(_) => [
                "supervisor.signalAllProcesses",
                "supervisor.signalProcessGroup",
                "supervisor.signalProcess",
            ],
        }
    }

    /// What the methods want besides the name; that the end is waited for need not be said.
    fn argument(self) -> Option<Value> {
        match self {
            Self::Start { wait } | Self::Stop { wait } => (!wait).then_some(Value::Bool(false)),
            Self::Signal(signal) => Some(Value::Str(signal.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_process_a_group_or_all() {
        let group = |name: &str| Target::Group(name.to_owned());
        let process = |name: &str| Target::Process(name.to_owned());
        assert_eq!(Target::of(["a", "all", "b"]), [Target::All]);
        assert_eq!(
            Target::of(["a", "g:*", "g:", "g:a"]),
            [process("a"), group("g"), group("g"), process("g:a")]
        );
        assert_eq!(process("a:a").name(), "a");
    }

    #[test]
    fn the_call_has_a_name_and_what_the_order_adds() {
        let told = |order: Order<'_>, target| {
            let Call { method, params } = order.call(&target);
            format!("{method} {params:?}")
        };
        let stop = Order::Stop { wait: false };
        assert_eq!(
            told(stop, Target::Process("a".into())),
            r#"supervisor.stopProcess [Str("a"), Bool(false)]"#
        );
        assert_eq!(
            told(Order::Signal("HUP"), Target::All),
            r#"supervisor.signalAllProcesses [Str("HUP")]"#
        );
        assert_eq!(
            told(Order::Start { wait: true }, Target::Group("g".into())),
            r#"supervisor.startProcessGroup [Str("g")]"#
        );
    }
}

//! start, stop, restart, signal.

use super::controller::Controller;
use super::outcome::Verb;
use super::proxy::Supervisor;
use super::reply::Outcome;
use super::{Error, exit_status};
use crate::process::{FaultCode, Namespec};

/// What is asked of processes.
#[derive(Clone, Copy)]
enum Order<'a> {
    Start,
    Stop,
    Signal(&'a str),
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

impl Order<'_> {
    const fn verb(self) -> &'static Verb {
        match self {
            Self::Start => &START,
            Self::Stop => &STOP,
            Self::Signal(_) => &SIGNAL,
        }
    }

    fn all(self, supervisor: Supervisor<'_>) -> Result<Vec<Outcome>, Error> {
        match self {
            Self::Start => supervisor.start_all_processes(),
            Self::Stop => supervisor.stop_all_processes(),
            Self::Signal(signal) => supervisor.signal_all(signal),
        }
    }

    fn group(self, supervisor: Supervisor<'_>, group: &str) -> Result<Vec<Outcome>, Error> {
        match self {
            Self::Start => supervisor.start_process_group(group),
            Self::Stop => supervisor.stop_process_group(group),
            Self::Signal(signal) => supervisor.signal_group(group, signal),
        }
    }

    fn process(self, supervisor: Supervisor<'_>, name: &str) -> Result<(), Error> {
        match self {
            Self::Start => supervisor.start_process(name),
            Self::Stop => supervisor.stop_process(name),
            Self::Signal(signal) => supervisor.signal_process(name, signal),
        }
    }

    /// Gives the order to all, or to each of `names` in turn.
    fn give(self, controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
        if names.contains(&"all") {
            let outcomes = self.all(controller.supervisor())?;
            self.verb().tell_many(&mut controller.report, &outcomes);
            return Ok(());
        }
        names
            .iter()
            .try_for_each(|name| self.give_one(controller, name))
    }

    fn give_one(self, controller: &mut Controller<'_>, name: &str) -> Result<(), Error> {
        let spec = Namespec::parse(name);
        if spec.process.is_none() {
            let result = self.group(controller.supervisor(), &spec.group);
            let report = &mut controller.report;
            return self.verb().tell_group(report, &spec.group, result);
        }
        let result = self.process(controller.supervisor(), name);
        self.verb().tell_one(&mut controller.report, &spec, result)
    }
}

/// `start NAME...`
pub(super) fn start(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("start", "start requires a process name");
        controller.report.fail(exit_status::INVALID_ARGUMENTS);
        return Ok(());
    }
    Order::Start.give(controller, names)
}

/// `stop NAME...`
pub(super) fn stop(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("stop", "stop requires a process name");
        return Ok(());
    }
    Order::Stop.give(controller, names)
}

/// `restart NAME...`: stops all of them, then starts all of them.
pub(super) fn restart(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("restart", "restart requires a process name");
        return Ok(());
    }
    Order::Stop.give(controller, names)?;
    Order::Start.give(controller, names)
}

/// `signal SIGNAL NAME...`
pub(super) fn signal(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    match words {
        [signal, names @ ..] if !names.is_empty() => Order::Signal(signal).give(controller, names),
        _ => {
            controller.usage("signal", "signal requires a signal name and a process name");
            Ok(())
        }
    }
}

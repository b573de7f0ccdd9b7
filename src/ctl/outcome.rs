//! What became of an order, in a line and in the exit status.

use super::reply::Outcome;
use super::report::Report;
use super::{Error, exit_status};
use crate::process::fault::SUCCESS;
use crate::process::{FaultCode, Namespec};
use crate::xmlrpc::RpcFault;

/// How the outcomes of one kind of order are told.
pub(super) struct Verb {
    /// The word after the name when it worked.
    pub(super) done: &'static str,
    /// The fault which says that there was nothing to do: no failure.
    pub(super) idle: Option<FaultCode>,
    /// What faults are called.
    pub(super) faults: &'static [(FaultCode, &'static str)],
    /// The exit status for a group that does not exist.
    pub(super) no_group: u8,
}

impl Verb {
    /// Tells what became of one process.
    ///
    /// # Errors
    /// What is no answer of supervisord's.
    pub(super) fn tell_one(
        &self,
        report: &mut Report<'_>,
        name: &Namespec,
        result: Result<(), Error>,
    ) -> Result<(), Error> {
        match result {
            Ok(()) => self.tell(report, &name.to_string(), i64::from(SUCCESS), ""),
            Err(Error::Fault(RpcFault { code, text })) => {
                self.tell(report, &name.to_string(), code, &text);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Tells what became of a group.
    ///
    /// # Errors
    /// What is neither an answer nor the group's absence.
    pub(super) fn tell_group(
        &self,
        report: &mut Report<'_>,
        group: &str,
        result: Result<Vec<Outcome>, Error>,
    ) -> Result<(), Error> {
        match result {
            Err(error) if error.is_fault(FaultCode::BadName) => {
                report.line(format_args!("{group}: ERROR (no such group)"));
                report.fail(self.no_group);
            }
            result => self.tell_many(report, &result?),
        }
        Ok(())
    }

    /// Tells what became of several processes.
    pub(super) fn tell_many(&self, report: &mut Report<'_>, outcomes: &[Outcome]) {
        for outcome in outcomes {
            let name = outcome.namespec();
            self.tell(report, &name, outcome.status, &outcome.description);
        }
    }

    fn tell(&self, report: &mut Report<'_>, name: &str, status: i64, text: &str) {
        if status == i64::from(SUCCESS) {
            return report.line(format_args!("{name}: {}", self.done));
        }
        match self.phrase(status) {
            Some(phrase) => report.line(format_args!("{name}: ERROR ({phrase})")),
            None if is(status, FaultCode::Failed) => report.line(text),
            None => report.line(format_args!("{name}: ERROR ({text})")),
        }
        if !self.idle.is_some_and(|idle| is(status, idle)) {
            report.fail(exit_status(status));
        }
    }

    fn phrase(&self, status: i64) -> Option<&'static str> {
        let (_, phrase) = self.faults.iter().find(|(code, _)| is(status, *code))?;
        Some(phrase)
    }
}

/// The exit status for a fault: processes that are dead have one of their own.
fn exit_status(status: i64) -> u8 {
    let dead = [
        FaultCode::SpawnError,
        FaultCode::AbnormalTermination,
        FaultCode::NotRunning,
    ];
    match dead.into_iter().any(|code| is(status, code)) {
        true => exit_status::NOT_RUNNING,
        false => exit_status::GENERIC,
    }
}

fn is(status: i64, code: FaultCode) -> bool {
    status == i64::from(code.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERB: Verb = Verb {
        done: "started",
        idle: Some(FaultCode::AlreadyStarted),
        faults: &[
            (FaultCode::AlreadyStarted, "already started"),
            (FaultCode::SpawnError, "spawn error"),
            (FaultCode::NoFile, "no such file"),
        ],
        no_group: 2,
    };

    fn told(status: i32, text: &str) -> (String, u8) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        VERB.tell_many(
            &mut report,
            &[Outcome {
                group: "web".into(),
                name: "0".into(),
                status: status.into(),
                description: text.into(),
            }],
        );
        let status = report.status();
        drop(report);
        (String::from_utf8(out).unwrap(), status)
    }

    #[test]
    fn each_fault_has_its_phrase_and_exit_status() {
        for (status, text, line, exit) in [
            (80, "OK", "web:0: started\n", 0),
            (60, "", "web:0: ERROR (already started)\n", 0),
            (50, "", "web:0: ERROR (spawn error)\n", 7),
            (20, "", "web:0: ERROR (no such file)\n", 1),
            (30, "FAILED: no", "FAILED: no\n", 1),
            (6, "SHUTDOWN_STATE", "web:0: ERROR (SHUTDOWN_STATE)\n", 1),
        ] {
            assert_eq!(told(status, text), (line.to_owned(), exit));
        }
    }

    #[test]
    fn a_missing_group_is_told_without_its_star() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        let fault = RpcFault {
            code: 10,
            text: "BAD_NAME: web".into(),
        };
        VERB.tell_group(&mut report, "web", Err(fault.into()))
            .unwrap();
        assert_eq!(report.status(), 2);
        drop(report);
        assert_eq!(out, b"web: ERROR (no such group)\n");
    }
}

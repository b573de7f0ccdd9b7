//! What became of orders that were given together, told line by line.

use super::Error;
use super::calls::Ended;
use super::order::Target;
use super::outcome::Verb;
use super::reply::{Outcome, Reply};
use super::report::Report;
use super::{client::Client, exit_status};
use crate::process::{FaultCode, Namespec};
use crate::xmlrpc::{RpcFault, Value};
use std::collections::BTreeSet;

/// Why a process that was told to start does not.
const STILL_STOPPING: &str = "still stopping";

/// Whether an outcome may be told before those of earlier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// In the order of the names, as scripts expect it.
    InOrder,
    /// As they come, to somebody who watches.
    AsTheyEnd,
}

/// Outcomes of orders for several targets. The exit status is that of the last target that failed,
/// whichever ended last.
pub(super) struct Ledger<'a> {
    teller: Teller<'a>,
    targets: &'a [Target],
    entries: Vec<Entry>,
    telling: Telling,
}

/// What answers are told with.
struct Teller<'a> {
    client: &'a Client,
    verb: &'static Verb,
    /// Processes of which success is not believed.
    refused: BTreeSet<String>,
    /// Processes of which success has been told ahead of the answer for all of their target.
    ahead: BTreeSet<String>,
}

enum Entry {
    Open,
    /// Ended, and waiting for its turn to be told.
    Ended(Result<Value, Error>),
    /// Told, with its exit status.
    Told(u8),
}

impl<'a> Ledger<'a> {
    /// Nothing has ended yet.
    pub(super) fn new(
        client: &'a Client,
        verb: &'static Verb,
        targets: &'a [Target],
        telling: Telling,
    ) -> Self {
        Self {
            teller: Teller {
                client,
                verb,
                refused: BTreeSet::new(),
                ahead: BTreeSet::new(),
            },
            targets,
            entries: targets.iter().map(|_| Entry::Open).collect(),
            telling,
        }
    }

    /// From now on a success of these processes, by the names that users call them, is told as the
    /// error that they are still stopping.
    pub(super) fn refuse(&mut self, names: BTreeSet<String>) {
        self.teller.refused = names;
    }

    /// Takes note of several answers.
    ///
    /// # Errors
    /// Those of [`Ledger::end`].
    pub(super) fn end_all(
        &mut self,
        report: &mut Report<'_>,
        answers: impl IntoIterator<Item = Ended>,
    ) -> Result<(), Error> {
        let mut answers = answers.into_iter();
        answers.try_for_each(|(number, answer)| self.end(report, number, answer))
    }

    /// Tells the success of these processes to somebody who watches, though the call that orders
    /// many goes on.
    pub(super) fn tell_ahead(&mut self, report: &mut Report<'_>, names: Vec<String>) {
        if self.telling == Telling::InOrder {
            return;
        }
        for name in names {
            report.line(format_args!("{name}: {}", self.teller.verb.done));
            self.teller.ahead.insert(name);
        }
    }

    /// Takes note of an answer, and tells what can be told now.
    ///
    /// # Errors
    /// What is no answer of supervisord's.
    pub(super) fn end(
        &mut self,
        report: &mut Report<'_>,
        number: usize,
        answer: Result<Value, Error>,
    ) -> Result<(), Error> {
        if let Some(entry) = self.entries.get_mut(number) {
            *entry = Entry::Ended(answer);
        }
        let telling = self.telling;
        for (target, entry) in self.targets.iter().zip(&mut self.entries) {
            match std::mem::replace(entry, Entry::Open) {
                Entry::Ended(answer) => {
                    let before = report.replace_status(exit_status::SUCCESS);
                    let told = self.teller.tell(report, target, answer);
                    *entry = Entry::Told(report.replace_status(before));
                    told?;
                }
                Entry::Open if telling == Telling::InOrder => break,
                other => *entry = other,
            }
        }
        Ok(())
    }

    /// Closes the book: what has not ended, or not had its turn, is told now.
    ///
    /// # Errors
    /// What is no answer of supervisord's.
    pub(super) fn close(mut self, report: &mut Report<'_>) -> Result<(), Error> {
        for number in 0..self.entries.len() {
            if matches!(self.entries.get(number), Some(Entry::Open)) {
                self.end(report, number, Err(Error::TimedOut))?;
            }
        }
        for entry in self.entries {
            if let Entry::Told(status @ 1..) = entry {
                report.fail(status);
            }
        }
        Ok(())
    }
}

fn still_stopping() -> Error {
    let code = FaultCode::NotRunning.number().into();
    let text = STILL_STOPPING.to_owned();
    RpcFault { code, text }.into()
}

impl Teller<'_> {
    fn tell(
        &self,
        report: &mut Report<'_>,
        target: &Target,
        answer: Result<Value, Error>,
    ) -> Result<(), Error> {
        if matches!(answer, Err(Error::TimedOut)) {
            report.line(format_args!("{}: ERROR (timed out)", target.name()));
            report.fail(exit_status::GENERIC);
            return Ok(());
        }
        match target {
            Target::All => self.verb.tell_many(report, &self.outcomes(answer)?),
            Target::Group(group) => self.verb.tell_group(report, group, self.outcomes(answer))?,
            Target::Process(name) => {
                let name = Namespec::parse(name);
                let done = answer.and_then(|_| match self.refused.contains(&name.to_string()) {
                    true => Err(still_stopping()),
                    false => Ok(()),
                });
                self.verb.tell_one(report, &name, done)?;
            }
        }
        Ok(())
    }

    /// What is left to tell of an answer for many.
    fn outcomes(&self, answer: Result<Value, Error>) -> Result<Vec<Outcome>, Error> {
        let read = Vec::<Outcome>::read(&answer?);
        let mut outcomes = read.map_err(|what| self.client.malformed(what))?;
        outcomes.retain(|it| !(it.is_success() && self.ahead.contains(&it.namespec())));
        for outcome in &mut outcomes {
            if outcome.is_success() && self.refused.contains(&outcome.namespec()) {
                outcome.status = FaultCode::NotRunning.number().into();
                outcome.description = STILL_STOPPING.to_owned();
            }
        }
        Ok(outcomes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::Order;
    use super::super::tls::Trust;
    use super::*;

    fn client() -> Client {
        Client {
            serverurl: String::new(),
            credentials: None,
            trust: Trust::default(),
            patience: None,
        }
    }

    /// The lines, in which what was told at each end is parted by bars, and the exit status.
    fn told(telling: Telling, ends: &[(usize, i64)]) -> (String, u8) {
        let client = client();
        let targets = Target::of(["a", "b", "c"]);
        let verb = Order::Stop { wait: true }.verb();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        let mut ledger = Ledger::new(&client, verb, &targets, telling);
        for (number, code) in ends {
            let fault = RpcFault {
                code: *code,
                text: "FAILED".to_owned(),
            };
            let answer = match code {
                0 => Ok(Value::Bool(true)),
                _ => Err(fault.into()),
            };
            ledger.end(&mut report, *number, answer).unwrap();
            report.line("|");
        }
        ledger.close(&mut report).unwrap();
        let status = report.finish();
        (String::from_utf8(out).unwrap().replace('\n', " "), status)
    }

    #[test]
    fn a_script_gets_the_lines_in_the_order_of_the_names() {
        let (lines, status) = told(Telling::InOrder, &[(1, 10), (0, 0), (2, 70)]);
        let want = "| a: stopped b: ERROR (no such process) | c: ERROR (not running) | ";
        assert_eq!((lines.as_str(), status), (want, 1));
    }

    #[test]
    fn who_watches_gets_them_as_they_end() {
        let (lines, status) = told(Telling::AsTheyEnd, &[(2, 10), (1, 30), (0, 0)]);
        let want = "c: ERROR (no such process) | FAILED | a: stopped | ";
        assert_eq!((lines.as_str(), status), (want, 1));
    }

    #[test]
    fn what_was_told_ahead_of_the_answer_for_many_is_not_told_again() {
        let client = client();
        let targets = Target::of(["all"]);
        let verb = Order::Stop { wait: true }.verb();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut report = Report::new(&mut out, &mut err);
        let mut ledger = Ledger::new(&client, verb, &targets, Telling::AsTheyEnd);
        ledger.tell_ahead(&mut report, vec!["g:b".to_owned(), "c".to_owned()]);
        let outcomes = [("a", "a", 80), ("g", "b", 80), ("c", "c", 30)];
        let answer = Value::Array(outcomes.map(outcome).to_vec());
        ledger.end(&mut report, 0, Ok(answer)).unwrap();
        ledger.close(&mut report).unwrap();
        assert_eq!(report.finish(), 1);
        let lines = String::from_utf8(out).unwrap();
        assert_eq!(lines, "g:b: stopped\nc: stopped\na: stopped\nFAILED\n");
    }

    fn outcome((group, name, status): (&str, &str, i32)) -> Value {
        let text = |text: &str| Value::Str(text.to_owned());
        let members = [
            ("group", text(group)),
            ("name", text(name)),
            ("status", Value::Int(status.into())),
            ("description", text("FAILED")),
        ];
        Value::Struct(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    #[test]
    fn what_has_not_ended_has_timed_out() {
        let (lines, status) = told(Telling::InOrder, &[(1, 0)]);
        let want = "| a: ERROR (timed out) b: stopped c: ERROR (timed out) ";
        assert_eq!((lines.as_str(), status), (want, 1));
    }
}

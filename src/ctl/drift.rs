//! Whether processes are as the files have them: told to whoever starts them, on stderr. An order
//! to start or to restart reads no file, which is often forgotten.

use super::Error;
use super::client::{Client, MAX_ANSWER};
use super::connection::Connection;
use super::order::Target;
use super::proxy::Supervisor;
use super::reply::Drift;
use super::report::Report;
use crate::process::{FaultCode, Namespec};
use std::time::Duration;

/// How much longer than the orders the answer may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many processes of a group are named.
const NAMED: usize = 3;

/// A question to the server, which reads the files while it carries out orders.
pub(super) struct Question(Connection);

impl Question {
    /// Asks. What goes wrong is no reason not to give the orders.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn ask(client: &Client) -> Result<Option<Self>, Error> {
        let client = impatient(client);
        let asked = client
            .interrupt()
            .and_then(|interrupt| client.send("config.getDrift", &[], &interrupt));
        match asked {
            Err(Error::Interrupted) => Err(Error::Interrupted),
            asked => Ok(asked.ok().map(Self)),
        }
    }

    /// Tells what the answer says of the targets. A server that doesn't know, as Supervisor's own,
    /// or takes too long has nothing to say.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn tell(
        self,
        client: &Client,
        report: &mut Report<'_>,
        targets: &[Target],
    ) -> Result<(), Error> {
        match self.answer(&impatient(client)) {
            Ok(drifts) => {
                let lines = targets.iter().filter_map(|target| line(target, &drifts));
                lines.for_each(|line| report.error_line(line));
            }
            Err(error) if error.is_fault(FaultCode::CantReread) => {
                report.error_line("configuration on disk can't be used, see \"check\"");
            }
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(_) => {}
        }
        Ok(())
    }

    fn answer(self, client: &Client) -> Result<Vec<Drift>, Error> {
        let interrupt = client.interrupt()?;
        let answer = client.read(&self.0.body(MAX_ANSWER, &interrupt)?)?;
        Supervisor(client).read("getDrift", &answer)
    }
}

fn impatient(client: &Client) -> Client {
    let most = client.patience.unwrap_or(PATIENCE);
    client.patient_for(most.min(PATIENCE))
}

/// What there is to say of a target.
fn line(target: &Target, drifts: &[Drift]) -> Option<String> {
    let (called, what) = match target {
        Target::Process(name) => (name.clone(), of_process(name, drifts)?),
        Target::Group(group) => {
            let own = drifts.iter().filter(|drift| drift.group == *group);
            (format!("{group}:*"), of_many(own)?)
        }
        Target::All => {
            let active = drifts.iter().filter(|drift| drift.change != "available");
            ("all".to_owned(), of_many(active)?)
        }
    };
    Some(match what.as_str() {
        GONE => format!("{called}: {what}"),
        _ => format!("{called}: {what}, use \"restart --update {called}\""),
    })
}

const GONE: &str = "not in the configuration on disk";

fn of_process(name: &str, drifts: &[Drift]) -> Option<String> {
    let spec = Namespec::parse(name);
    let mut drifts = drifts.iter();
    let drift = drifts.find(|it| it.group == spec.group && Some(&it.name) == spec.process.as_ref());
    let what = match drift?.change.as_str() {
        "available" => "configured on disk, but not active",
        "disappeared" => GONE,
        _ => "configuration on disk differs",
    };
    Some(what.to_owned())
}

fn of_many<'a>(drifts: impl Iterator<Item = &'a Drift>) -> Option<String> {
    let names: Vec<_> = drifts.map(Drift::namespec).collect();
    let (named, more) = names.split_at_checked(NAMED).unwrap_or((&names, &[]));
    let more = match more.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let named = named.join(", ");
    (!names.is_empty()).then(|| format!("configuration on disk differs for {named}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(target: &str, drifts: &str) -> Option<String> {
        let drift = |word: &str| {
            let (name, change) = word.split_once('=').unwrap();
            let Namespec { group, process } = Namespec::parse(name);
            Drift {
                group,
                name: process.unwrap(),
                change: change.to_owned(),
            }
        };
        let drifts: Vec<_> = drifts.split_whitespace().map(drift).collect();
        line(&Target::of([target])[0], &drifts)
    }

    #[test]
    fn only_what_concerns_the_target_is_told_with_what_to_do() {
        let drifts = "a=changed g:a=disappeared g:b=changed n=available g:c=changed g:d=available";
        for (target, want) in [
            (
                "a",
                "a: configuration on disk differs, use \"restart --update a\"",
            ),
            ("g:a", "g:a: not in the configuration on disk"),
            (
                "n",
                "n: configured on disk, but not active, use \"restart --update n\"",
            ),
            (
                "g:*",
                "g:*: configuration on disk differs for g:a, g:b, g:c and 1 more, use \"restart \
                 --update g:*\"",
            ),
            (
                "all",
                "all: configuration on disk differs for a, g:a, g:b and 1 more, use \"restart \
                 --update all\"",
            ),
        ] {
            assert_eq!(told(target, drifts).as_deref(), Some(want));
        }
        for target in ["b", "g:e", "h:*"] {
            assert_eq!(told(target, drifts), None);
        }
        assert_eq!(told("all", "n=available"), None);
    }
}

//! tail, maintail, clear.

use super::connection::Connection;
use super::controller::Controller;
use super::globs::expand_members;
use super::outcome::Verb;
use super::proxy::Channel;
use super::report::Report;
use super::{Error, exit_status};
use crate::process::{FaultCode, Namespec};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

/// Shown before a log that is followed.
pub(super) const BANNER: &str = "==> Press Ctrl-C to exit <==";

/// How much of a log's end is shown, in bytes.
const DEFAULT_BYTES: i64 = 1600;

/// What stands for something else in the path of a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b':')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// How much of a log is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// `-f`: its end, and what comes.
    Follow,
    /// `-N`: so many bytes of its end; 0 is all of it.
    Last(i64),
}

impl Extent {
    /// Reads `-f` or `-N`.
    fn parse(word: &str) -> Option<Self> {
        match word.strip_prefix('-')? {
            "f" => Some(Self::Follow),
            number => number.parse().ok().map(Self::Last),
        }
    }
}

/// What `tail` is to show.
#[derive(Debug, PartialEq, Eq)]
struct Tail<'a> {
    extent: Extent,
    name: &'a str,
    channel: Channel,
}

impl<'a> Tail<'a> {
    /// Reads one to three words; the error is what is wrong with them.
    fn parse(words: &[&'a str]) -> Result<Self, String> {
        let (modifier, names) = match words {
            [first, rest @ ..] if first.starts_with('-') => (Some(*first), rest),
            _ => (None, words),
        };
        let (name, channel) = match names {
            [] => return Err("tail requires process name".to_owned()),
            [name] => (*name, Channel::Stdout),
            [name, .., last] => (*name, channel(last)?),
        };
        let extent = match modifier {
            None => Extent::Last(DEFAULT_BYTES),
            Some(word) => Extent::parse(word).ok_or_else(|| format!("bad argument {word}"))?,
        };
        Ok(Self {
            extent,
            name,
            channel,
        })
    }
}

fn channel(word: &str) -> Result<Channel, String> {
    match word.to_lowercase().as_str() {
        "stdout" => Ok(Channel::Stdout),
        "stderr" => Ok(Channel::Stderr),
        other => Err(format!("bad channel '{other}'")),
    }
}

/// `tail [-f|-N] NAME [stdout|stderr]`
pub(super) fn tail(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    match words.len() {
        0 => controller.usage("tail", "too few arguments"),
        1..=3 => return tail_log(controller, words),
        _ => controller.usage("tail", "too many arguments"),
    }
    Ok(())
}

fn tail_log(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    let Tail {
        extent,
        name,
        channel,
    } = match Tail::parse(words) {
        Ok(tail) => tail,
        Err(what) => {
            wrong(&mut controller.report, &what);
            return Ok(());
        }
    };
    match (extent, expand_members(controller, &[name])?.as_slice()) {
        (Extent::Follow, _) if controller.options.json => no_json(controller),
        (Extent::Follow, [name]) => follow(controller, &logtail(name, channel)),
        (Extent::Last(bytes), [name]) => {
            let supervisor = controller.supervisor();
            let log = supervisor.read_process_log(name, channel, bytes);
            let channel = channel.name();
            let object = |text: &str| json!({"name": name, "channel": channel, "text": text});
            show(controller, name, log, object)
        }
        _ => {
            let what = format!("{name} is more than one process; see logs");
            wrong(&mut controller.report, &what);
            Ok(())
        }
    }
}

/// The path of a process's log stream.
pub(super) fn logtail(name: &str, channel: Channel) -> String {
    let name = utf8_percent_encode(name, RESERVED);
    format!("/logtail/{name}/{}", channel.name())
}

/// The path of a process's log, byte by byte, which only servers of ours have.
pub(super) fn whole_log(name: &str, channel: Channel) -> String {
    let name = utf8_percent_encode(name, RESERVED);
    format!("/api/v1/processes/{name}/logs/{}", channel.name())
}

/// `maintail [-f|-N]`
pub(super) fn maintail(controller: &mut Controller<'_>, words: &[&str]) -> Result<(), Error> {
    let extent = match words {
        [] => Some(Extent::Last(DEFAULT_BYTES)),
        [word] => Extent::parse(word),
        _ => {
            controller.usage("maintail", "too many arguments");
            return Ok(());
        }
    };
    match extent {
        None => wrong(
            &mut controller.report,
            &format!("bad argument {}", words.join(" ")),
        ),
        Some(Extent::Follow) if controller.options.json => return no_json(controller),
        Some(Extent::Follow) => return follow(controller, "/mainlogtail"),
        Some(Extent::Last(bytes)) => {
            let log = controller.supervisor().read_log(bytes);
            return show(controller, "supervisord", log, |text| json!({"text": text}));
        }
    }
    Ok(())
}

fn wrong(report: &mut Report<'_>, what: &str) {
    report.line(format_args!("Error: {what}"));
    report.fail(exit_status::GENERIC);
}

/// A log that is followed has no end that JSON could be printed at.
fn no_json(controller: &mut Controller<'_>) -> Result<(), Error> {
    let what = "-f gives no JSON; see logs";
    wrong(&mut controller.report, what);
    Ok(())
}

fn show(
    controller: &mut Controller<'_>,
    name: &str,
    log: Result<String, Error>,
    object: impl FnOnce(&str) -> Json,
) -> Result<(), Error> {
    let why = match log {
        Ok(text) => {
            controller.tell(&text, || object(&text));
            return Ok(());
        }
        Err(error) if error.is_fault(FaultCode::BadName) => "no such process name",
        Err(error) if error.is_fault(FaultCode::NoFile) => "no log file",
        Err(error) if error.is_fault(FaultCode::Failed) => "unknown error reading log",
        Err(error) => return Err(error),
    };
    let report = &mut controller.report;
    report.line(format_args!("{name}: ERROR ({why})"));
    report.fail(exit_status::GENERIC);
    Ok(())
}

/// Shows a log stream until it ends, or Ctrl-C. A stream that can't be had is told on standard
/// error, but is no failure.
fn follow(controller: &mut Controller<'_>, path: &str) -> Result<(), Error> {
    controller.report.line(BANNER);
    controller.report.flush();
    let stream = controller.client.stream(path);
    match stream.and_then(|stream| copy(stream, controller)) {
        Ok(()) => {}
        Err(Error::Interrupted) => controller.report.line(""),
        Err(error) => cannot_stream(controller, path, &error),
    }
    Ok(())
}

fn copy(mut stream: Connection, to: &mut Controller<'_>) -> Result<(), Error> {
    let interrupt = to.client.interrupt()?;
    while to.report.stream(&stream.take()) && stream.receive(&interrupt)? {}
    Ok(())
}

/// Tells on standard error why a stream can't be had. That it ends is expected.
pub(super) fn cannot_stream(controller: &mut Controller<'_>, path: &str, error: &Error) {
    let url = &controller.client.serverurl;
    match error {
        Error::Status { status, .. } => controller.report.error_line(format_args!(
            "{url}{path} Cannot read, status code {status}"
        )),
        Error::Malformed { .. } | Error::Interrupted => {}
        error => controller
            .report
            .error_line(format_args!("{url} Cannot connect, error: {error}")),
    }
}

const CLEAR: Verb = Verb {
    done: "cleared",
    idle: None,
    faults: &[
        (FaultCode::BadName, "no such process"),
        (FaultCode::Failed, "failed"),
    ],
    no_group: exit_status::GENERIC,
};

/// `clear NAME...`
pub(super) fn clear(controller: &mut Controller<'_>, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        controller.usage("clear", "clear requires a process name");
        return Ok(());
    }
    if names.contains(&"all") {
        let outcomes = controller.supervisor().clear_all_process_logs()?;
        CLEAR.tell_many(&mut controller.report, &outcomes);
        return Ok(());
    }
    expand_members(controller, names)?
        .iter()
        .try_for_each(|name| {
            let result = controller.supervisor().clear_process_logs(name);
            CLEAR.tell_one(&mut controller.report, &Namespec::parse(name), result)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tail_are_a_modifier_a_name_and_a_channel() {
        let tail = |extent, name, channel| {
            Ok(Tail {
                extent,
                name,
                channel,
            })
        };
        let usual = Extent::Last(1600);
        for (words, want) in [
            (&["cat"][..], tail(usual, "cat", Channel::Stdout)),
            (&["cat", "STDERR"], tail(usual, "cat", Channel::Stderr)),
            (&["-f", "cat"], tail(Extent::Follow, "cat", Channel::Stdout)),
            (
                &["-0", "cat", "stderr"],
                tail(Extent::Last(0), "cat", Channel::Stderr),
            ),
            (&["-f"], Err("tail requires process name".into())),
            (&["-x", "cat"], Err("bad argument -x".into())),
            (&["-x", "cat", "FOO"], Err("bad channel 'foo'".into())),
            (&["a", "b", "c"], Err("bad channel 'c'".into())),
        ] {
            assert_eq!(Tail::parse(words), want, "{words:?}");
        }
    }

    #[test]
    fn numbers_beyond_all_files_are_bad_arguments() {
        assert_eq!(Extent::parse("-99999999999999999999"), None);
        assert_eq!(Extent::parse("-"), None);
        assert_eq!(Extent::parse("5"), None);
    }

    #[test]
    fn names_are_quoted_in_urls() {
        let path = logtail("g:a b/c", Channel::Stderr);
        assert_eq!(path, "/logtail/g:a%20b%2Fc/stderr");
    }
}

//! Runs a command, and passes signals on to the process that a pid file names.

use super::errno::{Errno, errno_name, io_error_name};
use super::{command, pidfile, signal};
use crate::process::{FaultCode, Signal as Sent};
use nix::sys::signal::{SigSet, Signal};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{self, Child, Command, ExitStatus};

/// What is passed on.
const FORWARDED: [Signal; 6] = [
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGQUIT,
];

/// Runs `argv` until it ends, passing signals on to the pid in `pidfile`; returns the exit status
/// to end with: the command's, 128 and the signal's number when a signal ended it, 127 or 126
/// when it can't be found or executed. To be called from a program's only thread.
pub fn run(pidfile: &Path, argv: &[OsString]) -> u8 {
    let signals: SigSet = FORWARDED.into_iter().chain([Signal::SIGCHLD]).collect();
    // Blocked, they wait to be fetched.
    let prepared = signal::keep_exit_statuses().and_then(|()| signals.thread_block());
    if let Err(errno) = prepared {
        complain(&format!("can't take signals: {}", errno_name(errno)));
        return 1;
    }
    match start(argv) {
        Ok(child) => stay(child, pidfile, &signals),
        Err((status, text)) => {
            complain(&text);
            status
        }
    }
}

/// Says why the command does not run; where stderr can't be written, nobody listens.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "pidproxy: {text}");
}

/// The exit status and the text when the command can't be started.
fn start(argv: &[OsString]) -> Result<Child, (u8, String)> {
    let argv0 = argv.first().map_or(OsStr::new(""), OsString::as_os_str);
    let file = command::resolve(argv0, None).map_err(|error| {
        let found = error.code() != FaultCode::NoFile;
        (if found { 126 } else { 127 }, error.to_string())
    })?;
    // A name without a slash would be looked for along PATH once more; it lies right here.
    let mut command = Command::new(Path::new(".").join(file));
    command.arg0(argv0).args(argv.iter().skip(1));
    signal::start_afresh(&mut command);
    command.spawn().map_err(|error| {
        let errno = io_error_name(&error);
        (126, format!("couldn't exec {}: {errno}", argv0.display()))
    })
}

fn stay(mut child: Child, pidfile: &Path, signals: &SigSet) -> u8 {
    loop {
        // Only a set with a signal that does not exist is refused.
        let Ok(signal) = signals.wait() else { return 1 };
        // Of several signals that wait, SIGCHLD comes last: the others must not keep it away.
        if let Some(status) = ended(&mut child) {
            return status;
        }
        if signal == Signal::SIGCHLD {
            continue;
        }
        if let Err(text) = forward(signal, pidfile) {
            let _ = writeln!(io::stdout(), "{text}");
        }
    }
}

/// The status to end with, once the command has ended. It may also have been stopped.
fn ended(child: &mut Child) -> Option<u8> {
    match child.try_wait() {
        Ok(None) => None,
        Ok(Some(status)) => Some(code(status)),
        Err(_) => Some(1),
    }
}

fn code(status: ExitStatus) -> u8 {
    let number = status.code().or(status.signal().map(|signal| 128 + signal));
    number
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or(1)
}

/// The text when the signal reaches nobody.
fn forward(signal: Signal, pidfile: &Path) -> Result<(), String> {
    let place = pidfile.display();
    let pid = pidfile::read(pidfile).map_err(|_| format!("Can't read child pidfile {place}!"))?;
    if pid.unsigned_abs() == process::id() {
        return Err(format!("Child pidfile {place} names pidproxy itself!"));
    }
    match signal::kill(pid, Sent::from_wait(signal as i32), false) {
        Ok(()) => Ok(()),
        Err(Errno::ESRCH) => Err(format!(
            "No process {pid}, which child pidfile {place} names!"
        )),
        Err(errno) => Err(format!(
            "Can't signal process {pid}: {}!",
            errno_name(errno)
        )),
    }
}

//! pidproxy, run as a program, and under supervisord.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::Story;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use supervisor::os::signal::kill;
use supervisor::process::Signal;

fn pidproxy(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pidproxy"));
    command
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn output(words: &[&str]) -> Output {
    pidproxy(words).output().unwrap()
}

/// Runs a shell script under pidproxy, `$0` being the pid file, until its first line is out.
fn started(pidfile: &str, script: &str) -> (Child, impl BufRead) {
    let mut child = pidproxy(&[pidfile, "sh", "-c", script, pidfile])
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    (child, stdout)
}

fn send(child: &Child, signal: Signal) {
    kill(child.id().cast_signed(), signal, false).unwrap();
}

#[test]
fn the_commands_status_is_ours() {
    for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        assert_eq!(
            output(&["p", "sh", "-c", script]).status.code(),
            Some(status),
            "{script}"
        );
    }
}

#[test]
fn a_command_that_can_not_be_run_says_why() {
    for (command, status, text) in [
        (
            "nosuchcmd99",
            127,
            "pidproxy: can't find command 'nosuchcmd99'\n",
        ),
        ("/no/such", 127, "pidproxy: can't find command '/no/such'\n"),
        ("", 127, "pidproxy: can't find command ''\n"),
        ("/usr", 126, "pidproxy: command at '/usr' is a directory\n"),
    ] {
        let output = output(&["p", command]);
        assert_eq!(output.status.code(), Some(status), "{command}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), text);
    }
}

#[test]
fn a_bare_name_may_be_in_the_current_directory() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/bin/true", directory.path().join("onlyhere")).unwrap();
    let status = pidproxy(&["p", "onlyhere"])
        .current_dir(directory.path())
        .status();
    assert_eq!(status.unwrap().code(), Some(0));
}

#[test]
fn signals_go_to_the_pid_in_the_file_and_the_status_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let pidfile = directory.path().join("pid");
    let script = "(trap 'echo hup' HUP; trap 'echo term; exit 5' TERM; echo up; \
                  while :; do sleep 0.01; done) & echo $! > \"$0\"; wait $!; exit 6";
    let (mut child, mut stdout) = started(pidfile.to_str().unwrap(), script);
    while fs::read_to_string(&pidfile).unwrap_or_default().is_empty() {
        std::thread::yield_now();
    }
    send(&child, Signal::HUP);
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    send(&child, Signal::TERM);
    stdout.read_to_string(&mut line).unwrap();
    assert_eq!(line, "hup\nterm\n");
    assert_eq!(child.wait().unwrap().code(), Some(6));
}

#[test]
fn a_pidfile_without_a_living_process_is_told_and_the_command_runs_on() {
    let directory = tempfile::tempdir().unwrap();
    let pidfile = directory.path().join("pid");
    let place = pidfile.to_str().unwrap();
    let (mut child, mut stdout) = started(place, "echo up; read line; exit 3");
    let mut told = String::new();
    for content in [None, Some("x"), Some("2147483647")] {
        if let Some(content) = content {
            fs::write(&pidfile, content).unwrap();
        }
        send(&child, Signal::TERM);
        stdout.read_line(&mut told).unwrap();
    }
    let unreadable = format!("Can't read child pidfile {place}!\n");
    let stale = format!("No process 2147483647, which child pidfile {place} names!\n");
    assert_eq!(told, format!("{unreadable}{unreadable}{stale}"));
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_pidfile_that_names_pidproxy_is_told_and_the_end_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let pidfile = directory.path().join("pid");
    let place = pidfile.to_str().unwrap();
    let (mut child, mut stdout) = started(place, "echo up; read line; exit 3");
    fs::write(&pidfile, child.id().to_string()).unwrap();
    send(&child, Signal::HUP);
    let mut told = String::new();
    stdout.read_line(&mut told).unwrap();
    drop(child.stdin.take());
    stdout.read_to_string(&mut told).unwrap();
    assert_eq!(
        told,
        format!("Child pidfile {place} names pidproxy itself!\n")
    );
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn what_nobody_can_be_told_changes_nothing() {
    let mut child = pidproxy(&["/no/pid", "sh", "-c", "echo up >&2; read line; exit 3"])
        .stdout(fs::File::create("/dev/full").unwrap())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    send(&child, Signal::TERM);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let usage = pidproxy(&[])
        .stdout(fs::File::create("/dev/full").unwrap())
        .status();
    assert_eq!(usage.unwrap().code(), Some(1));
}

#[test]
fn the_command_has_no_signal_blocked_and_ignores_sigpipe() {
    let output = output(&["p", "sed", "/^Sig[BI]/!d", "/proc/self/status"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let masks: Vec<u64> = text
        .lines()
        .map(|line| u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap())
        .collect();
    let sigpipe = 1 << (Signal::from_name("PIPE").unwrap().number() - 1);
    assert_eq!((masks[0], masks[1] & sigpipe), (0, sigpipe), "{text}");
}

#[test]
fn too_few_words_are_told_how_it_is_used() {
    for words in [&[][..], &["p"]] {
        let output = output(words);
        assert_eq!(output.status.code(), Some(1));
        let program = env!("CARGO_BIN_EXE_pidproxy");
        let usage = String::from_utf8(output.stdout).unwrap();
        assert!(
            usage.ends_with(&format!(
                "\nUsage: {program} <pidfile name> <command> [<cmdarg1> ...]\n\n"
            )),
            "{usage}"
        );
    }
}

/// A program that hides behind another, and writes its pid to a file: `stop` reaches it, and its
/// status is the program's.
#[test]
fn a_stop_reaches_the_process_that_the_pidfile_names() {
    let s = Story::new()
        .script(
            "daemon.sh",
            "trap 'exit 4' TERM\necho $$ >pid\nwhile :; do sleep 0.01; done",
        )
        .script("wrapper.sh", "./daemon.sh &\nwait $!")
        .program(
            "hidden",
            &format!(
                "command={} pid ./wrapper.sh\nstartsecs=0",
                env!("CARGO_BIN_EXE_pidproxy")
            ),
        )
        .start();
    s.wait_number("pid");
    s.ctl("stop hidden").says("hidden: stopped\n");
    s.wait_log("WARN stopped: hidden (exit status 4)");
}

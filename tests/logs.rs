//! What becomes of the children's output, and of the daemon's own.

#![allow(clippy::unwrap_used)] // a test may panic

mod harness;

use harness::{Daemon, Story, wait_for};
use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

/// Writes lines of 20 bytes for ever and counts them in the file `written`.
const CHATTY: &str = r#"
n=0
while :; do
    n=$((n + 1))
    printf 'this is line %06d\n' $n
    echo $n > $DIR/written
    sleep 0.005
done"#;

/// Waits until the chatty child has written another 100 lines.
fn wait_for_more(s: &Daemon) {
    let before = s.wait_number("written");
    wait_for("the child to go on", || {
        (s.wait_number("written") > before + 100).then_some(())
    });
}

/// A daemon whose one child has written for a while to `chatty.log`.
fn chatty() -> Daemon {
    let options = "command=%(here)s/chatty.sh\nstartsecs=0\nstdout_logfile=%(here)s/chatty.log";
    let s = Story::new()
        .script("chatty.sh", CHATTY)
        .program("chatty", options)
        .start();
    wait_for_more(&s);
    s
}

/// A log that can't be written must never stop the child: its pipe is read all the same, what is
/// lost is said, and said seldom.
#[test]
fn a_full_disk_does_not_block_the_child() {
    let s = Story::new()
        .program(
            "noisy",
            "command=sh -c 'head -c 3000000 /dev/zero; echo over >$DIR/done'
             startsecs=0
             autorestart=false
             stdout_logfile=/dev/full",
        )
        .start();
    s.wait_file("done", "over\n");
    s.wait_state("noisy", "EXITED");
    s.wait_log_line(&["could not write log /dev/full", "lost"]);
    assert!(
        s.log_lines(&["/dev/full"]).len() < 10,
        "one line now and then, not one a write"
    );
}

/// What still waits when the end comes is lost, and said.
#[test]
fn what_is_lost_at_the_end_is_said() {
    let mut s = Story::new()
        .program(
            "short",
            "command=echo four score
             startsecs=0
             autorestart=false
             stdout_logfile=/dev/full",
        )
        .start();
    s.wait_state("short", "EXITED");
    s.wait_log("could not write log /dev/full");
    assert_eq!(s.stop(), 0);
    s.wait_log("WARN log /dev/full is closed (11 bytes lost)");
}

/// So it is when the program is removed, and when the reader of supervisord's stdout is gone.
#[test]
fn what_a_removed_program_has_not_written_is_said() {
    let (reader, stdout) = std::io::pipe().unwrap();
    let s = Story::new()
        .supervisord("silent=true")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program(
            "short",
            "command=%(here)s/short.sh
             startsecs=0
             autorestart=false
             stdout_logfile=/dev/stdout",
        )
        .script(
            "short.sh",
            "until [ -e $DIR/go ]; do sleep 0.01; done\necho four score",
        )
        .stdout(stdout)
        .start();
    drop(reader);
    fs::write(s.path("go"), "").unwrap();
    s.wait_state("short", "EXITED");
    s.ctl("remove short").says("short: removed process group\n");
    s.wait_log("WARN log /dev/stdout is closed (11 bytes lost)");
}

/// The directory of a log goes away and rotation fails; the child goes on, and so does the log
/// when the directory is back.
#[test]
fn a_log_whose_directory_vanished_is_resumed_when_it_is_back() {
    let s = Story::new()
        .directory("var")
        .script("chatty.sh", CHATTY)
        .program(
            "chatty",
            "command=%(here)s/chatty.sh
             startsecs=0
             stdout_logfile=%(here)s/var/chatty.log
             stdout_logfile_maxbytes=500
             stdout_logfile_backups=1",
        )
        .start();
    s.wait_exists("var/chatty.log.1");
    fs::rename(s.path("var"), s.path("gone")).unwrap();
    s.wait_log_line(&["chatty.log"]);
    wait_for_more(&s);
    fs::create_dir(s.path("var")).unwrap();
    wait_for("the log to be resumed", || {
        s.read("var/chatty.log")
            .contains("this is line")
            .then_some(())
    });
    s.ctl("stop chatty").says("chatty: stopped\n");
}

/// A running child goes on without its log; a new one is not started without, whether the loss was
/// noticed before or not, and whether bytes wait or not.
#[test]
fn a_start_fails_where_the_log_can_not_be_opened() {
    let s = Story::new()
        .directory("var")
        .script("chatty.sh", CHATTY)
        .program(
            "chatty",
            "command=%(here)s/chatty.sh
             startsecs=0
             startretries=0
             stdout_logfile=%(here)s/var/chatty.log",
        )
        .start();
    let fails = || {
        s.ctl("restart chatty")
            .says("chatty: stopped\nchatty: ERROR (spawn error)\n");
        let info = s.wait_state("chatty", "FATAL");
        let why = "unknown error making dispatchers for 'chatty': ENOENT";
        assert_eq!(info.get("spawnerr"), why);
    };
    wait_for_more(&s);
    fs::rename(s.path("var"), s.path("gone")).unwrap();
    fails();
    fs::create_dir(s.path("var")).unwrap();
    s.ctl("start chatty").says("chatty: started\n");
    wait_for_more(&s);
    fs::remove_dir_all(s.path("var")).unwrap();
    s.wait_log("could not write log");
    wait_for_more(&s);
    fails();
    fs::create_dir(s.path("var")).unwrap();
    s.wait_exists("var/chatty.log");
    s.ctl("start chatty").says("chatty: started\n");
}

/// A log that somebody deleted would go on filling the disk unseen; it is made anew instead.
#[test]
fn a_deleted_log_is_made_anew() {
    let s = chatty();
    fs::remove_file(s.path("chatty.log")).unwrap();
    s.wait_exists("chatty.log");
    wait_for_more(&s);
}

/// So is one that somebody renamed, without any signal: else its backup would grow for ever.
#[test]
fn a_renamed_log_is_made_anew() {
    let s = chatty();
    fs::rename(s.path("chatty.log"), s.path("chatty.log.old")).unwrap();
    s.wait_exists("chatty.log");
    wait_for_more(&s);
}

/// `/dev/stdout` is the daemon's own stdout, whatever it is. Under service managers it is a
/// socket, which can't be opened by name and can't be rotated.
#[test]
fn dev_stdout_may_be_a_socket() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let s = Story::new()
        .supervisord("silent=true")
        .program(
            "hello",
            "command=sh -c 'echo to stdout; echo to stderr >&2'
             startsecs=0
             autorestart=false
             stdout_logfile=/dev/stdout
             stderr_logfile=/dev/fd/1",
        )
        .stdout(OwnedFd::from(theirs))
        .start();
    s.wait_state("hello", "EXITED");
    drop(s);
    let mut seen = String::new();
    (&ours).read_to_string(&mut seen).unwrap();
    assert!(
        seen.contains("to stdout\n") && seen.contains("to stderr\n"),
        "{seen:?}"
    );
}

/// The daemon's own log may go there too, with the default `logfile_maxbytes`: what is no regular
/// file is never rotated.
#[test]
fn the_activity_log_may_go_to_a_pipe() {
    let mut reader = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut s = Story::new()
        .supervisord("logfile=/dev/stdout\nsilent=true\nlogfile_maxbytes=10")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .stdout(reader.stdin.take().unwrap())
        .start();
    s.wait_state("cat", "RUNNING");
    assert_eq!(s.stop(), 0);
    drop(s);
    let output = reader.wait_with_output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(
        log.contains("INFO spawned: 'cat'") && log.contains("stopped: cat"),
        "{log}"
    );
}

/// Writes 300 short lines in dozens of bursts.
const TWIN: &str = r#"
n=0
while [ $n -lt 300 ]; do
    n=$((n + 1))
    printf '%s %04d ok\n' $1 $n
    [ $((n % 10)) = 0 ] && sleep 0.01
done"#;

/// Programs that log to one file share one writer: it rotates once for all, loses no line and
/// cuts none in two.
#[test]
fn programs_that_share_a_log_lose_no_line() {
    let s = Story::new()
        .script("twin.sh", TWIN)
        .program(
            "twin",
            "command=%(here)s/twin.sh %(process_num)d
             process_name=twin_%(process_num)d
             numprocs=3
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/shared.log
             stdout_logfile_maxbytes=1000
             stdout_logfile_backups=99",
        )
        .start();
    for number in 0..3 {
        s.wait_state(&format!("twin:twin_{number}"), "EXITED");
    }
    let backup = |number| s.read(&format!("shared.log.{number}"));
    let backups: Vec<String> = (1..=99)
        .map(backup)
        .filter(|text| !text.is_empty())
        .collect();
    assert!(
        backups.iter().all(|text| text.len() >= 1000),
        "rotated before it was full"
    );
    let all = backups.concat() + &s.read("shared.log");
    let mut lines: Vec<&str> = all.lines().collect();
    lines.sort_unstable();
    let line = |twin| (1..=300).map(move |n| format!("{twin} {n:04} ok"));
    assert_eq!(lines, (0..3).flat_map(line).collect::<Vec<_>>());
}

/// After an outside rotation, SIGUSR2 makes all logs anew, the daemon's own too.
#[test]
fn sigusr2_reopens_every_log() {
    let s = reopened(|s| s.signal("USR2"));
    assert!(
        s.read("main.old")
            .contains("received SIGUSR2 indicating log reopen request")
    );
}

/// A client that has rotated the logs can ask for the same.
#[test]
fn a_client_reopens_every_log() {
    reopened(|s| drop(s.rpc("logs.reopen", &[]).unwrap()));
}

/// Renames the logs, has them reopened, and waits until they are there again.
fn reopened(reopen: impl FnOnce(&Daemon)) -> Daemon {
    let s = chatty();
    fs::rename(s.path("supervisord.log"), s.path("main.old")).unwrap();
    fs::rename(s.path("chatty.log"), s.path("chatty.old")).unwrap();
    reopen(&s);
    s.wait_exists("supervisord.log");
    wait_for("the log to be made anew", || {
        s.read("chatty.log").contains("this is line").then_some(())
    });
    s
}

/// What a child wrote before it ended is in its log by the time its end is told.
#[test]
fn output_comes_before_the_exit() {
    let s = Story::new()
        .program(
            "last",
            "command=sh -c 'head -c 200000 /dev/zero; echo the end'
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/last.log",
        )
        .start();
    s.wait_state("last", "EXITED");
    let log = s.read("last.log");
    assert!(
        log.len() == 200_008 && log.ends_with("the end\n"),
        "{} bytes",
        log.len()
    );
}

/// `strip_ansi` takes the escape sequences out of every log, even where a read cuts one in two.
#[test]
fn escape_sequences_are_stripped_where_asked_for() {
    let s = Story::new()
        .supervisord("strip_ansi=true")
        .script(
            "colours.sh",
            r"printf 'a \033[1;3'
              until [ -e $DIR/go ]; do sleep 0.01; done
              printf '1mred\033[0m rose\n'",
        )
        .program(
            "colours",
            "command=%(here)s/colours.sh
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/plain.log",
        )
        .start();
    s.wait_file("plain.log", "a ");
    fs::write(s.path("go"), "").unwrap();
    s.wait_state("colours", "EXITED");
    assert_eq!(s.read("plain.log"), "a red rose\n");
}

/// With `redirect_stderr` both outputs are one, in the order in which they were written, and what
/// was to be done with stderr is not done.
#[test]
fn redirected_stderr_is_in_the_log_of_stdout() {
    let s = Story::new()
        .program(
            "both",
            "command=sh -c 'echo one; echo two >&2; echo three'
             startsecs=0
             autorestart=false
             redirect_stderr=true
             stdout_logfile=%(here)s/both.log
             stderr_logfile=%(here)s/stderr.log",
        )
        .start();
    let info = s.wait_state("both", "EXITED");
    assert_eq!(s.read("both.log"), "one\ntwo\nthree\n");
    assert_eq!(info.get("stderr_logfile"), "");
    assert!(!s.path("stderr.log").exists());
}

/// The names of the AUTO logs, which only supervisord knows.
fn auto_logs(s: &Daemon) -> Vec<String> {
    let entries = fs::read_dir(s.path("childlogs")).unwrap().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// A child whose outputs are logged AUTO, which is the default, and logs of others beside them.
fn automatic(options: &str) -> Story {
    Story::new()
        .supervisord(options)
        .file("childlogs/old-stdout---supervisor-abcdefgh.log", "")
        .file("childlogs/old-stdout---supervisor-abcdefgh.log.2", "")
        .file("childlogs/old-stdout---other-abcdefgh.log", "")
        .file("childlogs/mine.log", "")
        .program("cat", "command=echo hello\nstartsecs=0\nautorestart=false")
}

/// AUTO logs live as long as their supervisord: the next one of the same identifier removes them,
/// and nothing else.
#[test]
fn auto_logs_of_an_earlier_run_are_removed() {
    let mut s = automatic("").start();
    let mut earlier = String::new();
    for _ in 0..2 {
        let info = s.wait_state("cat", "EXITED");
        let [stdout, stderr] = ["stdout_logfile", "stderr_logfile"].map(|which| {
            let (_, name) = info.get(which).rsplit_once('/').unwrap();
            name.to_owned()
        });
        assert_eq!(s.read(&format!("childlogs/{stdout}")), "hello\n");
        let others = ["mine.log", "old-stdout---other-abcdefgh.log"].map(str::to_owned);
        let mut expected = [stderr, stdout.clone()].to_vec();
        expected.extend(others);
        expected.sort_unstable();
        assert_eq!(auto_logs(&s), expected);
        assert_ne!(stdout, earlier);
        earlier = stdout;
        assert_eq!(s.stop(), 0);
        s.start_again();
    }
}

/// `nocleanup` leaves them.
#[test]
fn auto_logs_stay_where_nothing_is_cleaned_up() {
    let mut s = automatic("nocleanup=true").start();
    s.wait_state("cat", "EXITED");
    let before = auto_logs(&s);
    assert_eq!(before.len(), 6, "{before:?}");
    assert_eq!(s.stop(), 0);
    s.start_again();
    s.wait_state("cat", "EXITED");
    let after = auto_logs(&s);
    assert!(
        after.len() == 8 && before.iter().all(|name| after.contains(name)),
        "{after:?}"
    );
}

//! supervisord itself: its start, its end, its files, and what it leaves to others.

#![allow(clippy::unwrap_used)] // a test may panic

mod harness;

use harness::{Process, Story, free_port, is_alive, kill, wait_for};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

const CAT: &str = "command=/bin/cat\nstartsecs=0";

/// Ignores SIGTERM.
const DEAF: &str = "trap '' TERM\ntouch $DIR/up\nwhile :; do sleep 0.05; done";

/// When told to end, waits until its friend has been told, too.
const LOYAL: &str = "
trap 'touch $DIR/told.$1; while [ ! -e $DIR/told.$2 ]; do sleep 0.02; done; exit 0' TERM
touch $DIR/up.$1
while :; do sleep 0.02; done";

/// Each program that is in no group is a group of its own. Groups of equal priority stop together,
/// so that a shutdown takes as long as the slowest, not as long as all of them one after another.
#[test]
fn groups_of_equal_priority_stop_together() {
    let loyal =
        |names: &str| format!("command=%(here)s/loyal.sh {names}\nstartsecs=0\nstopwaitsecs=600");
    let mut s = Story::new()
        .script("loyal.sh", LOYAL)
        .program("castor", &loyal("castor pollux"))
        .program("pollux", &loyal("pollux castor"))
        .start();
    s.wait_exists("up.castor");
    s.wait_exists("up.pollux");
    assert_eq!(s.stop(), 0);
    s.wait_log_count(&["stopped: ", "(exit status 0)"], 2);
}

/// Groups of different priority stop one after the other, the highest number first.
#[test]
fn a_shutdown_goes_by_priority() {
    let mut s = Story::new()
        .program("base", &format!("{CAT}\npriority=1"))
        .program("web", &format!("{CAT}\npriority=30"))
        .program("app", &format!("{CAT}\npriority=20"))
        .start();
    s.wait_state("web", "RUNNING");
    assert_eq!(s.stop(), 0);
    s.wait_log_order("stopped: ", &["web", "app", "base"]);
    assert!(!s.path("supervisord.pid").exists() && !s.path("s.sock").exists());
}

/// Who asks twice is in a hurry: a second SIGTERM kills what has not ended yet.
#[test]
fn a_second_sigterm_hurries() {
    let mut s = Story::new()
        .script("deaf.sh", DEAF)
        .program(
            "deaf",
            "command=%(here)s/deaf.sh\nstartsecs=0\nstopwaitsecs=600",
        )
        .start();
    s.wait_exists("up");
    wait_for("the end of who is deaf", || {
        s.signal("TERM");
        (!s.log_lines(&["stopped: deaf (terminated by SIGKILL)"])
            .is_empty())
        .then_some(())
    });
    assert_eq!(s.wait_exit(), 0);
}

/// Programs that stop another often signal it and its process group: that is no second signal.
#[test]
fn a_signal_sent_twice_is_one() {
    let mut s = Story::new()
        .script(
            "slow.sh",
            "trap 'sleep 0.3; echo flushed >>done; exit' TERM; : >up; while :; do sleep 0.05; done",
        )
        .program("slow", "command=%(here)s/slow.sh\nstartsecs=0")
        .start();
    s.wait_exists("up");
    s.signal("TERM");
    s.signal("INT");
    assert_eq!(s.wait_exit(), 0);
    assert_eq!(s.read("done"), "flushed\n");
}

/// `shutdown_timeout` bounds the stop of everything, lower priorities too.
#[test]
fn shutdown_timeout_kills_what_is_left() {
    let deaf =
        "command=sh -c 'trap \"\" TERM; : >%(here)s/%(program_name)s; while :; do sleep 0.05; done'
                startsecs=0\nstopwaitsecs=600";
    let mut s = Story::new()
        .supervisord("shutdown_timeout=1")
        .program("first", &format!("{deaf}\npriority=1"))
        .program("last", deaf)
        .start();
    s.wait_exists("first");
    s.wait_exists("last");
    assert_eq!(s.stop(), 0);
    s.wait_log("shutdown_timeout is over: killing what still runs");
    for name in ["first", "last"] {
        s.wait_log(&format!("stopped: {name} (terminated by SIGKILL)"));
    }
}

/// A single signal hurries nobody, whatever was asked for before: systemd has supervisorctl shut
/// down and then sends one.
#[test]
fn one_sigterm_after_a_shutdown_or_a_reload_does_not_hurry() {
    for order in ["shutdown", "reload"] {
        let mut s = Story::new()
            .script("loyal.sh", LOYAL)
            .program(
                "loyal",
                "command=%(here)s/loyal.sh loyal us\nstartsecs=0\nstopwaitsecs=600",
            )
            .start();
        s.wait_exists("up.loyal");
        s.ctl(order).exits(0);
        s.wait_exists("told.loyal");
        s.signal("TERM");
        s.wait_log("received SIGTERM indicating exit request");
        fs::write(s.path("told.us"), "").unwrap();
        assert_eq!(s.wait_exit(), 0);
        s.wait_log("stopped: loyal (exit status 0)");
    }
}

/// A group that has nothing to stop costs a shutdown no time.
#[test]
fn idle_groups_do_not_delay_the_shutdown() {
    let idle = "command=/bin/cat\nautostart=false";
    let story = Story::new().program("cat", &format!("{CAT}\npriority=1"));
    let story = (2..30).fold(story, |story, number| {
        story.program(
            &format!("idle{number}"),
            &format!("{idle}\npriority={number}"),
        )
    });
    let mut s = story.start();
    s.wait_state("cat", "RUNNING");
    let begin = Instant::now();
    assert_eq!(s.stop(), 0);
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "not a second for each"
    );
}

/// A daemon that was killed leaves its socket and pid file behind; the next one takes them over.
#[test]
fn stale_files_do_not_prevent_a_start() {
    let mut s = Story::new().program("cat", CAT).start();
    s.wait_state("cat", "RUNNING");
    s.signal("KILL");
    s.wait_exit();
    assert!(s.path("s.sock").exists() && s.path("supervisord.pid").exists());
    s.start_again();
    assert_eq!(s.wait_number("supervisord.pid"), s.pid());
    s.wait_state("cat", "RUNNING");
}

/// Those who sweep temporary directories remove sockets that are in use. The daemon makes its own
/// anew, and who was connected stays so.
#[test]
fn a_socket_that_something_removed_is_made_anew() {
    let mut s = Story::new().program("cat", CAT).start();
    let mut early = UnixStream::connect(s.path("s.sock")).unwrap();
    for _ in 0..2 {
        ask_for_the_page(&mut early);
        fs::remove_file(s.path("s.sock")).unwrap();
        s.wait_exists("s.sock");
        s.ctl("pid").says(&format!("{}\n", s.pid()));
    }
    ask_for_the_page(&mut early);
    s.wait_log_count(&["WARN", "s.sock", "removed"], 2);
    assert_eq!(s.stop(), 0);
    assert!(!s.path("s.sock").exists());
}

/// On a connection that stays open.
fn ask_for_the_page(stream: &mut UnixStream) {
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"</html>\n") {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&piece[..length]);
    }
}

/// A socket whose directory is gone, too, can't be made anew before somebody asks for it.
#[test]
fn sigusr2_makes_a_socket_anew_that_could_not_be_before() {
    let s = Story::new()
        .directory("run")
        .section("[unix_http_server:second]\nfile=%(here)s/run/s.sock")
        .start();
    fs::rename(s.path("run"), s.path("gone")).unwrap();
    fs::remove_file(s.path("gone/s.sock")).unwrap();
    s.wait_log_line(&["ERRO", "run/s.sock"]);
    s.wait_log("[unix_http_server:second]");
    fs::create_dir(s.path("run")).unwrap();
    s.signal("USR2");
    s.wait_exists("run/s.sock");
}

/// What can't be opened is told with the section and the option that ask for it.
#[test]
fn a_socket_that_can_not_be_made_names_its_option() {
    let section = "[unix_http_server:second]\nfile=/nonexistent/s.sock";
    Story::new()
        .section(section)
        .run()
        .complains(&[
            "Error: ",
            "[unix_http_server:second]",
            "file=/nonexistent/s.sock",
            "ENOENT",
        ])
        .exits(2);
}

/// So are a log that can't be opened and a user whom only root can become; nobody sees Rust's own
/// way of telling errors.
#[test]
fn what_prevents_a_start_is_told_with_its_place() {
    let answer = Story::new()
        .directory("dir")
        .whole("[supervisord]\nnodaemon=true\nlogfile=%(here)s/dir\n", "")
        .run()
        .complains(&[
            "Error: could not open logfile ",
            "dir: Is a directory (EISDIR)\nSee section [supervisord]: logfile=/",
            "supervisord.conf)\n",
        ])
        .exits(2);
    assert!(!answer.err.contains("os error"), "{answer:?}");
    if nix::unistd::geteuid().is_root() {
        Story::new()
            .supervisord("user=daemon")
            .after("chmod 755 $DIR")
            .launched_by("setpriv --reuid=65534 --clear-groups")
            .run()
            .complains(&[
                "Error: Can't drop privilege as nonroot user: daemon (uid 1)\n",
                "See section [supervisord]: user=daemon (file: /",
            ])
            .exits(2);
    }
}

/// A socket that a living supervisord holds names its pid, where the pid file does.
#[test]
fn a_socket_in_use_names_the_pid() {
    let s = Story::new().start();
    let pid = s.pid().to_string();
    // As Supervisor's own would leave it: written, but not locked.
    fs::remove_file(s.path("supervisord.pid")).unwrap();
    fs::write(s.path("supervisord.pid"), format!("{pid}\n")).unwrap();
    s.rival()
        .complains(&[
            "Error: ",
            &format!("pid {pid}"),
            "already listening",
            "[unix_http_server]: file=",
            "supervisord.conf)",
        ])
        .exits(2);
}

/// A second daemon on the same files is refused, is told whom it met, and harms nothing of the
/// first: not its socket, its pid file, nor its children's logs.
#[test]
fn a_second_daemon_harms_nothing() {
    let s = Story::new().program("cat", CAT).start();
    let before = s.wait_state("cat", "RUNNING");
    let pid = s.pid().to_string();
    s.rival()
        .complains(&["Error: ", &pid, "For help, use "])
        .exits(2);
    let after = s.info("cat");
    assert_eq!((after.state(), after.pid()), ("RUNNING", before.pid()));
    assert!(fs::exists(after.get("stdout_logfile")).unwrap());
    assert_eq!(s.wait_number("supervisord.pid"), s.pid());
    s.ctl("pid").says(&format!("{pid}\n"));
}

/// Only what this daemon made is removed at its end.
#[test]
fn a_foreign_pid_file_is_left_alone() {
    let mut s = Story::new().start();
    fs::remove_file(s.path("supervisord.pid")).unwrap();
    fs::write(s.path("supervisord.pid"), "12345\n").unwrap();
    assert_eq!(s.stop(), 0);
    assert_eq!(s.read("supervisord.pid"), "12345\n");
}

/// A child gets its three descriptors and no other, whatever the daemon has open or inherited and
/// whatever `minfds` is.
#[test]
fn no_descriptor_leaks_into_a_child() {
    let s = Story::new()
        .after("exec 8</etc/passwd 9</etc/passwd")
        .supervisord("minfds=8")
        .program("cat", CAT)
        .start();
    let child = Process(s.wait_state("cat", "RUNNING").pid());
    wait_for("the child to have three descriptors", || {
        child.descriptors().keys().eq(&[0, 1, 2]).then_some(())
    });
}

/// The default `minfds` is a wish: where it can't be met the daemon starts and says so.
#[test]
fn a_default_minfds_that_cannot_be_met_is_a_warning() {
    let s = Story::new().open_files(400).program("cat", CAT).start();
    s.wait_state("cat", "RUNNING");
    s.wait_log_line(&["WARN", "minfds"]);
}

/// A `minfds` that somebody asked for is a demand.
#[test]
fn a_minfds_that_was_asked_for_must_be_met() {
    let story = Story::new().open_files(400).supervisord("minfds=5000");
    story
        .run()
        .complains(&["Error: ", "5000", "minfds", "400", "For help, use "])
        .exits(2);
}

/// Killed with SIGKILL, a daemon can't stop its children. By default they live on; the next daemon
/// finds them and names them, so that nobody has doubles unawares.
#[test]
fn survivors_of_a_killed_daemon_are_named_at_the_next_start() {
    let mut s = Story::new()
        .program("cat", "command=sleep 600\nstartsecs=0")
        .start();
    let survivor = s.wait_state("cat", "RUNNING").pid();
    s.signal("KILL");
    s.wait_exit();
    assert!(is_alive(survivor));
    s.start_again();
    s.wait_log_line(&["WARN", "cat", &survivor.to_string()]);
}

/// `on_supervisor_death=kill` has the kernel kill them instead.
#[test]
fn children_can_be_made_to_die_with_the_daemon() {
    let mut s = Story::new()
        .supervisord("on_supervisor_death=kill")
        .program("cat", "command=sleep 600\nstartsecs=0")
        .start();
    let child = s.wait_state("cat", "RUNNING").pid();
    s.signal("KILL");
    s.wait_exit();
    wait_for("the child to die", || (!is_alive(child)).then_some(()));
}

/// In the background it leads a session of its own, has its umask and directory, and holds on to
/// no terminal.
#[test]
fn a_daemon_leaves_its_starter() {
    let mut s = Story::new()
        .supervisord("nodaemon=false\ndirectory=%(here)s/childlogs\numask=027")
        .program("cat", CAT)
        .spawn();
    assert_eq!(s.wait_exit(), 0);
    s.wait_ready();
    let daemon = Process(s.wait_number("supervisord.pid"));
    let files = daemon.descriptors();
    assert!(
        (0..3).all(|number| files[&number].ends_with("dev/null")),
        "{files:?}"
    );
    assert!(
        fs::read_link(format!("/proc/{}/cwd", daemon.0))
            .unwrap()
            .ends_with("childlogs")
    );
    kill(daemon.0, "TERM");
    wait_for("the pid file to go", || {
        (!s.path("supervisord.pid").exists()).then_some(())
    });
}

/// A server that other machines reach without a password is told louder than one on loopback.
#[test]
fn a_server_that_is_open_to_other_machines_is_told_loudly() {
    let (near, far) = (free_port(), free_port());
    let s = Story::new()
        .section(&format!(
            "[inet_http_server:near]\nport=127.0.0.1:{near}\n[inet_http_server:far]\nport=*:{far}"
        ))
        .start();
    let loud = s.log_lines(&["CRIT", "from another machine"]);
    assert_eq!(loud.len(), 1, "{loud:?}");
    assert!(loud[0].contains("'inet_http_server:far' at "), "{loud:?}");
}

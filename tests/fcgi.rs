//! FastCGI programs and the socket that they share.

#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

mod harness;

use harness::{Daemon, Story, free_port, kill, wait_for};
use nix::unistd::geteuid;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::Command;

/// Answers every connection on its descriptor 0 with its pid.
const WORKER: &str = "
import os, socket
listener = socket.socket(fileno=0)
while True:
    connection, _ = listener.accept()
    connection.sendall(b'%d' % os.getpid())
    connection.close()
";

/// A FastCGI program `app` with two workers on the socket.
fn story(socket: &str, options: &str) -> Story {
    Story::new().file("worker.py", WORKER).section(&format!(
        "[fcgi-program:app]
         command=python3 %(here)s/worker.py
         process_name=app_%(process_num)d
         numprocs=2
         startsecs=0
         startretries=0
         socket={socket}
         {options}"
    ))
}

const UNIX: &str = "unix://%(here)s/app.sock";

/// Who answered; the connection is refused where nobody listens.
fn ask(mut connection: impl Read + Write) -> i32 {
    let mut pid = String::new();
    connection.read_to_string(&mut pid).unwrap();
    pid.parse().unwrap()
}

fn ask_unix(s: &Daemon) -> i32 {
    ask(UnixStream::connect(s.path("app.sock")).unwrap())
}

/// What a process has as its descriptor 0, by number.
fn socket_of(s: &Daemon, name: &str) -> PathBuf {
    let pid = s.wait_state(name, "RUNNING").pid();
    fs::read_link(format!("/proc/{pid}/fd/0")).unwrap()
}

#[test]
fn all_processes_share_one_socket() {
    let s = story(UNIX, "").start();
    let shared = socket_of(&s, "app:app_0");
    assert!(shared.to_str().unwrap().starts_with("socket:["));
    assert_eq!(shared, socket_of(&s, "app:app_1"));
    s.wait_log_count(&["INFO Creating socket unix://"], 1);

    s.ctl("stop app:app_0").says("app:app_0: stopped\n");
    assert_eq!(ask_unix(&s), s.info("app:app_1").pid());
    s.ctl("start app:app_0").says("app:app_0: started\n");
    assert_eq!(socket_of(&s, "app:app_0"), shared);
    assert!(s.log_lines(&["Closing socket"]).is_empty());
}

#[test]
fn it_is_closed_when_the_last_one_ends_and_made_anew_for_the_next() {
    let s = story(UNIX, "autorestart=false").start();
    s.wait_state("app:app_0", "RUNNING");
    s.ctl("stop app:app_0").says("app:app_0: stopped\n");
    kill(s.wait_state("app:app_1", "RUNNING").pid(), "KILL");
    s.wait_log("INFO Closing socket unix://");
    UnixStream::connect(s.path("app.sock")).unwrap_err();
    assert!(s.path("app.sock").exists(), "the file stays");

    s.ctl("start app:app_1").says("app:app_1: started\n");
    assert_eq!(ask_unix(&s), s.info("app:app_1").pid());
    s.wait_log_count(&["Creating socket"], 2);
}

#[test]
fn a_tcp_socket_serves() {
    let port = free_port();
    let s = story(&format!("tcp://localhost:{port}"), "socket_backlog=5").start();
    let pids = ["app:app_0", "app:app_1"].map(|name| s.wait_state(name, "RUNNING").pid());
    let answered = ask(TcpStream::connect(("127.0.0.1", port)).unwrap());
    assert!(pids.contains(&answered));
    s.ctl("stop app:*").mentions(&["app:app_0: stopped\n"]);
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
}

#[test]
fn a_program_of_a_group_keeps_its_socket() {
    let s = story(UNIX, "")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .section("[group:site]\nprograms=cat,app")
        .start();
    let shared = socket_of(&s, "site:app_0");
    assert_eq!(shared, socket_of(&s, "site:app_1"));
    assert_ne!(shared, socket_of(&s, "site:cat"));
    ask_unix(&s);
}

#[test]
fn the_socket_has_the_mode_and_the_owner_that_it_is_given() {
    let s = story(UNIX, "socket_mode=0640").start();
    s.wait_state("app:app_1", "RUNNING");
    let mode = |s: &Daemon| {
        fs::metadata(s.path("app.sock"))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode(&s) & 0o7777, 0o640);
    if geteuid().is_root() {
        let s = story(UNIX, "socket_owner=nobody:daemon").start();
        s.wait_state("app:app_0", "RUNNING");
        let metadata = fs::metadata(s.path("app.sock")).unwrap();
        assert_ne!((metadata.uid(), metadata.gid()), (0, 0));
        assert_eq!(mode(&s) & 0o7777, 0o700);
    }
}

/// An open socket takes on what changes but its address, and nobody is restarted.
#[test]
fn an_update_changes_the_mode_of_an_open_socket() {
    let s = story(UNIX, "socket_mode=0640").start();
    let running = || ["app:app_0", "app:app_1"].map(|name| s.wait_state(name, "RUNNING").pid());
    let pids = running();
    s.rewrite(|config| config.replace(&config.text().replace("0640", "0666")));
    s.ctl("reread").says("app: changed\n");
    s.ctl("update")
        .says("app: stopped\napp: updated process group\n");
    let mode = fs::metadata(s.path("app.sock")).unwrap().mode();
    assert_eq!(mode & 0o7777, 0o666);
    assert_eq!(running(), pids);
    s.wait_log_count(&["Creating socket"], 1);
    s.ctl("update").says("");
}

/// A socket that can't be had makes that program FATAL, with the reason, and nothing else; when it
/// can be had, a start mends it.
/// Nobody's socket is taken away.
#[test]
fn a_unix_socket_that_is_listened_on_makes_that_program_fatal() {
    let s = story(UNIX, "autostart=false").start();
    let theirs = UnixListener::bind(s.path("app.sock")).unwrap();
    s.ctl("start app:app_0").mentions(&["ERROR (spawn error)"]);
    let app = s.wait_state("app:app_0", "FATAL");
    let spawnerr = app.get("spawnerr");
    assert!(
        spawnerr.ends_with("Address already in use (EADDRINUSE)"),
        "{spawnerr}"
    );
    UnixStream::connect(s.path("app.sock")).unwrap();
    drop(theirs);
    s.ctl("start app:app_0").says("app:app_0: started\n");
    let app = s.wait_state("app:app_0", "RUNNING");
    assert_eq!(ask_unix(&s), app.pid());
}

/// A worker that its master left behind, finishing its work, is in nobody's way; not even in that
/// of a supervisord that has read everything anew.
#[test]
fn a_worker_that_lingers_lets_its_program_start_again() {
    let s = Story::new()
        .file(
            "prefork.py",
            &format!(
                "import os, time
if os.fork() == 0:
    end = time.time() + 60
    while os.path.exists('prefork.py') and time.time() < end:
        time.sleep(0.01)
    os._exit(0)
{WORKER}"
            ),
        )
        .section(&format!(
            "[fcgi-program:app]
             command=python3 %(here)s/prefork.py
             startsecs=0
             startretries=0
             stdout_logfile=NONE
             stderr_logfile=NONE
             socket={UNIX}"
        ))
        .start();
    let first = s.wait_state("app", "RUNNING").pid();
    assert_eq!(ask_unix(&s), first);
    s.ctl("restart app").says("app: stopped\napp: started\n");
    let second = s.info("app").pid();
    assert_eq!(ask_unix(&s), second);
    s.ctl("reload").exits(0);
    s.wait_log_count(&["Creating socket"], 3);
    s.wait_ready();
    assert_eq!(ask_unix(&s), s.wait_state("app", "RUNNING").pid());
}

#[test]
fn a_busy_port_makes_that_program_fatal_and_nothing_else() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let s = story(&format!("tcp://127.0.0.1:{port}"), "")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    for name in ["app:app_0", "app:app_1"] {
        let told = s.wait_state(name, "FATAL");
        let url = format!("Could not create FastCGI socket tcp://127.0.0.1:{port}");
        assert_eq!(
            told.get("spawnerr"),
            format!("{url}: Address already in use (EADDRINUSE)")
        );
    }
    s.wait_state("cat", "RUNNING");
    s.ctl("start app:app_0").mentions(&["ERROR (spawn error)"]);
    drop(taken);
    wait_for("the port to be free", || {
        let started = s.ctl("start app:app_0");
        (started.out == "app:app_0: started\n").then_some(())
    });
    ask(TcpStream::connect(("127.0.0.1", port)).unwrap());
}

#[test]
fn a_place_that_is_forbidden_or_taken_makes_that_program_fatal() {
    for (socket, why) in [
        (
            "unix:///no/such/app.sock",
            "No such file or directory (ENOENT)",
        ),
        (
            "unix://%(here)s/precious",
            "the file exists and is not a socket",
        ),
    ] {
        let s = story(socket, "").file("precious", "data").start();
        let told = s.wait_state("app:app_0", "FATAL");
        assert!(told.get("spawnerr").ends_with(why), "{told:?}");
        assert_eq!(s.read("precious"), "data");
    }
}

/// The directory of the socket is gone when the last process has ended: the next start fails, and
/// succeeds when it is back.
#[test]
fn a_directory_that_vanishes_costs_only_the_next_start() {
    let s = story("unix://%(here)s/run/app.sock", "")
        .directory("run")
        .start();
    s.wait_state("app:app_1", "RUNNING");
    fs::rename(s.path("run"), s.path("gone")).unwrap();
    s.ctl("restart app:*").mentions(&["ERROR (spawn error)"]);
    s.wait_state("app:app_0", "FATAL");
    fs::create_dir(s.path("run")).unwrap();
    s.ctl("start app:*")
        .mentions(&["app:app_0: started\n", "app:app_1: started\n"]);
}

#[test]
fn a_host_without_an_address_makes_that_program_fatal_and_nothing_else() {
    let s = story("tcp://no.such.host.invalid:9000", "")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    let told = s.wait_state("app:app_0", "FATAL");
    let spawnerr = told.get("spawnerr");
    let words = "Could not create FastCGI socket tcp://no.such.host.invalid:9000: ";
    assert!(spawnerr.starts_with(words), "{spawnerr}");
    s.wait_state("cat", "RUNNING");
}

/// A name server that never answers; `None` where there can be none.
fn silent_name_server() -> Option<UdpSocket> {
    let allowed = Command::new("unshare").args(["--mount", "true"]).output();
    let server = UdpSocket::bind("127.77.0.1:53").ok();
    server.filter(|_| allowed.is_ok_and(|output| output.status.success()))
}

/// Whoever waits for a resolver holds up nobody, and can be stopped.
#[test]
fn a_stuck_resolver_holds_up_nobody() {
    let Some(name_server) = silent_name_server() else {
        return eprintln!("skipped: this needs a mount namespace and port 53");
    };
    let replace = "mount --bind $DIR/resolv.conf /etc/resolv.conf";
    let mut s = story("tcp://stuck.example:9000", "")
        .file("resolv.conf", "nameserver 127.77.0.1\noptions timeout:30")
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .launched_by(&format!(
            "unshare --mount sh -c '{replace} && exec \"$0\" \"$@\"'"
        ))
        .start();
    name_server.recv(&mut [0; 512]).unwrap();
    s.ctl("restart cat").says("cat: stopped\ncat: started\n");
    s.ctl("stop app:app_0").says("app:app_0: stopped\n");
    assert_eq!(s.info("app:app_1").state(), "STARTING");
    assert_eq!(s.stop(), 0);
    assert!(s.log_lines(&["no answer to who is"]).is_empty());
}

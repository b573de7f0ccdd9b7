//! Every example starts and does what it says.

#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

mod harness;

use harness::{Daemon, Story, free_port, kill, wait_for};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// The text of an example's file.
fn text(name: &str) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    fs::read_to_string(examples.join(name)).unwrap()
}

/// A story of an example, with these files beside its configuration, and `port` in the place of
/// the example's own.
fn example(name: &str, files: &[&str], port: (&str, u16)) -> Daemon {
    let config = text(&format!("{name}/supervisord.conf")).replace(port.0, &port.1.to_string());
    let story = Story::new()
        .directory("run")
        .whole(&config, "run/supervisor.sock");
    let with_file = |story: Story, file: &&str| story.file(file, &text(&format!("{name}/{file}")));
    files.iter().fold(story, with_file).start()
}

#[test]
fn the_quickstart_runs() {
    let port = free_port();
    let s = example("quickstart", &[], ("9001", port));
    for name in [
        "clock",
        "worker:worker_0",
        "worker:worker_1",
        "worker:worker_2",
        "flaky",
    ] {
        s.wait_state(name, "RUNNING");
    }
    s.wait_state("once", "EXITED");
    s.ctl("start once").says("once: started\n");
    s.ctl("restart worker:*")
        .mentions(&["worker:worker_0: stopped\n", "worker:worker_2: started\n"]);
    s.ctl("tail once").says("all done\nall done\n\n");
    TcpStream::connect(("127.0.0.1", port)).unwrap();
}

#[test]
fn the_listener_tells_of_crashes() {
    let s = example("listener", &["alarm.sh"], ("9001", 0));
    kill(s.wait_state("flaky", "RUNNING").pid(), "KILL");
    s.wait_state("hopeless", "FATAL");
    for line in [
        "flaky:flaky crashed\n",
        "hopeless:hopeless can't be started\n",
    ] {
        wait_for(line, || {
            s.read("run/alarm.log").contains(line).then_some(())
        });
    }
}

/// A request without parameters and body: BEGIN_REQUEST for a responder, empty PARAMS and STDIN.
const REQUEST: &[u8] = b"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0\
                         \x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\0\0\0";

#[test]
fn the_fastcgi_workers_answer() {
    let port = free_port();
    let s = example("fastcgi", &["hello.py"], ("9002", port));
    let pids = ["hello:hello_0", "hello:hello_1"].map(|name| s.wait_state(name, "RUNNING").pid());
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.write_all(REQUEST).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let says = |pid: i32| answer.contains(&format!("\r\n\r\nhello from process {pid}\n"));
    assert!(pids.into_iter().any(says), "{answer:?}");
}

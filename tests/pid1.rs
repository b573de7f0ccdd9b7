//! supervisord as PID 1 of a container, where `docker stop` sends SIGTERM and all that lose their
//! parents become its children.

mod harness;

use harness::{Story, kill, wait_for};
use nix::unistd::geteuid;
use std::fs;
use std::process::Command;

/// Gives its parent away and waits for a file.
const ORPHAN: &str = "echo $$ >$DIR/orphan\nuntil [ -e $DIR/go ]; do sleep 0.02; done\nexit 7";

/// What makes a program PID 1 of a namespace of its own, with a `/proc` to go with it.
fn unshare() -> &'static str {
    if geteuid().is_root() {
        "unshare --pid --fork --mount-proc"
    } else {
        "unshare --map-root-user --pid --fork --mount-proc"
    }
}

/// Says so, too, where it is not.
fn is_permitted() -> bool {
    let words: Vec<&str> = unshare().split(' ').collect();
    let tried = Command::new(words[0])
        .args(&words[1..])
        .arg("true")
        .output();
    let permitted = tried.as_ref().is_ok_and(|output| output.status.success());
    if !permitted {
        eprintln!("skipped: no PID namespace can be had here: {tried:?}");
    }
    permitted
}

#[test]
fn orphans_are_reaped_and_a_sigterm_stops_everything_in_order() {
    if !is_permitted() {
        return;
    }
    let mut s = Story::new()
        .launched_by(unshare())
        .script("orphan.sh", ORPHAN)
        .program(
            "careless",
            "command=sh -c '($DIR/orphan.sh &) && exec cat'\nstartsecs=0\npriority=20",
        )
        .program("base", "command=/bin/cat\nstartsecs=0\npriority=10")
        .start();
    assert_eq!(s.wait_number("supervisord.pid"), 1);
    let orphan = s.wait_number("orphan");
    fs::write(s.path("go"), "").unwrap();
    s.wait_log(&format!("reaped unknown pid {orphan} (exit status 7)"));
    let supervisord = wait_for("the one child of unshare", || s.process().only_child());
    kill(supervisord, "TERM");
    assert_eq!(s.wait_exit(), 0);
    s.wait_log_order("stopped: ", &["careless", "base"]);
}

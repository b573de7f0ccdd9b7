//! New configurations for a daemon that runs, good ones and bad ones.

mod harness;

use harness::{Story, wait_for};

const CAT: &str = "command=/bin/cat\nstartsecs=0";

/// A `%` that was not doubled is told with section, key, value and the cure.
#[test]
fn a_stray_percent_sign_is_told_with_its_cure() {
    let story = Story::new().program("stamp", "command=date +%Y");
    let words = [
        "Error: ",
        "program:stamp",
        "command",
        "date +%Y",
        "%%",
        "For help, use ",
    ];
    story.run().says("").complains(&words).exits(2);
}

/// So is an environment variable that isn't there.
#[test]
fn a_missing_variable_is_told_with_its_name() {
    let story = Story::new().program("app", "command=/bin/cat\ndirectory=%(ENV_NO_SUCH)s");
    let words = [
        "Error: ",
        "program:app",
        "directory",
        "ENV_NO_SUCH",
        "For help, use ",
    ];
    story.run().says("").complains(&words).exits(2);
}

/// Doubled, it is a percent sign.
#[test]
fn a_doubled_percent_sign_is_one() {
    let s = Story::new()
        .program(
            "stamp",
            "command=sh -c 'echo 100%%'
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/stamp.log",
        )
        .start();
    s.wait_file("stamp.log", "100%\n");
}

/// With a bad file, SIGHUP, `reload`, `reread` and `update` change nothing; each says what is
/// wrong where the asker looks for it. A good file is taken afterwards.
#[test]
fn a_bad_file_leaves_everything_running() {
    let s = Story::new().program("cat", CAT).start();
    let pid = s.wait_state("cat", "RUNNING").pid();
    s.rewrite(|config| config.program("broken", "numprocs=many"));
    for order in ["reread", "update"] {
        s.ctl(order)
            .mentions(&["CANT_REREAD", "program:broken", "numprocs", "many"])
            .exits(1);
    }
    s.signal("HUP");
    s.wait_log_line(&["program:broken", "numprocs", "many"]);
    let info = s.info("cat");
    assert_eq!((info.state(), info.pid()), ("RUNNING", pid));

    s.rewrite(|config| config.program("fresh", CAT));
    s.signal("HUP");
    s.wait_state("fresh", "RUNNING");
    assert_ne!(s.wait_state("cat", "RUNNING").pid(), pid);
}

/// A reload starts over in the same process: same pid, new configuration.
#[test]
fn a_reload_keeps_the_pid() {
    let s = Story::new().program("cat", CAT).start();
    s.wait_state("cat", "RUNNING");
    s.rewrite(|config| config.supervisord("identifier=renewed"));
    s.ctl("reload").says("Restarted supervisord\n").exits(0);
    wait_for("two starts in the log", || {
        (s.log_lines(&["supervisord started with pid"]).len() == 2).then_some(())
    });
    s.wait_state("cat", "RUNNING");
    assert_eq!(s.wait_number("supervisord.pid"), s.pid());
}

/// `update` brings what is new, drops what is gone, renews what changed, and leaves the rest alone.
#[test]
fn update_touches_only_what_changed() {
    let s = Story::new()
        .program("same", CAT)
        .program("changed", CAT)
        .start();
    let same = s.wait_state("same", "RUNNING").pid();
    let changed = s.wait_state("changed", "RUNNING").pid();
    s.rewrite(|config| {
        config.program("changed", "command=sleep 600\nstartsecs=0");
        config.program("fresh", CAT);
    });
    s.ctl("reread").says("changed: changed\nfresh: available\n");
    s.ctl("update")
        .says("changed: stopped\nchanged: updated process group\nfresh: added process group\n");
    s.wait_state("fresh", "RUNNING");
    assert_ne!(s.wait_state("changed", "RUNNING").pid(), changed);
    assert_eq!(s.info("same").pid(), same);
    s.rewrite(|_| {});
    s.ctl("update")
        .mentions(&["fresh: stopped\n", "fresh: removed process group\n"]);
}

//! supervisorctl beyond single lines: at a terminal, with many processes, for other programs.

mod harness;

use harness::{Story, Terminal, kill};

fn cats() -> Story {
    let many = "command=/bin/cat\nprocess_name=m%(process_num)d\nnumprocs=3\nautostart=false\n\
                startsecs=0";
    Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program("m", many)
}

#[test]
fn lines_are_edited_completed_and_remembered() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    let history = s.path("history");
    let words = format!("-r {}", history.display());
    let mut t = Terminal::start(&s, "xterm", &words);
    t.shows("supervisor> ");
    t.types("vers\t\r");
    t.shows("version ");
    t.shows("\n5.");
    t.shows("supervisor> ");
    t.types("pid ca\t\r");
    t.shows(&format!("{}\r\n", s.info("cat").pid()));
    t.types("start m:m\t\t");
    t.shows("m:m0");
    t.shows("m:m2");
    t.types("\u{15}\u{1b}[A\u{1b}[A\r");
    t.shows("\n5.");
    t.types("\u{3}");
    assert_eq!(t.wait_exit(), 0);
    assert!(t.is_sane());
    let lines = "version \npid cat \nversion \n";
    assert_eq!(s.read("history"), lines);
}

#[test]
fn a_dumb_terminal_completes_without_moving_its_cursor() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    let mut t = Terminal::start(&s, "dumb", "");
    t.shows("supervisor> ");
    t.types("pid c\t\r");
    t.shows("pid cat \r\n");
    t.shows(&format!("{}\r\n", s.info("cat").pid()));
    t.shows("supervisor> ");
    t.types("\u{4}");
    assert_eq!(t.wait_exit(), 0);
    assert!(t.is_sane());
    assert!(!t.shown().contains('\u{1b}'));
}

#[test]
fn patterns_stand_for_what_they_match() {
    let s = cats()
        .program("n", "command=/bin/cat\nautostart=false")
        .start();
    s.wait_state("cat", "RUNNING");
    s.ctl("start m? m_*")
        .says("m:m0: started\nm:m1: started\nm:m2: started\nm_*: ERROR (no such process)\n")
        .exits(1);
    s.ctl("stop m:m[01] z*:*")
        .says("m:m0: stopped\nm:m1: stopped\nz*: ERROR (no such group)\n")
        .exits(1);
    s.ctl("start z*:*")
        .says("z*: ERROR (no such group)\n")
        .exits(2);
    s.ctl("signal CONT *:m2 c*")
        .says("m:m2: signalled\ncat: signalled\n");
    s.ctl("restart c?t").says("cat: stopped\ncat: started\n");
    s.ctl("clear m:*2 z?")
        .says("m:m2: cleared\nz?: ERROR (no such process)\n");
    s.ctl("pid m[12]")
        .says(&format!("0\n{}\n", s.info("m:m2").pid()))
        .exits(7);
    s.ctl("status m*:*0 nope*")
        .mentions(&["nope*: ERROR (no such process)\nm:m0                             STOPPED   "])
        .exits(3);
    s.ctl("fg m*")
        .says("ERROR: too many process names supplied\n");
    s.ctl("tail m*")
        .says("Error: m* is more than one process; see logs\n")
        .exits(1);
    s.ctl("tail c*t").says("\n").exits(0);
    s.ctl("remove n* z*")
        .says("n: removed process group\nERROR: no such process/group: z*\n");
    s.ctl("add n*").says("n: added process group\n").exits(0);
    s.ctl("update [x-z]*")
        .says("ERROR: no such group: [x-z]*\n")
        .exits(1);
}

#[test]
fn orders_for_several_processes_are_carried_out_together() {
    // Neither ends before the other has been told to.
    let body = "trap 'touch $1.told; until [ -e $2.told ]; do sleep 0.01; done; exit' TERM\n\
                touch $1.up; while :; do sleep 0.01; done";
    let program = |names| format!("command=$DIR/pair {names}\ndirectory=%(here)s");
    let s = Story::new()
        .script("pair", body)
        .program("a", &program("a b").replace("$DIR", "%(here)s"))
        .program("b", &program("b a").replace("$DIR", "%(here)s"))
        .start();
    s.wait_exists("a.up");
    s.wait_exists("b.up");
    s.ctl("stop b a").says("b: stopped\na: stopped\n").exits(0);
    s.wait_log("stopped: a (exit status 0)");
    s.wait_log("stopped: b (exit status 0)");
}

#[test]
fn who_watches_sees_each_process_end() {
    let body = "trap '' TERM; touch $1.up; until [ -e $1.go ]; do sleep 0.01; done";
    let program = |name: &str| format!("command=%(here)s/deaf {name}\ndirectory=%(here)s");
    let s = Story::new()
        .script("deaf", body)
        .program("a", &program("a"))
        .program("b", &program("b"))
        .start();
    s.wait_exists("a.up");
    s.wait_exists("b.up");
    let mut t = Terminal::start(&s, "xterm", "stop a b");
    t.shows("0 of 2 done, ");
    std::fs::write(s.path("b.go"), "").unwrap();
    t.shows("b: stopped\r\n");
    t.shows("1 of 2 done, ");
    std::fs::write(s.path("a.go"), "").unwrap();
    t.shows("a: stopped\r\n");
    assert_eq!(t.wait_exit(), 0);
}

#[test]
fn nobody_waits_longer_than_wanted() {
    let deaf = "command=/bin/sh -c 'trap \"\" TERM; touch up; cat'\ndirectory=%(here)s";
    let s = cats().program("deaf", deaf).start();
    s.wait_state("cat", "RUNNING");
    s.wait_exists("up");
    s.ctl("stop --timeout 0.2 deaf cat")
        .says("deaf: ERROR (timed out)\ncat: stopped\n")
        .exits(1);
    s.wait_state("deaf", "STOPPING");
    s.ctl("start cat --no-wait m:*")
        .says("cat: starting\nm:m0: starting\nm:m1: starting\nm:m2: starting\n");
    s.ctl("--no-wait stop m:m0 nope")
        .says("m:m0: stopping\nnope: ERROR (no such process)\n")
        .exits(1);
    s.ctl("stop --timeout soon cat")
        .mentions(&["Error: --timeout soon: no number"])
        .exits(2);
}

#[test]
fn an_interrupt_anywhere_leaves_a_sane_terminal() {
    let s = cats()
        .program("deaf", "command=/bin/sh -c 'trap \"\" TERM; cat'")
        .start();
    for (term, words) in [
        ("xterm", "fg cat"),
        ("dumb", "tail -f cat"),
        ("dumb", "fg cat"),
    ] {
        s.wait_state("cat", "RUNNING");
        let mut t = Terminal::start(&s, term, words);
        t.shows("Ctrl-C to exit");
        kill(t.pid(), "INT");
        assert_eq!(t.wait_exit(), 0, "{t:?}");
        assert!(t.is_sane());
    }
}

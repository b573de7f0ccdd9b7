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

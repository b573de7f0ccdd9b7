//! supervisorctl beyond single lines: at a terminal, with many processes, for other programs.

mod harness;

use harness::{Answer, Story, Terminal, free_port, kill, wait_for};
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use supervisor::xmlrpc::{Value, encode};

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

/// As somebody does who types the next line while the one before is carried out, or pastes several.
#[test]
fn lines_that_are_typed_ahead_are_carried_out_in_turn() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    for term in ["xterm", "dumb"] {
        let mut t = Terminal::start(&s, term, "");
        t.shows("supervisor> ");
        t.types("stop cat\rstart cat\rpid cat\rquit\r");
        t.shows("cat: stopped\r\n");
        t.shows("cat: started\r\n");
        t.shows(&format!("\n{}\r\n", s.info("cat").pid()));
        assert_eq!(t.wait_exit(), 0);
    }
}

/// It may be meant for the action: an answer, a line for a process, a password. It is no command.
#[test]
fn what_is_typed_ahead_of_a_question_is_no_command() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    let mut t = Terminal::start(&s, "xterm", "");
    t.shows("supervisor> ");
    t.types("shutdown\rstop cat\r");
    t.shows("y/N? ");
    t.types("n\r");
    t.shows("supervisor> ");
    t.types("quit\r");
    assert_eq!(t.wait_exit(), 0);
    assert_eq!(s.info("cat").state(), "RUNNING");
    assert!(!t.shown().contains("cat: stopped"), "{t:?}");
}

/// Scripts get the usage text that they know, people are told of what is new.
#[test]
fn the_usage_at_a_terminal_tells_of_more() {
    let s = cats().start();
    let plain = s.ctl("-h").exits(0).out;
    assert!(!plain.contains("--no-wait"), "{plain}");
    let mut t = Terminal::start(&s, "xterm", "--help");
    t.shows("-s/--serverurl URL");
    t.shows("--cacert FILENAME");
    t.shows("--no-wait");
    assert_eq!(t.wait_exit(), 0);
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
    s.ctl("clear m:* z:*")
        .says("m:m0: cleared\nm:m1: cleared\nm:m2: cleared\nz:*: ERROR (no such process)\n");
    s.ctl("pid m:*")
        .says(&format!("0\n0\n{}\n", s.info("m:m2").pid()));
    s.ctl("tail n:*").says("\n").exits(0);
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
        .section("[group:g]\nprograms=a,b")
        .start();
    // One order a process, one for all, one for a group.
    for words in ["stop g:a g:b", "stop all", "stop g:*"] {
        s.wait_exists("a.up");
        s.wait_exists("b.up");
        let mut t = Terminal::start(&s, "xterm", words);
        t.shows("0 of 2 done, ");
        std::fs::write(s.path("b.go"), "").unwrap();
        t.shows("g:b: stopped\r\n");
        t.shows("1 of 2 done, ");
        std::fs::write(s.path("a.go"), "").unwrap();
        t.shows("g:a: stopped\r\n");
        assert_eq!(t.wait_exit(), 0);
        assert_eq!(t.shown().matches("g:b: stopped").count(), 1, "{t:?}");
        for name in ["a.up", "a.go", "b.up", "b.go"] {
            std::fs::remove_file(s.path(name)).unwrap();
        }
        s.ctl("start --no-wait all").exits(0);
    }
}

#[test]
fn who_watches_sees_each_process_of_all_start_once() {
    let s = Story::new()
        .program("fast", "command=/bin/cat\nautostart=false\nstartsecs=0")
        .program("slow", "command=/bin/cat\nautostart=false\nstartsecs=2")
        .program(
            "gone",
            "command=/bin/false\nautostart=false\nstartretries=0",
        )
        .start();
    let mut t = Terminal::start(&s, "xterm", "start all");
    t.shows("fast: started\r\n");
    t.shows("2 of 3 done, ");
    assert_eq!(s.info("slow").state(), "STARTING");
    t.shows("gone: ERROR (spawn error)\r\n");
    t.shows("slow: started\r\n");
    assert_eq!(t.wait_exit(), 7);
    assert_eq!(t.shown().matches("fast: started").count(), 1, "{t:?}");
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
    s.ctl("start --no-wait deaf")
        .says("deaf: ERROR (still stopping)\n")
        .exits(7);
    s.ctl("--no-wait stop m:m0 nope")
        .says("m:m0: stopping\nnope: ERROR (no such process)\n")
        .exits(1);
    s.ctl("stop --timeout soon cat")
        .mentions(&["Error: --timeout soon: no number"])
        .exits(2);

    // Whoever types may take their time all the same.
    let mut t = Terminal::start(&s, "dumb", "");
    t.shows("supervisor> ");
    t.types("start --timeout 0 cat\r");
    t.shows("timed out");
    t.shows("supervisor> ");
    t.types("version\r");
    t.shows("\n5.");
}

#[test]
fn an_interrupt_anywhere_leaves_a_sane_terminal() {
    let deaf = "command=/bin/sh -c 'trap \"\" TERM; touch up; cat'\ndirectory=%(here)s";
    let s = cats().program("deaf", deaf).start();
    s.wait_state("cat", "RUNNING");
    s.wait_exists("up");
    for (term, words, shown, status) in [
        ("xterm", "fg cat", "Ctrl-C to exit", 0),
        ("dumb", "tail -f cat", "Ctrl-C to exit", 0),
        ("dumb", "logs -f cat nope", "no such process", 1),
        ("xterm", "stop deaf", "0 of 1 done", 130),
        (
            "dumb",
            "wait nope deaf --for=exited",
            "no such process",
            130,
        ),
    ] {
        let mut t = Terminal::start(&s, term, words);
        t.shows(shown);
        kill(t.pid(), "INT");
        assert_eq!(t.wait_exit(), status, "{words} {t:?}");
        assert!(t.is_sane());
    }
    let mut t = Terminal::start(&s, "xterm", "");
    t.shows("supervisor> ");
    t.types("tail -f cat\r");
    t.shows("Ctrl-C to exit");
    kill(t.pid(), "INT");
    t.shows("supervisor> ");
    t.types("\u{4}");
    assert_eq!(t.wait_exit(), 0);
    assert!(t.is_sane());
}

/// What was typed ahead is forgotten with the action that ends.
#[test]
fn an_interrupt_of_an_action_leads_back_to_the_prompt() {
    let deaf = "command=/bin/sh -c 'trap \"\" TERM; touch up; cat'\ndirectory=%(here)s";
    for term in ["xterm", "dumb"] {
        let s = cats().program("deaf", deaf).start();
        s.wait_state("cat", "RUNNING");
        s.wait_exists("up");
        let mut t = Terminal::start(&s, term, "");
        t.shows("supervisor> ");
        t.types("stop cat deaf\rshutdown\ry\r");
        t.shows("cat: stopped\r\n");
        kill(t.pid(), "INT");
        t.shows("\nInterrupted; what has been ordered goes on\r\n");
        t.shows("supervisor> ");
        t.types("wait nope deaf --for=exited\r");
        t.shows("nope: ERROR");
        kill(t.pid(), "INT");
        t.shows("supervisor> ");
        t.types("version\r");
        t.shows("\n5.");
        t.shows("supervisor> ");
        t.types("\u{4}");
        assert_eq!(t.wait_exit(), 0);
        assert!(t.is_sane());
        assert!(!t.shown().contains("Really"), "{t:?}");
        assert_eq!(t.shown().matches("Interrupted").count(), 1, "{t:?}");
        assert_eq!(s.info("deaf").state(), "STOPPING");
    }
}

#[test]
fn an_interrupt_of_an_action_ends_a_script() {
    let s = cats().start();
    let mut script = s.command("supervisorctl");
    let script = script.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut script = script.spawn().unwrap();
    let mut lines = script.stdin.take().unwrap();
    lines.write_all(b"wait nope m:m0\nshutdown\n").unwrap();
    let mut out = script.stdout.take().unwrap();
    let mut said = String::new();
    while !said.contains("nope: ERROR") {
        let mut piece = [0; 4096];
        let length = out.read(&mut piece).unwrap();
        said += str::from_utf8(&piece[..length]).unwrap();
    }
    kill(script.id().cast_signed(), "INT");
    wait_for("the script to end", || script.try_wait().unwrap());
    out.read_to_string(&mut said).unwrap();
    assert!(!said.contains("Really"), "{said}");
}

/// After Ctrl-Z a shell has the terminal, and gives it back as shells like it.
#[test]
fn a_password_stays_hidden_from_who_comes_back_to_it() {
    let port = free_port();
    let server = format!("[inet_http_server]\nport=127.0.0.1:{port}\nusername=u\npassword=p");
    let s = cats().section(&server).start();
    s.wait_ready();
    let words = format!("-s http://127.0.0.1:{port} -i pid");
    let mut t = Terminal::start(&s, "xterm", &words);
    t.shows("Username:");
    t.types("u\n");
    t.shows("Password:");
    wait_for("a hidden password", || (!t.echoes()).then_some(()));
    kill(t.pid(), "STOP");
    t.take_over();
    kill(t.pid(), "CONT");
    wait_for("a password hidden again", || (!t.echoes()).then_some(()));
    t.types("p\n");
    t.shows(&format!("\n{}\r\n", s.pid()));
    assert_eq!(t.wait_exit(), 0);
    assert!(t.is_sane());
}

/// Ctrl-C comes while the first stream is asked for, behind the words that promise an end by it.
#[test]
fn an_interrupt_before_the_first_output_ends_fg() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let server = UnixListener::bind(&socket).unwrap();
    let mut fg = Command::new(env!("CARGO_BIN_EXE_supervisorctl"));
    fg.args(["-s", &format!("unix://{}", socket.display()), "fg", "cat"]);
    let fg = fg.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut fg = fg.current_dir(directory.path()).spawn().unwrap();
    let mut answers = [Value::Str("3.0".into()), running("cat")].into_iter();
    // The last client, whose stream never begins, stays connected.
    let _client = loop {
        let (mut client, _) = server.accept().unwrap();
        let mut request = [0; 4096];
        let length = client.read(&mut request).unwrap();
        if request[..length].starts_with(b"GET /logtail/cat/stdout ") {
            break client;
        }
        let xml = encode::response(&answers.next().unwrap());
        write!(client, "HTTP/1.0 200 OK\r\n\r\n{xml}").unwrap();
    };
    kill(fg.id().cast_signed(), "INT");
    let end = wait_for("fg to end", || fg.try_wait().unwrap());
    assert_eq!(end.code(), Some(0));
    let mut said = String::new();
    fg.stdout.unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "==> Press Ctrl-C to exit <==\nExiting foreground\n");
}

fn running(name: &str) -> Value {
    let text = |text: &str| Value::Str(text.to_owned());
    let members = [
        ("group", text(name)),
        ("name", text(name)),
        ("state", Value::Int(20)),
        ("statename", text("RUNNING")),
        ("description", text("")),
        ("pid", Value::Int(7)),
    ];
    Value::Struct(members.map(|(name, value)| (name.to_owned(), value)).into())
}

#[test]
fn wait_ends_when_a_state_is_reached() {
    let job = "command=/bin/sh -c 'until [ -e %(here)s/go ]; do sleep 0.01; done'\n\
               startsecs=0\nautorestart=false";
    let s = cats()
        .program("job", job)
        .program("bad", "command=/no/such\nstartretries=0")
        .start();
    s.ctl("wait cat job")
        .says("cat: running\njob: running\n")
        .exits(0);
    s.ctl("wait --timeout=0.1 --for=exited job")
        .says("job: ERROR (timed out)\n")
        .exits(1);
    s.ctl("wait bad nope")
        .says("nope: ERROR (no such process)\nbad: ERROR (fatal)\n")
        .exits(7);
    s.ctl("wait m:* --for stopped")
        .says("m:m0: stopped\nm:m1: stopped\nm:m2: stopped\n")
        .exits(0);
    s.ctl("wait m:m0 --for exited")
        .says("m:m0: ERROR (not running)\n")
        .exits(7);
    let mut t = Terminal::start(&s, "dumb", "wait job --for exited");
    std::fs::write(s.path("go"), "").unwrap();
    t.shows("job: exited\r\n");
    assert_eq!(t.wait_exit(), 0);
    s.ctl("wait")
        .mentions(&["Error: wait requires a process name\nwait <name>"])
        .exits(1);
}

#[test]
fn logs_of_several_processes_are_shown_line_by_line() {
    let talks = "command=/bin/sh -c 'seq 1 2000; echo oops >&2; cat'\nprocess_name=t%(process_num)d\n\
                 numprocs=2\nstartsecs=0\nstdout_logfile=%(here)s/%(process_num)d.out\n\
                 stderr_logfile=%(here)s/%(process_num)d.err";
    let s = cats()
        .program("t", talks)
        .program("mute", "command=/bin/cat\nstdout_logfile=NONE")
        .start();
    let numbers: String = (1..=2000).map(|n| format!("{n}\n")).collect();
    for log in ["0.out", "1.out"] {
        s.wait_file(log, &numbers);
    }
    s.wait_file("0.err", "oops\n");
    s.ctl("logs t:t0 -n 2").says("1999\n2000\n").exits(0);
    s.ctl("logs -n 2 t*")
        .says("t:t0 | 1999\nt:t0 | 2000\nt:t1 | 1999\nt:t1 | 2000\n");
    s.ctl("logs -n 1999 t:t1").says(&numbers[2..]);
    s.ctl("logs t:t0 --stderr -o json")
        .says("{\"channel\":\"stderr\",\"line\":\"oops\",\"name\":\"t:t0\"}\n");
    s.ctl("logs nope mute t:t0 -n 1")
        .says("nope: ERROR (no such process)\nmute: ERROR (no log file)\nt:t0 | 2000\n")
        .exits(1);
    s.ctl("logs -x t:t0")
        .mentions(&["Error: option -x not recognized\n"])
        .exits(2);

    let mut t = Terminal::start(&s, "xterm", "logs -f -n 1 t:*");
    t.shows("\u{1b}[36mt:t0 |\u{1b}[0m 2000\r\n");
    t.shows("\u{1b}[33mt:t1 |\u{1b}[0m 2000\r\n");
    s.rpc("supervisor.sendProcessStdin", &["t:t1", "one\ntwo"])
        .unwrap();
    t.shows("\u{1b}[33mt:t1 |\u{1b}[0m one\r\n");
    s.rpc("supervisor.sendProcessStdin", &["t:t0", "three\n"])
        .unwrap();
    t.shows("t:t0 |\u{1b}[0m three\r\n");
    s.rpc("supervisor.sendProcessStdin", &["t:t1", "!\n"])
        .unwrap();
    t.shows("t:t1 |\u{1b}[0m two!\r\n");
    kill(t.pid(), "INT");
    assert_eq!(t.wait_exit(), 0);
    assert_eq!(t.shown().matches("2000").count(), 2, "{t:?}");
}

/// What is there already and what comes are shown alike: as they are, but at a terminal without
/// what is no text and no colour.
#[test]
fn logs_keep_their_colours() {
    let body = r"say() { printf '\033[31m%s\033[0m\033[2J \377\r\n' $1; }
say old; while read word; do say $word; done";
    let s = Story::new()
        .script("colors", body)
        .program(
            "c",
            "command=%(here)s/colors\nstdout_logfile=%(here)s/c.out",
        )
        .program("d", "command=/bin/cat")
        .start();
    let is_there = || (std::fs::metadata(s.path("c.out")).ok()?.len() == 20).then_some(());
    wait_for("the first line", is_there);
    s.ctl("logs -n 1 c")
        .says("\u{1b}[31mold\u{1b}[0m\u{1b}[2J \u{fffd}\r\n");
    let line = |word| {
        format!(
            r#""line":"\u001b[31m{word}\u001b[0m\u001b[2J {}\r""#,
            '\u{fffd}'
        )
    };
    s.ctl("logs -o json c").mentions(&[&line("old")]);
    for words in ["logs -f c", "logs -f c d"] {
        let mut t = Terminal::start(&s, "xterm", words);
        t.shows("\u{1b}[31mold\u{1b}[0m ");
        s.rpc("supervisor.sendProcessStdin", &["c", "new\n"])
            .unwrap();
        t.shows("\u{1b}[31mnew\u{1b}[0m ");
        kill(t.pid(), "INT");
        assert_eq!(t.wait_exit(), 0);
        assert!(!t.shown().contains("[2J"), "{t:?}");
    }
}

#[test]
fn other_programs_get_json() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    let pid = s.info("cat").pid();
    let answer = s
        .ctl("status cat nope m:* -o json")
        .exits(3)
        .complains(&["nope: ERROR (no such process)\n"]);
    let all: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(all[0]["name"], "cat");
    assert_eq!(all[0]["pid"], pid);
    assert_eq!(all[0]["statename"], "RUNNING");
    assert_eq!((&all[1]["group"], &all[1]["pid"]), (&"m".into(), &0.into()));
    for member in [
        "description",
        "exitstatus",
        "logfile",
        "now",
        "spawnerr",
        "start",
        "state",
        "stderr_logfile",
        "stdout_logfile",
        "stop",
    ] {
        assert!(!all[0][member].is_null(), "{member}");
    }
    s.ctl("-o json pid cat m:m0")
        .says(&format!(
            "[{{\"name\":\"cat\",\"pid\":{pid}}},{{\"name\":\"m:m0\",\"pid\":0}}]\n"
        ))
        .exits(7);
    s.ctl("pid -o json")
        .says(&format!("{{\"pid\":{}}}\n", s.pid()));
    s.ctl("version --output=json")
        .mentions(&["{\"version\":\"5."]);
    let avail: serde_json::Value = serde_json::from_str(&s.ctl("avail -o json").out).unwrap();
    assert_eq!(
        (avail[0]["name"].as_str(), avail[0]["inuse"].as_bool()),
        (Some("cat"), Some(true))
    );
    s.ctl("tail cat -o json")
        .says("{\"channel\":\"stdout\",\"name\":\"cat\",\"text\":\"\"}\n");
    let log: serde_json::Value = serde_json::from_str(&s.ctl("maintail -o json").out).unwrap();
    assert!(log["text"].as_str().unwrap().contains("RUNNING state"));
    s.ctl("tail -f cat -o json")
        .says("")
        .complains(&["Error: -f gives no JSON; see logs\n"])
        .exits(1);
    s.ctl("-o json start cat")
        .mentions(&["Error: start has no option --output\n"])
        .exits(2);
}

#[test]
fn only_terminals_see_colours() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    for (term, shown) in [("xterm", true), ("dumb", false)] {
        let mut t = Terminal::start(&s, term, "status");
        t.shows("m:m2  ");
        assert_eq!(t.wait_exit(), 3);
        assert_eq!(
            t.shown().contains("\u{1b}[32mRUNNING   \u{1b}[0mpid "),
            shown,
            "{t:?}"
        );
        assert_eq!(t.shown().contains('\u{1b}'), shown, "{t:?}");
    }
    assert!(!s.ctl("status").out.contains('\u{1b}'));
}

#[test]
fn shells_ask_the_daemon_for_names() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    for (line, candidates) in [
        ("vers|", "version\n"),
        ("start m:|", "m:*\nm:m0\nm:m1\nm:m2\n"),
        ("stop m:m0 |", "m:*\nm:m0\nm:m1\nm:m2\n"),
        ("wait cat --for e|", "exited\n"),
        ("version |", ""),
    ] {
        let said = s.ctl(&format!("completion candidates {line}")).exits(0).out;
        assert_eq!(said.replace("cat\n", ""), candidates, "{line}");
    }
    s.ctl("-s unix:///none completion candidates start |")
        .says("")
        .exits(0);
    s.ctl("completion tcsh")
        .mentions(&["Error: completion requires bash, zsh or fish\n"])
        .exits(2);
}

#[test]
fn the_bash_script_completes() {
    let s = cats().start();
    s.wait_state("cat", "RUNNING");
    std::fs::write(s.path("complete"), s.ctl("completion bash").out).unwrap();
    let try_it = r#"
        source complete
        try() {
            COMP_LINE="$CTL -c supervisord.conf $1"; COMP_POINT=${#COMP_LINE}; _supervisorctl
            echo "${COMPREPLY[*]}"
        }
        try "vers"; try "start m:m"; try "--no-wait -o json stop c"; try "--time"
        try "wait cat --for=r"; try "--output=j"; try "status --output="
    "#;
    let mut bash = Command::new("bash");
    bash.args(["-c", try_it]).current_dir(s.dir());
    bash.env("CTL", env!("CARGO_BIN_EXE_supervisorctl"));
    Answer::of(&mut bash).says("version\nm0 m1 m2\ncat\n--timeout\nrunning\njson\njson text\n");
}

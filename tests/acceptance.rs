//! The clients that people have, unmodified: Supervisor's own `supervisorctl`, Python's
//! `xmlrpc.client` and listeners of superlance, all against our programs.
//!
//! `scripts/test` installs the clients and runs these tests; a bare `cargo test` says that it
//! leaves them out.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Answer, Daemon, Story, free_port, wait_for};
use std::path::{Path, PathBuf};

/// One of the installed programs.
fn client(name: &str) -> PathBuf {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/acceptance");
    let ready = clients.join("installed").exists();
    assert!(
        ready,
        "no clients: scripts/acceptance-clients installs them"
    );
    clients.join("bin").join(name)
}

/// Runs Supervisor's own supervisorctl with these words.
fn ctl(s: &Daemon, words: &str) -> Answer {
    let words = words.split_whitespace();
    s.run(
        &client("supervisorctl"),
        ["-c", "supervisord.conf"].into_iter().chain(words),
    )
}

#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn supervisors_own_supervisorctl_steers_processes() {
    let s = Story::new()
        .program(
            "cat",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/cat.log",
        )
        .program(
            "pair",
            "command=/bin/cat
             process_name=pair_%(process_num)d
             numprocs=2
             startsecs=0
             priority=5",
        )
        .program(
            "off",
            "command=/bin/true\nautostart=false\nautorestart=false\nstartretries=0",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    let cat = s.info("cat").pid();
    ctl(&s, "pid cat").says(&format!("{cat}\n")).exits(0);
    ctl(&s, "pid").says(&format!("{}\n", s.pid())).exits(0);
    ctl(&s, "status")
        .mentions(&[
            &format!("cat                              RUNNING   pid {cat}, uptime 0:00:0"),
            "off                              STOPPED   Not started\n",
            "pair:pair_0                      RUNNING   pid ",
        ])
        .exits(3);
    ctl(&s, "status cat pair:*")
        .mentions(&["pair:pair_1 "])
        .exits(0);
    ctl(&s, "status nope")
        .says("nope: ERROR (no such process)\n")
        .exits(4);
    ctl(&s, "stop cat").says("cat: stopped\n").exits(0);
    ctl(&s, "stop cat")
        .says("cat: ERROR (not running)\n")
        .exits(0);
    ctl(&s, "signal HUP cat")
        .says("cat: ERROR (not running)\n")
        .exits(7);
    ctl(&s, "start cat").says("cat: started\n").exits(0);
    ctl(&s, "start cat")
        .says("cat: ERROR (already started)\n")
        .exits(0);
    ctl(&s, "start off")
        .says("off: ERROR (spawn error)\n")
        .exits(7);
    ctl(&s, "start nope")
        .says("nope: ERROR (no such process)\n")
        .exits(1);
    ctl(&s, "signal CONT cat").says("cat: signalled\n").exits(0);
    ctl(&s, "restart pair:*")
        .mentions(&["pair:pair_0: stopped\n", "pair:pair_1: stopped\n"])
        .mentions(&["pair:pair_0: started\n", "pair:pair_1: started\n"])
        .exits(0);
    ctl(&s, "avail")
        .mentions(&[
            "cat                              in use    auto      999:999\n",
            "off                              in use    manual    999:999\n",
            "pair:pair_1                      in use    auto      5:5\n",
        ])
        .exits(0);
    ctl(&s, "clear cat").says("cat: cleared\n").exits(0);
    let _ = s
        .rpc("supervisor.sendProcessStdin", &["cat", "meow\n"])
        .unwrap();
    s.wait_file("cat.log", "meow\n");
    ctl(&s, "tail cat").says("meow\n\n").exits(0);
    ctl(&s, "tail cat stderr").exits(0);
    ctl(&s, "maintail -100000")
        .mentions(&["success: cat entered"])
        .exits(0);
    ctl(&s, "version")
        .says(concat!(env!("CARGO_PKG_VERSION"), "\n"))
        .exits(0);
    let ctl = format!("{} -c supervisord.conf", client("supervisorctl").display());
    let sh = |script: String| s.run(Path::new("/bin/sh"), ["-c", script.as_str()]);
    sh(format!("printf 'status cat\\nquit\\n' | {ctl}"))
        .mentions(&["supervisor> cat                              RUNNING   pid "])
        .exits(0);
    sh(format!(
        "{ctl} tail -f cat > tail & until grep meow tail; do sleep 0.05; done; kill $!"
    ))
    .says("meow\n");
}

#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn supervisors_own_supervisorctl_follows_the_configuration() {
    let mut s = Story::new()
        .program("old", "command=/bin/cat\nstartsecs=0")
        .program("same", "command=/bin/cat\nstartsecs=0")
        .start();
    let same = s.wait_state("same", "RUNNING").pid();
    ctl(&s, "reread")
        .says("No config updates to processes\n")
        .exits(0);
    s.rewrite(|config| config.program("new", "command=/bin/cat\nstartsecs=0"));
    ctl(&s, "reread").says("new: available\n").exits(0);
    ctl(&s, "add new")
        .says("new: added process group\n")
        .exits(0);
    ctl(&s, "remove new")
        .says("ERROR: process/group still running: new\n")
        .exits(1);
    s.wait_state("new", "RUNNING");
    s.rewrite(|_| ());
    ctl(&s, "update")
        .says("new: stopped\nnew: removed process group\n")
        .exits(0);
    assert_eq!(s.info("same").pid(), same);
    s.rewrite(|config| config.section("[program:x]\nnocommand=1"));
    ctl(&s, "reread")
        .mentions(&["ERROR: CANT_REREAD: "])
        .exits(1);
    s.rewrite(|_| ());
    ctl(&s, "reload").says("Restarted supervisord\n").exits(0);
    wait_for("another process", || {
        let info = s.rpc("supervisor.getProcessInfo", &["same"]).ok()?;
        (info.state() == "RUNNING" && info.pid() != same).then_some(())
    });
    ctl(&s, "shutdown").says("Shut down\n").exits(0);
    assert_eq!(s.wait_exit(), 0);
    ctl(&s, "status")
        .mentions(&["s.sock no such file\n"])
        .exits(4);
}

#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn pythons_xmlrpc_client_calls_every_method() {
    let port = free_port();
    let mut s = Story::new()
        .section(&format!(
            "[inet_http_server]\nport=127.0.0.1:{port}\nusername=user\npassword=secret"
        ))
        .program(
            "cat",
            "command=/bin/cat
             startsecs=0
             autorestart=true
             stdout_logfile=%(here)s/cat.log
             stdout_logfile_maxbytes=4GB",
        )
        .program(
            "pair",
            "command=/bin/cat\nprocess_name=pair_%(process_num)d\nnumprocs=2\nstartsecs=0",
        )
        .program("absent", "command=/no/such/file\nautostart=false")
        .program(
            "broken",
            "command=/bin/false\nautostart=false\nautorestart=false\nstartretries=0",
        )
        .start();
    s.wait_state("pair:pair_1", "RUNNING");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance/xmlrpc_client.py");
    let (url, socket) = (
        format!("http://user:secret@127.0.0.1:{port}"),
        s.path("s.sock"),
    );
    let words = [script.to_str().unwrap(), &url, socket.to_str().unwrap()];
    s.run(&client("python"), words)
        .says("all methods were called\n")
        .exits(0);
    assert_eq!(s.wait_exit(), 0);
}

/// What each listener needs to see happens once; each does what it is for, and none ends.
#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn superlances_listeners_do_what_they_are_for() {
    let (port, closed) = (free_port(), free_port());
    let listener = |name: &str, words: &str, events: &str| {
        format!(
            "[eventlistener:{name}]\ncommand={} {words}\nevents={events}\n\
             stderr_logfile=%(here)s/{name}.log\n",
            client(name.trim_end_matches("_well")).display()
        )
    };
    let s = Story::new()
        .section(&format!(
            "[inet_http_server]\nport=127.0.0.1:{port}\nusername=user\npassword=pass"
        ))
        .section(&listener("memmon", "-p hog=1KB", "TICK_5"))
        .section(&listener(
            "httpok",
            &format!("-p web -t 1 http://127.0.0.1:{closed}/"),
            "TICK_5",
        ))
        .section(&listener(
            "httpok_well",
            &format!("-p well -c 401 http://127.0.0.1:{port}/ok.html"),
            "TICK_5",
        ))
        .section(&listener(
            "crashmail",
            "-a -o host -m who@example.org -s 'cat > %(here)s/crash.mail'",
            "PROCESS_STATE",
        ))
        .section(&listener(
            "fatalmailbatch",
            &format!("-t a@example.org -f b@example.org -H 127.0.0.1:{closed} -e TICK_5 -i 0.05"),
            "PROCESS_STATE,TICK_5",
        ))
        .program("hog", "command=/bin/cat\nstartsecs=0")
        .program("web", "command=/bin/cat\nstartsecs=0")
        .program("well", "command=/bin/cat\nstartsecs=0")
        .program(
            "crasher",
            "command=sh -c 'read x; exit 3'\nstartsecs=0\nautorestart=unexpected",
        )
        .program(
            "doomed",
            "command=/bin/false\nstartretries=0\nautostart=false",
        )
        .start();
    let listeners = [
        "memmon",
        "httpok",
        "httpok_well",
        "crashmail",
        "fatalmailbatch",
    ];
    let pids = listeners.map(|name| s.wait_state(name, "RUNNING").pid());
    let (hog, web, well) = (
        s.info("hog").pid(),
        s.info("web").pid(),
        s.info("well").pid(),
    );

    let _ = s
        .rpc("supervisor.sendProcessStdin", &["crasher", "go\n"])
        .unwrap();
    let _ = s.rpc("supervisor.startProcess", &["doomed"]).unwrap();
    let said = |file: &str, text: &str| {
        wait_for(&format!("{file} to say {text:?}"), || {
            s.read(file).contains(text).then_some(())
        });
    };
    said("memmon.log", "Restarting hog:hog");
    said("httpok.log", "web restarted");
    said(
        "crash.mail",
        "Process crasher in group crasher exited unexpectedly (pid ",
    );
    said(
        "crash.mail",
        "To: who@example.org\nSubject: host: crasher crashed at ",
    );
    said(
        "fatalmailbatch.log",
        "Process doomed:doomed failed to start too many times",
    );
    said(
        "fatalmailbatch.log",
        "Sending notification email:\nTo: a@example.org",
    );
    assert_ne!(s.wait_state("hog", "RUNNING").pid(), hog);
    assert_ne!(s.wait_state("web", "RUNNING").pid(), web);
    assert_eq!(s.info("well").pid(), well);
    assert_eq!(listeners.map(|name| s.info(name).pid()), pids);
    assert_eq!(s.read("httpok_well.log"), "");
}

/// A story with a pool `heard` of one listener over childutils, that hears what `talker` says for each
/// line of its stdin.
fn childutils(options: &str) -> Daemon {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance");
    let s = Story::new()
        .section(&format!(
            "[eventlistener:heard]
             command={} {}/childutils_listener.py %(here)s/heard
             environment=PYTHONIOENCODING=\"utf-8:strict\"
             events=PROCESS_LOG,REMOTE_COMMUNICATION
             {options}",
            client("python").display(),
            script.display()
        ))
        .script("talker", "while read -r said; do printf \"$said\"; done")
        .program(
            "talker",
            "command=%(here)s/talker\nstartsecs=0\nstdout_events_enabled=true",
        )
        .start();
    wait_for("a ready listener", || {
        (s.pool().state() == "READY").then_some(())
    });
    s
}

/// Has `talker` say this, in the words of printf.
fn say(s: &Daemon, text: &str) {
    let line = format!("{text}\n");
    s.rpc("supervisor.sendProcessStdin", &["talker", &line])
        .unwrap();
}

/// They read as many characters as `len` says, and only UTF-8.
#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn listeners_over_childutils_hear_everything_where_characters_are_counted() {
    let s = childutils("payload_length=characters");
    let pid = s.info("heard").pid();
    say(&s, "caf\\303\\251");
    s.wait_file("heard", "café\n");
    say(&s, "bad\\377");
    s.wait_file("heard", "café\nUndecodable: b'bad\\xff'\n");
    say(&s, "plain");
    s.wait_file("heard", "café\nUndecodable: b'bad\\xff'\nplain\n");
    assert_eq!(s.info("heard").pid(), pid);
}

/// By bytes, one waits for what does not come. The log names the cure, and an update takes it on.
#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn a_listener_over_childutils_that_waits_for_characters_is_told_of() {
    let s = childutils("");
    say(&s, "plain");
    s.wait_file("heard", "plain\n");
    say(&s, "caf\\303\\251");
    s.wait_log_line(&[
        "WARN heard: has not answered event",
        "payload_length=characters",
    ]);
    assert_eq!(s.pool().state(), "BUSY");
    s.rewrite(|config| {
        let old = config.text();
        let new = "payload_length=characters\nevents=PROCESS_LOG";
        config.replace(&old.replace("events=PROCESS_LOG", new));
    });
    s.ctl("update").exits(0);
    s.wait_file("heard", "plain\ncafé\n");
}

/// By bytes, one that reads UTF-8 dies of what is none; that costs no other event.
#[test]
#[ignore = "needs the clients that scripts/test installs"]
fn an_event_that_ends_a_listener_over_childutils_costs_no_other() {
    let s = childutils("autorestart=true\nstartsecs=0");
    say(&s, "bad\\377");
    s.wait_log("WARN exited: heard (exit status 1; not expected)");
    s.rpc("supervisor.sendRemoteCommEvent", &["any", "plain"])
        .unwrap();
    s.wait_log_line(&["ERRO pool heard discards event", "(PROCESS_LOG_STDOUT)"]);
    assert_eq!(s.read("heard"), "plain\n");
    assert_eq!(s.pool().get("discarded"), "1");
}

//! New configurations for a daemon that runs, good ones and bad ones.

mod harness;

use harness::{Story, is_alive, kill, wait_for};
use std::collections::BTreeSet;

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

/// Clients who come while a reload waits for a program are told so, and are let in by the next run
/// once it has begun.
#[test]
fn clients_are_answered_during_a_long_reload() {
    let slow = "trap 'while [ ! -e $DIR/go ]; do sleep 0.02; done; exit 0' TERM
        touch $DIR/up
        while :; do sleep 0.02; done";
    let options = "command=%(here)s/slow.sh\nstartsecs=0\nstopwaitsecs=600";
    let s = Story::new()
        .script("slow.sh", slow)
        .program("slow", options)
        .start();
    s.wait_exists("up");
    s.ctl("reload").exits(0);
    let answer = s.rpc("supervisor.getAllProcessInfo", &[]).unwrap();
    assert_eq!(answer.fault(), Some("SHUTDOWN_STATE"));
    std::fs::write(s.path("go"), "").unwrap();
    s.wait_ready();
}

/// A log that can't be opened leaves the one before in use, which tells it; one that can takes its
/// place.
#[test]
fn a_reload_never_loses_the_log() {
    let s = Story::new().directory("dir").start();
    let logs_to = |name: &str| {
        s.rewrite(|config| {
            let (before, after) = ("%(here)s/supervisord.log", format!("%(here)s/{name}"));
            config.replace(&config.text().replace(before, &after));
        });
        s.ctl("reload").exits(0);
    };
    logs_to("dir");
    s.wait_log_line(&["CRIT ", "could not open logfile", "dir"]);
    s.wait_log_count(&["supervisord started with pid"], 2);
    s.wait_ready();
    s.ctl("maintail")
        .mentions(&["supervisord started with pid"]);
    logs_to("new.log");
    wait_for("the new log", || {
        s.read("new.log").contains("started with pid").then_some(())
    });
    s.wait_ready();
    s.ctl("maintail")
        .mentions(&["supervisord started with pid"]);
    assert_eq!(s.log_lines(&["supervisord started with pid"]).len(), 2);
}

/// Whoever asks while reloads go on hears of every program, or that this is not the moment.
#[test]
fn no_client_sees_a_supervisord_without_its_programs() {
    let s = Story::new().program("cat", CAT).start();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ask = || {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                if let Ok(info) = s.rpc("supervisor.getProcessInfo", &["cat"]) {
                    assert_ne!(info.fault(), Some("BAD_NAME: cat"));
                }
            }
        };
        let asking = [scope.spawn(ask), scope.spawn(ask)];
        for _ in 0..15 {
            s.ctl("reload").exits(0);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        asking.into_iter().for_each(|asking| asking.join().unwrap());
    });
}

/// What only a new process can follow is left as it is by a reload, and told until there is one.
#[test]
fn a_reload_does_not_change_the_user() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let mut s = Story::new().start();
    s.rewrite(|config| config.supervisord("user=nobody"));
    let told = "[supervisord] user: changed; takes effect after a restart of supervisord";
    s.ctl("reload").exits(0);
    s.wait_log_line(&["WARN ", told]);
    s.wait_ready();
    let status = std::fs::read_to_string(format!("/proc/{}/status", s.pid())).unwrap();
    assert!(status.contains("Uid:\t0\t0\t0\t0\n"), "{status}");
    s.ctl("reread").complains(&[told]).exits(0);
    assert_eq!(s.stop(), 0);
    assert!(!s.path("supervisord.pid").exists() && !s.path("s.sock").exists());
}

/// A broken file among those included stops nothing where it may be skipped, at the start and later;
/// the log tells of it.
#[test]
fn a_broken_included_file_can_be_skipped() {
    let include = "[include]\nfiles=conf.d/*.conf\ninclude_errors=skip";
    let s = Story::new()
        .directory("conf.d")
        .file("conf.d/bad.conf", "command=/bin/cat\n")
        .file("conf.d/good.conf", &format!("[program:good]\n{CAT}\n"))
        .section(include)
        .start();
    s.wait_state("good", "RUNNING");
    let told = ["CRIT Skipped the included file", "conf.d/bad.conf"];
    s.wait_log_count(&told, 1);
    let more = format!("[program:more]\n{CAT}\n");
    std::fs::write(s.path("conf.d/more.conf"), more).unwrap();
    s.ctl("update").says("more: added process group\n").exits(0);
    s.ctl("reload").exits(0);
    s.wait_log_count(&told, 2);
    s.rewrite(|config| config.replace(&config.text().replace("=skip", "=fail")));
    s.wait_ready();
    s.ctl("update")
        .mentions(&["CANT_REREAD", "bad.conf"])
        .exits(1);
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

/// Within a group only the processes that changed are started over; what is gone stops, what is
/// new starts, and the group is in line with the file.
#[test]
fn update_restarts_only_the_processes_that_changed() {
    const GROUP: &str = "[group:g]\nprograms=";
    let s = Story::new()
        .program("same", CAT)
        .program("other", CAT)
        .program("gone", CAT)
        .section(&format!("{GROUP}same,other,gone"))
        .start();
    let same = s.wait_state("g:same", "RUNNING").pid();
    let other = s.wait_state("g:other", "RUNNING").pid();
    let gone = s.wait_state("g:gone", "RUNNING").pid();
    s.rewrite(|config| {
        config.replace(&config.text().replace(
            &format!("{GROUP}same,other,gone"),
            &format!("{GROUP}same,other,fresh"),
        ));
        let text = config.text().replace("[program:gone]", "[program:fresh]");
        let changed = "[program:other]\nenvironment=A=1";
        config.replace(&text.replace("[program:other]", changed));
    });
    s.ctl("reread").says("g: changed\n");
    s.ctl("update")
        .says("g: stopped\ng: updated process group\n")
        .exits(0);
    s.wait_state("g:fresh", "RUNNING");
    assert_ne!(s.wait_state("g:other", "RUNNING").pid(), other);
    assert_eq!(s.info("g:same").pid(), same);
    assert_eq!(s.info("g:gone").fault(), Some("BAD_NAME: g:gone"));
    assert!(!is_alive(gone));
    s.ctl("reread").says("No config updates to processes\n");
    s.ctl("stop g:*").mentions(&["g:same: stopped\n"]).exits(0);
}

/// Updates that follow each other while processes are still being started all take effect, and
/// leave nobody behind.
#[test]
fn updates_in_quick_succession_all_take_effect() {
    let with = |value: usize| {
        format!(
            "command=/bin/cat
             process_name=m%(process_num)d
             numprocs=40
             startsecs=0
             stopsignal=KILL
             environment=KEY={value}"
        )
    };
    let s = Story::new().program("many", &with(0)).start();
    for value in 1..6 {
        let text = |old: &str| old.replace("KEY=0", &format!("KEY={value}"));
        s.rewrite(|config| config.replace(&text(&config.text())));
        s.ctl("update")
            .says("many: stopped\nmany: updated process group\n")
            .exits(0);
    }
    wait_for("40 processes to run", || {
        let running = s.ctl("status").out.matches("RUNNING").count();
        (running == 40).then_some(())
    });
    let spawned = s.log_lines(&["spawned:"]).len();
    assert_eq!(spawned - s.log_lines(&["stopped:"]).len(), 40);
}

/// What a running child can't notice is taken on without disturbing it.
#[test]
fn update_gives_running_processes_their_new_rules() {
    let s = Story::new()
        .program("cat", CAT)
        .program(
            "clock",
            "command=sh -c 'while read line; do echo $line; done'
             startsecs=0
             stdout_logfile=%(here)s/clock.log",
        )
        .program("idle", "command=/bin/cat\nautostart=false\nstartsecs=0")
        .start();
    let cat = s.wait_state("cat", "RUNNING").pid();
    let clock = s.wait_state("clock", "RUNNING").pid();
    s.rewrite(|config| {
        let text = config.text();
        let text = text.replace(CAT, &format!("{CAT}\nautorestart=false\npriority=7"));
        let small = "clock.log\nstdout_logfile_maxbytes=20\nstdout_logfile_backups=1";
        let text = text.replace("clock.log", small);
        config.replace(&text.replace("autostart=false", "autostart=true"));
    });
    s.ctl("update").says(
        "cat: stopped\ncat: updated process group\nclock: stopped\nclock: updated process group\n\
         idle: stopped\nidle: updated process group\n",
    );
    s.wait_state("idle", "RUNNING");
    assert_eq!(s.info("cat").pid(), cat);
    assert_eq!(s.info("clock").pid(), clock);

    let line = "0123456789012345678901234\n";
    s.rpc("supervisor.sendProcessStdin", &["clock", line])
        .unwrap();
    s.wait_file("clock.log.1", line);
    kill(cat, "KILL");
    s.wait_state("cat", "EXITED");
}

/// Who starts or restarts a process learns that the file has it otherwise; nothing else changes by
/// that, and reading the file takes nothing on.
#[test]
fn who_restarts_is_told_that_the_file_differs() {
    let s = Story::new()
        .program("same", CAT)
        .program("cat", CAT)
        .program("gone", CAT)
        .start();
    s.wait_state("cat", "RUNNING");
    let quiet = |words: &str, says: &str| {
        let answer = s.ctl(words).says(says).exits(0);
        assert_eq!(answer.err, "", "{words}");
    };
    quiet("restart cat", "cat: stopped\ncat: started\n");
    s.rewrite(|config| {
        let text = config.text().replace("[program:gone]", "[program:fresh]");
        let changed = "[program:cat]\nautorestart=false";
        config.replace(&text.replace("[program:cat]", changed));
    });
    let told = "cat: configuration on disk differs, use \"restart --update cat\"\n";
    let answer = s.ctl("restart cat").says("cat: stopped\ncat: started\n");
    assert_eq!((answer.err.as_str(), answer.status), (told, 0));
    let answer = s.ctl("start cat").says("cat: ERROR (already started)\n");
    assert_eq!((answer.err.as_str(), answer.status), (told, 0));
    quiet("restart same", "same: stopped\nsame: started\n");
    quiet("stop cat", "cat: stopped\n");
    s.ctl("start fresh")
        .says("fresh: ERROR (no such process)\n")
        .complains(&["fresh: configured on disk, but not active, use \"restart --update fresh\""])
        .exits(1);
    let gone = s.ctl("restart gone").exits(0);
    assert_eq!(gone.err, "gone: not in the configuration on disk\n");
    s.ctl("restart all")
        .complains(&["differs for cat, gone, use \"restart --update all\""]);
    // None of this was a reread: there is nothing that could be added yet.
    s.ctl("add fresh")
        .says("ERROR: no such process/group: fresh\n");
    s.rewrite(|config| config.program("cat", "command=/bin/cat\nstartsecs=soon"));
    s.ctl("restart cat")
        .says("cat: stopped\ncat: started\n")
        .complains(&["configuration on disk can't be used, see \"check\""])
        .exits(0);
    assert_eq!(s.log_lines(&["is not taken"]).len(), 0);
}

/// `restart --update` follows the file, for what was named and no more, and nobody is restarted
/// twice.
#[test]
fn a_restart_can_follow_the_file() {
    let s = Story::new()
        .program("same", CAT)
        .program("cat", CAT)
        .program("gone", CAT)
        .program("other", CAT)
        .program(
            "job",
            "command=sh -c 'echo >>runs'\nstartsecs=0\nautorestart=false",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    s.wait_file("runs", "\n");
    let other = s.info("other").pid();
    s.rewrite(|config| {
        let changed = |name: &str| format!("[program:{name}]\nenvironment=A=1");
        let text = config.text().replace("[program:gone]", "[program:fresh]");
        let text = text.replace("[program:cat]", &changed("cat"));
        let text = text.replace("[program:other]", &changed("other"));
        config.replace(&text.replace("[program:job]", &changed("job")));
    });
    let answer = s
        .ctl("restart --update cat same gone fresh job nope")
        .exits(1);
    let first = "gone: stopped\ngone: removed process group\n\
                 cat: stopped\ncat: updated process group\n\
                 job: stopped\njob: updated process group\n\
                 fresh: added process group\n\
                 same: stopped\nnope: ERROR (no such process)\n\
                 same: started\nnope: ERROR (no such process)\n";
    let rest = answer.out.strip_prefix(first).unwrap_or_default();
    let rest: BTreeSet<_> = rest.lines().collect();
    let starting = ["cat: started", "fresh: started", "job: started"];
    assert_eq!(rest, BTreeSet::from(starting), "{answer:?}");
    assert_eq!(answer.err, "");
    for (name, times) in [("cat", 2), ("same", 2), ("fresh", 1)] {
        s.wait_log_count(&[&format!("spawned: '{name}'")], times);
    }
    s.wait_file("runs", "\n\n");
    assert_eq!(s.info("other").pid(), other);
    let more = s.ctl("restart --update cat --no-wait").exits(0);
    assert_eq!(
        (more.out.as_str(), more.err.as_str()),
        ("cat: stopped\ncat: starting\n", "")
    );
    s.rewrite(|config| config.program("cat", "command=/bin/cat\nstartsecs=soon"));
    s.ctl("restart --update cat")
        .mentions(&["ERROR: CANT_REREAD: not a valid integer: 'soon'"])
        .exits(1);
    s.wait_log_count(&["spawned: 'cat'"], 3);
}

/// What is replaced and does not come up is told as any restart that fails.
#[test]
fn a_restart_that_follows_the_file_tells_what_fails() {
    let s = Story::new().program("cat", CAT).start();
    s.wait_state("cat", "RUNNING");
    s.rewrite(|config| {
        let broken = "command=/bin/false\nstartretries=0";
        config.replace(&config.text().replace("command=/bin/cat", broken));
        config.replace(&config.text().replace("startsecs=0", "startsecs=1"));
    });
    s.ctl("restart --update all")
        .says("cat: stopped\ncat: updated process group\ncat: ERROR (fatal)\n")
        .exits(7);
}

/// A process that has no child is started over whatever changed: whoever mended it wants to see
/// it start.
#[test]
fn update_starts_what_had_failed() {
    let fails = "command=sh -c 'exit 3'\nstartretries=0\nautorestart=false";
    let s = Story::new().program("fails", fails).start();
    s.wait_state("fails", "FATAL");
    s.rewrite(|config| {
        config.replace(&config.text().replace("retries=0", "retries=0\nstartsecs=0"));
    });
    s.ctl("update").exits(0);
    s.wait_state("fails", "EXITED");
}

const LISTENER: &str = r#"while :; do
    echo READY
    read -r header
    len=${header##*len:}
    data=$(head -c "${len%% *}")
    echo "$data" >> "$DIR/heard.$1"
    printf 'RESULT 2\nOK'
done"#;

/// A pool that gets another listener keeps the ones it has, and goes on as it was.
#[test]
fn update_leaves_the_listeners_of_a_pool_alone() {
    let pool = "[eventlistener:ears]
        command=bash listen.sh %(process_num)d
        process_name=ear%(process_num)d
        events=REMOTE_COMMUNICATION
        startsecs=0
        numprocs=";
    let s = Story::new()
        .script("listen.sh", LISTENER)
        .section(&format!("{pool}1"))
        .start();
    let first = s.wait_state("ears:ear0", "RUNNING").pid();
    s.rewrite(|config| {
        config.replace(
            &config
                .text()
                .replace("numprocs=1", "numprocs=2\nbuffer_size=20"),
        );
    });
    s.ctl("update")
        .says("ears: stopped\nears: updated process group\n");
    s.wait_state("ears:ear1", "RUNNING");
    assert_eq!(s.info("ears:ear0").pid(), first);
    s.rpc("supervisor.sendRemoteCommEvent", &["kind", "hello"])
        .unwrap();
    wait_for("a listener to hear", || {
        let heard = s.read("heard.0") + &s.read("heard.1");
        heard.contains("type:kind\nhello").then_some(())
    });
    s.rewrite(|_| {});
    s.ctl("update").exits(0);
    s.ctl("status").mentions(&["ears:ear0"]);
    assert!(!s.ctl("status").out.contains("ear1"));
    assert_eq!(s.info("ears:ear0").pid(), first);
}

/// A FastCGI socket that stays is open all the time, even when all who use it are started over.
#[test]
fn update_keeps_a_socket_that_did_not_change() {
    let program = "[fcgi-program:web]
        command=/bin/sleep 600
        socket=unix://%(here)s/web.sock
        startsecs=0
        stopsignal=KILL";
    let s = Story::new().section(program).start();
    let before = s.wait_state("web", "RUNNING").pid();
    s.rewrite(|config| config.replace(&config.text().replace("sleep 600", "sleep 700")));
    s.ctl("update")
        .says("web: stopped\nweb: updated process group\n");
    assert_ne!(s.wait_state("web", "RUNNING").pid(), before);
    assert_eq!(s.log_lines(&["Creating socket"]).len(), 1);
    assert_eq!(s.log_lines(&["Closing socket"]).len(), 0);
    s.rewrite(|config| config.replace(&config.text().replace("web.sock", "new.sock")));
    s.ctl("update").exits(0);
    s.wait_log_line(&["Closing socket", "web.sock"]);
    s.wait_log_line(&["Creating socket", "new.sock"]);
}

/// What an update can't take on is told on stderr until a reload takes it on; removing the RPC
/// interface from the file does not shut clients out before that.
#[test]
fn reread_and_update_tell_what_needs_a_reload() {
    let s = Story::new().program("cat", CAT).start();
    s.rewrite(|config| {
        config.supervisord("loglevel=debug");
        config.section("[unix_http_server:second]\nfile=%(here)s/second.sock");
    });
    let words = [
        "[supervisord] loglevel: changed; takes effect after a reload of supervisord\n",
        "[unix_http_server:second]: available; takes effect after a reload of supervisord\n",
    ];
    s.ctl("reread")
        .says("No config updates to processes\n")
        .complains(&words)
        .exits(0);
    s.ctl("update").says("").complains(&words).exits(0);
    s.ctl("reload").exits(0);
    s.wait_exists("second.sock");
    s.wait_ready();
    assert_eq!(s.ctl("update").err, "");

    let text = "supervisor.rpcinterface_factory";
    s.rewrite(|config| {
        let removed = config.text().replace("[rpcinterface:supervisor]", "");
        config.replace(&removed.replace(text, "factory"));
    });
    for _ in 0..2 {
        s.ctl("reread")
            .complains(&["[rpcinterface:supervisor]: disappeared"])
            .exits(0);
    }
}

/// `--check` tells everything at once, starts nothing and leaves nothing behind.
#[test]
fn a_check_tells_all_that_is_wrong() {
    let bad = Story::new()
        .program("a", "command=/bin/cat\nstartsecs=soon\nstopsignal=LOUD")
        .program("b", "autostrat=true")
        .section("[programs:c]\ncommand=/bin/cat")
        .section("[supervisord]\nlogfile=/dev/null");
    let answer = bad.check().says("").exits(2);
    let lines: Vec<_> = answer.err.lines().collect();
    let starts = [
        "Error: not a valid integer: 'soon' in section 'program:a'",
        "Error: value 'LOUD' is not a valid signal name in section 'program:a'",
        "Error: program section program:b does not specify a command",
        "Warning: unknown option in section 'program:b'",
        "Warning: unknown section, which is ignored, in section 'programs:c'",
        "Warning: section 'supervisord' stands twice, both are one",
        "Warning: option 'logfile' in section 'supervisord' stands twice, the last one counts",
        "For help, use ",
    ];
    assert_eq!(lines.len(), starts.len(), "{answer:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(lines[3].ends_with("; did you mean 'autostart'?"));
    assert!(lines[4].ends_with("; did you mean [program:c]?"));

    let good = Story::new().program("a", CAT);
    let answer = good.check().exits(0);
    let summary = "supervisord.conf: good, 1 process in 1 group, 1 server\n";
    assert!(
        answer.out.ends_with(summary) && answer.err.is_empty(),
        "{answer:?}"
    );
    let left = ["supervisord.log", "supervisord.pid", "s.sock"];
    assert!(left.iter().all(|name| !good.dir().join(name).exists()));
}

/// `check` has the daemon look over the file that it uses; nothing is taken on.
#[test]
fn the_daemon_checks_its_file_without_taking_it_on() {
    let s = Story::new().program("cat", CAT).start();
    let pid = s.wait_state("cat", "RUNNING").pid();
    s.ctl("check").mentions(&["good, 1 process"]).exits(0);
    s.rewrite(|config| config.program("fresh", "command=/bin/cat\nstartsec=0"));
    s.ctl("check")
        .mentions(&["good, 2 processes in 2 groups, 1 server, 1 warning\n"])
        .complains(&["WARNING: unknown option", "did you mean 'startsecs'?"])
        .exits(0);
    s.ctl("avail").mentions(&["cat"]);
    assert!(!s.ctl("avail").out.contains("fresh"));
    s.rewrite(|config| {
        config.program("x", "numprocs=many");
        config.program("y", "stopsignal=LOUD");
    });
    s.ctl("check")
        .mentions(&[
            "ERROR: not a valid integer: 'many'",
            "ERROR: value 'LOUD'",
            ": 4 errors\n",
        ])
        .exits(1);
    assert_eq!(s.info("cat").pid(), pid);
    assert_eq!(s.log_lines(&["is not taken"]).len(), 0);
}

/// Clients that know nothing of all this replace a group as Supervisor's own do.
#[test]
fn old_clients_replace_a_group_as_a_whole() {
    let s = Story::new().program("cat", CAT).start();
    let before = s.wait_state("cat", "RUNNING").pid();
    s.rewrite(|config| config.replace(&config.text().replace(CAT, &format!("{CAT}\npriority=3"))));
    s.rpc("supervisor.reloadConfig", &[]).unwrap();
    for step in ["stop", "remove", "add"] {
        let answer = s.rpc(&format!("supervisor.{step}ProcessGroup"), &["cat"]);
        assert_eq!(answer.unwrap().fault(), None, "{step}");
    }
    assert_ne!(s.wait_state("cat", "RUNNING").pid(), before);
}

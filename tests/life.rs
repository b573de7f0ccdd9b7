//! How programs start, end, restart and stop.

mod harness;

use harness::{Story, kill};
use nix::unistd::geteuid;
use std::thread;

const CAT: &str = "command=/bin/cat\nstartsecs=0";

#[test]
fn a_program_starts_and_stops() {
    let s = Story::new().program("cat", "command=/bin/cat").start();
    s.wait_state("cat", "RUNNING");
    s.ctl("stop cat").says("cat: stopped\n").exits(0);
    s.wait_log("WARN stopped: cat (terminated by SIGTERM)");
    s.ctl("start cat").says("cat: started\n").exits(0);
    s.ctl("status cat")
        .mentions(&["cat", "RUNNING", "pid", "uptime 0:00:0"])
        .exits(0);
}

/// A program whose exec fails, or that ends at once, has never been up: it goes from STARTING to
/// BACKOFF however the exit and the end of `startsecs` happen to fall.
#[test]
fn a_program_that_dies_at_once_is_never_running() {
    let s = Story::new()
        .program(
            "dud",
            "command=sh -c 'exit 1'
             process_name=dud_%(process_num)d
             numprocs=20
             startretries=1",
        )
        .start();
    for number in 0..20 {
        s.wait_state(&format!("dud:dud_{number}"), "FATAL");
    }
    assert!(!s.log().contains("RUNNING state"));
    s.wait_log_count(&["spawned:"], 40);
}

/// An exit that races with a stop, a start or a signal leaves each process in a state that is
/// true, and never ends the daemon.
#[test]
fn exits_that_race_with_orders_leave_true_states() {
    let s = Story::new()
        .program("moth", "command=sleep 0.02\nstartsecs=0\nautorestart=true")
        .start();
    let order = |method: &str| {
        for _ in 0..60 {
            s.rpc(method, &["moth"]).unwrap();
        }
    };
    thread::scope(|threads| {
        threads.spawn(|| order("supervisor.startProcess"));
        threads.spawn(|| order("supervisor.stopProcess"));
        threads.spawn(|| (0..200).for_each(|_| kill(s.info("moth").pid(), "KILL")));
        threads.spawn(|| {
            for _ in 0..200 {
                let info = s.info("moth");
                let has_pid = match info.state() {
                    "RUNNING" => true,
                    "STARTING" | "STOPPING" => continue, // its spawn may be under way
                    _ => false,
                };
                assert_eq!(info.pid() > 0, has_pid, "{info:?}");
            }
        });
    });
    let _ = s.ctl("stop moth");
    assert_eq!(s.wait_state("moth", "STOPPED").pid(), 0);
    s.ctl("start moth").exits(0);
}

/// With `startsecs=0` an instant exit counts as a run, so that a hopeless program would be
/// restarted for ever and at once. The log says so, and nobody else suffers.
#[test]
fn a_flapping_program_is_named_and_starves_nobody() {
    let s = Story::new()
        .program("hot", "command=/bin/true\nstartsecs=0\nautorestart=true")
        .program("cat", CAT)
        .start();
    s.wait_log_line(&["WARN", "flapping: hot"]);
    for _ in 0..5 {
        s.ctl("restart cat").says("cat: stopped\ncat: started\n");
    }
    s.ctl("stop hot").exits(0);
    s.wait_state("hot", "STOPPED");
    assert!(
        s.log_lines(&["flapping: hot"]).len() < 5,
        "the warning is not repeated each time"
    );
}

/// `restart_limit` ends such a loop.
#[test]
fn restart_limit_makes_a_flapping_program_fatal() {
    let s = Story::new()
        .program(
            "hot",
            "command=/bin/true\nstartsecs=0\nautorestart=true\nrestart_limit=5",
        )
        .start();
    let info = s.wait_state("hot", "FATAL");
    assert!(info.get("spawnerr").contains("restart_limit"), "{info:?}");
    s.wait_log_count(&["spawned: 'hot'"], 6);
}

/// `stop all` goes by descending priority, as documented: what was started first stops last.
#[test]
fn stop_all_begins_with_the_highest_priority() {
    let s = Story::new()
        .supervisord("loglevel=debug")
        .program("base", &format!("{CAT}\npriority=1"))
        .program("web", &format!("{CAT}\npriority=30"))
        .program("app", &format!("{CAT}\npriority=20"))
        .start();
    s.wait_state("web", "RUNNING");
    s.wait_log_order("spawned: ", &["base", "app", "web"]);
    s.ctl("stop all")
        .mentions(&["base: stopped\n", "app: stopped\n", "web: stopped\n"]);
    s.wait_log_order("DEBG killing ", &["web", "app", "base"]);
}

/// What is wrong with one program is that program's matter: it alone becomes FATAL, with the
/// reason in `spawnerr`, and the others and the daemon run on.
#[test]
fn a_program_that_cannot_run_fails_alone() {
    let s = Story::new()
        .file("plain", "not executable")
        .directory("taken")
        .program("missing", "command=/no/such/program\nstartretries=0")
        .program("plain", "command=%(here)s/plain\nstartretries=0")
        .program(
            "logless",
            "command=/bin/cat\nstartretries=0\nstdout_logfile=%(here)s/taken",
        )
        .program("cat", CAT)
        .start();
    let why = |name: &str| s.wait_state(name, "FATAL").get("spawnerr").to_owned();
    assert_eq!(why("missing"), "can't find command '/no/such/program'");
    assert!(why("plain").ends_with("/plain' is not executable"));
    assert_eq!(
        why("logless"),
        "unknown error making dispatchers for 'logless': EISDIR"
    );
    s.wait_log_line(&["WARN could not open log /", "/taken: Is a directory"]);
    s.wait_state("cat", "RUNNING");
    s.ctl("start missing")
        .says("missing: ERROR (no such file)\n")
        .exits(1);
}

/// Stopping a program that waits for its next try ends the trying.
#[test]
fn a_stop_in_backoff_ends_the_retries() {
    let s = Story::new()
        .program("dud", "command=/bin/false\nstartretries=100")
        .start();
    s.wait_state("dud", "BACKOFF");
    s.ctl("stop dud").says("dud: stopped\n");
    assert_eq!(s.info("dud").state(), "STOPPED");
    s.ctl("stop dud").says("dud: ERROR (not running)\n");
}

/// A child that ignores its stop signal is killed after `stopwaitsecs`.
#[test]
fn a_child_that_ignores_its_stop_signal_is_killed() {
    let s = Story::new()
        .script(
            "deaf.sh",
            "trap '' TERM\ntouch $DIR/up\nwhile :; do sleep 0.05; done",
        )
        .program(
            "deaf",
            "command=%(here)s/deaf.sh\nstartsecs=0\nstopwaitsecs=1",
        )
        .start();
    s.wait_exists("up");
    s.ctl("stop deaf").says("deaf: stopped\n");
    s.wait_log_line(&["WARN killing 'deaf'", "with SIGKILL"]);
    s.wait_log("WARN stopped: deaf (terminated by SIGKILL)");
}

/// A child's environment is supervisord's, then who the child is, then the `environment` of
/// `[supervisord]`, then the program's: each wins over those before it.
#[test]
fn a_childs_environment_is_laid_in_this_order() {
    let s = Story::new()
        .after("export LAYER=shell SHELL_ONLY=1 SUPERVISOR_ENABLED=0 SUPERVISOR_GROUP_NAME=shell")
        .supervisord("environment=LAYER=\"daemon\",DAEMON_ONLY=\"2\",SUPERVISOR_PROCESS_NAME=\"x\"")
        .program(
            "env",
            "command=sh -c 'env >$DIR/env.%(process_num)d; touch $DIR/done.%(process_num)d'
             process_name=%(program_name)s_%(process_num)02d
             numprocs=2
             numprocs_start=8
             startsecs=0
             autorestart=false
             environment=LAYER=\"program %(process_num)d\",SUPERVISOR_ENABLED=\"maybe\"",
        )
        .program(
            "plain",
            "command=sh -c 'env >$DIR/env.plain; touch $DIR/done.plain'
             startsecs=0
             autorestart=false
             serverurl=http://example.com:9001",
        )
        .start();
    let url = format!("SUPERVISOR_SERVER_URL=unix://{}/s.sock", s.dir().display());
    let (of_8, of_9) = ("LAYER=program 8", "LAYER=program 9");
    let common = ["SHELL_ONLY=1", "DAEMON_ONLY=2", "SUPERVISOR_PROCESS_NAME=x"];
    let many = [
        "SUPERVISOR_ENABLED=maybe",
        "SUPERVISOR_GROUP_NAME=env",
        &url,
    ];
    let single = [
        "LAYER=daemon",
        "SUPERVISOR_ENABLED=1",
        "SUPERVISOR_GROUP_NAME=plain",
        "SUPERVISOR_SERVER_URL=http://example.com:9001",
    ];
    for (name, own) in [
        ("8", [&many[..], &[of_8]].concat()),
        ("9", [&many[..], &[of_9]].concat()),
        ("plain", single.to_vec()),
    ] {
        s.wait_exists(&format!("done.{name}"));
        let env = s.read(&format!("env.{name}"));
        for line in own.iter().chain(&common) {
            assert!(env.lines().any(|has| has == *line), "{line} in {env}");
        }
    }
}

/// Processes are numbered from `numprocs_start` on.
#[test]
fn numprocs_start_is_the_first_number() {
    let s = Story::new()
        .program(
            "cat",
            "command=/bin/cat
             process_name=%(program_name)s_%(process_num)02d
             numprocs=2
             numprocs_start=8
             startsecs=0",
        )
        .start();
    s.wait_state("cat:cat_09", "RUNNING");
    let names: Vec<_> = s
        .ctl("status")
        .out
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(names, ["cat:cat_08", "cat:cat_09"]);
}

/// A program's `user` is whom its children run as, with all groups of that user and none of ours.
/// Only root can ask for it; for others the child says why it can't be.
#[test]
fn a_program_runs_as_its_user() {
    let s = Story::new()
        .program(
            "who",
            "command=sh -c 'id -un; id -Gn'
             user=nobody
             startsecs=0
             startretries=0
             autorestart=false
             redirect_stderr=true
             stdout_logfile=%(here)s/who.log",
        )
        .start();
    s.wait_state("who", "EXITED");
    let log = s.read("who.log");
    if geteuid().is_root() {
        let mut lines = log.lines();
        assert_eq!(lines.next(), Some("nobody"), "{log}");
        let groups = lines.next().unwrap_or_default();
        assert!(!groups.split(' ').any(|group| group == "root"), "{log}");
    } else {
        assert!(log.contains("couldn't setuid to"), "{log}");
    }
}

//! `/metrics`, read by an existing parser and looked at for its numbers.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Daemon, Story, wait_for};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn story() -> Daemon {
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program(
            "crash",
            "command=/bin/sh -c 'echo crash; exit 3'
             startsecs=0
             autorestart=false",
        )
        .program(
            "again",
            "command=/bin/sh -c 'read go; exit 3'
             startsecs=0
             autorestart=true",
        )
        .section(
            "[eventlistener:ears]
             command=/bin/cat
             events=PROCESS_STATE
             buffer_size=7
             startsecs=0",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    s.wait_state("crash", "EXITED");
    let before = s.wait_state("again", "RUNNING").pid();
    s.http("POST /api/v1/processes/again/stdin", &[], "\n");
    wait_for("another pid", || {
        (s.info("again").pid() != before).then_some(())
    });
    s.wait_state("again", "RUNNING");
    s
}

/// A sample's value.
fn value(text: &str, sample: &str) -> f64 {
    let mut lines = text.lines();
    let found = lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    let found = found.unwrap_or_else(|| panic!("no {sample} in {text}"));
    found.parse().unwrap()
}

#[test]
fn numbers_are_told_by_the_names_that_node_exporter_gives_them() {
    let s = story();
    let reply = s.http("GET /metrics", &[], "");
    assert!(
        reply
            .header("Content-Type")
            .starts_with("text/plain; version=0.0.4")
    );
    let of = |sample: &str| value(&reply.body, sample);
    let cat = "{name=\"cat\",group=\"cat\"}";
    let crash = "{name=\"crash\",group=\"crash\"}";
    let again = "{name=\"again\",group=\"again\"}";
    assert_eq!(of(&format!("node_supervisord_up{cat}")), 1.0);
    assert_eq!(of(&format!("node_supervisord_up{crash}")), 0.0);
    assert_eq!(of(&format!("node_supervisord_state{cat}")), 20.0);
    assert_eq!(of(&format!("node_supervisord_exit_status{crash}")), 3.0);
    let start: f64 = s.info("cat").get("start").parse().unwrap();
    assert_eq!(
        of(&format!("node_supervisord_start_time_seconds{cat}")),
        start
    );
    assert!(!reply.body.contains(&format!("start_time_seconds{crash}")));
    assert_eq!(
        of(&format!("supervisor_process_restarts_total{again}")),
        1.0
    );
    assert_eq!(
        of(&format!("supervisor_process_log_bytes_total{crash}")),
        6.0
    );
    assert_eq!(
        of(&format!("supervisor_process_log_lost_bytes_total{crash}")),
        0.0
    );
    let exits = "{name=\"crash\",group=\"crash\",reason=\"unexpected\"}";
    assert_eq!(of(&format!("supervisor_process_exits_total{exits}")), 1.0);
    let status = "{name=\"crash\",group=\"crash\",status=\"3\"}";
    let statuses = "supervisor_process_exit_statuses_total";
    assert_eq!(of(&format!("{statuses}{status}")), 1.0);
    s.ctl("stop cat").says("cat: stopped\n");
    let killed = "{name=\"cat\",group=\"cat\",status=\"SIGTERM\"}";
    let text = s.http("GET /metrics", &[], "").body;
    assert_eq!(value(&text, &format!("{statuses}{killed}")), 1.0);
    assert!(of(&format!("supervisor_process_resident_memory_bytes{cat}")) > 0.0);
    assert!(of(&format!("supervisor_process_open_fds{cat}")) >= 3.0);
    assert_eq!(of("supervisor_event_queue_capacity{pool=\"ears\"}"), 7.0);
    assert!(of("supervisor_events_accepted_total{pool=\"ears\"}") >= 1.0);
    assert!(of("supervisor_request_seconds_count{interface=\"xmlrpc\"}") >= 1.0);
    assert!(of("process_resident_memory_bytes") > 0.0);
    assert!(of("process_open_fds") > 3.0);
}

/// Lost output is counted, whatever the log says of it.
#[test]
fn what_can_not_be_logged_is_counted() {
    let s = Story::new()
        .program(
            "full",
            "command=/bin/sh -c 'head -c 2000000 /dev/zero; cat'
             startsecs=0
             stdout_logfile=/dev/full",
        )
        .start();
    let lost = "supervisor_process_log_lost_bytes_total{name=\"full\",group=\"full\"}";
    wait_for("bytes to be lost", || {
        let text = s.http("GET /metrics", &[], "").body;
        (value(&text, lost) > 0.0).then_some(())
    });
}

/// What is a counter never goes down, even when what it counts has vanished.
#[test]
fn cpu_time_stays_counted_when_a_worker_that_nobody_waits_for_ends() {
    let s = Story::new()
        .file(
            "parent.py",
            "import os, signal, sys\n\
             signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n\
             if os.fork() == 0:\n    \
                 while not os.path.exists('enough'): pass\n    \
                 os._exit(0)\n\
             sys.stdin.read()\n",
        )
        .program(
            "parent",
            "command=python3 %(here)s/parent.py\ndirectory=%(here)s\nstartsecs=0",
        )
        .start();
    let told = |name: &str| {
        let sample = format!("supervisor_process_{name}{{name=\"parent\",group=\"parent\"}}");
        let text = s.http("GET /metrics", &[], "").body;
        let is_there = text.contains(&sample);
        if is_there { value(&text, &sample) } else { 0.0 }
    };
    wait_for("the worker to take half a second", || {
        (told("cpu_seconds_total") > 0.5).then_some(())
    });
    std::fs::write(s.path("enough"), "").unwrap();
    wait_for("its end", || (told("processes") == 1.0).then_some(()));
    assert!(told("cpu_seconds_total") > 0.5);
}

/// Runs a parser of Prometheus's own Python client on a text.
fn parse(module: &str, text: &str) {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/acceptance/bin/python");
    assert!(
        python.exists(),
        "no parser: scripts/acceptance-clients installs it"
    );
    let program = format!(
        "import sys\n\
         from prometheus_client.{module} import text_string_to_metric_families as parse\n\
         families = list(parse(sys.stdin.read()))\n\
         names = [family.name for family in families]\n\
         assert len(names) == len(set(names)), names\n\
         assert all(family.documentation and family.type != 'unknown' for family in families)\n\
         assert 'node_supervisord_up' in names, names"
    );
    let mut child = Command::new(python)
        .args(["-c", &program])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success(), "{text}");
}

#[test]
#[ignore = "needs the parser that scripts/test installs"]
fn both_formats_are_read_by_prometheus_s_own_client() {
    let s = story();
    let plain = s.http("GET /metrics", &[], "");
    parse("parser", &plain.body);
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let open = s.http("GET /metrics", &[accept], "");
    assert!(
        open.header("Content-Type")
            .starts_with("application/openmetrics-text; version=1.0.0")
    );
    parse("openmetrics.parser", &open.body);
}

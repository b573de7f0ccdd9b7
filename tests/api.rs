//! The JSON API, held against the document that describes it.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use base64::prelude::{BASE64_STANDARD, Engine};
use harness::{Answer, Daemon, Document, LISTENER, Reply, Story, free_port, wait_for};
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

fn document(s: &Daemon) -> Document {
    Document(s.get("/api/v1/openapi.json"))
}

/// Two cats in a group, one alone, and one that ends badly.
fn cats() -> Daemon {
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program(
            "pair",
            "command=/bin/cat
             process_name=pair_%(process_num)d
             numprocs=2
             startsecs=0
             environment=COLOUR=\"grey\",DB_PASSWORD=\"mouse\"",
        )
        .program(
            "bad",
            "command=/bin/sh -c 'echo farewell; exit 3'
             startsecs=0
             autostart=false
             autorestart=false",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    s.wait_state("pair:pair_1", "RUNNING");
    s
}

fn selection(s: &Daemon, body: &Value) -> Reply {
    let kind = "Content-Type: application/json";
    s.http("POST /api/v1/actions", &[kind], &body.to_string())
}

#[test]
fn every_resource_is_as_the_document_has_it() {
    let s = cats();
    let document = document(&s);
    for (path, schema) in [
        ("supervisor", "Supervisor"),
        ("config", "Config"),
        ("config/pending", "AllPending"),
        ("processes", "Processes"),
        ("processes?group=pair&state=RUNNING", "Processes"),
        ("processes/cat", "ProcessDetail"),
        ("processes/pair:pair_0", "ProcessDetail"),
        ("processes/pair%3Apair_0", "ProcessDetail"),
        ("config/check", "Checked"),
        ("pools", "Pools"),
        ("groups", "Groups"),
        ("groups/pair", "GroupDetail"),
    ] {
        document.holds(schema, &s.get(&format!("/api/v1/{path}")));
    }
    let started = s.post("/api/v1/processes/bad/start");
    document.holds("Result", &started.json());
    s.wait_state("bad", "EXITED");
    document.holds("ProcessDetail", &s.get("/api/v1/processes/bad"));
    let all = selection(
        &s,
        &json!({"action": "restart", "targets": ["*", "nobody"]}),
    );
    document.holds("Results", &all.json());
    document.holds("GroupChanges", &s.post("/api/v1/supervisor/reread").json());
    for (reply, status) in [
        (s.post("/api/v1/processes/nobody/start"), 404),
        (s.post("/api/v1/processes/cat/dance"), 404),
        (s.post("/api/v1/processes/cat"), 405),
        (s.post("/api/v1/processes/cat/start?wait=x"), 400),
        (s.http("GET /api/v1/processes?state=ASLEEP", &[], ""), 400),
    ] {
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.header("Content-Type"), "application/problem+json");
        document.holds("Problem", &reply.json());
    }
    let down = s.post("/api/v1/supervisor/shutdown");
    assert_eq!(down.status, 202);
    document.holds("Accepted", &down.json());
}

/// Verbs and faults are those of XML-RPC.
#[test]
fn an_action_is_answered_when_it_is_done() {
    let s = cats();
    let fault = |reply: Reply| (reply.status, reply.json()["faultString"].clone());
    let ok = |reply: Reply| assert_eq!(reply.json()["status"], 80, "{reply:?}");
    let started = s.post("/api/v1/processes/cat/start");
    assert_eq!(fault(started), (409, "ALREADY_STARTED: cat".into()));
    ok(s.post("/api/v1/processes/cat/stop"));
    assert_eq!(s.info("cat").state(), "STOPPED");
    let stopped = s.post("/api/v1/processes/cat/stop");
    assert_eq!(fault(stopped), (409, "NOT_RUNNING: cat".into()));
    ok(s.post("/api/v1/processes/cat/restart"));
    assert_eq!(s.info("cat").state(), "RUNNING");
    ok(s.post("/api/v1/processes/cat/clear-logs"));
    let signal = |signal| s.post(&format!("/api/v1/processes/cat/signal?signal={signal}"));
    assert_eq!(fault(signal("NOPE")), (400, "BAD_SIGNAL: NOPE".into()));
    ok(signal("CONT"));
    assert_eq!(s.post("/api/v1/processes/cat/signal").status, 400);
    assert_eq!(s.post("/api/v1/processes/pair:*/stop").status, 404);
    let written = s.http("POST /api/v1/processes/cat/stdin", &[], "meow\n");
    assert_eq!(written.json(), json!({"done": true}));
    wait_for("the cat's answer", || {
        let log = s.http("GET /api/v1/processes/cat/logs/stdout", &[], "");
        (log.body == "meow\n").then_some(())
    });
}

#[test]
fn a_group_a_selection_and_all_are_told_one_by_one() {
    let s = cats();
    let told = |reply: &Reply| -> Vec<(String, i64)> {
        let results = reply.json()["results"].as_array().unwrap().clone();
        let mut told: Vec<_> = results
            .iter()
            .map(|one| {
                let name = one["name"].as_str().unwrap().to_owned();
                (name, one["status"].as_i64().unwrap())
            })
            .collect();
        told.sort();
        told
    };
    let named = |names: &[(&str, i64)]| -> Vec<(String, i64)> {
        let owned = |(name, status): &(&str, i64)| ((*name).to_owned(), *status);
        names.iter().map(owned).collect()
    };
    let stopped = s.post("/api/v1/groups/pair/stop");
    assert_eq!(told(&stopped), named(&[("pair_0", 80), ("pair_1", 80)]));
    let again = s.post("/api/v1/groups/pair/stop");
    assert_eq!(told(&again), []);
    let some = json!({"action": "start", "targets": ["pair:*", "cat", "nobody"]});
    let want = [("cat", 60), ("nobody", 10), ("pair_0", 80), ("pair_1", 80)];
    assert_eq!(told(&selection(&s, &some)), named(&want));
    let all = json!({"action": "stop", "targets": ["*"]});
    let want = [("cat", 80), ("pair_0", 80), ("pair_1", 80)];
    assert_eq!(told(&selection(&s, &all)), named(&want));
    assert_eq!(s.post("/api/v1/groups/nobody/stop").status, 404);
    assert_eq!(s.post("/api/v1/groups/pair/remove").status, 200);
    assert_eq!(s.get("/api/v1/groups/pair")["group"]["inuse"], false);
    assert_eq!(s.post("/api/v1/groups/pair/add").status, 200);
    assert_eq!(s.post("/api/v1/groups/pair/add").status, 409);
    assert_eq!(s.post("/api/v1/groups/pair/update").status, 200);
    let odd = s.http("POST /api/v1/actions", &[], &some.to_string());
    assert_eq!(odd.status, 415);
}

fn send(s: &Daemon, path: &str, body: &Value) -> Reply {
    let kind = "Content-Type: application/json";
    s.http(&format!("POST /api/v1/{path}"), &[kind], &body.to_string())
}

/// What XML-RPC can do beside processes and groups can be done here, too.
#[test]
fn events_are_sent_and_logs_reopened() {
    let s = Story::new()
        .file("listener.py", LISTENER)
        .section(
            "[eventlistener:ears]
             command=python3 %(here)s/listener.py heard
             directory=%(here)s
             events=REMOTE_COMMUNICATION
             startsecs=0",
        )
        .program(
            "cat",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/cat.log",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    let sent = send(&s, "events", &json!({"type": "greeting", "data": "hello"}));
    assert_eq!(sent.json(), json!({"done": true}));
    wait_for("the event", || {
        (s.heard_payloads("heard") == ["type:greeting\nhello"]).then_some(())
    });
    document(&s).holds("Pools", &s.get("/api/v1/pools"));
    assert_eq!(s.get("/api/v1/pools")["pools"][0]["name"], "ears");
    assert_eq!(send(&s, "events", &json!({"type": 1})).status, 400);
    assert_eq!(s.post("/api/v1/events").status, 415);
    std::fs::rename(s.path("cat.log"), s.path("cat.old")).unwrap();
    assert_eq!(s.post("/api/v1/logs/reopen").json(), json!({"done": true}));
    s.http("POST /api/v1/processes/cat/stdin", &[], "new\n");
    s.wait_file("cat.log", "new\n");
    let checked = s.get("/api/v1/config/check");
    assert_eq!(checked["errors"], json!([]));
    s.rewrite(|config| config.program("odd", "startsecs=x"));
    let checked = s.get("/api/v1/config/check");
    assert!(
        checked["errors"][0]
            .as_str()
            .unwrap()
            .contains("program:odd"),
        "{checked}"
    );
}

/// Programs come and go while supervisord runs, where the configuration lets clients do that.
#[test]
fn programs_are_added_and_processes_removed() {
    let plain = Story::new().section("[group:dynamic]").start();
    let new = json!({"name": "new", "options": {"command": "/bin/cat", "startsecs": 0}});
    assert_eq!(send(&plain, "groups/dynamic/programs", &new).status, 404);
    let s = Story::new()
        .section("[group:dynamic]")
        .section(
            "[rpcinterface:twiddler]
             supervisor.rpcinterface_factory=\
             supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface",
        )
        .start();
    assert_eq!(
        send(&s, "groups/dynamic/programs", &new).json(),
        json!({"done": true})
    );
    s.wait_state("dynamic:new", "RUNNING");
    assert_eq!(send(&s, "groups/nobody/programs", &new).status, 404);
    let odd = json!({"name": "odd", "options": {"command": []}});
    assert_eq!(send(&s, "groups/dynamic/programs", &odd).status, 400);
    let remove = || s.http("DELETE /api/v1/groups/dynamic/processes/new", &[], "");
    assert_eq!(remove().json()["faultString"], "STILL_RUNNING: new");
    s.post("/api/v1/processes/dynamic:new/stop");
    assert_eq!(remove().json(), json!({"done": true}));
    assert_eq!(remove().status, 404);
    let line = json!({"message": "a line of ours", "level": "WARN"});
    assert_eq!(send(&s, "supervisor/log", &line).status, 200);
    s.wait_log_count(&["WARN a line of ours"], 1);
    assert_eq!(
        send(
            &s,
            "supervisor/log",
            &json!({"message": "x", "level": "LOUD"})
        )
        .status,
        400
    );
}

/// Whoever watches needs no bookkeeping: a snapshot, then every change.
#[test]
fn events_begin_with_a_snapshot_and_tell_every_change() {
    let s = cats();
    // While this one stops, there is time to tell of it.
    s.rewrite(|config| {
        let trap = "trap 'sleep 0.3; exit' TERM; echo; while :; do sleep 0.1; done";
        config.program(
            "slow",
            &format!("command=/bin/sh -c \"{trap}\"\nstartsecs=0"),
        );
    });
    s.post("/api/v1/supervisor/reread");
    assert_eq!(s.post("/api/v1/groups/slow/add").status, 200);
    wait_for("the trap to be set", || {
        let log = s.http("GET /api/v1/processes/slow/logs/stdout", &[], "");
        (log.body == "\n").then_some(())
    });
    let document = document(&s);
    let mut events = s.listen("/api/v1/events", &[]);
    let snapshot = events.next();
    assert_eq!(snapshot.name, "snapshot");
    document.holds_event("Events", &snapshot);
    assert_eq!(snapshot.data["processes"].as_array().unwrap().len(), 5);
    s.post("/api/v1/processes/bad/start?wait=false");
    let mut changes = Vec::new();
    while changes.last() != Some(&("RUNNING".to_owned(), "EXITED".to_owned())) {
        let change = events.wait("process", |data| data["process"]["name"] == "bad");
        document.holds_event("Events", &change);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let process = &change.data["process"];
        if process["statename"] == "EXITED" {
            assert_eq!(
                (&process["exitstatus"], &process["signal"]),
                (&json!(3), &json!(null))
            );
        }
        changes.push((text(&change.data["from"]), text(&process["statename"])));
    }
    changes.dedup();
    let first = ("STOPPED".to_owned(), "STARTING".to_owned());
    assert_eq!(changes[0], first, "{changes:?}");
    s.post("/api/v1/groups/pair/stop");
    s.post("/api/v1/groups/pair/remove");
    let removed = events.wait("group-removed", |_| true);
    document.holds_event("Events", &removed);
    assert_eq!(removed.data["group"], "pair");
    s.post("/api/v1/groups/pair/add");
    document.holds_event("Events", &events.wait("group-added", |_| true));
    s.post("/api/v1/supervisor/shutdown");
    document.holds_event("Events", &events.wait("supervisor", |_| true));
}

/// Whoever comes late is told the same as who has watched all the time.
#[test]
fn the_states_of_the_last_hour_are_remembered_for_those_who_come_later() {
    let s = cats();
    let mut events = s.listen("/api/v1/events", &[]);
    for _ in 0..20 {
        s.post("/api/v1/processes/bad/start");
        s.wait_state("bad", "EXITED");
    }
    let told = events.wait("process", |data| data["process"]["name"] == "bad");
    assert_eq!(told.data["process"].get("history"), None);
    let history = |process: &Value| -> Vec<(String, i64)> {
        let stretches = process["history"].as_array().unwrap().iter();
        stretches
            .map(|one| {
                let state = one["statename"].as_str().unwrap().to_owned();
                (state, one["changes"].as_i64().unwrap())
            })
            .collect()
    };
    let snapshot = s.listen("/api/v1/events", &[]).next().data;
    let all = snapshot["processes"].as_array().unwrap();
    let bad = all.iter().find(|one| one["name"] == "bad").unwrap();
    let told = history(bad);
    assert_eq!(told[0], ("STOPPED".into(), 0));
    assert_eq!(told.last().unwrap(), &("EXITED".into(), 1));
    assert_eq!(told.iter().map(|one| one.1).sum::<i64>(), 3 * 20);
    assert_eq!(told, history(&s.get("/api/v1/processes/bad")["process"]));
    let cat = &s.get("/api/v1/processes/cat")["process"];
    let want = [("STOPPED", 0), ("STARTING", 1), ("RUNNING", 1)];
    assert_eq!(
        history(cat),
        want.map(|(name, changes)| (name.into(), changes))
    );
    let (first, now) = (&cat["history"][0]["from"], &snapshot["now"]);
    assert!(first.as_i64() > Some(0) && first.as_i64() <= now.as_i64());
}

#[test]
fn events_tell_what_processes_take() {
    let s = Story::new()
        .program(
            "busy",
            "command=/bin/sh -c '(while :; do :; done) & wait'
             stopasgroup=true
             killasgroup=true
             startsecs=0",
        )
        .start();
    s.wait_state("busy", "RUNNING");
    let document = document(&s);
    let mut events = s.listen("/api/v1/events", &[]);
    let busy = |data: &Value| data["usage"]["busy"]["cpu"].as_f64().unwrap_or(0.0) > 5.0;
    let usage = events.wait("usage", busy);
    document.holds_event("Events", &usage);
    assert_eq!(usage.data["usage"]["busy"]["processes"], 2);
    let mut quiet = s.listen("/api/v1/events?usage=false", &[]);
    assert_eq!(quiet.next().name, "snapshot");
    s.post("/api/v1/processes/busy/stop");
    assert_eq!(quiet.next().name, "process");
}

#[test]
fn a_log_is_read_by_ranges() {
    let s = Story::new()
        .program(
            "say",
            "command=/bin/sh -c 'printf 0123456789; cat'
             startsecs=0
             stdout_logfile=%(here)s/say.log",
        )
        .start();
    s.wait_file("say.log", "0123456789");
    let path = "GET /api/v1/processes/say/logs/stdout";
    let read = |lines: &[&str]| {
        let reply = s.http(path, lines, "");
        let range = reply.header("Content-Range").to_owned();
        (reply.status, reply.body, range)
    };
    assert_eq!(read(&[]), (200, "0123456789".into(), String::new()));
    let part = |body: &str, range: &str| (206, body.to_owned(), range.to_owned());
    assert_eq!(read(&["Range: bytes=-3"]), part("789", "bytes 7-9/10"));
    assert_eq!(read(&["Range: bytes=2-4"]), part("234", "bytes 2-4/10"));
    let (status, _, range) = read(&["Range: bytes=10-"]);
    assert_eq!((status, range.as_str()), (416, "bytes */10"));
    let saved = s.http(&format!("{path}?download=true"), &[], "");
    let disposition = saved.header("Content-Disposition");
    assert_eq!(disposition, "attachment; filename=\"say-stdout.log\"");
    for lines in [&[][..], &["Range: bytes=-3"]] {
        let empty = s.http("GET /api/v1/processes/say/logs/stderr", lines, "");
        assert_eq!((empty.status, empty.body.as_str()), (200, ""));
    }
    let nothing = s.http("GET /api/v1/processes/nobody/logs/stdout", &[], "");
    assert_eq!(nothing.json()["faultString"], "BAD_NAME: nobody");
    let main = s.http("GET /api/v1/supervisor/log", &[], "");
    assert!(main.body.contains("supervisord started with pid"));
}

#[test]
fn a_log_is_followed_and_gone_on_with() {
    let s = Story::new()
        .program(
            "cat",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/cat.log",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    let document = document(&s);
    let write = |text| s.http("POST /api/v1/processes/cat/stdin", &[], text);
    let path = "/api/v1/processes/cat/logs/stdout/follow";
    write("one é\n");
    s.wait_file("cat.log", "one é\n");
    let mut log = s.listen(path, &[]);
    let one = log.next();
    document.holds_event("LogEvents", &one);
    assert_eq!(
        (one.name.as_str(), &one.data["text"]),
        ("output", &"one é\n".into())
    );
    write("two\n");
    assert_eq!(log.next().data["text"], "two\n");
    let mut rest = s.listen(path, &[&format!("Last-Event-ID: {}", one.id)]);
    assert_eq!(rest.next().data["text"], "two\n");
    let mut none = s.listen(&format!("{path}?tail=0"), &[]);
    s.post("/api/v1/processes/cat/clear-logs");
    write("three\n");
    assert_eq!(none.wait("output", |_| true).data["text"], "three\n");
}

/// Who comes back after a long time gets no more of a log than one who begins.
#[test]
fn of_a_log_that_grew_much_only_the_end_is_sent() {
    let s = Story::new()
        .file("big.log", &"0123456789abcde\n".repeat(3 << 16))
        .program(
            "big",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/big.log",
        )
        .start();
    s.wait_state("big", "RUNNING");
    let path = "/api/v1/processes/big/logs/stdout/follow";
    let mut log = s.listen(path, &["Last-Event-ID: 999999999-5"]);
    let skipped = log.next();
    document(&s).holds_event("LogEvents", &skipped);
    assert_eq!(
        (skipped.name.as_str(), &skipped.data["bytes"]),
        ("skipped", &(2 << 20).into())
    );
    let mut rest = 1 << 20;
    while rest > 0 {
        rest -= log.next().data["text"].as_str().unwrap().len();
    }
}

/// A request with a name and password, over TCP.
fn request(port: u16, first: &str, login: &str, lines: &str, body: &str) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let token = BASE64_STANDARD.encode(login);
    let length = body.len();
    write!(
        stream,
        "{first} HTTP/1.0\r\nHost: x\r\nAuthorization: Basic {token}\r\n\
         Content-Length: {length}\r\n{lines}\r\n{body}"
    )
    .unwrap();
    Reply::read(stream)
}

/// Each role may do so much and no more, whichever way it comes.
#[test]
fn every_door_knows_the_roles() {
    let port = free_port();
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .section(&format!(
            "[inet_http_server]
             port=127.0.0.1:{port}
             username=all
             password=a
             operator_username=act
             operator_password=b
             readonly_username=see
             readonly_password=c"
        ))
        .start();
    let cat = s.wait_state("cat", "RUNNING").pid();
    let (all, act, see) = ("all:a", "act:b", "see:c");
    let status = |first: &str, login| request(port, first, login, "", "").status;
    for (first, want) in [
        ("GET /api/v1/processes", [200, 200, 200]),
        ("GET /", [200, 200, 200]),
        ("GET /mainlogtail", [0, 0, 0]),
        ("POST /api/v1/processes/cat/clear-logs", [200, 200, 403]),
        ("GET /index.html?action=refresh", [303, 303, 303]),
        (
            "GET /index.html?processname=cat&action=clearlog",
            [303, 303, 403],
        ),
        ("POST /api/v1/supervisor/reread", [200, 403, 403]),
        ("POST /api/v1/groups/cat/remove", [409, 403, 403]),
    ] {
        for (login, want) in [all, act, see].into_iter().zip(want) {
            if want > 0 {
                assert_eq!(status(first, login), want, "{first} by {login}");
            }
        }
    }
    for login in ["see:b", "nobody:a", ":"] {
        let reply = request(port, "GET /api/v1/processes", login, "", "");
        assert_eq!(reply.status, 401, "{login}");
        assert!(reply.header("WWW-Authenticate").starts_with("Basic "));
        assert_eq!(reply.json()["title"], "Unauthorized");
    }
    let call = |login, method: &str, parameters: &str| {
        let body = format!(
            "<methodCall><methodName>{method}</methodName><params>{parameters}</params></methodCall>"
        );
        request(port, "POST /RPC2", login, "", &body).body
    };
    let name = "<param><value>cat</value></param>";
    let forbidden = |method| format!("<string>FORBIDDEN: {method}</string>");
    assert!(call(see, "supervisor.getProcessInfo", name).contains("RUNNING"));
    for (login, method) in [
        (see, "supervisor.stopProcess"),
        (see, "supervisor.clearLog"),
    ] {
        let parameters = if method.ends_with("Log") { "" } else { name };
        assert!(call(login, method, parameters).contains(&forbidden(method)));
    }
    assert!(call(act, "supervisor.shutdown", "").contains(&forbidden("supervisor.shutdown")));
    let smuggled = "<param><value><array><data><value><struct><member><name>methodName</name>\
        <value>supervisor.stopProcess</value></member><member><name>params</name><value><array>\
        <data><value>cat</value></data></array></value></member></struct></value></data></array>\
        </value></param>";
    let answer = call(see, "system.multicall", smuggled);
    assert!(
        answer.contains(&forbidden("supervisor.stopProcess")),
        "{answer}"
    );
    assert_eq!(s.info("cat").pid(), cat);
    let you = |login| request(port, "GET /api/v1/supervisor", login, "", "").json()["user"].clone();
    assert_eq!(you(see), json!({"name": "see", "role": "reader"}));
    assert_eq!(you(act), json!({"name": "act", "role": "operator"}));
    assert!(call(act, "supervisor.stopProcess", name).contains("<boolean>1</boolean>"));
}

/// Nobody is shown the secrets of an environment, nor readers those of a command.
#[test]
fn readers_are_shown_no_secrets() {
    let port = free_port();
    let _daemon = Story::new()
        .program(
            "cat",
            "command=/bin/sh -c cat --password=hunter2 --url=amqp://u:hunter2@h/
             autostart=false
             environment=DB_PASS=\"hunter2\",URL=\"postgres://u:p/hunter2@db/x\",SHOWN=\"yes\"",
        )
        .section(&format!(
            "[inet_http_server]
             port=127.0.0.1:{port}
             operator_username=act
             operator_password=b
             readonly_username=see
             readonly_password=c"
        ))
        .start();
    let body = "<methodCall><methodName>supervisor.getAllConfigInfo</methodName></methodCall>";
    for (first, body) in [
        ("GET /api/v1/config", ""),
        ("GET /api/v1/processes/cat", ""),
        ("POST /RPC2", body),
    ] {
        let told = |login| request(port, first, login, "", body).body;
        let (act, see) = (told("act:b"), told("see:c"));
        assert!(act.contains("--password=hunter2 --url=amqp://u:hunter2@h/"));
        assert!(see.contains("--password=*** --url=amqp://u:***@h/") && !see.contains("hunter2"));
    }
    let process = request(port, "GET /api/v1/processes/cat", "act:b", "", "").json();
    let environment = process["config"]["environment"].as_array().unwrap();
    let value = |name| &environment.iter().find(|one| one["name"] == name).unwrap()["value"];
    assert_eq!(value("SHOWN"), "yes");
    assert_eq!(
        (value("DB_PASS"), value("URL")),
        (&Value::Null, &Value::Null)
    );
}

/// Other sites' pages in somebody's browser can do nothing here.
#[test]
fn requests_from_other_sites_change_nothing() {
    let s = cats();
    let pid = s.info("cat").pid();
    for header in ["Sec-Fetch-Site: cross-site", "Origin: http://elsewhere"] {
        let reply = s.http("POST /api/v1/processes/cat/stop", &[header], "");
        assert_eq!(reply.status, 403, "{header}");
        let kind = "Content-Type: application/json";
        let all = r#"{"action": "stop", "targets": ["*"]}"#;
        let reply = s.http("POST /api/v1/actions", &[header, kind], all);
        assert_eq!(reply.status, 403, "{header}");
    }
    assert_eq!(s.info("cat").pid(), pid);
    let own = "Sec-Fetch-Site: same-origin";
    assert_eq!(
        s.http("POST /api/v1/processes/cat/stop", &[own], "").status,
        200
    );
}

/// What an exit was and what the process wrote last is there after the log was rotated, too.
#[test]
fn the_last_exits_are_told_with_the_last_lines() {
    let s = Story::new()
        .program(
            "bad",
            "command=/bin/sh -c 'echo farewell; echo alas >&2; kill -KILL $$'
             startsecs=0
             autostart=false
             autorestart=false
             stdout_logfile=%(here)s/bad.log
             stdout_logfile_maxbytes=9
             stdout_logfile_backups=5",
        )
        .start();
    for _ in 0..2 {
        s.post("/api/v1/processes/bad/start");
        s.wait_state("bad", "EXITED");
    }
    let detail = s.get("/api/v1/processes/bad");
    let exits = detail["exits"].as_array().unwrap();
    assert_eq!(exits.len(), 2);
    assert_eq!(detail["process"]["signal"], "SIGKILL");
    for exit in exits {
        assert_eq!(exit["signal"], "SIGKILL", "{exit}");
        assert_eq!(exit["reason"], "unexpected", "{exit}");
        assert_eq!(exit["exitstatus"], -1, "{exit}");
        assert_eq!(exit["stdout"], "farewell\n");
        assert_eq!(exit["stderr"], "alas\n");
    }
    assert_eq!(detail["process"]["restarts"], 0);
}

#[test]
fn secrets_are_kept_back() {
    let s = cats();
    for path in ["/api/v1/config", "/api/v1/processes/pair:pair_0"] {
        let text = s.get(path).to_string();
        assert!(
            text.contains("grey") && text.contains("DB_PASSWORD"),
            "{text}"
        );
        assert!(!text.contains("mouse"), "{text}");
    }
}

/// Runs one of the installed tools to its end, in the story's directory.
fn tool(s: &Daemon, name: &str, words: &[&str]) {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/acceptance");
    assert!(
        tools.join("installed").exists(),
        "no tools: scripts/acceptance-clients installs them"
    );
    let mut command = Command::new(tools.join("bin").join(name));
    let answer = Answer::of(command.args(words).current_dir(s.dir()));
    assert_eq!(answer.status, 0, "{}\n{}", answer.out, answer.err);
}

#[test]
#[ignore = "needs the tools that scripts/test installs"]
fn the_document_is_valid_and_the_server_keeps_to_it() {
    let port = free_port();
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program(
            "bad",
            "command=/bin/sh -c 'exit 3'\nstartsecs=0\nautorestart=false",
        )
        .section(&format!("[inet_http_server]\nport=127.0.0.1:{port}"))
        .file("schemathesis.toml", "")
        .start();
    let document = s.get("/api/v1/openapi.json").to_string();
    std::fs::write(s.path("openapi.json"), document).unwrap();
    let file = s.path("openapi.json");
    tool(&s, "openapi-spec-validator", &[file.to_str().unwrap()]);
    let url = format!("http://127.0.0.1:{port}/api/v1");
    let toml = s.path("schemathesis.toml");
    tool(
        &s,
        "schemathesis",
        &[
            "--config-file",
            toml.to_str().unwrap(),
            "run",
            &format!("{url}/openapi.json"),
            "--url",
            &url,
            "--max-examples",
            "20",
            "--seed",
            "1",
            "--no-color",
            // Streams don't end, and after these there is nobody to ask.
            "--exclude-path-regex",
            "follow|events|/supervisor/(shutdown|restart)",
            // Which signals there are, and when one is needed, no schema tells.
            "--exclude-checks",
            "positive_data_acceptance",
        ],
    );
}

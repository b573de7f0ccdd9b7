//! Whole command lines against a server with prepared answers.

use super::fake_server::Answer::{self, Fault, Raw};
use super::fake_server::FakeServer;
use super::*;
use crate::xmlrpc::Value;
use std::os::fd::AsFd;

/// What a command line came to.
struct Told {
    out: String,
    err: String,
    status: u8,
    heard: Vec<String>,
}

/// Carries out a command line; one that begins with `-i ` may ask whoever types `typed`.
fn told(line: &str, typed: &str, answers: Vec<Answer>) -> Told {
    let server = FakeServer::start(answers);
    let url = server.url();
    let (out, err, status) = carried_out(&url, line, typed);
    Told {
        out: out.replace(&url, "URL"),
        err: err.replace(&url, "URL"),
        status,
        heard: server.heard(),
    }
}

fn carried_out(url: &str, line: &str, typed: &str) -> (String, String, u8) {
    let config = CtlConfig {
        serverurl: url.to_owned(),
        ..CtlConfig::default()
    };
    let action = line.strip_prefix("-i");
    let args = CtlArgs {
        program: "supervisorctl".to_owned(),
        config_file: None,
        directory: "/".into(),
        interactive: action.is_some(),
        serverurl: None,
        username: None,
        password: None,
        history_file: None,
        cacert: None,
        options: Vec::new(),
        action: action.unwrap_or(line).trim().to_owned(),
    };
    let (stdin, mut typist) = std::io::pipe().unwrap();
    typist.write_all(typed.as_bytes()).unwrap();
    drop(typist);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = run(
        &config,
        &args,
        Screen::default(),
        stdin.as_fd(),
        &mut out,
        &mut err,
    );
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(out), text(err), status)
}

fn text(text: &str) -> Answer {
    Answer::Value(Value::Str(text.to_owned()))
}

fn yes() -> Answer {
    Answer::Value(Value::Bool(true))
}

fn up() -> Answer {
    text("3.0")
}

fn member(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

fn string(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn info(group: &str, name: &str, state: i64, statename: &str) -> Value {
    Value::Struct(vec![
        member("group", string(group)),
        member("name", string(name)),
        member("state", Value::Int(state)),
        member("statename", string(statename)),
        member("description", string("what")),
        member("pid", Value::Int(7)),
    ])
}

fn infos(infos: Vec<Value>) -> Answer {
    Answer::Value(Value::Array(infos))
}

fn outcomes(outcomes: &[(&str, &str, i64)]) -> Answer {
    let outcome = |(group, name, status): &(&str, &str, i64)| {
        Value::Struct(vec![
            member("group", string(group)),
            member("name", string(name)),
            member("status", Value::Int(*status)),
            member("description", string("text")),
        ])
    };
    Answer::Value(Value::Array(outcomes.iter().map(outcome).collect()))
}

fn changes(lists: [&[&str]; 3]) -> Answer {
    let list = |names: &[&str]| Value::Array(names.iter().map(|name| string(name)).collect());
    Answer::Value(Value::Array(vec![Value::Array(lists.map(list).to_vec())]))
}

fn pending(found: &[[&str; 4]]) -> Answer {
    let item = |[section, option, change, remedy]: &[&str; 4]| {
        Value::Struct(vec![
            member("section", string(section)),
            member("option", string(option)),
            member("change", string(change)),
            member("remedy", string(remedy)),
        ])
    };
    Answer::Value(Value::Array(found.iter().map(item).collect()))
}

#[test]
fn status_asks_once_for_the_version_and_once_for_all() {
    let all = infos(vec![
        info("cat", "cat", 20, "RUNNING"),
        info("m", "m0", 0, "STOPPED"),
    ]);
    let told = told("status", "", vec![up(), all]);
    let table = "\
cat                              RUNNING   what
m:m0                             STOPPED   what
";
    assert_eq!(
        (told.out.as_str(), told.err.as_str(), told.status),
        (table, "", 3)
    );
    let calls = ["supervisor.getVersion", "supervisor.getAllProcessInfo"];
    assert_eq!(told.heard, calls);
}

#[test]
fn status_fails_for_no_state_that_is_said_to_be_well() {
    for (line, status) in [
        ("status --ok=STOPPED,EXITED", 3),
        ("status --ok=STOPPED,EXITED cat m:*", 0),
        ("status --ok STOPPED m:* -o json", 3),
        ("status --ok STOPPED nope", 4),
        ("status --ok=WELL", 2),
    ] {
        let all = infos(vec![
            info("cat", "cat", 0, "STOPPED"),
            info("m", "m0", 100, "EXITED"),
            info("bad", "bad", 200, "FATAL"),
        ]);
        let answers = if status == 2 { vec![] } else { vec![up(), all] };
        assert_eq!(told(line, "", answers).status, status, "{line}");
    }
}

#[test]
fn a_server_that_is_not_there_is_told_by_why() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("unix://{}/none", directory.path().display());
    let missing = format!("{url} no such file\n");
    for (line, status) in [("status", 4), ("start x", 7), ("pid", 7), ("version", 7)] {
        let (out, err, code) = carried_out(&url, line, "");
        assert_eq!(
            (out.as_str(), err.as_str(), code),
            (missing.as_str(), "", status),
            "{line}"
        );
    }
    let (out, _, code) = carried_out(&url, "shutdown", "");
    assert_eq!(
        out,
        format!("ERROR: {url} no such file (already shut down?)\n")
    );
    assert_eq!(code, 1);
    let file = directory.path().join("file");
    drop(std::os::unix::net::UnixListener::bind(&file).unwrap());
    let url = format!("unix://{}", file.display());
    let refused = format!("{url} refused connection\n");
    assert_eq!(
        carried_out(&url, "stop all", ""),
        (refused.clone(), String::new(), 4)
    );
    let error = format!("error: {refused}");
    assert_eq!(carried_out(&url, "reread", ""), (error, String::new(), 1));
}

#[test]
fn a_server_that_speaks_otherwise_is_told_apart() {
    let other = told("pid", "", vec![text("2.0")]);
    assert_eq!(other.status, 5);
    assert!(
        other
            .out
            .ends_with("API version 3.0, but the remote version is 2.0.\n")
    );
    let nameless = told("pid", "", vec![Fault(1, "UNKNOWN_METHOD")]);
    assert_eq!(nameless.status, 3);
    assert!(
        nameless
            .out
            .starts_with("Sorry, supervisord responded but did not recognize")
    );
    assert_eq!(
        told("status", "", vec![Fault(1, "UNKNOWN_METHOD")]).status,
        4
    );
}

#[test]
fn what_nobody_has_words_for_is_an_error_line() {
    for (answer, line) in [
        (Fault(6, "SHUTDOWN_STATE"), "error: SHUTDOWN_STATE\n"),
        (
            Raw(b"HTTP/1.1 500 Oh dear\r\n\r\n"),
            "error: URL answered 500 Oh dear\n",
        ),
        (
            Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno xml"),
            "error: URL sent an answer that makes no sense: it ended too early\n",
        ),
        (
            Raw(b""),
            "error: URL sent an answer that makes no sense: it ended before it began\n",
        ),
        (
            infos(vec![]),
            "error: URL sent an answer that makes no sense: getVersion: no string\n",
        ),
    ] {
        let told = told("pid", "", vec![answer]);
        assert_eq!((told.out.as_str(), told.status), (line, 1));
    }
}

const UNAUTHORIZED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";

#[test]
fn without_anybody_to_ask_missing_credentials_end_the_action() {
    let told = told("version", "bob\nsecret\n", vec![Raw(UNAUTHORIZED)]);
    assert_eq!(
        (told.out.as_str(), told.status),
        ("Server requires authentication\n", 1)
    );
}

#[test]
fn somebody_is_asked_for_credentials_until_they_suffice() {
    let answers = vec![Raw(UNAUTHORIZED), Raw(UNAUTHORIZED), up(), text("4.3.0")];
    let told = told("-i version", "bob\nno\nbob\ns3cret\n", answers);
    let asked = "Server requires authentication\nUsername:Password:\n";
    assert_eq!(
        (told.out, told.status),
        (format!("{asked}{asked}4.3.0\n"), 0)
    );
    assert_eq!(told.heard[0], "supervisor.getVersion");
    assert_eq!(
        told.heard[3],
        "supervisor.getSupervisorVersion  Basic Ym9iOnMzY3JldA=="
    );
}

#[test]
fn start_gives_its_orders_one_after_another() {
    let answers = vec![
        up(),
        Fault(1, "UNKNOWN_METHOD"),
        yes(),
        outcomes(&[("m", "m0", 80), ("m", "m1", 50)]),
        Fault(10, "BAD_NAME: no"),
        Fault(60, "ALREADY_STARTED: cat"),
    ];
    let told = told("start g:a m:* no:* cat", "", answers);
    let lines = "\
g:a: started
m:m0: started
m:m1: ERROR (spawn error)
no: ERROR (no such group)
cat: ERROR (already started)
";
    assert_eq!(
        (told.out.as_str(), told.err.as_str(), told.status),
        (lines, "", 2)
    );
    let calls = [
        "supervisor.getVersion",
        "config.getDrift",
        "supervisor.startProcess g:a",
        "supervisor.startProcessGroup m",
        "supervisor.startProcessGroup no",
        "supervisor.startProcess cat",
    ];
    assert_eq!(told.heard, calls);
}

#[test]
fn a_start_that_is_not_waited_for_and_starts_nothing_is_told_as_such() {
    let answers = vec![
        up(),
        Fault(5, "FORBIDDEN"),
        yes(),
        yes(),
        outcomes(&[("m", "m0", 80), ("m", "m1", 60), ("m", "m2", 80)]),
        infos(vec![
            info("slow", "slow", 40, "STOPPING"),
            info("cat", "cat", 10, "STARTING"),
            info("m", "m0", 40, "STOPPING"),
            info("m", "m1", 40, "STOPPING"),
            info("m", "m2", 20, "RUNNING"),
        ]),
    ];
    let told = told("start --no-wait slow cat m:*", "", answers);
    let lines = "\
slow: ERROR (still stopping)
cat: starting
m:m0: ERROR (still stopping)
m:m1: ERROR (already started)
m:m2: starting
";
    assert_eq!((told.out.as_str(), told.status), (lines, 7));
}

#[test]
fn a_mistyped_option_is_refused_before_anything_is_done() {
    let some = || infos(vec![info("--x", "--x", 20, "RUNNING")]);
    for (line, word) in [
        ("start --update cat", "--update"),
        ("start -o json cat", "-o"),
        ("stop --x --timout=3", "--timout=3"),
        ("signal HUP --no-wait cat", "--no-wait"),
        ("clear cat -f", "-f"),
        ("start -x cat", "-x"),
        ("stop cat -9", "-9"),
    ] {
        let told = told(line, "", vec![up(), some(), infos(vec![])]);
        let action = line.split(' ').next().unwrap();
        let error = format!("Error: {action} has no option {word}\n{action} <");
        let error = error.replace("signal <", "signal <signal");
        assert!(told.out.starts_with(&error), "{}", told.out);
        assert_eq!((told.status, told.heard.len()), (2, 3), "{line}");
    }
    let stopped = told("stop --x", "", vec![up(), some(), infos(vec![]), yes()]);
    assert_eq!(
        (stopped.out.as_str(), stopped.status),
        ("--x: stopped\n", 0)
    );
    let signal = told("signal -9 cat", "", vec![up(), Fault(11, "BAD_SIGNAL: -9")]);
    assert_eq!(signal.out, "cat: ERROR (bad signal name)\n");
}

#[test]
fn other_programs_get_what_check_found() {
    let found = |errors: &[&str]| {
        let errors = errors.iter().map(|text| string(text)).collect();
        Answer::Value(Value::Struct(vec![
            member("file", string("/s.conf")),
            member("errors", Value::Array(errors)),
            member("warnings", Value::Array(vec![string("odd")])),
            member("summary", string("all of it")),
        ]))
    };
    for (errors, shown, status) in [(&[][..], "", 0), (&["bad"], "\"bad\"", 1)] {
        let told = told("check -o json", "", vec![up(), found(errors)]);
        let want = format!(
            "{{\"errors\":[{shown}],\"file\":\"/s.conf\",\"summary\":\"all of it\",\
             \"warnings\":[\"odd\"]}}\n"
        );
        assert_eq!(
            (told.out, told.err.as_str(), told.status),
            (want, "", status)
        );
    }
}

#[test]
fn a_server_that_never_answers_is_waited_for_no_longer_than_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let _mute = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let url = format!("unix://{}", socket.display());
    let lines = "web: ERROR (timed out)\nm:*: ERROR (timed out)\n";
    assert_eq!(
        carried_out(&url, "wait --timeout 0 web:web m:*", ""),
        (lines.to_owned(), String::new(), 1)
    );
}

#[test]
fn restart_stops_all_before_it_starts_any() {
    let told = told(
        "restart a b",
        "",
        vec![
            up(),
            Fault(92, "CANT_REREAD: why"),
            Fault(70, "NOT_RUNNING: a"),
            yes(),
            yes(),
            Fault(40, "ABNORMAL_TERMINATION: b"),
        ],
    );
    let lines = "\
a: ERROR (not running)
b: stopped
a: started
b: ERROR (abnormal termination)
";
    assert_eq!((told.out.as_str(), told.status), (lines, 7));
    let complaint = "configuration on disk can't be used, see \"check\"\n";
    assert_eq!(told.err, complaint);
}

#[test]
fn signal_needs_a_signal_and_a_name() {
    let sent = told("signal HUP a", "", vec![up(), yes()]);
    assert_eq!((sent.out.as_str(), sent.status), ("a: signalled\n", 0));
    assert_eq!(sent.heard[1], "supervisor.signalProcess a HUP");
    let short = told("signal HUP", "", vec![up()]);
    let error = "Error: signal requires a signal name and a process name\nsignal <signal name>";
    assert!(short.out.starts_with(error));
    assert_eq!(short.status, 1);
}

#[test]
fn update_removes_then_changes_then_adds() {
    let answers = vec![
        changes([&["new"], &["m"], &["off", "bad"]]),
        outcomes(&[]),
        yes(),
        outcomes(&[("bad", "bad", 30)]),
        yes(),
        yes(),
        pending(&[]),
    ];
    let told = told("update", "", answers);
    let lines = "\
off: stopped
off: removed process group
bad: stopped
bad: has problems; not removing
m: stopped
m: updated process group
new: added process group
";
    assert_eq!((told.out.as_str(), told.status), (lines, 1));
    assert!(
        told.heard
            .contains(&"config.updateProcessGroup m".to_owned()),
        "{:?}",
        told.heard
    );
}

#[test]
fn a_server_that_can_not_update_a_group_is_led_to_replace_it() {
    let answers = vec![
        changes([&[], &["m"], &[]]),
        Fault(1, "UNKNOWN_METHOD"),
        outcomes(&[("m", "m0", 80)]),
        yes(),
        yes(),
        Fault(1, "UNKNOWN_METHOD"),
    ];
    let told = told("update", "", answers);
    assert_eq!(
        (told.out.as_str(), told.err.as_str()),
        ("m: stopped\nm: updated process group\n", "")
    );
    let last = "supervisor.addProcessGroup m";
    assert!(
        told.heard.iter().any(|call| call == last),
        "{:?}",
        told.heard
    );
}

#[test]
fn update_of_some_groups_leaves_the_others() {
    let lists = [&["new", "other"][..], &[], &["off"]];
    let answers = vec![
        changes(lists),
        infos(vec![info("off", "off", 0, "STOPPED")]),
        yes(),
        pending(&[]),
    ];
    let some = told("update zz new", "", answers);
    let lines = "ERROR: no such group: zz\nnew: added process group\n";
    assert_eq!((some.out.as_str(), some.status), (lines, 1));
    let broken = told("update", "", vec![Fault(92, "CANT_REREAD: why")]);
    assert_eq!(
        (broken.out.as_str(), broken.status),
        ("ERROR: CANT_REREAD: why\n", 1)
    );
    let leaving = told("update", "", vec![Fault(6, "SHUTDOWN_STATE")]);
    assert_eq!(leaving.out, "ERROR: already shutting down\n");
}

#[test]
fn what_no_update_takes_on_is_told_beside_the_lines_that_scripts_read() {
    let odd = pending(&[
        ["supervisord", "loglevel", "changed", "reload"],
        ["inet_http_server", "", "available", "reload"],
    ]);
    let told = told("reread", "", vec![changes([&[], &[], &[]]), odd]);
    assert_eq!(told.out, "No config updates to processes\n");
    assert_eq!(
        told.err,
        "[supervisord] loglevel: changed; takes effect after a reload of supervisord\n\
         [inet_http_server]: available; takes effect after a reload of supervisord\n"
    );
    assert_eq!(told.status, 0);
}

#[test]
fn other_programs_get_all_that_reread_found_in_one_document() {
    let odd = pending(&[
        ["supervisord", "loglevel", "changed", "reload"],
        ["inet_http_server", "", "available", "reload"],
    ]);
    let found = changes([&["new"], &[], &["b", "a"]]);
    let reread = told("reread -o json", "", vec![found, odd]);
    let want = r#"{"added":["new"],"changed":[],"pending":[\
{"change":"changed","option":"loglevel","remedy":"reload","section":"supervisord"},\
{"change":"available","option":null,"remedy":"reload","section":"inet_http_server"}\
],"removed":["b","a"]}
"#;
    assert_eq!(reread.out, want.replace("\\\n", ""));
    assert_eq!((reread.err.as_str(), reread.status), ("", 0));
    let broken = told("reread -o json", "", vec![Fault(92, "CANT_REREAD: why")]);
    assert_eq!(
        (broken.out.as_str(), broken.err.as_str(), broken.status),
        ("", "ERROR: CANT_REREAD: why\n", 1)
    );
}

#[test]
fn add_and_remove_tell_each_refusal() {
    let add = told(
        "add a b c",
        "",
        vec![
            Fault(90, "ALREADY_ADDED: a"),
            Fault(10, "BAD_NAME: b"),
            Fault(6, "SHUTDOWN_STATE"),
        ],
    );
    let lines = "\
ERROR: process group already active
ERROR: no such process/group: b
ERROR: shutting down
";
    assert_eq!((add.out.as_str(), add.status), (lines, 1));
    let remove = told("remove a b", "", vec![Fault(91, "STILL_RUNNING: a"), yes()]);
    let lines = "ERROR: process/group still running: a\nb: removed process group\n";
    assert_eq!((remove.out.as_str(), remove.status), (lines, 1));
}

#[test]
fn shutting_down_what_shuts_down_is_no_failure() {
    let told = told("shutdown", "", vec![Fault(6, "SHUTDOWN_STATE")]);
    assert_eq!(
        (told.out.as_str(), told.status),
        ("ERROR: already shutting down\n", 0)
    );
}

#[test]
fn a_stream_is_copied_byte_by_byte_until_it_ends() {
    let stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                   4\r\nold\n\r\n2\r\n\xc3\xbc\r\n";
    let followed = told("tail -f g:a stderr", "", vec![up(), Raw(stream)]);
    assert_eq!(followed.out, "==> Press Ctrl-C to exit <==\nold\nü");
    assert_eq!((followed.err.as_str(), followed.status), ("", 0));
    assert_eq!(followed.heard[1], "GET /logtail/g:a/stderr");
    let refused = told(
        "maintail -f",
        "",
        vec![up(), Raw(b"HTTP/1.1 404 No\r\n\r\n")],
    );
    assert_eq!(
        refused.err,
        "URL/mainlogtail Cannot read, status code 404\n"
    );
    assert_eq!(refused.status, 0);
}

#[test]
fn logs_are_read_from_their_end() {
    let tail = told("tail -5 cat STDERR", "", vec![up(), text("ende\n")]);
    assert_eq!((tail.out.as_str(), tail.status), ("ende\n\n", 0));
    assert_eq!(
        tail.heard[1],
        "supervisor.readProcessStderrLog cat Int(-5) Int(0)"
    );
    let none = told("maintail", "", vec![up(), Fault(20, "NO_FILE")]);
    assert_eq!(
        (none.out.as_str(), none.status),
        ("supervisord: ERROR (no log file)\n", 1)
    );
}

/// Supervisor's own servers tell the end of a log as XML-RPC only.
#[test]
fn logs_are_had_from_any_server() {
    let cat = || infos(vec![info("cat", "cat", 20, "RUNNING")]);
    let raw = Raw(b"HTTP/1.1 206 Partial\r\nContent-Length: 9\r\n\r\none\n\x1b[1mb");
    let ours = told("logs -n 1 cat", "", vec![up(), cat(), raw]);
    assert_eq!((&*ours.out, ours.status), ("\u{1b}[1mb", 0));
    assert_eq!(ours.heard[2], "GET /api/v1/processes/cat/logs/stdout");
    let none = || Raw(b"HTTP/1.1 404 No\r\n\r\n");
    let end = text("one\n\u{fffd}[1mb");
    let theirs = told("logs -n 1 cat", "", vec![up(), cat(), none(), end]);
    assert_eq!((&*theirs.out, theirs.status), ("\u{fffd}[1mb", 0));
    let lacking = vec![up(), cat(), none(), Fault(20, "NO_FILE")];
    let lacking = told("logs -n 1 cat", "", lacking);
    assert_eq!(lacking.out, "cat: ERROR (no log file)\n");
}

#[test]
fn fg_shows_output_and_hands_over_lines() {
    let head = b"HTTP/1.1 200 OK\r\n\r\nout\n";
    let answers = vec![
        up(),
        Answer::Value(info("cat", "cat", 20, "RUNNING")),
        Raw(head),
        Raw(b"HTTP/1.1 404 No\r\n\r\n"),
    ];
    let told = told("fg cat", "", answers);
    assert!(told.out.starts_with("==> Press Ctrl-C to exit <==\nout\n"));
    assert!(told.out.ends_with("Exiting foreground\n"));
    assert_eq!(
        told.err,
        "URL/logtail/cat/stderr Cannot read, status code 404\n"
    );
}

#[test]
fn the_prompt_carries_out_lines_and_asks_before_it_ends_anything() {
    let answers = vec![
        up(),
        infos(vec![]),
        up(),
        text("4.3.0"),
        up(),
        infos(vec![]),
    ];
    let typed = "version\n\nfoo\nshutdown\nn\nreload\n\nstatus\nquit\nversion\n";
    let told = told("-i", typed, answers);
    let lines = "\
supervisor> 4.3.0
supervisor> supervisor> *** Unknown syntax: foo
supervisor> Really shut the remote supervisord process down y/N? \
supervisor> Really restart the remote supervisord process y/N? supervisor> supervisor> 
";
    assert_eq!((told.out.as_str(), told.status), (lines, 0));
    assert_eq!(told.heard.len(), 6);
}

#[test]
fn the_end_of_input_ends_the_prompt_on_a_line_of_its_own() {
    let told = told("-i", "shutdown\nyes", vec![up(), infos(vec![]), yes()]);
    let lines = "Really shut the remote supervisord process down y/N? Shut down\nsupervisor> \n";
    assert_eq!(told.out, format!("supervisor> {lines}"));
}

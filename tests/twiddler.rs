//! Programs that clients add and remove while supervisord runs, by the methods of the plugin
//! supervisor_twiddler.
#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

mod harness;

use harness::{Daemon, Story, is_alive};

const TWIDDLER: &str = "[rpcinterface:twiddler]
    supervisor.rpcinterface_factory=supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface";

const CAT: &str = "command=/bin/cat\nstartsecs=0";

/// A program's options as a client gives them.
fn options(options: &[(&str, &str)]) -> String {
    let member = |(name, value): &(&str, &str)| {
        format!("<member><name>{name}</name><value><string>{value}</string></value></member>")
    };
    let members: String = options.iter().map(member).collect();
    format!("<struct>{members}</struct>")
}

fn add(s: &Daemon, group: &str, program: &str, given: &[(&str, &str)]) -> Option<String> {
    let call = [group, program, &options(given)];
    let answer = s.rpc("twiddler.addProgramToGroup", &call).unwrap();
    answer.fault().map(str::to_owned)
}

fn remove(s: &Daemon, group: &str, process: &str) -> Option<String> {
    let answer = s.rpc("twiddler.removeProcessFromGroup", &[group, process]);
    answer.unwrap().fault().map(str::to_owned)
}

/// What is added starts, is listed, restarted and stopped as any other, and disturbs nobody.
#[test]
fn an_added_program_is_one_like_any_other() {
    let s = Story::new()
        .section(TWIDDLER)
        .program("cat", CAT)
        .section("[group:dynamic]")
        .start();
    let cat = s.wait_state("cat", "RUNNING").pid();
    let two = [
        (
            "command",
            "/bin/sh -c 'echo %(process_num)d $KEY; exec cat'",
        ),
        ("process_name", "%(program_name)s_%(process_num)d"),
        ("numprocs", "2"),
        ("startsecs", "0"),
        ("environment", "KEY=\"value\""),
        ("stdout_logfile", "%(here)s/%(process_num)d.log"),
    ];
    assert_eq!(add(&s, "dynamic", "new", &two), None);
    let first = s.wait_state("dynamic:new_0", "RUNNING").pid();
    s.wait_state("dynamic:new_1", "RUNNING");
    s.wait_file("1.log", "1 value\n");
    s.ctl("status dynamic:*")
        .mentions(&["dynamic:new_0", "dynamic:new_1"])
        .exits(0);
    s.ctl("avail").mentions(&["dynamic:new_0"]);

    let idle = [("command", "/bin/cat"), ("autostart", "false")];
    assert_eq!(add(&s, "cat", "idle", &idle), None);
    assert_eq!(s.info("cat:idle").state(), "STOPPED");
    assert_eq!(s.info("cat").pid(), cat);
    assert_eq!(s.info("dynamic:new_0").pid(), first);

    let running = remove(&s, "dynamic", "new_0");
    assert_eq!(running.as_deref(), Some("STILL_RUNNING: new_0"));
    s.ctl("stop dynamic:new_0").exits(0);
    assert_eq!(remove(&s, "dynamic", "new_0"), None);
    assert_eq!(
        s.info("dynamic:new_0").fault(),
        Some("BAD_NAME: dynamic:new_0")
    );
    assert_eq!(s.wait_state("dynamic:new_1", "RUNNING").state(), "RUNNING");
}

/// What was added is no part of the file: the next update drops it.
#[test]
fn an_update_drops_what_was_added() {
    let s = Story::new().section(TWIDDLER).program("cat", CAT).start();
    let cat = s.wait_state("cat", "RUNNING").pid();
    let new = [("command", "/bin/cat"), ("startsecs", "0")];
    assert_eq!(add(&s, "cat", "new", &new), None);
    let added = s.wait_state("cat:new", "RUNNING").pid();
    s.ctl("update")
        .says("cat: stopped\ncat: updated process group\n")
        .exits(0);
    assert!(!is_alive(added));
    assert_eq!(s.info("cat").pid(), cat);
}

#[test]
fn what_makes_no_program_is_refused() {
    let s = Story::new().section(TWIDDLER).program("cat", CAT).start();
    let cat = [("command", "/bin/cat")];
    assert_eq!(
        add(&s, "zz", "x", &cat).as_deref(),
        Some("BAD_NAME: group: zz")
    );
    assert_eq!(
        add(&s, "cat", "cat", &cat).as_deref(),
        Some("BAD_NAME: cat")
    );
    for (given, why) in [
        (
            &[][..],
            "program section program:x does not specify a command (option: 'command')",
        ),
        (
            &[("command", "x"), ("startsecs", "soon")],
            "not a valid integer: 'soon' (option: 'startsecs')",
        ),
    ] {
        let fault = add(&s, "cat", "x", given);
        assert_eq!(
            fault.as_deref(),
            Some(&*format!("INCORRECT_PARAMETERS: {why}"))
        );
    }
    let odd = s.rpc("twiddler.addProgramToGroup", &["cat", "x", "text"]);
    assert_eq!(odd.unwrap().fault(), Some("INCORRECT_PARAMETERS"));
    assert_eq!(remove(&s, "cat", "zz").as_deref(), Some("BAD_NAME: zz"));
}

/// Lines of clients go to supervisord's log; methods outside the whitelist are refused; without
/// the section there are none.
#[test]
fn the_file_decides_what_clients_may_call() {
    let s = Story::new()
        .section(&format!(
            "{TWIDDLER}\nwhitelist = log, getAPIVersion\nodd=1"
        ))
        .program("cat", CAT)
        .start();
    let said = s.rpc("twiddler.log", &["hello there", "warn"]).unwrap();
    assert_eq!(said.fault(), None);
    s.wait_log("WARN hello there");
    let odd = s.rpc("twiddler.log", &["x", "LOUD"]).unwrap();
    assert_eq!(odd.fault(), Some("INCORRECT_PARAMETERS"));
    assert_eq!(
        remove(&s, "cat", "cat").as_deref(),
        Some("NOT_IN_WHITELIST: removeProcessFromGroup")
    );
    s.wait_log("For [rpcinterface:twiddler], there is no option odd, it has been ignored");

    s.rewrite(|config| {
        config.replace(&config.text().replace("[rpcinterface:twiddler]", "[other]"));
    });
    s.ctl("update")
        .complains(&["[rpcinterface:twiddler]: disappeared"])
        .exits(0);
    assert_eq!(s.rpc("twiddler.log", &["still"]).unwrap().fault(), None);

    let without = Story::new().program("cat", CAT).start();
    let unknown = without.rpc("twiddler.log", &["x"]).unwrap();
    assert_eq!(unknown.fault(), Some("UNKNOWN_METHOD"));
}

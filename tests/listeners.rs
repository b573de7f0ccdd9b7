//! Event listeners, from the event to the answer.

#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

mod harness;

use harness::{Daemon, LISTENER, Story, kill, numbers, wait_for};
use std::fs;
use std::thread;

/// A story with a pool `lis` whose listener writes what it hears to `heard`; `options` are the
/// section's, `modes` say how it answers.
fn story(modes: &str, options: &str) -> Story {
    Story::new().file("listener.py", LISTENER).section(&format!(
        "[eventlistener:lis]
             command=python3 %(here)s/listener.py heard {modes}
             startsecs=0
             {options}"
    ))
}

const REMOTE: &str = "events=REMOTE_COMMUNICATION\n";

/// Waits until so many events were heard, and gives all payloads.
fn payloads(s: &Daemon, count: usize) -> Vec<String> {
    wait_for(&format!("{count} events"), || {
        let heard = s.heard_payloads("heard");
        (heard.len() >= count).then_some(heard)
    })
}

fn open_gate(s: &Daemon) {
    fs::write(s.path("go"), "").unwrap();
}

/// Waits until the pool's listener says that it is ready.
fn wait_ready(s: &Daemon) {
    wait_for("a ready listener", || {
        (s.pool().state() == "READY").then_some(())
    });
}

#[test]
fn a_listener_hears_of_a_life() {
    let s = story("ok", "events=PROCESS_STATE,PROCESS_GROUP,EVENT")
        .program("cat", "command=/bin/cat\nstartsecs=0\nautostart=false")
        .start();
    s.ctl("start cat").says("cat: started\n");
    let pid = s.info("cat").pid();
    s.ctl("stop cat").says("cat: stopped\n");
    let stopped = format!("processname:cat groupname:cat from_state:STOPPING pid:{pid}");
    let heard = wait_for("the end", || {
        let heard = s.heard("heard");
        heard
            .iter()
            .any(|event| event.payload == stopped)
            .then_some(heard)
    });
    let about_cat = heard
        .iter()
        .filter(|event| event.payload.contains("name:cat"));
    let names: Vec<_> = about_cat.map(|event| event.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "PROCESS_GROUP_ADDED",
            "PROCESS_STATE_STARTING",
            "PROCESS_STATE_RUNNING",
            "PROCESS_STATE_STOPPING",
            "PROCESS_STATE_STOPPED"
        ]
    );
    for (number, event) in (0..).zip(&heard) {
        assert_eq!((event.serial, event.pool_serial), (number, number));
    }
}

/// Rejects each event once, and looks whether the log has that when it is told again.
const READER: &str = r#"
import sys

said = open("said", "w")
for number in range(100):
    for told in ("first", "again"):
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        tokens = dict(token.split(":", 1) for token in sys.stdin.readline().split())
        sys.stdin.read(int(tokens["len"]))
        rejected = open("supervisord.log").read().count("lis: event was rejected")
        if told == "again" and rejected != number + 1:
            said.write("event %d: %d rejections in the log\n" % (number, rejected))
        sys.stdout.write("RESULT 4\nFAIL" if told == "first" else "RESULT 2\nOK")
        sys.stdout.flush()
said.write("done\n")
said.close()
sys.stdin.read()
"#;

#[test]
fn whoever_is_told_an_event_again_finds_in_the_log_why() {
    let s = Story::new()
        .file("reader.py", READER)
        .section(&format!(
            "[eventlistener:lis]\ncommand=python3 %(here)s/reader.py\nbuffer_size=100\n{REMOTE}"
        ))
        .start();
    s.emit(0..100);
    wait_for("all to be told", || {
        s.read("said").ends_with("done\n").then_some(())
    });
    assert_eq!(s.read("said"), "done\n");
}

/// What happens before the first listener is ready does not count towards `buffer_size`.
#[test]
fn nothing_is_lost_while_the_listeners_boot() {
    let s = story("ok", &format!("{REMOTE}buffer_size=1\nautostart=false")).start();
    s.emit(0..50);
    assert_eq!(s.pool().get("buffered"), "50");
    s.ctl("start lis").says("lis: started\n");
    assert_eq!(payloads(&s, 50), numbers(0..50));
    assert_eq!(s.pool().get("discarded"), "0");
}

#[test]
fn what_overflows_is_counted_and_said_seldom() {
    let s = story("gated", &format!("{REMOTE}buffer_size=2")).start();
    s.emit([0]);
    payloads(&s, 1);
    s.emit(1..101);
    let told = s.pool();
    let counts = ["buffer_size", "buffered", "accepted", "discarded"];
    assert_eq!(counts.map(|key| told.get(key)), ["2", "2", "101", "98"]);
    let said = s.log_lines(&["ERRO pool lis event buffer overflowed, discarding event"]);
    assert_eq!(
        said.len(),
        10,
        "the rest is told in one line a minute later"
    );
    open_gate(&s);
    assert_eq!(payloads(&s, 3), numbers([0, 99, 100]));
    let mut s = s;
    s.stop();
    s.wait_log("pool lis event buffer overflowed, 88 more events discarded");
}

/// The offending bytes are in the log and shown to clients; the event waits for the next child.
#[test]
fn a_listener_that_breaks_the_protocol_is_restarted_where_asked_for() {
    let options = format!("{REMOTE}restart_on_protocol_error=true");
    let s = story("nonsense", &options).start();
    s.emit([7]);
    s.wait_log("WARN lis: bad result line: 'NONSENSE \\xff'");
    s.wait_log("WARN lis: has entered the UNKNOWN state and will no longer receive events");
    let told = s.pool();
    let keys = ["statename", "offence", "buffered"];
    assert_eq!(
        keys.map(|key| told.get(key)),
        ["UNKNOWN", "NONSENSE \\xff", "1"]
    );
    let first = s.info("lis").pid();
    s.wait_log("INFO lis: restarting, since it violated the eventlistener protocol");
    wait_for("another child", || {
        (s.info("lis").pid() > first).then_some(())
    });
    assert_eq!(payloads(&s, 2)[..2], numbers([7, 7]));
}

/// A pool `lis` of a listener that logs to its stdout, which ends only when there is a file `go`.
fn banner(options: &str) -> Daemon {
    Story::new()
        .script(
            "banner",
            "trap 'until [ -e go ]; do sleep 0.01; done; exit' TERM
             echo I log to stdout
             while :; do sleep 0.1; done",
        )
        .section(&format!(
            "[eventlistener:lis]
             command=%(here)s/banner
             events=EVENT
             restart_on_protocol_error=true
             {options}"
        ))
        .start()
}

#[test]
fn such_restarts_count_as_any_others() {
    let s = banner("startsecs=0\nrestart_limit=1");
    open_gate(&s);
    let fatal = s.wait_state("lis", "FATAL");
    let why = "more than 1 restarts within a minute (restart_limit)";
    assert_eq!(fatal.get("spawnerr"), why);
    assert_eq!(s.log_lines(&["spawned: 'lis'"]).len(), 2);
}

#[test]
fn a_listener_that_breaks_the_protocol_before_it_has_started_has_failed_to() {
    let s = banner("startsecs=60\nstartretries=1");
    open_gate(&s);
    let fatal = s.wait_state("lis", "FATAL");
    assert_eq!(fatal.get("spawnerr"), "Violated the eventlistener protocol");
    assert_eq!(s.log_lines(&["spawned: 'lis'"]).len(), 2);
}

#[test]
fn a_stop_during_such_a_restart_is_a_stop() {
    for stop in ["stop lis", "stop all"] {
        let s = banner("startsecs=0");
        s.wait_state("lis", "STOPPING");
        thread::scope(|threads| {
            let stopped = threads.spawn(|| s.ctl(stop));
            s.wait_log("INFO waiting for lis to stop");
            open_gate(&s);
            stopped.join().unwrap().says("lis: stopped\n");
        });
        assert_eq!(s.info("lis").state(), "STOPPED");
        assert_eq!(s.log_lines(&["spawned: 'lis'"]).len(), 1);
    }
}

#[test]
fn a_listener_that_closes_its_stdin_is_told_and_restarted_where_asked_for() {
    let options = format!("{REMOTE}restart_on_protocol_error=true");
    let s = story("deaf", &options).start();
    s.emit([1]);
    payloads(&s, 1);
    let first = s.info("lis").pid();
    wait_ready(&s);
    s.emit([2]);
    s.wait_log("WARN lis: has closed its stdin and will no longer receive events");
    assert_eq!(s.pool().get("offence"), "its stdin is closed");
    wait_for("another child", || {
        (s.info("lis").pid() > first).then_some(())
    });
    assert_eq!(payloads(&s, 2), numbers([1, 2]));
}

#[test]
fn a_listener_that_closes_its_stdout_is_told_and_restarted_where_asked_for() {
    let options = format!("{REMOTE}restart_on_protocol_error=true");
    let s = story("mute", &options).start();
    let first = s.info("lis").pid();
    s.emit([1]);
    s.wait_log("WARN lis: has closed its stdout and can no longer answer");
    let told = s.pool();
    let keys = ["statename", "offence", "buffered"];
    assert_eq!(
        keys.map(|key| told.get(key)),
        ["UNKNOWN", "its stdout is closed", "1"]
    );
    wait_for("another child", || {
        (s.info("lis").pid() > first).then_some(())
    });
    assert_eq!(payloads(&s, 2)[..2], numbers([1, 1]));
}

#[test]
fn otherwise_it_stays_as_it_is_and_another_gets_its_event() {
    let s = Story::new()
        .file("listener.py", LISTENER)
        .script("lis_0", "exec python3 $DIR/listener.py heard nonsense")
        .script("lis_1", "exec python3 $DIR/listener.py heard ok")
        .section(
            "[eventlistener:lis]
             command=%(here)s/lis_%(process_num)d
             process_name=lis_%(process_num)d
             numprocs=2
             autostart=false
             startsecs=0
             events=REMOTE_COMMUNICATION",
        )
        .start();
    s.ctl("start lis:lis_0").says("lis:lis_0: started\n");
    s.emit([1]);
    s.wait_log("WARN lis_0: has entered the UNKNOWN state");
    let pid = s.info("lis:lis_0").pid();
    s.ctl("start lis:lis_1").says("lis:lis_1: started\n");
    assert_eq!(payloads(&s, 2), numbers([1, 1]));
    assert_eq!(s.info("lis:lis_0").pid(), pid);
}

/// Whoever dies with an event in hand gives it back: killed again and again, a pool misses none,
/// and tells them in order.
#[test]
fn listeners_that_die_lose_nothing() {
    let options = format!("{REMOTE}buffer_size=2000\nautorestart=true");
    let s = story("ok", &options).start();
    for round in 0..15 {
        let before = s.heard("heard").len();
        thread::scope(|threads| {
            threads.spawn(|| s.emit(100 * round..100 * (round + 1)));
            wait_for("progress", || {
                (s.heard("heard").len() > before).then_some(())
            });
            kill(s.info("lis").pid(), "KILL");
        });
    }
    let mut heard = wait_for("the last", || {
        let heard = s.heard_payloads("heard");
        (heard.last() == numbers([1499]).last()).then_some(heard)
    });
    heard.dedup();
    assert_eq!(heard, numbers(0..1500));
    assert_eq!(s.pool().get("discarded"), "0");
}

/// Writes two million bytes, at most as fast as they are read, and says so at the end.
const CHATTY: &str = "command=sh -c 'yes | head -c 2000000; touch $DIR/done; exec sleep 600'
                      startsecs=0
                      autostart=false
                      stdout_logfile=NONE
                      stdout_events_enabled=true";

/// A story in which the chatty program has begun to write to a listener that was ready.
fn chatty(modes: &str, options: &str) -> Daemon {
    let s = story(modes, &format!("events=PROCESS_LOG\n{options}"))
        .program("chatty", CHATTY)
        .start();
    wait_ready(&s);
    s.ctl("start chatty").says("chatty: started\n");
    s
}

/// The data of all output that was heard.
fn output(s: &Daemon) -> String {
    let payloads = s.heard_payloads("heard").into_iter();
    let data = payloads.map(|payload| payload.split_once('\n').unwrap().1.to_owned());
    data.collect()
}

#[test]
fn a_chatty_program_blocks_in_its_own_write() {
    let s = chatty("slow", "");
    payloads(&s, 8);
    assert!(!s.path("done").exists(), "it can't have written everything");
    open_gate(&s);
    s.wait_exists("done");
    wait_for("all output", || {
        (output(&s).len() == 2_000_000).then_some(())
    });
    assert_eq!(output(&s), "y\n".repeat(1_000_000));
    assert_eq!(s.pool().get("discarded"), "0");
}

/// Whoever is restarted within two seconds costs nothing, whatever is written meanwhile.
#[test]
fn a_slip_of_the_protocol_loses_no_output() {
    let s = Story::new()
        .file("listener.py", LISTENER)
        .script(
            "lis",
            "mkdir $DIR/slipped && exec python3 $DIR/listener.py heard nonsense
             exec python3 $DIR/listener.py heard ok",
        )
        .section(
            "[eventlistener:lis]
             command=%(here)s/lis
             startsecs=0
             restart_on_protocol_error=true
             buffer_size=1
             events=PROCESS_LOG",
        )
        .program("chatty", CHATTY)
        .start();
    wait_ready(&s);
    s.ctl("start chatty").says("chatty: started\n");
    s.wait_exists("done");
    wait_for("all output", || {
        (s.pool().get("buffered") == "0" && s.pool().state() == "READY").then_some(())
    });
    assert_eq!(s.pool().get("discarded"), "0");
    let mut heard = s.heard("heard").into_iter();
    let first = heard.next().unwrap();
    assert_eq!(first.pool_serial, heard.next().unwrap().pool_serial);
    let slipped = first.payload.split_once('\n').unwrap().1.len();
    assert_eq!(output(&s).len(), 2_000_000 + slipped);
}

/// A listener that hangs makes no program hang: after two seconds output is lost, and counted.
#[test]
fn a_listener_that_hangs_blocks_nobody() {
    let s = chatty("hang", "");
    s.wait_exists("done");
    s.wait_log("WARN pool lis has taken no event for 2 seconds, output no longer waits for it");
    s.wait_log("ERRO pool lis event buffer overflowed");
    let told = s.pool();
    let count = |key| told.get(key).parse::<u64>().unwrap();
    assert_eq!(
        count("accepted"),
        count("discarded") + count("buffered") + 1
    );
    assert_eq!(count("buffered"), 10);
}

/// A listener that takes its time over an event is waited for, where that is wanted.
#[test]
fn who_is_held_back_is_told() {
    let s = chatty("gated", "outputwaitsecs=600");
    s.wait_log("WARN pool lis takes events slowly, the output of 'chatty' is held back");
    assert_eq!(s.pool().get("held_back"), "chatty");
    open_gate(&s);
    wait_for("all output", || {
        (output(&s).len() == 2_000_000).then_some(())
    });
    let told = s.pool();
    let keys = ["held_back", "discarded"];
    assert_eq!(keys.map(|key| told.get(key)), ["", "0"]);
}

#[test]
fn without_patience_no_output_waits() {
    let s = chatty("hang", "outputwaitsecs=0");
    s.wait_exists("done");
    s.wait_log("ERRO pool lis event buffer overflowed");
    assert!(s.log_lines(&["is held back"]).is_empty());
}

/// Messages and output that a program writes in its last moment are heard, more than the buffer
/// holds, and before its end.
#[test]
fn nothing_is_lost_when_a_program_ends() {
    let s = story(
        "ok",
        "events=PROCESS_COMMUNICATION,PROCESS_LOG,PROCESS_STATE_EXITED",
    )
    .file(
        "last_words.py",
        "import sys
for number in range(200):
    sys.stdout.write('<!--XSUPERVISOR:BEGIN-->%d<!--XSUPERVISOR:END-->' % number)
sys.stdout.write('bye')
",
    )
    .program(
        "brief",
        "command=python3 %(here)s/last_words.py
             startsecs=0
             autorestart=false
             stdout_capture_maxbytes=1KB
             stdout_logfile=%(here)s/brief.log",
    )
    .start();
    let heard = wait_for("the exit", || {
        let heard = s.heard("heard");
        (heard.last()?.name == "PROCESS_STATE_EXITED").then_some(heard)
    });
    let messages = heard
        .iter()
        .filter(|event| event.name == "PROCESS_COMMUNICATION_STDOUT");
    let messages: Vec<_> = messages
        .map(|event| event.payload.split_once('\n').unwrap().1.to_owned())
        .collect();
    assert_eq!(
        messages,
        (0..200)
            .map(|number: u32| number.to_string())
            .collect::<Vec<_>>()
    );
    assert_eq!(heard.len(), 201);
    s.wait_file("brief.log", "bye");
    assert_eq!(s.pool().get("discarded"), "0");
}

/// A child's messages bear its pid, though listeners are so slow that the next child runs when
/// they hear of them.
#[test]
fn messages_bear_the_pid_of_their_author() {
    let s = story("slow", "events=PROCESS_COMMUNICATION")
        .file(
            "pids.py",
            "import os, time
message = '<!--XSUPERVISOR:BEGIN-->%d<!--XSUPERVISOR:END-->' % os.getpid()
for read in range(2):
    os.write(1, (message * 80).encode())
    time.sleep(0.2)
",
        )
        .program(
            "pids",
            "command=python3 %(here)s/pids.py
             startsecs=0
             autostart=false
             autorestart=true
             stdout_logfile=NONE
             stdout_capture_maxbytes=1KB",
        )
        .start();
    wait_ready(&s);
    s.ctl("start pids").says("pids: started\n");
    let first = payloads(&s, 1)[0].split_once('\n').unwrap().1.to_owned();
    wait_for("another child", || {
        (s.info("pids").pid().to_string() != first).then_some(())
    });
    open_gate(&s);
    for payload in payloads(&s, 161) {
        let (header, author) = payload.split_once('\n').unwrap();
        assert!(header.ends_with(&format!("pid:{author}")), "{payload}");
    }
}

/// The tokens may be cut anywhere.
#[test]
fn messages_are_found_in_any_cuts() {
    let text = "ab<!--XSUPERVISOR:BEGIN-->one<!--XSUPERVISOR:END--><!<!--XSUPERVISOR:BEGIN--><!--XSUPERVISOR:END-->c<!--XS";
    let s = story("ok", "events=PROCESS_COMMUNICATION")
        .file(
            "drip.py",
            &format!(
                "import os, time
for byte in b'{text}':
    os.write(1, bytes([byte]))
    time.sleep(0.001)
"
            ),
        )
        .program(
            "drip",
            "command=python3 %(here)s/drip.py
             startsecs=0
             autorestart=false
             stdout_capture_maxbytes=1KB
             stdout_logfile=%(here)s/drip.log",
        )
        .start();
    s.wait_state("drip", "EXITED");
    let heard = payloads(&s, 2);
    let data: Vec<_> = heard
        .iter()
        .map(|payload| payload.split_once('\n').unwrap().1)
        .collect();
    assert_eq!(data, ["one", ""]);
    s.wait_file("drip.log", "ab<!c<!--XS");
}

/// Last words are kept when a child ends, though a grandchild holds the pipe; the grandchild's
/// message is its own.
#[test]
fn an_unfinished_message_is_logged_when_its_author_ends() {
    let s = story("ok", "events=PROCESS_COMMUNICATION")
        .file(
            "words.py",
            "import os, time
if os.fork() == 0:
    end = time.time() + 60
    while not os.path.exists('go') and time.time() < end:
        time.sleep(0.01)
    os.write(1, b'<!--XSUPERVISOR:BEGIN-->late<!--XSUPERVISOR:END-->')
    os._exit(0)
os.write(1, b'ok <!--XSUPERVISOR:BEGIN-->last words')
",
        )
        .program(
            "words",
            "command=python3 %(here)s/words.py
             startsecs=0
             autorestart=false
             stdout_capture_maxbytes=1KB
             stdout_logfile=%(here)s/words.log",
        )
        .start();
    s.wait_state("words", "EXITED");
    let last_words = "ok <!--XSUPERVISOR:BEGIN-->last words";
    assert_eq!(s.read("words.log"), last_words);
    open_gate(&s);
    assert!(payloads(&s, 1)[0].ends_with("\nlate"));
    assert_eq!(s.read("words.log"), last_words);
}

/// The payloads' data of each kind of event, of a program that runs this Python and captures 1 KB.
fn logged_and_captured(supervisord: &str, script: &str) -> (Daemon, [String; 2]) {
    let s = story(
        "ok",
        "events=PROCESS_COMMUNICATION,PROCESS_LOG,PROCESS_STATE_EXITED",
    )
    .supervisord(supervisord)
    .file("says.py", script)
    .program(
        "says",
        "command=python3 %(here)s/says.py
             startsecs=0
             autorestart=false
             stdout_capture_maxbytes=1KB
             stdout_events_enabled=true",
    )
    .start();
    let heard = wait_for("the exit", || {
        let heard = s.heard("heard");
        (heard.last()?.name == "PROCESS_STATE_EXITED").then_some(heard)
    });
    let data = ["PROCESS_LOG_STDOUT", "PROCESS_COMMUNICATION_STDOUT"].map(|name| {
        let events = heard.iter().filter(|event| event.name == name);
        events
            .map(|event| event.payload.split_once('\n').unwrap().1)
            .collect()
    });
    (s, data)
}

#[test]
fn messages_are_stripped_as_output_is() {
    let script = r"import os
os.write(1, b'\033[1ma\033[0m<!--XSUPERVISOR:BEGIN-->\033[31mred\033[0m<!--XSUPERVISOR:END-->')
";
    let (_s, data) = logged_and_captured("strip_ansi=true", script);
    assert_eq!(data, ["ared", "red"]);
}

/// Listeners to output hear all of it; that bytes are lost is said once for each child.
#[test]
fn of_a_message_that_is_too_long_the_end_is_kept() {
    let script = "import os
message = b'<!--XSUPERVISOR:BEGIN-->' + b'x' * 1500 + b'y<!--XSUPERVISOR:END-->'
os.write(1, message * 2)
";
    let (s, data) = logged_and_captured("", script);
    let [all, kept] = [1500, 1023].map(|count| format!("{}y", "x".repeat(count)).repeat(2));
    assert_eq!(data, [all, kept]);
    let said = "WARN 'says' stdout sent a message that is longer than stdout_capture_maxbytes: \
                its first 477 bytes are lost";
    s.wait_log(said);
    assert_eq!(s.log_lines(&["longer than"]).len(), 1);
}

#[test]
fn listeners_hear_of_the_shutdown_before_they_are_stopped() {
    let events = "events=SUPERVISOR_STATE_CHANGE_STOPPING,PROCESS_STATE_STOPPED";
    let mut s = story("ok", events)
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    wait_ready(&s);
    let pid = s.info("cat").pid();
    assert_eq!(s.stop(), 0);
    let stopped = format!("processname:cat groupname:cat from_state:STOPPING pid:{pid}");
    assert_eq!(s.heard_payloads("heard"), [String::new(), stopped]);
}

#[test]
fn what_is_left_when_a_pool_ends_is_said() {
    let s = story("ok", &format!("{REMOTE}autostart=false")).start();
    s.emit(0..3);
    s.rpc("supervisor.removeProcessGroup", &["lis"]).unwrap();
    s.wait_log("INFO pool lis ends with 3 events undelivered");
    s.emit([3]);
    assert!(
        s.rpc("events.getAllPoolInfo", &[])
            .unwrap()
            .get("name")
            .is_empty()
    );
}

/// What slow listeners leave at the shutdown is said, all of it, and no loss after it.
#[test]
fn what_is_left_at_the_shutdown_is_said() {
    let mut s = story("slow", "events=PROCESS_COMMUNICATION")
        .program(
            "many",
            "command=sh -c 'yes \"<!--XSUPERVISOR:BEGIN-->x<!--XSUPERVISOR:END-->\" | head -n 500; exec sleep 600'
             startsecs=0
             autostart=false
             stdout_logfile=NONE
             stdout_capture_maxbytes=1KB",
        )
        .start();
    wait_ready(&s);
    s.ctl("start many").says("many: started\n");
    payloads(&s, 1);
    s.stop();
    assert!(s.log_lines(&["overflowed"]).is_empty());
    let count =
        |line: &String| -> Option<usize> { line.split(' ').find_map(|word| word.parse().ok()) };
    let said = s.log_lines(&["pool lis end", " undelivered"]);
    let undelivered: usize = said.iter().filter_map(count).sum();
    let heard = s.heard("heard").len();
    // The last one that was heard may be unanswered.
    assert!(
        undelivered > 0 && (500..=501).contains(&(heard + undelivered)),
        "{heard} heard, {said:?}"
    );
}

/// After a reload the numbers of events go on, those of each pool begin anew.
#[test]
fn a_reload_goes_on_counting() {
    let s = story("ok", "events=SUPERVISOR_STATE_CHANGE_RUNNING").start();
    payloads(&s, 1);
    s.signal("HUP");
    payloads(&s, 2);
    let serials: Vec<_> = s
        .heard("heard")
        .iter()
        .map(|event| (event.serial, event.pool_serial))
        .collect();
    assert_eq!(serials, [(0, 0), (1, 0)]);
}

/// Each of a hundred thousand messages reaches exactly one listener of the pool, once.
fn assert_all_are_heard_once(listeners: u32) {
    const COUNT: u64 = 100_000;
    let pool = format!(
        "events=PROCESS_COMMUNICATION\nnumprocs={listeners}\nprocess_name=l%(process_num)d"
    );
    let s = story("ok", &pool)
        .program(
            "many",
            &format!(
                "command=sh -c 'yes \"<!--XSUPERVISOR:BEGIN-->x<!--XSUPERVISOR:END-->\" | head -n {COUNT}; exec sleep 600'
                 startsecs=0
                 stdout_logfile=NONE
                 stdout_capture_maxbytes=1KB"
            ),
        )
        .start();
    // In steps, for it takes its time.
    for count in (1..=10).map(|step| step * COUNT / 10) {
        wait_for(&format!("{count} to be answered"), || {
            let processed: u64 = s.pool().get("processed").parse().unwrap();
            (processed >= count).then_some(())
        });
    }
    let mut serials: Vec<_> = s
        .heard("heard")
        .iter()
        .map(|event| event.pool_serial)
        .collect();
    if listeners == 1 {
        assert!(serials.is_sorted());
    }
    serials.sort_unstable();
    assert!(serials.into_iter().eq(0..COUNT));
}

#[test]
fn one_listener_hears_everything_in_order() {
    assert_all_are_heard_once(1);
}

#[test]
fn eight_listeners_share_everything() {
    assert_all_are_heard_once(8);
}

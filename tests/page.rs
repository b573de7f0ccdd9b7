//! The page in a real browser.
//!
//! `scripts/test` installs Chromium and runs these tests; a bare `cargo test` says that it leaves
//! them out.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Browser, Daemon, Reply, Story, free_port, wait_for};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// A story with a server on a port, which browsers can reach, and the page's address.
fn story() -> (Story, String) {
    let port = free_port();
    let section = format!("[inet_http_server]\nport=127.0.0.1:{port}");
    let url = format!("http://127.0.0.1:{port}/");
    (Story::new().section(&section), url)
}

/// A cat, a group of two, and one that can't be started.
fn cats(story: Story) -> Daemon {
    let s = story
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .program(
            "pair",
            "command=/bin/cat
             process_name=pair_%(process_num)d
             numprocs=2
             startsecs=0
             environment=COLOUR=\"grey\",DB_PASSWORD=\"mouse\"",
        )
        .program("absent", "command=/no/such/file\nautostart=false")
        .start();
    s.wait_state("cat", "RUNNING");
    s.wait_state("pair:pair_1", "RUNNING");
    s
}

/// The page of a daemon, live.
fn open(url: &str) -> Browser {
    let browser = Browser::start();
    browser.open(url);
    browser.wait("document.documentElement.classList.contains('is-live')");
    browser
}

/// The selector of a process's row, or of a group's (`pair:*`).
fn row(name: &str) -> String {
    format!("[data-key=\"{name}\"]")
}

fn button(name: &str, verb: &str) -> String {
    format!("{} [data-verb=\"{verb}\"]", row(name))
}

/// The button of a row's menu.
fn more(name: &str) -> String {
    format!("{} .more", row(name))
}

/// Chooses from the menu of a button.
fn choose(browser: &Browser, button: &str, label: &str) {
    browser.click(button);
    let label = json!(label);
    browser.wait(&format!(
        "[...document.querySelectorAll('#menu button')].some((item) => item.textContent === {label})"
    ));
    browser.run(&format!(
        "[...document.querySelectorAll('#menu button')].find((item) => item.textContent === {label}).click()"
    ));
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn states_change_live_and_a_lost_connection_is_told() {
    let (story, url) = story();
    let mut s = cats(story);
    let browser = open(&url);
    browser.run("window.isTheSame = true");
    browser.says(&row("cat"), "RUNNING");
    browser.says(&row("cat"), &s.info("cat").pid().to_string());
    s.ctl("stop cat").says("cat: stopped\n");
    browser.says(&row("cat"), "STOPPED");
    browser.says("#states", "2 STOPPED");
    s.ctl("start cat").says("cat: started\n");
    browser.says(&row("cat"), "RUNNING");

    s.rewrite(|config| config.program("new", "command=/bin/cat\nstartsecs=0"));
    s.ctl("update").mentions(&["new: added process group\n"]);
    browser.says(&row("new"), "RUNNING");
    s.ctl("remove cat").exits(1);
    s.ctl("stop cat").exits(0);
    s.ctl("remove cat").exits(0);
    browser.wait(r#"!document.querySelector('[data-key="cat"]')"#);

    s.signal("STOP");
    browser.says("#connection", "The connection is lost");
    s.signal("CONT");
    browser.wait("document.querySelector('#connection').innerText.trim() === ''");

    s.stop();
    browser.says("#connection", "The connection is lost");
    browser.says("#countdown", "Trying again in");
    browser.click(&button("absent", "start"));
    browser.says("#outcome", "There is no connection");
    s.start_again();
    browser.click("#try-now");
    browser.wait("document.querySelector('#connection').innerText.trim() === ''");
    browser.says(
        &row("pair:pair_0"),
        &s.info("pair:pair_0").pid().to_string(),
    );
    browser.wait("window.isTheSame");
}

/// The log has nothing to wait for once the page has its connection again.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn a_log_goes_on_when_supervisord_is_back() {
    let (story, url) = story();
    let mut s = cats(story);
    let browser = open(&format!("{url}#/process/cat/stdout"));
    s.stop();
    browser.says("#countdown", "Trying again in");
    browser.says(".told", "There is no connection. Trying again…");
    s.start_again();
    browser.run("document.querySelector('#try-now').focus()");
    browser.press("Enter");
    browser.wait("document.querySelector('.told').textContent === ''");
    browser.wait("document.activeElement !== document.body");
    s.wait_state("cat", "RUNNING");
    let sent = s.rpc("supervisor.sendProcessStdin", &["cat", "back again\n"]);
    assert!(sent.is_ok(), "{sent:?}");
    browser.says(".log", "back again");
}

/// Browsers open six connections to a server. Any number of tabs is live all the same, with a log
/// each, and their buttons work.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn eight_tabs_are_as_good_as_one() {
    let (story, url) = story();
    let s = cats(story);
    let browser = Browser::start();
    let tabs = [(); 8].map(|()| {
        let tab = browser.new_tab();
        browser.open(&format!("{url}#/process/cat/stdout"));
        browser.wait("document.documentElement.classList.contains('is-live')");
        browser.wait("document.querySelector('.log') !== null");
        tab
    });
    s.ctl("stop pair:pair_0").exits(0);
    for tab in &tabs {
        browser.go_to(tab);
        browser.says(&row("pair:pair_0"), "STOPPED");
    }
    for tab in [&tabs[0], &tabs[7]] {
        browser.go_to(tab);
        let text = format!("seen in {}\n", tab.name());
        let sent = s.rpc("supervisor.sendProcessStdin", &["cat", &text]);
        assert!(sent.is_ok(), "{sent:?}");
        browser.run("dispatchEvent(new Event('focus'))");
        browser.says(".log", text.trim_end());
        browser.press("Escape");
        browser.click(&button("cat", "restart"));
        browser.says(&row("cat"), "✓ restarted");
    }
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn what_processes_take_and_their_past_is_shown() {
    let (story, url) = story();
    let s = story
        .program(
            "busy",
            "command=/bin/sh -c 'while :; do :; done'\nstartsecs=0",
        )
        .program(
            "brief",
            "command=/bin/sh -c 'exit 3'\nstartsecs=0\nautorestart=false",
        )
        .start();
    s.wait_state("brief", "EXITED");
    let browser = open(&url);
    let cell = |name: &str, cell: &str| format!("{} .{cell}", row(name));
    browser.resize(1900, 900);
    browser.says(&cell("brief", "exit"), "3");
    browser.says(&cell("brief", "state"), "◇");
    browser.says(&cell("busy", "memory"), "B");
    wait_for("a busy process to be seen busy", || {
        let cpu = browser.text(&cell("busy", "cpu"));
        cpu.trim_end_matches(" %")
            .parse()
            .ok()
            .filter(|cpu: &f64| *cpu > 10.0)
    });
    let line = "document.querySelector('[data-key=\"brief\"] svg').getAttribute('aria-label')";
    // What was before the page came is known, and what was before supervisord came is not.
    browser.wait(&format!(
        "{line}.startsWith('EXITED now; 3 changes in the last hour; nothing is known')"
    ));
    browser.wait("document.querySelector('[data-key=\"brief\"] line.unknown-past') !== null");
    browser.wait("document.querySelectorAll('[data-key=\"brief\"] rect').length > 0");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn each_action_works_and_tells_its_result_in_place() {
    let (story, url) = story();
    let s = cats(story.program(
        "trap",
        "command=/bin/sh -c 'trap \"echo caught\" HUP; while :; do sleep 0.05; done'
         startsecs=0
         stdout_logfile=%(here)s/trap.log",
    ));
    let browser = open(&url);
    browser.resize(1900, 900);
    browser.click(&button("cat", "stop"));
    browser.says(&row("cat"), "✓ stopped");
    s.wait_state("cat", "STOPPED");
    browser.click(&button("cat", "start"));
    browser.says(&row("cat"), "✓ started");
    let pid = s.wait_state("cat", "RUNNING").pid();
    browser.click(&button("cat", "restart"));
    browser.says(&row("cat"), "✓ restarted");
    assert_ne!(s.wait_state("cat", "RUNNING").pid(), pid);
    browser.click(&button("absent", "start"));
    browser.says(&row("absent"), "✖ no such file");

    choose(&browser, &more("trap"), "Signal…");
    browser.wait("document.querySelector('#signal').open");
    browser.press("Enter");
    browser.says(&row("trap"), "✓ signalled");
    s.wait_file("trap.log", "caught\n");
    choose(&browser, &more("trap"), "Clear logs");
    browser.says(&row("trap"), "✓ logs cleared");
    s.wait_file("trap.log", "");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn groups_selections_and_all_are_acted_on_at_once() {
    let (story, url) = story();
    let s = cats(story);
    let browser = open(&url);
    browser.resize(1900, 900);
    browser.click(&button("pair:*", "stop"));
    browser.says("#confirm", "Stop group pair?");
    browser.click("#confirm-yes");
    browser.says(&row("pair:*"), "✓ 2 stopped");
    browser.says(&row("pair:pair_0"), "✓ stopped");
    s.wait_state("pair:pair_1", "STOPPED");

    for name in ["cat", "pair:pair_1"] {
        browser.click(&format!("{} input", row(name)));
    }
    browser.says("#target", "2 selected");
    browser.click("#bulk [data-verb=restart]");
    browser.click("#confirm-yes");
    browser.says("#outcome", "2 processes: 2 restarted");
    s.wait_state("pair:pair_1", "RUNNING");
    assert_eq!(s.info("pair:pair_0").state(), "STOPPED");

    browser.click("#unselect");
    browser.wait("document.querySelector('#bulk-bar').hidden");
    choose(&browser, "#all", "Stop");
    browser.says("#confirm", "Stop all 4 processes?");
    browser.press("Escape");
    browser.wait("!document.querySelector('#confirm').open");
    assert_eq!(s.info("cat").state(), "RUNNING");
    choose(&browser, "#all", "Stop");
    browser.click("#confirm-yes");
    browser.says("#outcome", "2 stopped");
    s.wait_state("cat", "STOPPED");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn logs_are_followed_paused_searched_and_coloured() {
    let (story, url) = story();
    let log = "stdout_logfile=%(here)s/cat.log";
    let s = story
        .program("cat", &format!("command=/bin/cat\nstartsecs=0\n{log}"))
        .start();
    s.wait_state("cat", "RUNNING");
    let say = |text: &str| {
        let _ = s
            .rpc("supervisor.sendProcessStdin", &["cat", text])
            .unwrap();
    };
    say("first\n");
    let browser = open(&format!("{url}#/process/cat/stdout"));
    browser.says(".log", "first");
    say("\u{1b}[31mred\u{1b}[0m &lt;b&gt;plain\nunfinished");
    browser.says(".log .ink-red", "red");
    browser.says(".log", "<b>plain");
    browser.says(".log .line:last-child", "unfinished");
    say("\u{202e}sdrawkcab\n");
    browser.says(".log", "⟨U+202E⟩sdrawkcab");
    say("unfinished");
    say(" no more\n");
    browser.says(".log .line:last-child", "unfinished no more");

    browser.click(".pause");
    say("later\n");
    browser.says(".pause", "1 new");
    assert!(!browser.text(".log").contains("later"));
    browser.click(".pause");
    browser.says(".log", "later");

    browser.click(".find");
    browser.types("LATER");
    browser.says(".hits", "1 line");
    browser.says(".line.hit", "later");
    browser.press("Enter");
    browser.says(".line.current", "later");
    say("even later\n");
    browser.says(".hits", "1 of 2 lines");
    browser.press("Escape");
    browser.wait(
        "document.querySelector('.find').value === '' && !document.querySelector('#panel').hidden",
    );

    let href = browser.eval("document.querySelector('.download').href");
    assert!(
        href.as_str()
            .unwrap()
            .ends_with("/logs/stdout?download=true"),
        "{href}"
    );
    browser.click(".log-view .clear");
    browser.says(".told", "Cleared.");
    s.wait_file("cat.log", "");
    assert_eq!(browser.text(".log"), "");
    say("anew\n");
    browser.says(".log", "anew");
    assert_eq!(browser.text(".log").trim(), "anew");
    browser.wait("document.querySelector('.told').textContent === ''");
    browser.click("#main-log");
    browser.says(".log", "spawned: 'cat' with pid");
}

/// Who is at the end stays there; who has scrolled up is left alone.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn a_log_is_followed_at_its_end_only() {
    let (story, url) = story();
    let s = cats(story);
    let say = |text: &str| {
        let _ = s
            .rpc("supervisor.sendProcessStdin", &["cat", text])
            .unwrap();
    };
    // They take several rows each, which is known only once they are seen.
    let long = format!("{}\n", "many long lines ".repeat(10));
    say(&long.repeat(300));
    let browser = open(&format!("{url}#/process/cat/stdout"));
    let log = "document.querySelector('.log')";
    let at_end = format!("{log}.scrollTop + {log}.clientHeight > {log}.scrollHeight - 4");
    browser.wait(&format!("{log}.childElementCount === 300 && {at_end}"));
    say("last\n");
    browser.wait(&format!("{log}.childElementCount === 301 && {at_end}"));
    browser.run(&format!("{log}.scrollTop = 0"));
    browser.wait("document.querySelector('.follow').getAttribute('aria-pressed') === 'false'");
    say("even later\n");
    browser.wait(&format!(
        "{log}.childElementCount === 302 && {log}.scrollTop === 0"
    ));
    browser.click(".follow");
    browser.wait(&at_end);
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn a_process_is_shown_with_its_configuration_and_last_exits() {
    let (story, url) = story();
    let s = cats(story.program(
        "crasher",
        "command=sh -c 'echo famous last words; exit 3'\nstartsecs=0\nautorestart=false",
    ));
    s.wait_state("crasher", "EXITED");
    let browser = open(&url);
    browser.click(&format!("{} .name a", row("crasher")));
    browser.says("#panel-title", "crasher");
    browser.says(".past summary", "exit status 3, unexpected");
    browser.click(".past summary");
    browser.says(".past pre", "famous last words");
    browser.says(".events", "EXITED");
    browser.click("#panel [data-verb=start]");
    browser.wait("document.querySelectorAll('.past').length === 2");
    browser.press("Escape");
    browser.wait("document.querySelector('#panel').hidden");

    browser.open(&format!("{url}#/process/pair%3Apair_0/config"));
    browser.says(".command", "/bin/cat");
    browser.says(".values", "TERM");
    let told = browser.text("#panel-body");
    assert!(
        told.contains("grey") && told.contains("DB_PASSWORD"),
        "{told}"
    );
    assert!(!told.contains("mouse"), "{told}");
}

/// What is opened and what has the focus stays, whatever happens to the process.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn a_process_that_changes_is_looked_at_in_peace() {
    let (story, url) = story();
    let log = "stdout_logfile=%(here)s/brief.log";
    let s = story
        .program(
            "brief",
            &format!("command=sh -c 'echo words; exit 3'\nstartsecs=0\nautorestart=false\n{log}"),
        )
        .start();
    s.wait_state("brief", "EXITED");
    let browser = open(&format!("{url}#/process/brief"));
    browser.click(".past summary");
    browser.says(".past pre", "words");
    browser.run("document.querySelector('#panel [data-verb=clear-logs]').focus()");
    s.ctl("start brief").exits(0);
    browser.wait("document.querySelectorAll('.past').length === 2");
    browser.says(".past[open] pre", "words");
    browser.wait("document.activeElement.dataset.verb === 'clear-logs'");

    s.ctl("stop brief").exits(0);
    s.ctl("remove brief").exits(0);
    browser.says("#panel-body", "There is no process brief any more.");
    assert_eq!(browser.count("#panel [data-verb]"), 0);
    s.ctl("add brief").exits(0);
    browser.says("#panel-body", "Last exits");
    browser.open(&format!("{url}#/process/nope"));
    browser.says("#panel-body", "There is no process nope.");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn rows_are_filtered_sorted_and_folded() {
    let (story, url) = story();
    let s = cats(story);
    let browser = open(&url);
    let shown = || {
        browser.eval("[...document.querySelectorAll('[data-key]')].map((row) => row.dataset.key)")
    };
    let shows = |keys: &[&str]| {
        wait_for(&format!("{keys:?}, not {}", shown()), || {
            (shown() == json!(keys)).then_some(())
        });
    };
    let pair = ["pair:*", "pair:pair_0", "pair:pair_1"];
    shows(&["absent", "cat", pair[0], pair[1], pair[2]]);
    browser.press("/");
    browser.types("pair run");
    shows(&pair);
    browser.press("Escape");
    shows(&["absent", "cat", pair[0], pair[1], pair[2]]);
    browser.click("[data-state=STOPPED]");
    shows(&["absent"]);
    browser.wait("document.querySelector('#fold').hidden");
    browser.click("[data-state=STOPPED]");
    browser.click(&format!("{} .fold", row("pair:*")));
    shows(&["absent", "cat", "pair:*"]);
    browser.open(&url);
    shows(&["absent", "cat", "pair:*"]);
    browser.click("#grouped");
    shows(&["absent", "cat", pair[1], pair[2]]);
    browser.click("[data-sort=name] button");
    shows(&[pair[2], pair[1], "cat", "absent"]);
    s.ctl("stop pair:pair_0").exits(0);
    browser.click("[data-sort=state] button");
    browser.says("[data-sort=state][aria-sort=ascending]", "State");
    shows(&["absent", pair[1], "cat", pair[2]]);
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn it_is_light_or_dark_as_the_browser_prefers_or_as_is_chosen() {
    let (story, url) = story();
    let _s = cats(story);
    let browser = open(&url);
    let is_dark = "getComputedStyle(document.body).backgroundColor === 'rgba(0, 0, 0, 0)' && \
                   getComputedStyle(document.documentElement).backgroundColor === 'rgb(20, 23, 27)'";
    let prefer = |scheme| {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        browser.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    };
    prefer("light");
    browser.wait(&format!("!({is_dark})"));
    prefer("dark");
    browser.wait(is_dark);
    browser.click("#theme");
    browser.wait(&format!("!({is_dark})"));
    browser.open(&url);
    browser.wait(&format!("!({is_dark})"));
    browser.click("#theme");
    browser.wait(is_dark);
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn everything_is_done_with_the_keyboard_alone() {
    let (story, url) = story();
    let s = cats(story);
    let browser = open(&url);
    let at = |key: &str| browser.wait(&format!("document.activeElement.dataset.key === '{key}'"));
    browser.press("j");
    browser.press("Home");
    at("absent");
    browser.press("Down");
    at("cat");
    browser.press("Shift+T");
    s.wait_state("cat", "STOPPED");
    browser.says(&row("cat"), "✓ stopped");
    at("cat");
    browser.press("Shift+S");
    s.wait_state("cat", "RUNNING");
    browser.press("Down");
    at("pair:*");
    browser.press("Enter");
    browser.wait("document.querySelector('[data-key=\"pair:*\"]').ariaExpanded === 'false'");
    browser.press("Enter");
    browser.press("Space");
    browser.says("#target", "2 selected");
    browser.press("Shift+R");
    browser.says("#confirm", "Restart 2 processes?");
    browser.wait("document.activeElement.innerText === 'Cancel'");
    browser.press("Tab");
    browser.press("Enter");
    browser.says("#outcome", "2 restarted");
    browser.press("Escape");
    browser.wait("document.querySelector('#bulk-bar').hidden");
    browser.press("End");
    at("pair:pair_1");
    browser.press("Enter");
    browser.says("#panel-title", "pair:pair_1");
    browser.wait("document.activeElement.id === 'panel-title'");
    browser.press("Escape");
    at("pair:pair_1");
    browser.press("l");
    browser.wait("document.querySelector('.log-view') !== null");
    browser.press("Escape");
    browser.press("?");
    browser.says("#help", "Go through the rows");
    browser.press("Escape");
    // From a row Tab leads to its buttons.
    browser.wait("!document.querySelector('#help').open");
    browser.press("j");
    browser.press("Home");
    at("absent");
    browser.press("Tab");
    browser.wait("document.activeElement.closest('[data-key]')?.dataset.key === 'absent'");
    browser.wait("document.activeElement.dataset.verb === 'start'");
    browser.press("Enter");
    browser.says(&row("absent"), "✖ no such file");
    browser.press("Tab");
    browser.press("Enter");
    browser.wait("document.activeElement.role === 'menuitem'");
    browser.press("Down");
    browser.press("Enter");
    browser.says(&row("absent"), "✓ logs cleared");
}

/// What has the focus may go away; the focus does not.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn the_focus_is_never_lost() {
    let (story, url) = story();
    let s = cats(story);
    let browser = open(&url);
    let at = |key: &str| browser.wait(&format!("document.activeElement.dataset.key === '{key}'"));
    browser.click("[data-state=RUNNING]");
    browser.wait(r#"!document.querySelector('[data-key="absent"]')"#);
    browser.press("j");
    browser.press("Home");
    at("cat");
    s.ctl("stop cat").exits(0);
    at("pair:*");
    browser.press("Space");
    browser.says("#target", "2 selected");
    browser.run("document.querySelector('#unselect').focus()");
    browser.press("Enter");
    at("pair:*");
    browser.press("/");
    browser.types("no such process");
    browser.says("#nothing", "No process fits the filter.");
    browser.run("document.querySelector('#nothing button').focus()");
    browser.press("Enter");
    browser.wait("document.activeElement.matches('[data-key]')");
}

/// Nothing happens to a process that nobody has pointed at, nor to many unasked.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn stray_keys_stop_nothing() {
    let (story, url) = story();
    let s = cats(story);
    let browser = open(&url);
    browser.press("Shift+T");
    browser.press("j");
    browser.press("Home");
    browser.press("Down");
    browser.wait("document.activeElement.dataset.key === 'cat'");
    // Caps Lock makes capitals without Shift.
    browser.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'T', bubbles: true }))");
    assert_eq!(browser.text("#outcome"), "");
    browser.press("a");
    browser.says("#target", "4 selected");
    browser.press("/");
    browser.types("cat");
    browser.says("#target", "4 selected, 3 hidden");
    browser.press("Enter");
    browser.press("Shift+T");
    browser.says("#confirm", "Stop 4 processes?");
    browser.says("#confirm", "3 of them are not shown");
    browser.press("Enter");
    browser.wait("!document.querySelector('#confirm').open");
    assert_eq!(browser.text("#outcome"), "");
    for name in ["cat", "pair:pair_0", "pair:pair_1"] {
        assert_eq!(s.info(name).state(), "RUNNING");
    }
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn thousands_of_processes_are_as_good_as_few() {
    let (story, url) = story();
    let many = |name: &str, count: usize| {
        format!(
            "[program:{name}]\ncommand=/bin/cat\nprocess_name={name}_%(process_num)05d\n\
             numprocs={count}\nstartsecs=0\nautostart=false\n"
        )
    };
    let s = story
        .section(&many("few", 1000))
        .section(&many("many", 9000))
        .start();
    let browser = open(&url);
    browser.says("#summary", "10,000 processes");
    let rows = browser.count("#rows .row");
    assert!((10..100).contains(&rows), "{rows} rows");
    browser.run("scrollTo(0, document.body.scrollHeight)");
    browser.says(&row("many:many_08999"), "STOPPED");
    browser.run("scrollTo(0, 0)");
    s.ctl("start few:few_00003").exits(0);
    browser.says(&row("few:few_00003"), "RUNNING");
    browser.press("/");
    browser.types("many_0777");
    browser.says(&row("many:many_07777"), "STOPPED");
    browser.wait("document.querySelector('#grid').ariaRowCount === '12'");
    browser.press("Escape");
    browser.click("[data-key='few:*'] input");
    browser.says("#target", "1,000 selected");
    browser.click("#bulk [data-verb=start]");
    browser.says("#outcome", "999 started, 1 already started");
    browser.says("#states", "1,000 RUNNING");
    // What an update takes, at the most: the frames of a second in which everything is sorted.
    let longest = browser.eval(
        "new Promise((resolve) => {
           let [longest, before, left] = [0, performance.now(), 120];
           const frame = (now) => {
             longest = Math.max(longest, now - before);
             before = now;
             if ((left -= 1)) requestAnimationFrame(frame); else resolve(longest);
           };
           requestAnimationFrame(frame);
         })",
    );
    assert!(longest.as_f64().unwrap() < 1000.0, "{longest} ms");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn without_scripts_there_are_forms() {
    let (story, url) = story();
    let s = cats(story);
    let browser = Browser::start();
    let off = json!({ "value": true });
    browser.devtools("Emulation.setScriptExecutionDisabled", &off);
    for page in ["", "index.html"] {
        browser.open(&format!("{url}{page}"));
        assert_eq!(browser.count("html.is-live"), 0);
        let form = "form:has([value=cat])";
        browser.click(&format!("{form} [value=stop]"));
        s.wait_state("cat", "STOPPED");
        browser.click(&format!("{form} [value=start]"));
        s.wait_state("cat", "RUNNING");
    }
    browser.says(".message", "Process cat started");
    browser.click("a[href='tail.html?processname=cat']");
    browser.says("a", "Refresh");
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn other_sites_press_no_buttons() {
    let (story, url) = story();
    let s = cats(story);
    let pid = s.info("cat").pid();
    let action = format!("{url}index.html");
    let elsewhere = elsewhere(&format!(
        "<form method=post action='{action}'><input name=processname value=cat>\
         <button name=action value=stop>x</button></form>\
         <a href='{action}?processname=cat&action=stop'>x</a>\
         <img src='{action}?action=stopall'>"
    ));
    let browser = Browser::start();
    for element in ["button", "a"] {
        browser.open(&elsewhere);
        browser.click(element);
        browser.says("h1", "Error response");
    }
    browser.open(&elsewhere);
    for api in ["processes/cat/stop", "actions", "supervisor/shutdown"] {
        let answer = browser.eval(&format!(
            "fetch('{url}api/v1/{api}', {{ method: 'POST', mode: 'no-cors' }}).then(() => 'sent')"
        ));
        assert_eq!(answer, "sent");
    }
    assert_eq!(s.wait_state("cat", "RUNNING").pid(), pid);
}

/// The address of another site, which has this one page.
fn elsewhere(body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(answer.as_bytes());
        }
    });
    format!("http://localhost:{port}/")
}

#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn who_may_only_read_sees_no_actions_and_who_is_open_is_told() {
    let port = free_port();
    let open_to_all = free_port();
    let s = cats(Story::new().section(&format!(
        "[inet_http_server:one]\nport=127.0.0.1:{port}\nusername=admin\npassword=a
         readonly_username=look\nreadonly_password=b
         [inet_http_server:two]\nport=*:{open_to_all}"
    )));
    let browser = open(&format!("http://look:b@127.0.0.1:{port}/"));
    browser.says(&row("cat"), "RUNNING");
    browser.says(".warning", "Open to everyone");
    browser.wait(
        "![...document.querySelectorAll('[data-verb]')].some((button) => button.checkVisibility())",
    );
    browser.press("j");
    for key in ["Shift+T", "Space", "x", "a", "?"] {
        browser.press(key);
    }
    browser.says("#help", "Go through the rows");
    assert!(!browser.text("#help").contains("Select"));
    browser.press("Escape");
    assert_eq!(browser.count("[aria-selected=true]:not([role=tab])"), 0);
    browser.click(&format!("{} .more", row("cat")));
    browser.says("#menu", "Details");
    assert!(!browser.text("#menu").contains("Stop"));
    browser.open(&format!("http://look:b@127.0.0.1:{port}/index.html"));
    assert_eq!((browser.count("form"), browser.count("tbody tr")), (0, 4));
    assert_eq!(s.info("cat").state(), "RUNNING");
}

/// No finding of axe, in every state that looks different.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn it_is_accessible() {
    let (story, url) = story();
    let s = cats(story.program("dead", "command=/no/such/file\nstartretries=0"));
    s.wait_state("dead", "FATAL");
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser/axe.min.js");
    let axe = std::fs::read_to_string(axe).expect("no axe: scripts/browser installs it");
    let browser = open(&url);
    let check = |what: &str| {
        browser.run(&axe);
        let found = browser.eval(
            "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>
               `${impact} ${id}: ${nodes.map(({ html, any }) => `${html} ${any.map(({ message }) => message)}`).join(' | ')}`))",
        );
        assert_eq!(found, json!([]), "{what}");
    };
    for scheme in ["light", "dark"] {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        browser.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
        browser.open(&url);
        browser.says(&row("cat"), "RUNNING");
        check(scheme);
        browser.click("[data-key=absent] .more");
        check("the menu");
        browser.press("Escape");
        browser.click("[data-key='pair:*'] input");
        browser.click("#bulk [data-verb=stop]");
        check("a question");
        browser.press("Escape");
        check("a selection");
        browser.open(&format!("{url}#/process/dead"));
        browser.says("#panel-body", "Last exits");
        check("a process");
        browser.open(&format!("{url}#/process/cat/config"));
        browser.says("#panel-body", "startsecs");
        check("its configuration");
        browser.open(&format!("{url}#/log"));
        browser.says(".log", "spawned");
        check("a log");
        browser.press("Escape");
        browser.press("?");
        check("the keys");
        browser.resize(320, 640);
        browser.open(&url);
        browser.says(&row("cat"), "RUNNING");
        check("a phone");
        browser.wait("document.documentElement.scrollWidth <= innerWidth");
        browser.resize(1400, 900);
        browser.open(&format!("{url}index.html"));
        check("the plain page");
    }
}

/// One request brings the page, one round of others all that it is made of, from here only.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn little_is_loaded_and_nothing_from_elsewhere() {
    let (story, url) = story();
    let _s = cats(story);
    let browser = open(&url);
    let sizes = "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
                 .map(({ name, transferSize }) => [name, transferSize])";
    let loaded = browser.eval(sizes);
    let loaded = loaded.as_array().unwrap();
    let total: u64 = loaded.iter().map(|one| one[1].as_u64().unwrap()).sum();
    assert!(
        (10_000..100_000).contains(&total),
        "{total} bytes: {loaded:?}"
    );
    let foreign = loaded
        .iter()
        .filter(|one| !one[0].as_str().unwrap().starts_with(&url));
    assert_eq!(foreign.count(), 0, "{loaded:?}");
    let assets = loaded
        .iter()
        .filter(|one| one[0].as_str().unwrap().contains("/assets/"));
    let html = get(&url, "");
    for asset in assets {
        let path = asset[0]
            .as_str()
            .unwrap()
            .rsplit_once("/assets/")
            .unwrap()
            .1;
        assert!(html.body.contains(path), "the page does not name {path}");
    }
    assert!(!html.body.contains("<style") && !html.body.contains(" style="));
    let policy = html.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    // A second visit loads none of it again.
    browser.open(&url);
    let again = browser.eval(&format!(
        "{sizes}.filter(([name, size]) => name.includes('/assets/') && size > 0).length"
    ));
    assert_eq!(again, 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn get(url: &str, lines: &str) -> Reply {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET / HTTP/1.0\r\nHost: {host}\r\n{lines}\r\n").unwrap();
    Reply::read(stream)
}

/// What a terminal would show, told by the module itself.
#[test]
#[ignore = "needs the browser that scripts/test installs"]
fn escapes_of_terminals_become_styles_and_nothing_else() {
    let (story, url) = story();
    let _s = story.start();
    let browser = open(&url);
    let pieces = |text: &str| {
        let text = json!(text);
        browser.eval(&format!(
            "import(document.querySelector('script[type=module]').src.replace('main', 'ansi'))
               .then(({{ Ansi }}) => new Ansi().pieces({text}).map(({{ text, style }}) =>
                 [text, style && Object.entries(style).filter(([, is]) => is).flat().join(' ')]))"
        ))
    };
    assert_eq!(pieces("plain"), json!([["plain", null]]));
    assert_eq!(
        pieces("a\u{1b}[1;31mb\u{1b}[0mc"),
        json!([["a", null], ["b", "color red bold true"], ["c", null]])
    );
    assert_eq!(pieces("\u{1b}[38;5;196mx"), json!([["x", "color #ff0000"]]));
    assert_eq!(
        pieces("\u{1b}[48;2;1;2;3;4mx"),
        json!([["x", "background #010203 underline true"]])
    );
    assert_eq!(
        pieces("\u{1b}]0;title\u{7}x\u{1b}[2K\u{1b}[?25ly\u{8}"),
        json!([["x", null], ["y", null]])
    );
    assert_eq!(pieces("\u{1b}[38;5;999;38;2mx"), json!([["x", null]]));
    for red in ["38:2::255:0:0", "38:2:255:0:0", "38:5:196", "38;2;255;0;0"] {
        let text = format!("\u{1b}[{red}mx");
        assert_eq!(pieces(&text), json!([["x", "color #ff0000"]]), "{red}");
    }
    assert_eq!(pieces("\u{1b}[4mx\u{1b}[4:0my")[1], json!(["y", null]));
}

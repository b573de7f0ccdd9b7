//! The manual pages in `docs/man`, made of the programs' own tables and usage texts.
//! `UPDATE_MAN=1 cargo test --test man` writes them anew.
#![allow(clippy::unwrap_used, reason = "that is how a test fails")]

use std::fmt::Write as _;
use std::path::Path;
use supervisor::ctl::manual::{Action, actions};

#[test]
fn the_manual_pages_are_current() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    for (name, text) in [
        ("supervisord.1", supervisord()),
        ("supervisorctl.1", supervisorctl()),
        ("echo_supervisord_conf.1", echo_supervisord_conf()),
        ("pidproxy.1", pidproxy()),
    ] {
        let path = directory.join(name);
        if std::env::var_os("UPDATE_MAN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == text,
            "{name} is old: UPDATE_MAN=1 cargo test --test man"
        );
    }
}

fn supervisord() -> String {
    let usage = include_str!("../src/config/command_line/supervisord.txt");
    let mut page = Page::new("supervisord", "run a set of applications as daemons");
    page.synopsis("supervisord", "[options]");
    page.section("DESCRIPTION");
    page.text(
        "supervisord starts the programs of its configuration file, keeps them running, writes \
         their output to logs, and answers supervisorctl(1) and other clients. Without -n it goes \
         to the background. An option wins over the file.",
    );
    page.options(usage);
    page.entry(
        "--check",
        "Start nothing; tell all that is wrong with the configuration, and what looks wrong.",
    );
    page.section("SIGNALS");
    page.entry(
        "TERM, INT, QUIT",
        "Stop everything in order, then exit. A second such signal, at least a second later, kills what has not ended yet; \
         supervisorctl shutdown counts as none.",
    );
    page.entry("HUP", "Read the configuration; if it is good, stop everything and start over in the same process.");
    page.entry(
        "USR2",
        "Open all logs anew, and unix sockets that something has removed.",
    );
    page.section("EXIT STATUS");
    page.entry("0", "It was told to end, and did; help and version.");
    page.entry(
        "2",
        "A command line or configuration that can't be used; nothing was started.",
    );
    page.configuration_files();
    page.see_also("supervisorctl(1), echo_supervisord_conf(1), pidproxy(1)")
}

fn supervisorctl() -> String {
    let usage = include_str!("../src/config/command_line/supervisorctl.txt");
    let mut page = Page::new("supervisorctl", "show and steer a running supervisord");
    page.synopsis("supervisorctl", "[options] [action [arguments]]");
    page.section("DESCRIPTION");
    page.text(
        "supervisorctl carries out an action, or without one opens a prompt with line editing, a \
         history and completion. Processes are named name, group:name, group:* for all of a \
         group, or all; shell patterns such as 'web_*' stand for what they match.",
    );
    page.options(&usage.replace(
        "-r/--history-file -- keep a readline history (if readline is available)",
        "-r/--history_file FILENAME -- keep the prompt's history in this file",
    ));
    page.entry(
        "--cacert FILENAME",
        "Certificates to trust a server at an https:// URL by (default: the system's).",
    );
    page.text("The options of actions may stand here, too:");
    let mut of_actions: Vec<_> = actions().into_iter().flat_map(|it| it.options).collect();
    of_actions.retain(|line| {
        ["-o", "--timeout", "--no-wait"]
            .iter()
            .any(|it| line.starts_with(it))
    });
    of_actions.sort_unstable();
    of_actions.dedup();
    page.verbatim(&of_actions.join("\n"));
    page.section("ACTIONS");
    for Action {
        name,
        help,
        options,
    } in actions()
    {
        page.subsection(name);
        page.verbatim(help.trim_end());
        if !options.is_empty() {
            page.verbatim(&options.join("\n"));
        }
    }
    page.section("EXIT STATUS");
    for (status, meaning) in [
        (
            "0",
            "Well; also start of what runs and stop of what doesn't.",
        ),
        ("1", "An action failed."),
        (
            "2",
            "A command line or configuration that can't be used; start without names or of an unknown group.",
        ),
        (
            "3",
            "status: something shown is STOPPED, EXITED, FATAL or UNKNOWN, and --ok doesn't name that state.",
        ),
        (
            "4",
            "status: an unknown name, or no server; other actions: the connection was refused.",
        ),
        ("5", "The server speaks another version of the API."),
        (
            "7",
            "A program could not be started, isn't running, or won't be what wait waits for; there is no such socket.",
        ),
        ("130", "Ended by Ctrl-C."),
    ] {
        page.entry(status, meaning);
    }
    page.section("ENVIRONMENT");
    page.entry(
        "NO_COLOR",
        "If it is set and not empty, nothing is coloured.",
    );
    page.entry(
        "TERM",
        "If it is dumb, the cursor is not moved and nothing is coloured.",
    );
    page.configuration_files();
    page.see_also("supervisord(1)")
}

fn echo_supervisord_conf() -> String {
    let mut page = Page::new(
        "echo_supervisord_conf",
        "print a sample supervisord configuration",
    );
    page.synopsis("echo_supervisord_conf", "");
    page.section("DESCRIPTION");
    page.text("Prints a configuration file for supervisord(1) with every option explained. It loads as it is.");
    page.see_also("supervisord(1)")
}

fn pidproxy() -> String {
    let mut page = Page::new(
        "pidproxy",
        "run a command and pass signals on to its daemon",
    );
    page.synopsis("pidproxy", "pidfile command [arguments]");
    page.section("DESCRIPTION");
    page.text(
        "For programs that insist on going to the background: runs the command, sends the signals \
         it gets (TERM, HUP, INT, USR1, USR2, QUIT) to the process that the pid file names, and \
         ends with the command's status.",
    );
    page.see_also("supervisord(1)")
}

/// When what the pages say has last changed.
const DATE: &str = "2026-11-21";

/// A page in the language of man(7).
struct Page(String);

impl Page {
    fn new(name: &str, purpose: &str) -> Self {
        let mut page = Self(String::new());
        let version = supervisor::VERSION;
        let title = name.to_uppercase();
        page.line(&format!(
            ".TH {title} 1 \"{DATE}\" \"supervisor {version}\""
        ));
        page.section("NAME");
        page.line(&format!("{} \\- {}", escaped(name), escaped(purpose)));
        page
    }

    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").unwrap();
    }

    fn section(&mut self, title: &str) {
        self.line(&format!(".SH {title}"));
    }

    fn subsection(&mut self, title: &str) {
        self.line(&format!(".SS {title}"));
    }

    /// Begins a paragraph; a heading has begun one already.
    fn paragraph(&mut self) {
        let last = self.0.lines().last().unwrap_or_default();
        if !last.starts_with(".S") {
            self.line(".PP");
        }
    }

    fn synopsis(&mut self, name: &str, words: &str) {
        self.section("SYNOPSIS");
        let line = format!("\\fB{}\\fR {}", escaped(name), escaped(words));
        self.line(line.trim_end());
    }

    fn text(&mut self, text: &str) {
        self.paragraph();
        self.line(&escaped(text));
    }

    fn entry(&mut self, term: &str, text: &str) {
        self.line(".TP");
        self.line(&format!("\\fB{}\\fR", escaped(term)));
        self.line(&escaped(text));
    }

    fn verbatim(&mut self, text: &str) {
        self.paragraph();
        self.line(".nf");
        for line in text.lines() {
            self.line(&escaped(&without_tabs(line)));
        }
        self.line(".fi");
    }

    /// The options that a usage text tells: `-c/--long VALUE -- meaning`, with lines that go on.
    fn options(&mut self, usage: &str) {
        self.section("OPTIONS");
        let lines = usage.lines().skip_while(|line| *line != "Options:").skip(1);
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            match (line.split_once(" -- "), entries.last_mut()) {
                (Some((option, meaning)), _) if line.starts_with('-') => {
                    entries.push((option.trim().replace('/', ", "), meaning.trim().to_owned()));
                }
                (_, Some((_, meaning))) => *meaning += &format!(" {}", line.trim()),
                (_, None) => {}
            }
        }
        assert!(entries.len() > 5);
        for (option, meaning) in entries {
            self.entry(&option, &meaning);
        }
    }

    fn configuration_files(&mut self) {
        self.section("FILES");
        self.text(
            "Without -c, the first of these that exists is the configuration, BIN being the \
             directory of the program:",
        );
        self.verbatim(
            "BIN/../etc/supervisord.conf\nBIN/../supervisord.conf\n./supervisord.conf\n\
             ./etc/supervisord.conf\n/etc/supervisord.conf\n/etc/supervisor/supervisord.conf",
        );
    }

    fn see_also(mut self, pages: &str) -> String {
        self.section("SEE ALSO");
        self.line(&escaped(pages));
        self.0
    }
}

/// With blanks up to the next eighth column in place of tabs.
fn without_tabs(line: &str) -> String {
    let mut text = String::new();
    for part in line.split_inclusive('\t') {
        text += part.trim_end_matches('\t');
        if part.ends_with('\t') {
            text += &" ".repeat(8 - text.chars().count() % 8);
        }
    }
    text
}

/// A line in which nothing means anything to the formatter.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

//! A running supervisord, asked and watched.

use super::config::Config;
use super::processes::{Process, kill, kill_all};
use super::rpc::{self, Info};
use super::story::surroundings;
use super::{Answer, Story, program, wait_for};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// A supervisord that was started, with its directory. When it is dropped, all it started dies.
pub(crate) struct Daemon {
    story: Story,
    tag: String,
    child: Child,
}

impl Daemon {
    pub(super) fn new(story: Story, tag: String, child: Child) -> Self {
        Self { story, tag, child }
    }

    // The daemon itself.

    pub(crate) fn dir(&self) -> &Path {
        self.story.dir()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// The pid of what was started; a daemon that has left the foreground has another.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    pub(crate) fn process(&self) -> Process {
        Process(self.pid())
    }

    /// Waits until it answers.
    pub(crate) fn wait_ready(&self) {
        let ready = || {
            self.rpc("supervisor.getState", &[])
                .ok()
                .filter(|info| info.state() == "RUNNING")
        };
        wait_for("supervisord to answer", ready);
    }

    /// Sends it a signal, named without `SIG`.
    pub(crate) fn signal(&self, signal: &str) {
        kill(self.pid(), signal);
    }

    /// Waits for its end; the exit status, -1 where a signal ended it.
    pub(crate) fn wait_exit(&mut self) -> i32 {
        let status = wait_for("supervisord to end", || self.child.try_wait().unwrap());
        status.code().unwrap_or(-1)
    }

    /// Stops it in order and waits for its end.
    pub(crate) fn stop(&mut self) -> i32 {
        self.signal("TERM");
        self.wait_exit()
    }

    /// After its end: starts another on the same configuration and directory.
    pub(crate) fn start_again(&mut self) {
        self.child = self.another();
        self.wait_ready();
    }

    /// Runs a second supervisord on the same configuration to its end.
    #[must_use]
    pub(crate) fn rival(&self) -> Answer {
        Answer::of(&mut self.command("supervisord"))
    }

    fn another(&self) -> Child {
        let log = |name| {
            fs::File::options()
                .append(true)
                .create(true)
                .open(self.path(name))
                .unwrap()
        };
        self.command("supervisord")
            .stdout(log("stdout"))
            .stderr(log("stderr"))
            .spawn()
            .unwrap()
    }

    /// One of our programs, for this configuration.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command.arg("-c").arg(self.path("supervisord.conf"));
        surroundings(&mut command, self.dir());
        command.env(super::story::TAG, &self.tag);
        command
    }

    // Its configuration.

    /// Rewrites the configuration file; nothing is told to the daemon.
    pub(crate) fn rewrite(&self, change: impl FnOnce(&mut Config)) {
        let mut config = self.story.config.clone();
        change(&mut config);
        fs::write(self.path("supervisord.conf"), config.text()).unwrap();
    }

    // Asking it.

    /// Runs supervisorctl with these words.
    #[must_use]
    pub(crate) fn ctl(&self, words: &str) -> Answer {
        Answer::of(self.command("supervisorctl").args(words.split_whitespace()))
    }

    /// Runs any program in the story's directory, to its end.
    #[must_use]
    pub(crate) fn run<'a>(
        &self,
        program: &Path,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Answer {
        let mut command = Command::new(program);
        surroundings(&mut command, self.dir());
        Answer::of(command.args(words).env(super::story::TAG, &self.tag))
    }

    /// Calls an XML-RPC method with string parameters.
    pub(crate) fn rpc(&self, method: &str, parameters: &[&str]) -> io::Result<Info> {
        rpc::call(&self.path(&self.story.socket), method, parameters)
    }

    /// What it tells of a process.
    pub(crate) fn info(&self, name: &str) -> Info {
        self.rpc("supervisor.getProcessInfo", &[name]).unwrap()
    }

    /// Waits until a process is in a state, and gives what is told of it then.
    pub(crate) fn wait_state(&self, name: &str, state: &str) -> Info {
        wait_for(&format!("{name} to be {state}"), || {
            let info = self.rpc("supervisor.getProcessInfo", &[name]).ok()?;
            (info.state() == state).then_some(info)
        })
    }

    // What it and its children wrote.

    /// A file's text; empty where there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until a file has exactly this text.
    pub(crate) fn wait_file(&self, name: &str, text: &str) {
        wait_for(&format!("{name} to hold {text:?}"), || {
            (self.read(name) == text).then_some(())
        });
    }

    /// Waits until there is a file of this name.
    pub(crate) fn wait_exists(&self, name: &str) {
        wait_for(&format!("{name} to exist"), || {
            self.path(name).exists().then_some(())
        });
    }

    /// Waits until a file holds a number, such as a pid.
    pub(crate) fn wait_number(&self, name: &str) -> i32 {
        wait_for(&format!("{name} to hold a number"), || {
            let text = self.read(name);
            text.ends_with('\n').then(|| text.trim().parse().ok())?
        })
    }

    /// The activity log.
    pub(crate) fn log(&self) -> String {
        self.read("supervisord.log")
    }

    /// The activity log's lines that have each of these words.
    pub(crate) fn log_lines(&self, words: &[&str]) -> Vec<String> {
        let log = self.log();
        let lines = log
            .lines()
            .filter(|line| words.iter().all(|word| line.contains(word)));
        lines.map(str::to_owned).collect()
    }

    /// Waits for a line of the activity log that has this in it.
    pub(crate) fn wait_log(&self, text: &str) -> String {
        self.wait_log_line(&[text])
    }

    /// Waits for a line of the activity log that has each of these words.
    pub(crate) fn wait_log_line(&self, words: &[&str]) -> String {
        wait_for(&format!("{words:?} in the log"), || {
            self.log_lines(words).pop()
        })
    }

    /// Waits for that many lines that have each of these words, and finds no more of them.
    pub(crate) fn wait_log_count(&self, words: &[&str], count: usize) {
        let lines = wait_for(&format!("{count} times {words:?} in the log"), || {
            Some(self.log_lines(words)).filter(|lines| lines.len() >= count)
        });
        assert_eq!(lines.len(), count, "{lines:?}");
    }

    /// Waits for as many lines that have `before` as there are names, and finds the names after
    /// it in this order: `a`, `b` for `stopped: a (…` and `stopped: b (…`.
    pub(crate) fn wait_log_order(&self, before: &str, names: &[&str]) {
        self.wait_log_count(&[before], names.len());
        assert_eq!(self.log_order(before), names);
    }

    fn log_order(&self, before: &str) -> Vec<String> {
        let log = self.log();
        let tails = log
            .lines()
            .filter_map(|line| Some(line.split_once(before)?.1));
        let names = tails.map(|tail| tail.split_whitespace().next().unwrap_or_default());
        names
            .map(|name| name.trim_matches('\'').to_owned())
            .collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        kill_all(&self.tag);
        let _ = self.child.wait();
        if std::thread::panicking() {
            for name in ["supervisord.conf", "supervisord.log", "stdout", "stderr"] {
                eprintln!("--- {name}\n{}", self.read(name));
            }
        }
    }
}

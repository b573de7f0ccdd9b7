//! What a story is about, before anything runs.

use super::config::Config;
use super::{Answer, Daemon, program};
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// The variable by which a story's processes are known, whatever becomes of their parents.
pub(crate) const TAG: &str = "STORY";

/// A configuration, a directory of its own, and the circumstances of the start.
pub(crate) struct Story {
    pub(super) dir: TempDir,
    pub(super) config: Config,
    pub(super) socket: String,
    launcher: String,
    stdout: Option<Stdio>,
}

impl Story {
    #[allow(
        clippy::new_without_default,
        reason = "a story is always told on purpose"
    )]
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("story").tempdir().unwrap();
        fs::create_dir(dir.path().join("childlogs")).unwrap();
        let launcher = r#"exec "$0" "$@""#.to_owned();
        Self {
            dir,
            config: Config::new(),
            socket: "s.sock".to_owned(),
            launcher,
            stdout: None,
        }
    }

    /// A `[program:name]` with these options.
    pub(crate) fn program(mut self, name: &str, options: &str) -> Self {
        self.config.program(name, options);
        self
    }

    /// Any other section, with its header.
    pub(crate) fn section(mut self, text: &str) -> Self {
        self.config.section(text);
        self
    }

    /// Further options of `[supervisord]`.
    pub(crate) fn supervisord(mut self, options: &str) -> Self {
        self.config.supervisord(options);
        self
    }

    /// A whole configuration in place of the harness's; its unix socket must be told.
    pub(crate) fn whole(mut self, text: &str, socket: &str) -> Self {
        self.config.replace(text);
        socket.clone_into(&mut self.socket);
        self
    }

    /// A file in the story's directory.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.dir.path().join(name), text).unwrap();
        self
    }

    /// A directory in the story's directory.
    pub(crate) fn directory(self, name: &str) -> Self {
        fs::create_dir(self.dir.path().join(name)).unwrap();
        self
    }

    /// An executable shell script in the story's directory.
    pub(crate) fn script(self, name: &str, body: &str) -> Self {
        let path = self.dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// A program `slow` that, asked to stop, runs on until there is a file `go`. It is ready to be
    /// asked when there is a file `ready`.
    pub(crate) fn slow_to_stop(self) -> Self {
        self.script(
            "slow.sh",
            "trap 'until [ -e go ]; do sleep 0.01; done; exit' TERM; : > ready
             while :; do sleep 0.1; done",
        )
        .program("slow", "command=%(here)s/slow.sh\nstartsecs=0")
    }

    /// Shell commands that precede the start, in the process that becomes supervisord.
    pub(crate) fn after(mut self, commands: &str) -> Self {
        self.launcher = format!("{commands}\n{}", self.launcher);
        self
    }

    /// The words of a program that starts supervisord and waits for it.
    pub(crate) fn launched_by(mut self, words: &str) -> Self {
        self.launcher = format!("exec {words} \"$0\" \"$@\"");
        self
    }

    /// A limit of open files that even root's supervisord can't raise.
    pub(crate) fn open_files(mut self, limit: u32) -> Self {
        let setpriv = "setpriv --bounding-set -sys_resource --inh-caps -sys_resource";
        let powerless = if geteuid().is_root() { setpriv } else { "" };
        self.launcher = format!("ulimit -n {limit}\nexec {powerless} \"$0\" \"$@\"");
        self
    }

    /// Where supervisord's own stdout leads, in place of the file `stdout`.
    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts supervisord and waits until it answers.
    pub(crate) fn start(self) -> Daemon {
        let daemon = self.spawn();
        daemon.wait_ready();
        daemon
    }

    /// Starts supervisord.
    pub(crate) fn spawn(mut self) -> Daemon {
        self.write_config();
        let tag = new_tag();
        let file = |name| {
            fs::File::options()
                .append(true)
                .create(true)
                .open(self.dir.path().join(name))
        };
        let stderr = file("stderr").unwrap();
        let stdout = self
            .stdout
            .take()
            .unwrap_or_else(|| file("stdout").unwrap().into());
        let child = self
            .command(&tag)
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        Daemon::new(self, tag, child)
    }

    /// Runs supervisord to its end, which is expected to come by itself.
    #[must_use]
    pub(crate) fn run(self) -> Answer {
        self.write_config();
        Answer::of(&mut self.command(&new_tag()))
    }

    /// Has supervisord look the configuration over.
    #[must_use]
    pub(crate) fn check(&self) -> Answer {
        self.write_config();
        Answer::of(self.command(&new_tag()).arg("--check"))
    }

    fn write_config(&self) {
        fs::write(self.dir.path().join("supervisord.conf"), self.config.text()).unwrap();
    }

    fn command(&self, tag: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &self.launcher])
            .arg(program("supervisord"));
        command
            .arg("-c")
            .arg(self.dir.path().join("supervisord.conf"));
        surroundings(&mut command, self.dir.path());
        command.env(TAG, tag);
        command
    }
}

/// The directory, environment and stdin that every program of a story gets.
pub(crate) fn surroundings(command: &mut Command, dir: &Path) {
    command.current_dir(dir).stdin(Stdio::null()).env_clear();
    command
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8");
    command.env("HOME", dir).env("DIR", dir);
}

/// A word that no other story uses.
pub(super) fn new_tag() -> String {
    static STORIES: AtomicU32 = AtomicU32::new(0);
    let number = STORIES.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

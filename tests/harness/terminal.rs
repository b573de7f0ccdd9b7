//! A program at a terminal, and somebody who types.

use super::{Daemon, wait_for};
use nix::pty::{OpenptyResult, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::process::Child;
use std::sync::{Arc, Mutex};

/// A supervisorctl whose input and output is a terminal.
pub(crate) struct Terminal {
    keys: File,
    slave: File,
    screen: Arc<Mutex<Vec<u8>>>,
    seen: usize,
    child: Child,
}

impl Terminal {
    /// Starts supervisorctl with these words; `TERM` is the terminal's type.
    pub(crate) fn start(daemon: &Daemon, term: &str, words: &str) -> Self {
        let OpenptyResult { master, slave } = openpty(None, None).unwrap();
        let (master, slave) = (File::from(master), File::from(slave));
        let mut command = daemon.command("supervisorctl");
        command.args(words.split_whitespace()).env("TERM", term);
        let end = || slave.try_clone().unwrap();
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, shown) = (master.try_clone().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                shown.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        Self {
            keys: master,
            slave,
            screen,
            seen: 0,
            child,
        }
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the terminal shows this, after what was waited for before.
    pub(crate) fn shows(&mut self, text: &str) {
        let seen = self.seen;
        let end = wait_for(&format!("{text:?} on {self:?}"), || {
            let screen = self.screen.lock().unwrap();
            let mut places = screen[seen..].windows(text.len());
            let at = places.position(|place| place == text.as_bytes());
            at.map(|at| seen + at + text.len())
        });
        self.seen = end;
    }

    /// All that the terminal has shown.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Whether the terminal is as a shell wants it: it shows what is typed, line by line.
    pub(crate) fn is_sane(&self) -> bool {
        use nix::sys::termios::{LocalFlags, tcgetattr};
        let wanted = LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG;
        tcgetattr(&self.slave).unwrap().local_flags.contains(wanted)
    }

    /// Whether it shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        use nix::sys::termios::{LocalFlags, tcgetattr};
        let mode = tcgetattr(&self.slave).unwrap();
        mode.local_flags.contains(LocalFlags::ECHO)
    }

    /// Has it show what is typed and take it by lines, as a shell does that takes it over.
    pub(crate) fn take_over(&self) {
        use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
        let mut mode = tcgetattr(&self.slave).unwrap();
        mode.local_flags |= LocalFlags::ECHO | LocalFlags::ICANON;
        tcsetattr(&self.slave, SetArg::TCSANOW, &mode).unwrap();
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Waits for the end; the exit status, -1 where a signal ended it.
    pub(crate) fn wait_exit(&mut self) -> i32 {
        let status = wait_for("supervisorctl to end", || self.child.try_wait().unwrap());
        status.code().unwrap_or(-1)
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a terminal that shows {:?}", self.shown())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

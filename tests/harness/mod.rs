//! Tells stories about the real programs. A [`Story`] describes a configuration, `start` runs the
//! real supervisord on it in a directory of its own, and the [`Daemon`] is then asked, watched and
//! at last killed with everything it started:
//!
//! ```text
//! let s = Story::new().program("cat", "command=/bin/cat").start();
//! s.wait_state("cat", "RUNNING");
//! s.ctl("stop cat").says("cat: stopped\n");
//! s.wait_log("stopped: cat (terminated by SIGTERM)");
//! ```
//!
//! Stories wait for conditions, never for time. Options may be indented as it suits the test;
//! `%(here)s` in the configuration and `$DIR` in commands are the story's directory.
//! `PROGRAMS_UNDER_TEST=DIR` runs another build's programs, or the original's.
#![allow(
    dead_code,
    unused_imports,
    reason = "each theme uses its own part of it"
)]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "that is how a test fails"
)]

mod answer;
mod browser;
mod config;
mod daemon;
mod events;
mod http;
mod processes;
mod rpc;
mod schema;
mod story;
mod terminal;

pub(crate) use answer::Answer;
pub(crate) use browser::Browser;
pub(crate) use daemon::Daemon;
pub(crate) use events::{Heard, LISTENER, numbers};
pub(crate) use http::{Event, Events, Reply};
pub(crate) use processes::{Process, is_alive, kill};
pub(crate) use rpc::Info;
pub(crate) use schema::Document;
pub(crate) use story::Story;
pub(crate) use terminal::Terminal;

use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How long a story waits for anything before it fails: long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks again and again until there is something to see.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain for {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// A TCP port of this machine that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// The path of one of the four programs.
fn program(name: &str) -> PathBuf {
    if let Some(dir) = std::env::var_os("PROGRAMS_UNDER_TEST") {
        return PathBuf::from(dir).join(name);
    }
    match name {
        "supervisord" => env!("CARGO_BIN_EXE_supervisord"),
        "supervisorctl" => env!("CARGO_BIN_EXE_supervisorctl"),
        "pidproxy" => env!("CARGO_BIN_EXE_pidproxy"),
        _ => panic!("no program is called {name}"),
    }
    .into()
}

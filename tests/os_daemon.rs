//! Daemonizing ends the process that asks for it, so this program runs itself as a child.

#![allow(clippy::unwrap_used)]

use nix::sys::stat::Mode;
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use supervisor::os::daemon::{Line, daemonize};

fn main() {
    match env::args().nth(1).as_deref() {
        Some("daemon") => report(&PathBuf::from(env::args().nth(2).unwrap())),
        _ => a_daemon_has_a_session_a_directory_and_no_terminal(),
    }
}

/// Becomes a daemon and says what it is then.
fn report(fifo: &Path) {
    let mut fifo = File::create(fifo).unwrap();
    let lines = daemonize(Some(Path::new("/no/dir")), 0).unwrap();
    say(&mut fifo, &lines);
    let lines = daemonize(Some(Path::new("/usr")), 0o027).unwrap();
    say(&mut fifo, &lines);
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let session = stat.rsplit(')').next().unwrap().split(' ').nth(4).unwrap();
    writeln!(fifo, "leads: {}", session == std::process::id().to_string()).unwrap();
    for link in ["fd/0", "fd/1", "fd/2", "cwd"] {
        let target = fs::read_link(format!("/proc/self/{link}")).unwrap();
        writeln!(fifo, "{link}: {}", target.display()).unwrap();
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    writeln!(
        fifo,
        "{}",
        status
            .lines()
            .find(|line| line.starts_with("Umask"))
            .unwrap()
    )
    .unwrap();
}

fn say(fifo: &mut File, lines: &[Line]) {
    for (level, text) in lines {
        writeln!(fifo, "{} {text}", level.code()).unwrap();
    }
}

fn a_daemon_has_a_session_a_directory_and_no_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    nix::unistd::mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let mut parent = Command::new(env::current_exe().unwrap())
        .args(["daemon".as_ref(), fifo.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = fs::read_to_string(&fifo).unwrap();
    assert_eq!(
        told,
        "INFO daemonizing the supervisord process\n\
         CRIT can't chdir into '/no/dir': No such file or directory (ENOENT)\n\
         INFO daemonizing the supervisord process\n\
         INFO set current directory: '/usr'\n\
         leads: true\n\
         fd/0: /dev/null\nfd/1: /dev/null\nfd/2: /dev/null\ncwd: /usr\n\
         Umask:\t0027\n"
    );
    assert!(parent.wait().unwrap().success());
}

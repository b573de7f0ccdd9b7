//! Real children: what they get from a spawn, and what they say when they can't start.

#![allow(clippy::unwrap_used)]

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, getsid};
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use supervisor::os::pipe::{Pipe, dev_null};
use supervisor::os::{Environment, Identity, RunAs, SpawnError, SpawnPlan, children, spawn};

/// A plan's parts, with what most tests want.
struct Story {
    file: String,
    argv: Vec<String>,
    environment: Environment,
    directory: Option<String>,
    umask: Option<u32>,
    run_as: RunAs,
    open_files: Option<u64>,
    dies_with_us: bool,
}

/// How the child ended, and its stdout and stderr, which were one pipe.
type Ending = (WaitStatus, String);

impl Story {
    fn of(file: &str, arguments: &[&str]) -> Self {
        let words = [file].into_iter().chain(arguments.iter().copied());
        Self {
            file: file.to_owned(),
            argv: words.map(str::to_owned).collect(),
            environment: Environment::inherited(),
            directory: None,
            umask: None,
            run_as: RunAs::Ourselves,
            open_files: None,
            dies_with_us: false,
        }
    }

    fn shell(script: &str) -> Self {
        Self::of("/bin/sh", &["-c", script])
    }

    fn start(&self, stdin: &OwnedFd, output: &OwnedFd) -> Result<i32, SpawnError> {
        spawn(&SpawnPlan {
            file: Path::new(&self.file),
            argv: &self.argv,
            environment: &self.environment,
            stdio: [stdin.as_fd(), output.as_fd(), output.as_fd()],
            directory: self.directory.as_deref(),
            umask: self.umask,
            run_as: &self.run_as,
            open_files: self.open_files,
            dies_with_us: self.dies_with_us,
        })
    }

    fn run(&self) -> Ending {
        let output = Pipe::from_child().unwrap();
        let pid = self.start(&dev_null().unwrap(), &output.child).unwrap();
        drop(output.child);
        let status = waitpid(Pid::from_raw(pid), None).unwrap();
        (status, drained(output.ours))
    }

    /// The output of a child that exits 0.
    fn says(&self) -> String {
        let (status, output) = self.run();
        assert!(
            matches!(status, WaitStatus::Exited(_, 0)),
            "{status:?}: {output}"
        );
        output
    }

    /// What a child that can't start says before its last line.
    fn complaint(&self) -> String {
        let (status, output) = self.run();
        assert!(matches!(status, WaitStatus::Exited(_, 127)), "{status:?}");
        let last = "supervisor: child process was not spawned\n";
        output.strip_suffix(last).unwrap().to_owned()
    }
}

/// Everything in a pipe whose writers are gone.
fn drained(pipe: OwnedFd) -> String {
    // A child that another test is just starting may hold the other end for a moment.
    fcntl(&pipe, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
    let mut text = String::new();
    File::from(pipe).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_child_has_its_arguments_and_environment_and_no_more() {
    let mut story = Story::of(
        "/bin/sh",
        &["-c", "echo \"$0 $1\"; /usr/bin/env", "a b", ""],
    );
    story.environment = Environment::default();
    story.environment.set("NAME", "a=b c");
    let output = story.says();
    assert!(output.starts_with("a b \n"), "{output}");
    assert!(
        output.contains("\nNAME=a=b c\n") && !output.contains("PATH="),
        "{output}"
    );
}

#[test]
fn argv0_is_the_word_and_not_the_file() {
    let mut story = Story::shell("echo $0");
    story.argv[0] = "shell".to_owned();
    assert_eq!(story.says(), "shell\n");
}

#[test]
fn a_child_leads_a_group_in_our_session() {
    let fields = Story::shell("cut -d' ' -f1,5,6 /proc/$$/stat").says();
    let fields: Vec<i32> = fields
        .split_whitespace()
        .map(|field| field.parse().unwrap())
        .collect();
    assert_eq!(fields[0], fields[1]);
    assert_eq!(fields[2], getsid(None).unwrap().as_raw());
}

#[test]
fn a_child_ignores_sigpipe_and_sigxfsz_and_blocks_nothing() {
    let output = Story::of("/bin/sed", &["/^Sig[BI]/!d", "/proc/self/status"]).says();
    assert_eq!(
        output,
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000001001000\n"
    );
}

#[test]
fn our_own_signal_mask_is_what_it_was() {
    let blocked = || {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        status
            .lines()
            .find(|line| line.starts_with("SigBlk"))
            .unwrap()
            .to_owned()
    };
    let before = blocked();
    Story::of("/bin/true", &[]).says();
    assert_eq!(blocked(), before);
}

#[test]
fn no_descriptor_leaks_even_one_that_is_not_close_on_exec() {
    let inheritable = nix::unistd::dup(dev_null().unwrap()).unwrap();
    assert!(inheritable.as_raw_fd() > 2);
    // The last one is the directory that `ls` reads.
    assert_eq!(
        Story::of("/bin/ls", &["/proc/self/fd"]).says(),
        "0\n1\n2\n3\n"
    );
}

#[test]
fn stdio_may_be_our_own_in_any_order() {
    let story = Story::shell("test -e /proc/self/fd/0 && readlink /proc/$$/fd/0");
    let output = Pipe::from_child().unwrap();
    let pid = spawn(&SpawnPlan {
        file: Path::new(&story.file),
        argv: &story.argv,
        environment: &story.environment,
        stdio: [
            std::io::stderr().as_fd(),
            output.child.as_fd(),
            std::io::stdin().as_fd(),
        ],
        directory: None,
        umask: None,
        run_as: &RunAs::Ourselves,
        open_files: None,
        dies_with_us: false,
    })
    .unwrap();
    drop(output.child);
    waitpid(Pid::from_raw(pid), None).unwrap();
    let ours = fs::read_link("/proc/self/fd/2").unwrap();
    assert_eq!(drained(output.ours).trim_end(), ours.to_str().unwrap());
}

#[test]
fn a_listening_socket_may_be_stdin() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Pipe::from_child().unwrap();
    let story = Story::shell("readlink /proc/$$/fd/0");
    let pid = story
        .start(&OwnedFd::from(listener), &output.child)
        .unwrap();
    drop(output.child);
    waitpid(Pid::from_raw(pid), None).unwrap();
    assert!(drained(output.ours).starts_with("socket:"));
}

#[test]
fn directory_umask_and_limit_are_the_childs_alone() {
    let ours = std::env::current_dir().unwrap();
    let mut story = Story::shell("pwd; umask; ulimit -S -n");
    story.directory = Some("/usr".to_owned());
    story.umask = Some(0o027);
    story.open_files = Some(123);
    assert_eq!(story.says(), "/usr\n0027\n123\n");
    assert_eq!(std::env::current_dir().unwrap(), ours);
    assert_ne!(Story::shell("ulimit -S -n").says(), "123\n");
}

#[test]
fn a_relative_file_is_reckoned_from_the_directory() {
    let mut story = Story::of("./true", &[]);
    story.directory = Some("/bin".to_owned());
    assert_eq!(story.says(), "");
}

#[test]
fn what_can_not_be_executed_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let bad = directory.path().join("bad");
    fs::write(&bad, b"\0\x01garbage").unwrap();
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o755)).unwrap();
    let bad = bad.to_str().unwrap();
    let expected = format!("supervisor: couldn't exec {bad}: ENOEXEC\n");
    assert_eq!(Story::of(bad, &[]).complaint(), expected);
    let mut absent = Story::of("/no/such/file", &[]);
    absent.argv[0] = "such".to_owned();
    assert_eq!(
        absent.complaint(),
        "supervisor: couldn't exec such: ENOENT\n"
    );
}

#[test]
fn a_directory_that_is_not_there_says_so() {
    let mut story = Story::of("/bin/cat", &[]);
    story.directory = Some("/no/dir".to_owned());
    assert_eq!(
        story.complaint(),
        "supervisor: couldn't chdir to /no/dir: ENOENT\n"
    );
}

#[test]
fn a_user_that_may_not_be_says_so() {
    let mut story = Story::of("/bin/cat", &[]);
    story.run_as = RunAs::of(Some(4_000_000_000));
    let expected = "supervisor: couldn't setuid to 4000000000: Can't find uid 4000000000\n";
    assert_eq!(story.complaint(), expected);
}

#[test]
fn a_complaint_never_waits_for_room_in_the_pipe() {
    let output = Pipe::from_child().unwrap();
    fcntl(&output.child, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    while nix::unistd::write(&output.child, &[b'x'; 4096]).is_ok() {}
    fcntl(&output.child, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
    let story = Story::of("/no/such/file", &[]);
    let pid = story.start(&dev_null().unwrap(), &output.child).unwrap();
    let status = waitpid(Pid::from_raw(pid), None).unwrap();
    assert!(matches!(status, WaitStatus::Exited(_, 127)));
}

#[test]
fn a_long_complaint_is_cut_and_keeps_its_last_line() {
    let mut story = Story::of("/no/such/file", &[]);
    story.argv[0] = "e".repeat(5000);
    let complaint = story.complaint();
    assert!(complaint.starts_with("supervisor: couldn't exec ee") && complaint.ends_with("e\n"));
    assert!(complaint.len() < 4096);
}

#[test]
fn a_nul_byte_is_refused_before_there_is_a_child() {
    let story = Story::of("/bin/echo", &["a\0b"]);
    let null = dev_null().unwrap();
    assert_eq!(story.start(&null, &null), Err(SpawnError::Nul));
}

#[test]
fn root_can_give_a_child_another_user_and_stays_dumpable() {
    if !nix::unistd::getuid().is_root() {
        return;
    }
    nix::sys::prctl::set_dumpable(true).unwrap();
    let mut story = Story::shell("id -u; id -g; id -G");
    story.run_as = RunAs::User(Identity {
        uid: 65534,
        gid: 65533,
        groups: vec![65533, 12345],
    });
    assert_eq!(story.says(), "65534\n65533\n65533 12345\n");
    assert_eq!(nix::sys::prctl::get_dumpable(), Ok(true));
    assert!(nix::unistd::getuid().is_root());
}

#[test]
fn a_child_that_has_exited_is_seen_without_being_reaped() {
    let input = Pipe::to_child().unwrap();
    let output = dev_null().unwrap();
    let pid = Story::of("/bin/cat", &[])
        .start(&input.child, &output)
        .unwrap();
    drop(input.child);
    assert!(!children::has_exited(pid));
    drop(input.ours);
    let flags = nix::sys::wait::WaitPidFlag::WEXITED | nix::sys::wait::WaitPidFlag::WNOWAIT;
    nix::sys::wait::waitid(nix::sys::wait::Id::Pid(Pid::from_raw(pid)), flags).unwrap();
    assert!(children::has_exited(pid) && children::has_exited(pid));
    waitpid(Pid::from_raw(pid), None).unwrap();
    assert!(!children::has_exited(pid) && !children::has_exited(-1));
}

#[test]
fn several_threads_may_spawn_at_once() {
    let threads: Vec<_> = (0..4)
        .map(|number| {
            std::thread::spawn(move || {
                for round in 0..20 {
                    let text = format!("{number} {round}");
                    assert_eq!(Story::of("/bin/echo", &[&text]).says(), format!("{text}\n"));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// A change of user clears the kernel's word for it, so this has to come after.
#[test]
fn a_child_can_be_made_to_die_with_the_thread_that_spawned_it() {
    let root = nix::unistd::getuid().is_root();
    let nobody = RunAs::User(Identity {
        uid: 65534,
        gid: 65534,
        groups: Vec::new(),
    });
    let mut story = Story::of("/bin/cat", &[]);
    story.dies_with_us = true;
    for run_as in [RunAs::Ourselves].into_iter().chain(root.then_some(nobody)) {
        story.run_as = run_as;
        let (input, output) = (Pipe::to_child().unwrap(), dev_null().unwrap());
        let start = || story.start(&input.child, &output).unwrap();
        let pid = thread::scope(|scope| scope.spawn(start).join().unwrap());
        let status = waitpid(Pid::from_raw(pid), None).unwrap();
        assert!(
            matches!(status, WaitStatus::Signaled(_, Signal::SIGKILL, _)),
            "{status:?}"
        );
    }
}

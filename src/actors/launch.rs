//! From a process's configuration to its child.

use super::resources::Resources;
use crate::config::{OnSupervisorDeath, ProcessConfig, SplitError, repr, split_command};
use crate::os::command::{CommandError, resolve};
use crate::os::pipe::{Pipe, dev_null};
use crate::os::{Environment, Errno, SpawnError, SpawnPlan, spawn};
use crate::process::{FaultCode, Pid};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// Why a command can't be executed, in the words of `spawnerr`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnusableCommand {
    /// Its quotes are not closed, or the like.
    #[error("can't parse command {0}: {1}")]
    Unparsable(String, SplitError),
    /// There is none.
    #[error("command is empty")]
    Empty,
    /// Its file can't be executed.
    #[error(transparent)]
    File(#[from] CommandError),
}

impl UnusableCommand {
    /// The kind of fault a client gets for it.
    pub(super) const fn code(&self) -> FaultCode {
        match self {
            Self::Unparsable(..) | Self::Empty => FaultCode::NotExecutable,
            Self::File(error) => error.code(),
        }
    }
}

/// A command that can be executed.
pub(super) struct Command {
    file: PathBuf,
    argv: Vec<String>,
}

/// Splits and looks up a process's command, as it stands on the disk now.
pub(super) fn command(config: &ProcessConfig) -> Result<Command, UnusableCommand> {
    let argv = split_command(&config.command)
        .map_err(|error| UnusableCommand::Unparsable(repr(&config.command), error))?;
    let argv0 = argv.first().ok_or(UnusableCommand::Empty)?;
    let path = config
        .environment
        .iter()
        .rev()
        .find(|(name, _)| name == "PATH");
    let file = resolve(argv0, path.map(|(_, path)| path.as_str()))?;
    Ok(Command { file, argv })
}

/// What a child's stdin is.
pub(super) enum ChildStdin {
    /// A pipe whose other end we keep.
    Pipe,
    /// The listening socket of its FastCGI program.
    Socket(OwnedFd),
}

/// What becomes of a child's outputs.
#[derive(Clone, Copy)]
pub(super) struct ChildOutputs {
    /// Somebody wants its stdout.
    pub(super) stdout: bool,
    /// Somebody wants its stderr.
    pub(super) stderr: bool,
    /// Its stderr goes where its stdout goes.
    pub(super) redirect_stderr: bool,
}

/// Our ends of a child's pipes.
#[derive(Default)]
pub(super) struct OurEnds {
    pub(super) stdin: Option<OwnedFd>,
    pub(super) stdout: Option<OwnedFd>,
    pub(super) stderr: Option<OwnedFd>,
}

/// Both sides of a child's stdin, stdout and stderr.
struct Stdio {
    ours: OurEnds,
    stdin: OwnedFd,
    stdout: OwnedFd,
    /// `None` is where stdout goes.
    stderr: Option<OwnedFd>,
}

impl Stdio {
    fn new(stdin: ChildStdin, outputs: ChildOutputs) -> Result<Self, Errno> {
        let (our_stdin, stdin) = match stdin {
            ChildStdin::Socket(socket) => (None, socket),
            ChildStdin::Pipe => {
                let pipe = Pipe::to_child()?;
                (Some(pipe.ours), pipe.child)
            }
        };
        let (our_stdout, stdout) = output(outputs.stdout)?;
        let (our_stderr, stderr) = if outputs.redirect_stderr {
            (None, None)
        } else {
            let (ours, child) = output(outputs.stderr)?;
            (ours, Some(child))
        };
        let ours = OurEnds {
            stdin: our_stdin,
            stdout: our_stdout,
            stderr: our_stderr,
        };
        Ok(Self {
            ours,
            stdin,
            stdout,
            stderr,
        })
    }

    fn childs(&self) -> [BorrowedFd<'_>; 3] {
        let stderr = self.stderr.as_ref().unwrap_or(&self.stdout);
        [self.stdin.as_fd(), self.stdout.as_fd(), stderr.as_fd()]
    }
}

/// A pipe, or `/dev/null` for output that nobody wants: it costs no descriptor.
fn output(wanted: bool) -> Result<(Option<OwnedFd>, OwnedFd), Errno> {
    if !wanted {
        return Ok((None, dev_null()?));
    }
    let pipe = Pipe::from_child()?;
    Ok((Some(pipe.ours), pipe.child))
}

/// Spawns a child.
pub(super) fn spawn_child(
    config: &ProcessConfig,
    group: &str,
    command: &Command,
    stdin: ChildStdin,
    outputs: ChildOutputs,
    resources: &Resources,
) -> Result<(Pid, OurEnds), SpawnError> {
    let stdio = Stdio::new(stdin, outputs).map_err(SpawnError::Dispatchers)?;
    let program = &config.program;
    let pid = spawn(&SpawnPlan {
        file: &command.file,
        argv: &command.argv,
        environment: &environment(config, group, resources),
        stdio: stdio.childs(),
        directory: config.directory.as_deref(),
        umask: program.umask,
        run_as: &resources.run_as(program.user.as_ref().map(|user| user.uid)),
        open_files: resources.open_files,
        dies_with_us: resources.on_supervisor_death == OnSupervisorDeath::Kill,
    })?;
    Ok((pid, stdio.ours))
}

/// supervisord's environment, what tells a child who it is, and the configured variables; as in
/// Supervisor the configured ones win over those that supervisord sets.
fn environment(config: &ProcessConfig, group: &str, resources: &Resources) -> Environment {
    let mut environment = resources.environment.clone();
    let url = config
        .program
        .serverurl
        .as_ref()
        .or(resources.server_url.as_ref());
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        environment.set("SUPERVISOR_SERVER_URL", url);
    }
    environment.set("SUPERVISOR_PROCESS_NAME", &*config.name);
    environment.set("SUPERVISOR_GROUP_NAME", group);
    for (name, value) in &*config.environment {
        environment.set(name, value);
    }
    environment
}

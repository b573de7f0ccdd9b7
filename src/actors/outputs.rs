//! A process's stdout and stderr, and the writers that take them.

use super::launch::{ChildOutputs, OurEnds};
use super::log_counts::LogCounts;
use super::log_thread::Writer;
use super::log_writer::{
    Attach, Clear, Close, Drain, FilePlan, LogWriter, Open, Plan, Reopen, Resize,
};
use super::process::Process;
use super::resources::Resources;
use crate::config::{Channel, Group, GroupKind, LogTarget, ProcessConfig};
use crate::events::OutputChannel;
use crate::logging::{ORDINARY, PRIVATE, Rotation, auto};
use crate::os::errno::io_error_words;
use crate::os::{Errno, SpawnError};
use crate::process::note::Level;
use crate::process::{Pid, Written};
use actix::Addr;
use futures_util::future::{OptionFuture, join, join_all};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long the news of a child's end waits for its last output, when the disk is stuck.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// How long a start waits for its logs to be opened, and a client for them to be cleared, when the
/// disk is stuck.
const OPEN_LIMIT: Duration = Duration::from_secs(30);

/// What a child wrote, as far as its logs are files and there was time to look.
#[derive(Clone, Copy, Default)]
pub(super) struct AllWritten {
    pub(super) stdout: Option<Written>,
    pub(super) stderr: Option<Written>,
}

/// Both outputs of a process.
pub(super) struct Outputs {
    stdout: Output,
    stderr: Output,
    counts: Arc<LogCounts>,
    redirect_stderr: bool,
    /// Its stdout speaks to its pool, whether it is logged or not.
    is_listener: bool,
}

/// One output: what is to become of it and who sees to it.
struct Output {
    /// `None` where nobody wants it.
    plan: Option<Box<Plan>>,
    /// Made when it is first needed.
    writer: Option<Writer>,
}

impl Outputs {
    /// Makes the plans, and the AUTO files that they name.
    pub(super) fn new(config: &ProcessConfig, group: &Group, resources: &Resources) -> Self {
        let redirect_stderr = config.program.redirect_stderr;
        let is_listener = matches!(group.kind, GroupKind::EventListener(_));
        let counts = Arc::default();
        let plan = |channel, which| plan(config, channel, which, &counts, resources);
        let stdout = plan(&config.stdout, OutputChannel::Stdout);
        let stdout = if is_listener {
            logged_only(stdout)
        } else {
            stdout
        };
        let stderr = plan(&config.stderr, OutputChannel::Stderr);
        Self {
            stdout: Output::new(stdout),
            stderr: Output::new(if redirect_stderr {
                nothing(stderr)
            } else {
                stderr
            }),
            redirect_stderr,
            is_listener,
            counts,
        }
    }

    /// Counts what is logged.
    pub(super) const fn counts(&self) -> &Arc<LogCounts> {
        &self.counts
    }

    /// Where stdout is logged; empty when to no file.
    pub(super) fn stdout_logfile(&self) -> Arc<str> {
        self.stdout.logfile()
    }

    /// Where stderr is logged; empty when to no file.
    pub(super) fn stderr_logfile(&self) -> Arc<str> {
        self.stderr.logfile()
    }

    /// Whether anybody wants what the process writes.
    pub(super) fn are_wanted(&self) -> bool {
        self.stdout.plan.is_some() || self.stderr.plan.is_some()
    }

    /// Whether anything of it concerns others than its logs.
    pub(super) fn are_told(&self) -> bool {
        let plans = [&self.stdout.plan, &self.stderr.plan];
        let told = |plan: &&Plan| plan.events || plan.capture.is_some();
        plans
            .into_iter()
            .flatten()
            .map(|plan| &**plan)
            .any(|plan| told(&plan))
    }

    /// What a child's outputs are to be connected to.
    pub(super) fn for_child(&self) -> ChildOutputs {
        ChildOutputs {
            stdout: self.is_listener || self.stdout.plan.is_some(),
            stderr: self.stderr.plan.is_some(),
            redirect_stderr: self.redirect_stderr,
        }
    }

    /// Opens the logs, on the log thread, before `process` spawns a child.
    ///
    /// # Errors
    /// What `spawnerr` is to say when one can't be opened.
    pub(super) fn open(
        &mut self,
        process: &Addr<Process>,
        name: &Arc<str>,
        resources: &Resources,
    ) -> impl Future<Output = Result<(), String>> + 'static {
        let writers: Vec<_> = [&mut self.stdout, &mut self.stderr]
            .into_iter()
            .filter_map(|output| output.writer(process, resources))
            .collect();
        let opened = join_all(writers.iter().map(|writer| writer.send(Open)));
        let name = name.clone();
        async move {
            let Ok(opened) = tokio::time::timeout(OPEN_LIMIT, opened).await else {
                // For when the disk is back.
                writers.iter().for_each(|writer| writer.do_send(Close));
                return Err(format!("the logs of '{name}' can't be opened in time"));
            };
            match opened.into_iter().flatten().find_map(Result::err) {
                Some(error) => Err(cannot_open(&error, &name)),
                None => Ok(()),
            }
        }
    }

    /// Hands over our ends of the child's pipes.
    pub(super) fn attach(&self, ours: &mut OurEnds, child: Pid) {
        for (output, pipe) in [
            (&self.stdout, ours.stdout.take()),
            (&self.stderr, ours.stderr.take()),
        ] {
            if let (Some(writer), Some(pipe)) = (&output.writer, pipe) {
                writer.do_send(Attach(pipe, child));
            }
        }
    }

    /// Who logs stdout; nobody where that is not wanted.
    pub(super) const fn stdout_writer(&self) -> Option<&Writer> {
        self.stdout.writer.as_ref()
    }

    /// Rotates the logs by the sizes of this configuration from now on.
    pub(super) fn resize(&mut self, config: &ProcessConfig) {
        self.stdout.resize(&config.stdout);
        self.stderr.resize(&config.stderr);
    }

    /// Takes what the pipes hold now, the last words of the child that has `ended`; ends when it is
    /// on its way to the logs, with what the child wrote to them.
    pub(super) fn drain(&self, ended: Option<Pid>) -> impl Future<Output = AllWritten> + 'static {
        let drain = |writer: &Writer| writer.send(Drain(ended));
        let stdout = self.stdout.writer.as_ref().map(drain);
        let stderr = self.stderr.writer.as_ref().map(drain);
        let (stdout, stderr) = (OptionFuture::from(stdout), OptionFuture::from(stderr));
        async move {
            let drained = tokio::time::timeout(DRAIN_LIMIT, join(stdout, stderr)).await;
            let (stdout, stderr) = drained.unwrap_or_default();
            let written = |answer: Option<Result<_, _>>| answer?.ok()?;
            AllWritten {
                stdout: written(stdout),
                stderr: written(stderr),
            }
        }
    }

    /// Closes the logs, after all: there is no child.
    pub(super) fn close(&self) {
        self.writers().for_each(|writer| writer.do_send(Close));
    }

    /// Closes the logs and opens what is at their paths now.
    pub(super) fn reopen(&self) {
        self.writers().for_each(|writer| writer.do_send(Reopen));
    }

    /// Removes the logs and starts new ones.
    pub(super) fn clear(
        &mut self,
        process: &Addr<Process>,
        resources: &Resources,
    ) -> impl Future<Output = io::Result<()>> + 'static {
        let writers: Vec<_> = [&mut self.stdout, &mut self.stderr]
            .into_iter()
            .filter_map(|output| output.writer(process, resources))
            .collect();
        let cleared = join_all(writers.iter().map(|writer| writer.send(Clear)));
        async move {
            let cleared = tokio::time::timeout(OPEN_LIMIT, cleared).await?;
            cleared.into_iter().flatten().collect()
        }
    }

    fn writers(&self) -> impl Iterator<Item = &Writer> {
        [&self.stdout, &self.stderr]
            .into_iter()
            .filter_map(|output| output.writer.as_ref())
    }
}

impl Output {
    fn new(plan: Plan) -> Self {
        Self {
            plan: plan.is_wanted().then(|| Box::new(plan)),
            writer: None,
        }
    }

    fn resize(&mut self, channel: &Channel) {
        let plan = self.plan.as_mut().and_then(|plan| plan.file.as_mut());
        let Some(file) = plan else { return };
        file.rotation = Rotation::new(channel.maxbytes, channel.backups);
        if let Some(writer) = &self.writer {
            writer.do_send(Resize(file.rotation));
        }
    }

    fn logfile(&self) -> Arc<str> {
        let file = self.plan.as_ref().and_then(|plan| plan.file.as_ref());
        file.map(|file| file.path.to_string_lossy().into())
            .unwrap_or_default()
    }

    fn writer(&mut self, process: &Addr<Process>, resources: &Resources) -> Option<Writer> {
        let plan = self.plan.as_ref()?;
        let writer = self.writer.get_or_insert_with(|| {
            let (plan, activity, process) = (
                Plan::clone(plan),
                resources.activity.clone(),
                process.downgrade(),
            );
            let make = || LogWriter::new(plan, activity, process);
            resources.log_thread.launch(make)
        });
        Some(writer.clone())
    }
}

fn plan(
    config: &ProcessConfig,
    channel: &Channel,
    which: OutputChannel,
    counts: &Arc<LogCounts>,
    resources: &Resources,
) -> Plan {
    Plan {
        process: config.name.clone(),
        channel: which,
        counts: counts.clone(),
        file: file_plan(config, channel, which, resources),
        syslog: channel.syslog,
        strip_ansi: resources.strip_ansi,
        capture: usize::try_from(channel.capture_maxbytes)
            .ok()
            .filter(|&bytes| bytes > 0),
        events: channel.events_enabled,
        echo: resources.activity.is_enabled(Level::Debug),
    }
}

fn file_plan(
    config: &ProcessConfig,
    channel: &Channel,
    which: OutputChannel,
    resources: &Resources,
) -> Option<FilePlan> {
    let rotation = Rotation::new(channel.maxbytes, channel.backups);
    match &channel.log {
        LogTarget::None => None,
        LogTarget::File(path) => Some(FilePlan {
            path: Path::new(&**path).to_owned(),
            rotation,
            mode: ORDINARY,
        }),
        // stderr that goes where stdout goes has no file of its own.
        LogTarget::Auto if which == OutputChannel::Stderr && config.program.redirect_stderr => None,
        LogTarget::Auto => {
            let Resources {
                childlogdir,
                identifier,
                activity,
                ..
            } = resources;
            match auto::create(childlogdir, &config.name, &which.to_string(), identifier) {
                Ok(path) => Some(FilePlan {
                    path,
                    rotation,
                    mode: PRIVATE,
                }),
                Err(error) => {
                    activity.log(
                        Level::Critical,
                        format!(
                            "no log for the {which} of '{}': can't create a file in {}: {}",
                            config.name,
                            childlogdir.display(),
                            io_error_words(&error)
                        ),
                    );
                    None
                }
            }
        }
    }
}

/// The stdout of an event listener: logged to a file if anything. Who reads it tells it to the
/// activity log.
fn logged_only(plan: Plan) -> Plan {
    Plan {
        echo: false,
        syslog: false,
        capture: None,
        events: false,
        ..plan
    }
}

/// An output that goes where another goes.
fn nothing(plan: Plan) -> Plan {
    Plan {
        file: None,
        syslog: false,
        capture: None,
        events: false,
        echo: false,
        ..plan
    }
}

fn cannot_open(error: &io::Error, name: &str) -> String {
    let errno = Errno::from_raw(error.raw_os_error().unwrap_or_default());
    SpawnError::Dispatchers(errno).text(name)
}

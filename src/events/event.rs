//! What happened, and how a listener reads it.

use super::repr::repr;
use super::{EventType, Tick};
use crate::process::{Pid, ProcessState};
use std::fmt;
use std::sync::Arc;

/// Something that happened and that listeners may want to know. All that they read is frozen
/// here, so that an event which waits in a buffer tells what was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A process changed its state.
    ProcessState {
        /// Whose.
        source: Source,
        /// The state it left.
        from: ProcessState,
        /// The state it entered.
        to: StateChange,
    },
    /// A process wrote something on a channel with `*_events_enabled`.
    ProcessLog(Output),
    /// A process sent a message between capture tokens.
    ProcessCommunication(Output),
    /// A client called `sendRemoteCommEvent`.
    RemoteCommunication {
        /// The client's `type`.
        kind: String,
        /// The client's `data`.
        data: String,
    },
    /// supervisord has started.
    SupervisorRunning,
    /// supervisord begins to stop, be it to exit or to restart.
    SupervisorStopping,
    /// A slice of time began.
    Tick(Tick),
    /// The group of this name became active.
    GroupAdded(Arc<str>),
    /// The group of this name is no longer active.
    GroupRemoved(Arc<str>),
}

/// The process that an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The process's name.
    pub name: Arc<str>,
    /// Its group's name.
    pub group: Arc<str>,
}

/// The state that a process entered, with what is told about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    /// STOPPED.
    Stopped {
        /// The pid it had; 0 from BACKOFF.
        pid: Pid,
    },
    /// STARTING.
    Starting {
        /// Failed tries so far; 0 at the first.
        tries: u32,
    },
    /// RUNNING.
    Running {
        /// The child's pid.
        pid: Pid,
    },
    /// BACKOFF.
    Backoff {
        /// Failed tries so far, with this one.
        tries: u32,
    },
    /// STOPPING.
    Stopping {
        /// The child's pid.
        pid: Pid,
    },
    /// EXITED.
    Exited {
        /// The pid it had.
        pid: Pid,
        /// Whether its status is among `exitcodes`.
        expected: bool,
    },
    /// FATAL.
    Fatal,
    /// UNKNOWN.
    Unknown,
}

/// What a process wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Who wrote it.
    pub source: Source,
    /// The child's pid.
    pub pid: Pid,
    /// Where.
    pub channel: OutputChannel,
    /// The bytes, in whatever encoding.
    pub data: Vec<u8>,
}

/// Which of a process's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputChannel {
    /// Its stdout, and its stderr where `redirect_stderr` is set.
    Stdout,
    /// Its stderr.
    Stderr,
}

impl Event {
    /// Its concrete type.
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::ProcessState { to, .. } => to.event_type(),
            Self::ProcessLog(output) => match output.channel {
                OutputChannel::Stdout => EventType::ProcessLogStdout,
                OutputChannel::Stderr => EventType::ProcessLogStderr,
            },
            Self::ProcessCommunication(output) => match output.channel {
                OutputChannel::Stdout => EventType::ProcessCommunicationStdout,
                OutputChannel::Stderr => EventType::ProcessCommunicationStderr,
            },
            Self::RemoteCommunication { .. } => EventType::RemoteCommunication,
            Self::SupervisorRunning => EventType::SupervisorStateChangeRunning,
            Self::SupervisorStopping => EventType::SupervisorStateChangeStopping,
            Self::Tick(tick) => tick.period.event_type(),
            Self::GroupAdded(_) => EventType::ProcessGroupAdded,
            Self::GroupRemoved(_) => EventType::ProcessGroupRemoved,
        }
    }

    /// What a listener reads after the header line. A process's bytes pass as they are, UTF-8 or
    /// not. Only group events end with a newline of their own.
    pub fn payload(&self) -> Vec<u8> {
        [self.head().as_bytes(), self.data()].concat()
    }

    /// The same as text, as Supervisor writes it: of a process's bytes that are not UTF-8 it tells
    /// what they are in Python.
    pub fn text(&self) -> String {
        let (head, data) = (self.head(), self.data());
        match str::from_utf8(data) {
            Ok(data) => head + data,
            Err(_) => format!("{head}Undecodable: {}", repr(data)),
        }
    }

    /// The payload without what a process wrote.
    fn head(&self) -> String {
        match self {
            Self::ProcessState { source, from, to } => format!("{source} from_state:{from}{to}"),
            Self::ProcessLog(Output {
                source,
                pid,
                channel,
                ..
            }) => format!("{source} pid:{pid} channel:{channel}\n"),
            Self::ProcessCommunication(Output { source, pid, .. }) => {
                format!("{source} pid:{pid}\n")
            }
            Self::RemoteCommunication { kind, data } => format!("type:{kind}\n{data}"),
            Self::SupervisorRunning | Self::SupervisorStopping => String::new(),
            Self::Tick(tick) => format!("when:{}", tick.when),
            Self::GroupAdded(name) | Self::GroupRemoved(name) => format!("groupname:{name}\n"),
        }
    }

    /// What a process wrote.
    fn data(&self) -> &[u8] {
        match self {
            Self::ProcessLog(output) | Self::ProcessCommunication(output) => &output.data,
            _ => &[],
        }
    }

    /// Whether it is something that a process wrote.
    pub const fn is_output(&self) -> bool {
        matches!(self, Self::ProcessLog(_) | Self::ProcessCommunication(_))
    }

    /// About how many bytes of memory it holds, names that it shares not counted.
    pub fn weight(&self) -> usize {
        let text = match self {
            Self::RemoteCommunication { kind, data } => kind.len() + data.len(),
            _ => 0,
        };
        size_of::<Self>() + text + self.data().len()
    }
}

impl StateChange {
    const fn event_type(self) -> EventType {
        match self {
            Self::Stopped { .. } => EventType::ProcessStateStopped,
            Self::Starting { .. } => EventType::ProcessStateStarting,
            Self::Running { .. } => EventType::ProcessStateRunning,
            Self::Backoff { .. } => EventType::ProcessStateBackoff,
            Self::Stopping { .. } => EventType::ProcessStateStopping,
            Self::Exited { .. } => EventType::ProcessStateExited,
            Self::Fatal => EventType::ProcessStateFatal,
            Self::Unknown => EventType::ProcessStateUnknown,
        }
    }
}

impl fmt::Display for StateChange {
    /// The tokens that it adds to a payload, each after a blank.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Starting { tries } | Self::Backoff { tries } => write!(f, " tries:{tries}"),
            Self::Stopped { pid } | Self::Running { pid } | Self::Stopping { pid } => {
                write!(f, " pid:{pid}")
            }
            Self::Exited { pid, expected } => {
                write!(f, " expected:{} pid:{pid}", u8::from(expected))
            }
            Self::Fatal | Self::Unknown => Ok(()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "processname:{} groupname:{}", self.name, self.group)
    }
}

impl fmt::Display for OutputChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::TickPeriod;

    fn source() -> Source {
        Source {
            name: "cat".into(),
            group: "pets".into(),
        }
    }

    fn output(channel: OutputChannel, data: &[u8]) -> Output {
        Output {
            source: source(),
            pid: 123,
            channel,
            data: data.to_vec(),
        }
    }

    fn assert_told(event: &Event, name: &str, payload: &[u8]) {
        assert_eq!(event.event_type().name(), name);
        let text = payload.escape_ascii().to_string();
        assert_eq!(event.payload().escape_ascii().to_string(), text, "{name}");
    }

    #[test]
    fn state_changes_are_told_to_the_letter() {
        use ProcessState as S;
        for (from, to, name, tokens) in [
            (
                S::Stopped,
                StateChange::Starting { tries: 0 },
                "STARTING",
                " tries:0",
            ),
            (
                S::Starting,
                StateChange::Backoff { tries: 1 },
                "BACKOFF",
                " tries:1",
            ),
            (
                S::Starting,
                StateChange::Running { pid: 7 },
                "RUNNING",
                " pid:7",
            ),
            (
                S::Running,
                StateChange::Stopping { pid: 7 },
                "STOPPING",
                " pid:7",
            ),
            (
                S::Backoff,
                StateChange::Stopped { pid: 0 },
                "STOPPED",
                " pid:0",
            ),
            (
                S::Running,
                StateChange::Exited {
                    pid: 7,
                    expected: false,
                },
                "EXITED",
                " expected:0 pid:7",
            ),
            (
                S::Running,
                StateChange::Exited {
                    pid: 7,
                    expected: true,
                },
                "EXITED",
                " expected:1 pid:7",
            ),
            (S::Backoff, StateChange::Fatal, "FATAL", ""),
            (S::Stopping, StateChange::Unknown, "UNKNOWN", ""),
        ] {
            let payload = format!("processname:cat groupname:pets from_state:{from}{tokens}");
            let event = Event::ProcessState {
                source: source(),
                from,
                to,
            };
            assert_told(&event, &format!("PROCESS_STATE_{name}"), payload.as_bytes());
        }
    }

    #[test]
    fn output_is_told_with_its_bytes_unchanged() {
        let (out, err) = (OutputChannel::Stdout, OutputChannel::Stderr);
        for (event, name, payload) in [
            (
                Event::ProcessLog(output(out, b"hi\n")),
                "PROCESS_LOG_STDOUT",
                b"processname:cat groupname:pets pid:123 channel:stdout\nhi\n".as_slice(),
            ),
            (
                Event::ProcessLog(output(err, b"\xff\0e")),
                "PROCESS_LOG_STDERR",
                b"processname:cat groupname:pets pid:123 channel:stderr\n\xff\0e",
            ),
            (
                Event::ProcessCommunication(output(out, b"the data")),
                "PROCESS_COMMUNICATION_STDOUT",
                b"processname:cat groupname:pets pid:123\nthe data",
            ),
            (
                Event::ProcessCommunication(output(err, b"")),
                "PROCESS_COMMUNICATION_STDERR",
                b"processname:cat groupname:pets pid:123\n",
            ),
        ] {
            assert_told(&event, name, payload);
        }
    }

    #[test]
    fn as_text_what_is_not_utf8_is_told_as_supervisor_tells_it() {
        let said = |data: &[u8]| Event::ProcessLog(output(OutputChannel::Stdout, data)).text();
        let head = "processname:cat groupname:pets pid:123 channel:stdout\n";
        assert_eq!(said("café".as_bytes()), format!("{head}café"));
        assert_eq!(
            said(b"bad\xff'\n"),
            format!(r#"{head}Undecodable: b"bad\xff'\n""#)
        );
    }

    #[test]
    fn all_else_is_told_to_the_letter() {
        let remote = Event::RemoteCommunication {
            kind: "kind".into(),
            data: "some\ndata".into(),
        };
        let tick = |period| {
            Event::Tick(Tick {
                period,
                when: 1_201_063_880,
            })
        };
        for (event, name, payload) in [
            (remote, "REMOTE_COMMUNICATION", "type:kind\nsome\ndata"),
            (
                Event::SupervisorRunning,
                "SUPERVISOR_STATE_CHANGE_RUNNING",
                "",
            ),
            (
                Event::SupervisorStopping,
                "SUPERVISOR_STATE_CHANGE_STOPPING",
                "",
            ),
            (tick(TickPeriod::Seconds5), "TICK_5", "when:1201063880"),
            (tick(TickPeriod::Seconds60), "TICK_60", "when:1201063880"),
            (
                tick(TickPeriod::Seconds3600),
                "TICK_3600",
                "when:1201063880",
            ),
            (
                Event::GroupAdded("cat".into()),
                "PROCESS_GROUP_ADDED",
                "groupname:cat\n",
            ),
            (
                Event::GroupRemoved("cat".into()),
                "PROCESS_GROUP_REMOVED",
                "groupname:cat\n",
            ),
        ] {
            assert_told(&event, name, payload.as_bytes());
        }
    }

    #[test]
    fn the_weight_grows_with_the_data() {
        let light = Event::ProcessLog(output(OutputChannel::Stdout, b"")).weight();
        let heavy = Event::ProcessLog(output(OutputChannel::Stdout, &[0; 500])).weight();
        assert_eq!(heavy - light, 500);
        assert!(Event::SupervisorRunning.weight() > 0);
    }
}

//! The tree of event types: what a listener can subscribe to.

use std::fmt;

macro_rules! event_types {
    (@parent) => { None };
    (@parent $parent:ident) => { Some(Self::$parent) };
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(in $parent:ident)?,)*) => {
        /// A type of event: a concrete one, or a super-type that stands for all below it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $($(#[$doc])* $variant,)*
        }

        impl EventType {
            /// Every type, parents before their children.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in `events=` and in an envelope's `eventname`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The super-type directly above; `None` at the root.
            pub const fn parent(self) -> Option<Self> {
                match self { $(Self::$variant => event_types!(@parent $($parent)?),)* }
            }
        }
    };
}

event_types! {
    /// Everything.
    Event = "EVENT",
    /// Any change of a process's state.
    ProcessState = "PROCESS_STATE" in Event,
    /// A process is STOPPED.
    ProcessStateStopped = "PROCESS_STATE_STOPPED" in ProcessState,
    /// A process is EXITED.
    ProcessStateExited = "PROCESS_STATE_EXITED" in ProcessState,
    /// A process is STARTING.
    ProcessStateStarting = "PROCESS_STATE_STARTING" in ProcessState,
    /// A process is STOPPING.
    ProcessStateStopping = "PROCESS_STATE_STOPPING" in ProcessState,
    /// A process is in BACKOFF.
    ProcessStateBackoff = "PROCESS_STATE_BACKOFF" in ProcessState,
    /// A process is FATAL.
    ProcessStateFatal = "PROCESS_STATE_FATAL" in ProcessState,
    /// A process is RUNNING.
    ProcessStateRunning = "PROCESS_STATE_RUNNING" in ProcessState,
    /// A process's state is UNKNOWN.
    ProcessStateUnknown = "PROCESS_STATE_UNKNOWN" in ProcessState,
    /// A process sent a message between capture tokens.
    ProcessCommunication = "PROCESS_COMMUNICATION" in Event,
    /// It did so on stdout.
    ProcessCommunicationStdout = "PROCESS_COMMUNICATION_STDOUT" in ProcessCommunication,
    /// It did so on stderr.
    ProcessCommunicationStderr = "PROCESS_COMMUNICATION_STDERR" in ProcessCommunication,
    /// A process wrote something.
    ProcessLog = "PROCESS_LOG" in Event,
    /// It wrote to stdout.
    ProcessLogStdout = "PROCESS_LOG_STDOUT" in ProcessLog,
    /// It wrote to stderr.
    ProcessLogStderr = "PROCESS_LOG_STDERR" in ProcessLog,
    /// A client called `sendRemoteCommEvent`.
    RemoteCommunication = "REMOTE_COMMUNICATION" in Event,
    /// supervisord's own state changed.
    SupervisorStateChange = "SUPERVISOR_STATE_CHANGE" in Event,
    /// supervisord has started.
    SupervisorStateChangeRunning = "SUPERVISOR_STATE_CHANGE_RUNNING" in SupervisorStateChange,
    /// supervisord stops or restarts.
    SupervisorStateChangeStopping = "SUPERVISOR_STATE_CHANGE_STOPPING" in SupervisorStateChange,
    /// Time goes by.
    Tick = "TICK" in Event,
    /// Every 5 seconds.
    Tick5 = "TICK_5" in Tick,
    /// Every minute.
    Tick60 = "TICK_60" in Tick,
    /// Every hour.
    Tick3600 = "TICK_3600" in Tick,
    /// A group came or went.
    ProcessGroup = "PROCESS_GROUP" in Event,
    /// A group became active.
    ProcessGroupAdded = "PROCESS_GROUP_ADDED" in ProcessGroup,
    /// A group is no longer active.
    ProcessGroupRemoved = "PROCESS_GROUP_REMOVED" in ProcessGroup,
}

impl EventType {
    /// The type of a name in upper case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whether who subscribed to this gets `other`: it is this, or below it.
    pub fn covers(self, other: Self) -> bool {
        std::iter::successors(Some(other), |below| below.parent()).any(|above| above == self)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_27_names_and_each_finds_its_type() {
        assert_eq!(EventType::ALL.len(), 27);
        for &known in EventType::ALL {
            assert_eq!(EventType::from_name(known.name()), Some(known));
        }
        for name in ["", "event", "PROCESS_STATE_", "EVENT ", "NOPE"] {
            assert_eq!(EventType::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_childs_name_begins_with_its_parents() {
        for known in EventType::ALL {
            match known.parent() {
                None => assert_eq!(*known, EventType::Event),
                Some(EventType::Event) => {}
                Some(parent) => {
                    let prefix = format!("{parent}_");
                    assert!(known.name().starts_with(&prefix), "{known} in {parent}");
                }
            }
        }
    }

    #[test]
    fn a_super_type_covers_itself_and_all_below_and_nothing_else() {
        let covered = |above: EventType| {
            let all = EventType::ALL.iter();
            all.filter(|below| above.covers(**below)).count()
        };
        for (name, count) in [
            ("EVENT", 27),
            ("PROCESS_STATE", 9),
            ("PROCESS_COMMUNICATION", 3),
            ("PROCESS_LOG", 3),
            ("REMOTE_COMMUNICATION", 1),
            ("SUPERVISOR_STATE_CHANGE", 3),
            ("TICK", 4),
            ("PROCESS_GROUP", 3),
            ("TICK_60", 1),
        ] {
            assert_eq!(
                covered(EventType::from_name(name).unwrap()),
                count,
                "{name}"
            );
        }
        assert!(!EventType::Tick.covers(EventType::Event));
    }
}

//! The tree of event types that a listener can subscribe to.

macro_rules! event_types {
    ($($variant:ident = $name:literal,)*) => {
        /// A type of event, concrete or a super-type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl EventType {
            /// The type of an upper-case name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

event_types! {
    Event = "EVENT",
    ProcessState = "PROCESS_STATE",
    ProcessStateStopped = "PROCESS_STATE_STOPPED",
    ProcessStateExited = "PROCESS_STATE_EXITED",
    ProcessStateStarting = "PROCESS_STATE_STARTING",
    ProcessStateStopping = "PROCESS_STATE_STOPPING",
    ProcessStateBackoff = "PROCESS_STATE_BACKOFF",
    ProcessStateFatal = "PROCESS_STATE_FATAL",
    ProcessStateRunning = "PROCESS_STATE_RUNNING",
    ProcessStateUnknown = "PROCESS_STATE_UNKNOWN",
    ProcessCommunication = "PROCESS_COMMUNICATION",
    ProcessCommunicationStdout = "PROCESS_COMMUNICATION_STDOUT",
    ProcessCommunicationStderr = "PROCESS_COMMUNICATION_STDERR",
    ProcessLog = "PROCESS_LOG",
    ProcessLogStdout = "PROCESS_LOG_STDOUT",
    ProcessLogStderr = "PROCESS_LOG_STDERR",
    RemoteCommunication = "REMOTE_COMMUNICATION",
    SupervisorStateChange = "SUPERVISOR_STATE_CHANGE",
    SupervisorStateChangeRunning = "SUPERVISOR_STATE_CHANGE_RUNNING",
    SupervisorStateChangeStopping = "SUPERVISOR_STATE_CHANGE_STOPPING",
    Tick = "TICK",
    Tick5 = "TICK_5",
    Tick60 = "TICK_60",
    Tick3600 = "TICK_3600",
    ProcessGroup = "PROCESS_GROUP",
    ProcessGroupAdded = "PROCESS_GROUP_ADDED",
    ProcessGroupRemoved = "PROCESS_GROUP_REMOVED",
}

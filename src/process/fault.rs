//! Every refusal a client can get: its number, its name and its text, in one table.

use std::fmt;

macro_rules! fault_codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)*) => {
        /// The kinds of refusal, with Supervisor's numbers and names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FaultCode {
            $($(#[$doc])* $variant,)*
        }

        impl FaultCode {
            /// The `faultCode` of an XML-RPC fault, and the `status` in a batch result.
            pub const fn number(self) -> i32 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The first word of the `faultString`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

fault_codes! {
    /// No such method.
    UnknownMethod = 1 "UNKNOWN_METHOD",
    /// Wrong number or type of arguments.
    IncorrectParameters = 2 "INCORRECT_PARAMETERS",
    /// Arguments that make no sense together.
    BadArguments = 3 "BAD_ARGUMENTS",
    /// A method that tells no signature or help.
    SignatureUnsupported = 4 "SIGNATURE_UNSUPPORTED",
    /// The client's role does not allow it. Not in the original, which knows no roles.
    Forbidden = 5 "FORBIDDEN",
    /// supervisord is shutting down or restarting.
    ShutdownState = 6 "SHUTDOWN_STATE",
    /// No process or group of that name.
    BadName = 10 "BAD_NAME",
    /// No such signal.
    BadSignal = 11 "BAD_SIGNAL",
    /// No such file: a log, a command, a closed stdin.
    NoFile = 20 "NO_FILE",
    /// A command that can't be executed.
    NotExecutable = 21 "NOT_EXECUTABLE",
    /// Anything else that failed.
    Failed = 30 "FAILED",
    /// The process ended, or was stopped, before it was RUNNING.
    AbnormalTermination = 40 "ABNORMAL_TERMINATION",
    /// The process could not be spawned or exited too quickly.
    SpawnError = 50 "SPAWN_ERROR",
    /// The process is already started.
    AlreadyStarted = 60 "ALREADY_STARTED",
    /// The process is not running.
    NotRunning = 70 "NOT_RUNNING",
    /// The group is already active.
    AlreadyAdded = 90 "ALREADY_ADDED",
    /// The group still has running processes.
    StillRunning = 91 "STILL_RUNNING",
    /// The configuration can't be read.
    CantReread = 92 "CANT_REREAD",
    /// A method of `twiddler.*` that the file doesn't allow.
    NotInWhitelist = 230 "NOT_IN_WHITELIST",
}

/// The `status` of a batch result that went well (its `description` is `OK`).
pub const SUCCESS: i32 = 80;

/// One refusal: what kind, and about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The kind.
    pub code: FaultCode,
    /// What follows the name and a colon in the text, be it empty; `None` when not even a colon does.
    pub extra: Option<String>,
}

impl Fault {
    /// A fault whose text is `NAME: extra`.
    pub fn new(code: FaultCode, extra: impl Into<String>) -> Self {
        Self {
            code,
            extra: Some(extra.into()),
        }
    }

    /// A fault whose text is the bare name.
    pub const fn bare(code: FaultCode) -> Self {
        Self { code, extra: None }
    }
}

impl fmt::Display for Fault {
    /// The `faultString`: `NAME` or `NAME: extra`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        match &self.extra {
            Some(extra) => write!(f, ": {extra}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_has_its_colon_all_the_same() {
        let told = |fault: Fault| fault.to_string();
        assert_eq!(told(Fault::bare(FaultCode::NoFile)), "NO_FILE");
        assert_eq!(told(Fault::new(FaultCode::BadName, "a")), "BAD_NAME: a");
        assert_eq!(told(Fault::new(FaultCode::BadName, "")), "BAD_NAME: ");
    }
}

//! Everything that can be wrong with a configuration, in one table of sentences.

use super::conversion::FormatFault;
use super::lexer::SplitError;
use super::repr::repr;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Why a configuration can't be used: what is wrong, and where. Shown whole by `Display`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}{}", .place.as_deref().map(Place::to_string).unwrap_or_default())]
pub struct ConfigError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, if the problem doesn't tell itself.
    pub place: Option<Box<Place>>,
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            place: None,
        }
    }
}

/// The place of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The section.
    pub section: String,
    /// The option at fault.
    pub option: Option<String>,
    /// The file.
    pub file: Arc<str>,
    /// The line, from 1, of the option or else of the section.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (section, file) = (repr(&self.section), repr(&self.file));
        write!(
            f,
            " in section {section} (file: {file}, line: {}",
            self.line
        )?;
        match &self.option {
            Some(option) => write!(f, ", option: {})", repr(option)),
            None => f.write_str(")"),
        }
    }
}

/// What is wrong. The words are Supervisor's where they can be understood without knowing Python.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The file isn't there.
    #[error("could not find config file {0}")]
    NoFile(String),
    /// The file can't be read.
    #[error("could not read config file {0}")]
    Unreadable(String),
    /// The file is longer than any configuration.
    #[error("could not read config file {0}: it is too long")]
    TooLong(String),
    /// The file holds bytes that are no text.
    #[error("File is not valid UTF-8: byte 0x{byte:02x}\nfile: {}, line: {line}", repr(.file))]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The first byte that is no text.
        byte: u8,
    },
    /// Something stands before the first section.
    #[error("File contains no section headers.\nfile: {}, line: {line}\n{}", repr(.file), repr(.text))]
    NoHeader {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// Its text.
        text: String,
    },
    /// Lines that are neither header nor option.
    #[error("Source contains parsing errors: {}{}", repr(.file), listing(.lines))]
    BadLines {
        /// The file.
        file: String,
        /// The lines' numbers, from 1, and texts.
        lines: Vec<(usize, String)>,
    },
    /// A section that must be there isn't.
    #[error(".ini file does not include {section} section (file: {})", repr(.file))]
    NoSection {
        /// The section.
        section: &'static str,
        /// The file.
        file: String,
    },
    /// `[include]` without `files`.
    #[error(".ini file has [include] section, but no files setting")]
    NoIncludeFiles,

    /// A name that stands for nothing.
    #[error("Format string {} for {} contains names ({}) which cannot be expanded. Available names: {available}",
        repr(.text), repr(.label), repr(.name))]
    UnknownName {
        /// The value.
        text: String,
        /// The option.
        label: String,
        /// The name.
        name: String,
        /// All that could stand there.
        available: String,
    },
    /// A `%` that begins nothing.
    #[error("Format string {} for {} is badly formatted: {fault} (the % at index {at}; a literal % is written %%)",
        repr(.text), repr(.label))]
    BadFormat {
        /// The value.
        text: String,
        /// The option.
        label: String,
        /// What is wrong.
        fault: FormatFault,
        /// The place of the `%` in the value, in characters from 0.
        at: usize,
    },

    /// A value on the command line that its option can't have.
    #[error("invalid value for {option} {}: {problem}", repr(.value))]
    Argument {
        /// The option, as it was typed.
        option: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        problem: Box<Problem>,
    },

    /// No whole number.
    #[error("not a valid integer: {}", repr(.0))]
    Integer(String),
    /// Neither true nor false.
    #[error("not a valid boolean value: {}", repr(.0))]
    Boolean(String),
    /// No number of bytes.
    #[error("not a valid byte size: {} (a number, followed by KB, MB, GB or nothing)", repr(.0))]
    ByteSize(String),
    /// No octal number, or no set of permission bits.
    #[error("{0} can not be converted to an octal type")]
    Octal(String),
    /// Too small a number.
    #[error("{value} is below lower bound ({bound})")]
    Below {
        /// The number.
        value: i64,
        /// The least one.
        bound: i64,
    },
    /// Too great a number.
    #[error("{value} is above upper bound ({bound})")]
    Above {
        /// The number.
        value: i64,
        /// The greatest one.
        bound: i64,
    },
    /// None of the three kinds of `autorestart`.
    #[error("invalid 'autorestart' value {}", repr(.0))]
    Autorestart(String),
    /// No signal of this name.
    #[error("value {} is not a valid signal name", repr(.0))]
    SignalName(String),
    /// No signal of this number.
    #[error("value {} is not a valid signal number", repr(.0))]
    SignalNumber(String),
    /// Not all exit codes.
    #[error("not a valid list of exit codes: {}", repr(.0))]
    ExitCodes(String),
    /// No log level.
    #[error("bad logging level name {}", repr(.0))]
    LogLevel(String),
    /// No way with included files that are of no use.
    #[error("invalid 'include_errors' value {} (fail or skip)", repr(.0))]
    IncludeErrors(String),
    /// No measure of a payload.
    #[error("invalid 'payload_length' value {} (bytes or characters)", repr(.0))]
    PayloadLength(String),
    /// No fate of children.
    #[error("invalid 'on_supervisor_death' value {} (orphan or kill)", repr(.0))]
    OnSupervisorDeath(String),
    /// A fate of children that is known, but can't be had.
    #[error(
        "'on_supervisor_death' can not be 'adopt': a supervisord can't take over the children of another yet (orphan or kill)"
    )]
    Adoption,
    /// No argon2 hash after `{ARGON2}`.
    #[error(
        "after {{ARGON2}}, 'password' must be a whole argon2 hash such as $argon2id$v=19$m=65536,t=3,p=4$SALT$HASH"
    )]
    Argon2,
    /// An argon2 hash that is too costly to verify.
    #[error("the argon2 hash in 'password' needs more than 1 GiB of memory (m=1048576)")]
    Argon2Memory,
    /// A server that anybody may reach.
    #[error(
        "section [{section}] has no password and listens at {address}, beyond this machine; refuse_open_servers forbids it"
    )]
    OpenServer {
        /// Its section.
        section: String,
        /// Its address.
        address: String,
    },
    /// No directory.
    #[error("{0} is not an existing directory")]
    NotADirectory(String),
    /// A file can't be there.
    #[error("The directory named as part of the path {0} does not exist")]
    NoParent(String),
    /// No such user.
    #[error("Invalid user name {0}")]
    UserName(String),
    /// No user of this id.
    #[error("Invalid user id {0}")]
    UserId(String),
    /// No such group.
    #[error("Invalid group name {0}")]
    GroupName(String),
    /// No group of this id.
    #[error("Invalid group id {0}")]
    GroupId(String),
    /// A value that its option can't have.
    #[error("Invalid {what} value {value}")]
    Invalid {
        /// What it was to be.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// No URL.
    #[error("value {} is not a URL", repr(.0))]
    Url(String),
    /// An address without a port.
    #[error("no port number specified in {}", repr(.0))]
    NoPort(String),
    /// No port.
    #[error("not a valid port number: {}", repr(.0))]
    Port(String),
    /// No list of `KEY=value`.
    #[error("Unexpected end of key/value pairs in value '{0}'")]
    Pairs(String),
    /// Quotes or backslashes that don't come out even.
    #[error("{error} in value {}", repr(.value))]
    Quotation {
        /// What is wrong.
        error: SplitError,
        /// The value.
        value: String,
    },

    /// A name that would be ambiguous.
    #[error("Invalid name: {} because of character: {}", repr(.name), repr(.character))]
    Name {
        /// The name.
        name: String,
        /// The first character that may not be in it.
        character: String,
    },
    /// A program without `command`.
    #[error("program section {0} does not specify a command")]
    NoCommand(String),
    /// Several processes would have one name.
    #[error("%(process_num) must be present within process_name when numprocs > 1")]
    ProcessNum,
    /// A stop signal for the group that leaves the group alive.
    #[error("Cannot set stopasgroup=true and killasgroup=false")]
    KillAsGroup,
    /// A member of a group that isn't there.
    #[error("[{group}] names unknown program or fcgi-program {}", repr(.program))]
    UnknownProgram {
        /// The group's section.
        group: String,
        /// The name.
        program: String,
    },
    /// A member of a group that is there twice.
    #[error("[{group}] name {} is ambiguous (exists as program and fcgi-program)", repr(.program))]
    AmbiguousProgram {
        /// The group's section.
        group: String,
        /// The name.
        program: String,
    },
    /// A line without which the section makes no sense.
    #[error("[{section}] section requires {article} \"{option}\" line")]
    Requires {
        /// The section.
        section: String,
        /// `a` or `an`.
        article: &'static str,
        /// The option.
        option: &'static str,
    },
    /// A buffer that holds nothing.
    #[error("[{section}] section sets invalid buffer_size ({size})")]
    BufferSize {
        /// The section.
        section: String,
        /// The size.
        size: i64,
    },
    /// No event type.
    #[error("Unknown event type {} in [{section}] events", if .name.is_empty() { "''" } else { .name })]
    UnknownEvent {
        /// The section.
        section: String,
        /// The name.
        name: String,
    },
    /// A listener that would speak out of turn.
    #[error(
        "[{0}] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol"
    )]
    ListenerStderr(String),
    /// No socket.
    #[error("Bad socket format {} in [{section}] socket", repr(.value))]
    Socket {
        /// The section.
        section: String,
        /// The value.
        value: String,
    },
    /// A socket somewhere.
    #[error("Unix socket path {path} is not an absolute path in [{section}] socket")]
    RelativeSocket {
        /// The section.
        section: String,
        /// The path.
        path: String,
    },
    /// Permissions of something that has none.
    #[error(
        "socket_owner and socket_mode params should only be used with a Unix domain socket in [{section}] socket, not with {socket}"
    )]
    TcpOwner {
        /// The section.
        section: String,
        /// The socket.
        socket: String,
    },
    /// A server section without what it is about.
    #[error("section [{section}] has no {option} value")]
    NoValue {
        /// The section.
        section: String,
        /// The option.
        option: &'static str,
    },
    /// A username without password, or the other way round.
    #[error(
        "Section [{0}] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified"
    )]
    IncompleteAuthentication(String),
    /// A plugin that isn't named.
    #[error("section [{section}] does not specify a {option}")]
    NoFactory {
        /// The section.
        section: String,
        /// The option.
        option: &'static str,
    },
}

fn listing(lines: &[(usize, String)]) -> String {
    let shown = lines
        .iter()
        .map(|(line, text)| format!("\n\t[line {line:2}]: {}", repr(text)));
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_the_value_the_section_the_file_and_the_option() {
        let error = ConfigError {
            problem: Problem::Integer("abc".to_owned()),
            place: Some(Box::new(Place {
                section: "program:x".to_owned(),
                option: Some("startsecs".to_owned()),
                file: "a.conf".into(),
                line: 7,
            })),
        };
        assert_eq!(
            error.to_string(),
            "not a valid integer: 'abc' in section 'program:x' (file: 'a.conf', line: 7, option: 'startsecs')"
        );
    }

    #[test]
    fn bad_lines_are_listed() {
        let problem = Problem::BadLines {
            file: "a.conf".to_owned(),
            lines: vec![(2, "foo\n".to_owned()), (13, "bar".to_owned())],
        };
        assert_eq!(
            problem.to_string(),
            "Source contains parsing errors: 'a.conf'\n\t[line  2]: 'foo\\n'\n\t[line 13]: 'bar'"
        );
    }
}

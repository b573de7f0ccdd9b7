//! `[unix_http_server]` and `[inet_http_server]` as values.

use super::error::{ConfigError, Problem};
use super::paths::{absolute, expand_user};
use super::reading::Reading;
use super::section::Section;
use super::users;
use super::values::{inet_address, octal};
use std::fmt;
use std::path::PathBuf;

/// One HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpServer {
    /// The section, as written: `unix_http_server`, `inet_http_server:two`.
    pub section: String,
    /// Where it listens.
    pub address: ServerAddress,
    /// The name a client must give; `None` or empty asks for none.
    pub username: Option<String>,
    /// The password that goes with it: plain, or `{SHA}` and 40 lower-case hex digits.
    pub password: Option<String>,
}

/// Where an HTTP server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    /// A unix socket.
    Unix {
        /// Its path, absolute.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Its owner; `None` leaves it.
        uid: Option<u32>,
        /// Its group; `None` leaves it.
        gid: Option<u32>,
    },
    /// A TCP port.
    Inet {
        /// The interface's name or IPv4 address, lower-cased; empty is all of them.
        host: String,
        /// The port.
        port: u16,
    },
}

impl HttpServer {
    /// Whether the server asks for a name and password at all.
    pub fn is_open(&self) -> bool {
        self.username.as_deref().unwrap_or_default().is_empty()
    }

    /// What children get as `SUPERVISOR_SERVER_URL` when they are to use this server.
    pub fn url(&self) -> String {
        match &self.address {
            ServerAddress::Unix { path, .. } => format!("unix://{}", path.display()),
            ServerAddress::Inet { host, port } => {
                let host = if host.is_empty() { "localhost" } else { host };
                format!("http://{host}:{port}")
            }
        }
    }
}

impl ServerAddress {
    /// The option that says it.
    pub const fn option(&self) -> &'static str {
        match self {
            Self::Unix { .. } => "file",
            Self::Inet { .. } => "port",
        }
    }
}

/// The path, or `host:port`.
impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix { path, .. } => path.display().fmt(f),
            Self::Inet { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// Reads all servers: inet ones first, then unix ones.
pub(super) fn read(reading: &mut Reading<'_>) -> Vec<HttpServer> {
    let mut servers = Vec::new();
    for name in reading.sections("inet_http_server") {
        let server = inet(&reading.section(&name));
        servers.extend(reading.found.keep(server));
    }
    for name in reading.sections("unix_http_server") {
        let server = unix(&reading.section(&name), reading);
        servers.extend(reading.found.keep(server));
    }
    servers
}

fn inet(section: &Section<'_>) -> Result<HttpServer, ConfigError> {
    let (username, password) = credentials(section)?;
    let port = section.get("port", inet_address)?;
    let (host, port) = port.ok_or_else(|| no_value(section, "port"))?;
    Ok(HttpServer {
        section: section.name.to_owned(),
        address: ServerAddress::Inet { host, port },
        username,
        password,
    })
}

fn unix(section: &Section<'_>, reading: &Reading<'_>) -> Result<HttpServer, ConfigError> {
    let around = reading.around;
    let file = section
        .text("file")?
        .ok_or_else(|| no_value(section, "file"))?;
    let path = absolute(
        around.directory,
        &expand_user(file.trim(), around.environment),
    );
    let (username, password) = credentials(section)?;
    let owner = section.get("chown", |text| {
        users::user_and_group(text).map_err(|_| invalid("sockchown", text))
    })?;
    let mode = section.get("chmod", |text| {
        octal(text).map_err(|_| invalid("chmod", text))
    })?;
    Ok(HttpServer {
        section: section.name.to_owned(),
        address: ServerAddress::Unix {
            path,
            mode: mode.unwrap_or(0o700),
            uid: owner.map(|(uid, _)| uid),
            gid: owner.and_then(|(_, gid)| gid),
        },
        username,
        password,
    })
}

type Credentials = (Option<String>, Option<String>);

fn credentials(section: &Section<'_>) -> Result<Credentials, ConfigError> {
    let username = section.text("username")?.map(String::from);
    let password = section.text("password")?.map(String::from);
    let missing = match (&username, &password) {
        (Some(_), None) => "password",
        (None, Some(_)) => "username",
        _ => return Ok((username, password)),
    };
    let problem = Problem::IncompleteAuthentication(section.name.to_owned());
    Err(section.error(missing, problem))
}

fn no_value(section: &Section<'_>, option: &'static str) -> ConfigError {
    let section_name = section.name.to_owned();
    let problem = Problem::NoValue {
        section: section_name,
        option,
    };
    section.error(option, problem)
}

fn invalid(what: &'static str, text: &str) -> Problem {
    Problem::Invalid {
        what,
        value: text.to_owned(),
    }
}

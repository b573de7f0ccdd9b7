//! `[unix_http_server]` and `[inet_http_server]` as values.

use super::Password;
use super::error::{ConfigError, Problem};
use super::paths::{absolute, expand_user};
use super::reading::Reading;
use super::section::Section;
use super::users;
use super::values::{inet_address, list, octal};
use std::fmt;
use std::net::Ipv4Addr;
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
    /// The password that goes with it.
    pub password: Option<Password>,
    /// Another who may act on processes and their logs.
    pub operator: Option<Login>,
    /// Another who may only see.
    pub reader: Option<Login>,
    /// The names, in small letters, under which browsers may reach it though it asks for no
    /// password, beside those that are surely its own.
    pub allowed_hosts: Vec<String>,
    /// What it speaks TLS with; `None` is plain text.
    pub tls: Option<TlsFiles>,
}

/// A name and the password that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name, not empty.
    pub username: String,
    /// The password.
    pub password: Password,
}

/// The files with which a server speaks TLS, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Its certificate, followed by those that lead to its issuer.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
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
        let is_named = |name: &String| !name.is_empty();
        !self.username.as_ref().is_some_and(is_named)
            && self.operator.is_none()
            && self.reader.is_none()
    }

    /// Whether anybody on another machine may be a client: it is open and listens beyond loopback.
    pub fn is_exposed(&self) -> bool {
        match &self.address {
            ServerAddress::Unix { .. } => false,
            ServerAddress::Inet { host, .. } => self.is_open() && !is_loopback(host),
        }
    }

    /// What children get as `SUPERVISOR_SERVER_URL` when they are to use this server.
    pub fn url(&self) -> String {
        match &self.address {
            ServerAddress::Unix { path, .. } => format!("unix://{}", path.display()),
            ServerAddress::Inet { host, port } => {
                let host = if host.is_empty() { "localhost" } else { host };
                let scheme = if self.tls.is_some() { "https" } else { "http" };
                format!("{scheme}://{host}:{port}")
            }
        }
    }
}

/// Whether an interface leads to nowhere but this machine. A name other than `localhost` might lead
/// anywhere.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
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

/// Reads all servers: inet ones first, then unix ones. With `refuse_open`, none may be exposed.
pub(super) fn read(reading: &mut Reading<'_>, refuse_open: bool) -> Vec<HttpServer> {
    let mut servers = Vec::new();
    for name in reading.sections("inet_http_server") {
        let section = reading.section(&name);
        let server =
            inet(&section, reading).and_then(|server| match refuse_open && server.is_exposed() {
                true => Err(exposed(&section, server)),
                false => Ok(server),
            });
        servers.extend(reading.found.keep(server));
    }
    for name in reading.sections("unix_http_server") {
        let server = unix(&reading.section(&name), reading);
        servers.extend(reading.found.keep(server));
    }
    servers
}

fn inet(section: &Section<'_>, reading: &Reading<'_>) -> Result<HttpServer, ConfigError> {
    let (username, password) = credentials(section)?;
    let port = section.get("port", inet_address)?;
    let (host, port) = port.ok_or_else(|| no_value(section, "port"))?;
    Ok(HttpServer {
        section: section.name.to_owned(),
        address: ServerAddress::Inet { host, port },
        username,
        password,
        operator: login(section, "operator_username", "operator_password")?,
        reader: login(section, "readonly_username", "readonly_password")?,
        allowed_hosts: section.get("allowed_hosts", hosts)?.unwrap_or_default(),
        tls: tls(section, reading)?,
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
        operator: login(section, "operator_username", "operator_password")?,
        reader: login(section, "readonly_username", "readonly_password")?,
        allowed_hosts: Vec::new(),
        tls: None,
    })
}

/// Names between commas.
fn hosts(text: &str) -> Result<Vec<String>, Problem> {
    let names = list(text).filter(|name| !name.is_empty());
    Ok(names.map(str::to_ascii_lowercase).collect())
}

/// Both files of TLS, or neither.
fn tls(section: &Section<'_>, reading: &Reading<'_>) -> Result<Option<TlsFiles>, ConfigError> {
    let around = reading.around;
    let file = |text: &str| absolute(around.directory, &expand_user(text, around.environment));
    let (cert, key) = (section.text("tls_cert")?, section.text("tls_key")?);
    let missing = match (cert, key) {
        (Some(cert), Some(key)) => {
            let (cert, key) = (file(cert.trim()), file(key.trim()));
            return Ok(Some(TlsFiles { cert, key }));
        }
        (None, None) => return Ok(None),
        (Some(_), None) => "tls_key",
        (None, Some(_)) => "tls_cert",
    };
    Err(no_value(section, missing))
}

type Credentials = (Option<String>, Option<Password>);

fn credentials(section: &Section<'_>) -> Result<Credentials, ConfigError> {
    pair(section, "username", "password")
}

/// A name that is empty asks for nobody.
fn login(
    section: &Section<'_>,
    username: &'static str,
    password: &'static str,
) -> Result<Option<Login>, ConfigError> {
    let (Some(username), Some(password)) = pair(section, username, password)? else {
        return Ok(None);
    };
    Ok((!username.is_empty()).then_some(Login { username, password }))
}

/// Both options of a pair, or neither.
fn pair(
    section: &Section<'_>,
    username: &'static str,
    password: &'static str,
) -> Result<Credentials, ConfigError> {
    let name = section.text(username)?.map(String::from);
    let word = section.get(password, Password::parse)?;
    let missing = match (&name, &word) {
        (Some(_), None) => password,
        (None, Some(_)) => username,
        _ => return Ok((name, word)),
    };
    let problem = Problem::IncompleteAuthentication(section.name.to_owned());
    Err(section.error(missing, problem))
}

fn exposed(section: &Section<'_>, server: HttpServer) -> ConfigError {
    let problem = Problem::OpenServer {
        address: server.address.to_string(),
        section: server.section,
    };
    section.error("port", problem)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_server_beyond_loopback_is_exposed() {
        let exposed = |host: &str, username: &str| {
            let address = ServerAddress::Inet {
                host: host.to_owned(),
                port: 9001,
            };
            let server = HttpServer {
                section: "inet_http_server".to_owned(),
                address,
                username: Some(username.to_owned()),
                password: None,
                operator: None,
                reader: None,
                allowed_hosts: Vec::new(),
                tls: None,
            };
            server.is_exposed()
        };
        for host in ["", "0.0.0.0", "10.0.0.1", "example.org"] {
            assert!(exposed(host, "") && !exposed(host, "user"), "{host}");
        }
        for host in ["localhost", "127.0.0.1", "127.1.2.3"] {
            assert!(!exposed(host, ""), "{host}");
        }
    }
}

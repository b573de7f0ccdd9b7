//! What only `[fcgi-program:x]` has: its socket.

use super::conversion::Value;
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::paths::absolute;
use super::section::Section;
use super::values::{integer, octal, port};
use super::{FcgiSocket, FcgiSocketAddress, ProgramUser, users};
use nix::unistd::getuid;
use std::path::Path;

type Owner = (u32, Option<u32>);

impl FcgiSocket {
    /// Reads the socket of a FastCGI program.
    pub(super) fn read(section: &Section<'_>, program: &str) -> Result<Self, ConfigError> {
        let user = section.get("user", users::user)?;
        let backlog = section.get("socket_backlog", backlog)?;
        let owner = section.get("socket_owner", owner)?;
        let mode = section.get("socket_mode", mode)?;
        let own = [("program_name", Value::Text(program))];
        let names = Names::over(section.names, &own);
        let socket = section.with(&names).text("socket")?.unwrap_or_default();
        let address = address(&socket, section, owner, mode, user)
            .map_err(|(option, problem)| section.error(option, problem))?;
        Ok(Self { address, backlog })
    }
}

fn address(
    socket: &str,
    section: &Section<'_>,
    owner: Option<Owner>,
    mode: Option<u32>,
    user: Option<ProgramUser>,
) -> Result<FcgiSocketAddress, (&'static str, Problem)> {
    let section = section.name.to_owned();
    if socket.is_empty() {
        let (article, option) = ("a", "socket");
        return Err((
            option,
            Problem::Requires {
                section,
                article,
                option,
            },
        ));
    }
    if let Some(path) = socket.strip_prefix("unix://") {
        if !path.starts_with('/') {
            let path = path.to_owned();
            return Err(("socket", Problem::RelativeSocket { section, path }));
        }
        return Ok(FcgiSocketAddress::Unix {
            path: absolute(Path::new("/"), path),
            mode: mode.unwrap_or(0o700),
            owner: owner.or_else(|| default_owner(user)),
        });
    }
    if owner.is_some() || mode.is_some() {
        let option = if owner.is_some() {
            "socket_owner"
        } else {
            "socket_mode"
        };
        let socket = socket.to_owned();
        return Err((option, Problem::TcpOwner { section, socket }));
    }
    tcp(socket, section).map_err(|problem| ("socket", problem))
}

/// Whoever the processes run as.
fn default_owner(user: Option<ProgramUser>) -> Option<Owner> {
    let user = user.filter(|user| user.uid != getuid().as_raw())?;
    Some((user.uid, Some(user.gid)))
}

fn tcp(socket: &str, section: String) -> Result<FcgiSocketAddress, Problem> {
    let parts = || {
        let (host, port) = socket.strip_prefix("tcp://")?.split_once(':')?;
        let sound = !host.is_empty()
            && !host.contains(char::is_whitespace)
            && !port.is_empty()
            && port.bytes().all(|byte| byte.is_ascii_digit());
        sound.then_some((host, port))
    };
    match parts() {
        Some((host, digits)) => Ok(FcgiSocketAddress::Tcp {
            host: host.to_lowercase(),
            port: port(digits)?,
        }),
        None => Err(Problem::Socket {
            section,
            value: socket.to_owned(),
        }),
    }
}

fn invalid(what: &'static str, text: &str) -> Problem {
    Problem::Invalid {
        what,
        value: text.to_owned(),
    }
}

fn backlog(text: &str) -> Result<u16, Problem> {
    let backlog = u16::try_from(integer(text)?)
        .ok()
        .filter(|&backlog| backlog > 0);
    backlog.ok_or_else(|| invalid("socket_backlog", text))
}

fn owner(text: &str) -> Result<Owner, Problem> {
    users::user_and_group(text).map_err(|_| invalid("socket_owner", text))
}

fn mode(text: &str) -> Result<u32, Problem> {
    octal(text).map_err(|_| invalid("socket_mode", text))
}

//! The sockets that are served, and what a client of each must know.

use super::auth::{Credentials, parse};
use super::host::Hosts;
use super::password::Crowded;
use super::role::Role;
use super::tls::Tls;
use super::turns::Place;
use crate::config::{HttpServer, Login, Password};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use std::sync::Arc;

/// A listening socket.
#[derive(Debug)]
pub enum Listener {
    /// On a path.
    Unix(UnixListener),
    /// On a port.
    Tcp(TcpListener),
}

/// A listening socket and the section that asked for it.
#[derive(Debug)]
pub struct Server {
    /// The socket, already listening, non-blocking.
    pub listener: Listener,
    /// Its section.
    pub config: HttpServer,
    /// What it speaks TLS with.
    pub tls: Option<Arc<Tls>>,
}

/// Who may come in by a connection, by the listener that accepted it.
#[derive(Clone)]
pub(super) struct Door {
    known: Rc<[(Credentials, Client)]>,
    hosts: Hosts,
}

/// Somebody who came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Client {
    /// The name that was shown; `None` where none is asked for.
    pub(super) name: Option<Arc<str>>,
    /// What they may do.
    pub(super) role: Role,
}

impl Door {
    /// The door of a section's connections.
    pub(super) fn of(server: &HttpServer) -> Self {
        let classic = server.username.as_deref().filter(|name| !name.is_empty());
        let further = |login: &Option<Login>, role| {
            login
                .as_ref()
                .map(|login| known(&login.username, Some(&login.password), role))
        };
        let all = [
            classic.map(|name| known(name, server.password.as_ref(), Role::Admin)),
            further(&server.operator, Role::Operator),
            further(&server.reader, Role::Reader),
        ];
        Self {
            known: all.into_iter().flatten().collect(),
            hosts: Hosts::of(server),
        }
    }

    /// Who comes from this place with these headers; if nobody may, the status to refuse the
    /// request with.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        place: Place,
    ) -> Result<Client, StatusCode> {
        if !self.hosts.admit(headers) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        if self.known.is_empty() {
            let (name, role) = (None, Role::Admin);
            return Ok(Client { name, role });
        }
        let header = headers.get(AUTHORIZATION);
        let (name, password) = parse(header.ok_or(StatusCode::UNAUTHORIZED)?)?;
        let found = self.find(&name, &password, place).await;
        let found = found.or(Err(StatusCode::TOO_MANY_REQUESTS))?;
        found.ok_or(StatusCode::UNAUTHORIZED)
    }

    /// Who has this name and this password. A wrong one is held against all that there are, so
    /// that the time it takes doesn't tell whether there is the name.
    async fn find(
        &self,
        name: &str,
        password: &str,
        from: Place,
    ) -> Result<Option<Client>, Crowded> {
        let named = self.known.iter().position(|(one, _)| one.names(name));
        if let Some((credentials, client)) = named.and_then(|at| self.known.get(at))
            && credentials.password.is(password, from).await?
        {
            return Ok(Some(client.clone()));
        }
        for (at, (credentials, _)) in self.known.iter().enumerate() {
            if Some(at) != named {
                credentials.password.is(password, from).await?;
            }
        }
        Ok(None)
    }
}

fn known(name: &str, password: Option<&Password>, role: Role) -> (Credentials, Client) {
    let client = Client {
        name: Some(name.into()),
        role,
    };
    (Credentials::new(name, password), client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerAddress;
    use crate::rpc::password::TURNS;
    use actix_web::http::header::HeaderValue;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use futures_util::FutureExt as _;

    fn server(username: &str, reader: Option<Login>) -> HttpServer {
        HttpServer {
            section: "inet_http_server".into(),
            address: ServerAddress::Inet {
                host: String::new(),
                port: 9001,
            },
            username: Some(username.into()),
            password: Some(Password::Plain("pa:ss".into())),
            operator: None,
            reader,
            allowed_hosts: Vec::new(),
            tls: None,
        }
    }

    fn role(door: &Door, pair: &str) -> Result<Role, u16> {
        let header = format!("Basic {}", STANDARD.encode(pair));
        let header = HeaderValue::from_str(&header).unwrap();
        admitted(door, Some(header))
            .map(|client| client.role)
            .map_err(|status| status.as_u16())
    }

    fn admitted(door: &Door, header: Option<HeaderValue>) -> Result<Client, StatusCode> {
        let headers = header
            .map(|header| (AUTHORIZATION, header))
            .into_iter()
            .collect();
        let admitted = door.admit(&headers, None);
        actix_web::rt::Runtime::new().unwrap().block_on(admitted)
    }

    #[test]
    fn a_server_without_a_name_is_open_to_everyone() {
        let door = Door::of(&server("", None));
        assert_eq!(admitted(&door, None).unwrap().role, Role::Admin);
    }

    #[test]
    fn each_comes_in_with_a_role() {
        let reader = Login {
            username: "see".into(),
            password: Password::Plain("all".into()),
        };
        for username in ["user", ""] {
            let door = Door::of(&server(username, Some(reader.clone())));
            assert_eq!(role(&door, "see:all"), Ok(Role::Reader));
            assert_eq!(role(&door, "see:pa:ss"), Err(401));
            assert_eq!(admitted(&door, None), Err(StatusCode::UNAUTHORIZED));
        }
        let door = Door::of(&server("user", Some(reader)));
        assert_eq!(role(&door, "user:pa:ss"), Ok(Role::Admin));
        for wrong in ["user:pa", "other:pa:ss", "user:all", "see:", ":"] {
            assert_eq!(role(&door, wrong), Err(401), "{wrong}");
        }
        assert_eq!(role(&door, "x"), Err(400));
    }

    /// While another has the turn, only who must wait for it does.
    #[test]
    fn a_refusal_takes_as_long_whether_there_is_the_name_or_not() {
        let reader = Login {
            username: "see".into(),
            password: Password::Plain("all".into()),
        };
        let hash = format!(
            "{{ARGON2}}$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ${}",
            "A".repeat(43)
        );
        let mut server = server("user", Some(reader));
        server.password = Some(Password::parse(&hash).unwrap());
        let door = Door::of(&server);
        let runtime = actix_web::rt::Runtime::new().unwrap();
        let turn = runtime.block_on(TURNS.take(None)).unwrap();
        let found = |name, password| door.find(name, password, None).now_or_never();
        for name in ["user", "see", "nobody"] {
            assert_eq!(found(name, "wrong"), None, "{name}");
        }
        assert!(matches!(found("see", "all"), Some(Ok(Some(_)))));
        drop(turn);
        assert_eq!(role(&door, "see:wrong"), Err(401));
    }
}

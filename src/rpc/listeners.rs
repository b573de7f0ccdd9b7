//! The sockets that are served, and what a client of each must know.

use super::auth::Credentials;
use super::host::Hosts;
use super::role::Role;
use super::tls::Tls;
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

    /// Who comes with these headers; if nobody may, the status to refuse the request with.
    pub(super) async fn admit(&self, headers: &HeaderMap) -> Result<Client, StatusCode> {
        if !self.hosts.admit(headers) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        let authorization = headers.get(AUTHORIZATION);
        let named = |(credentials, _): &&(Credentials, Client)| credentials.names(authorization);
        // A name that is not known takes as long as one that is.
        let Some((credentials, client)) = self.known.iter().find(named).or(self.known.first())
        else {
            return Ok(Client {
                name: None,
                role: Role::Admin,
            });
        };
        credentials.check(authorization).await?;
        Ok(client.clone())
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
    use actix_web::http::header::HeaderValue;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

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
        let admitted = door.admit(&headers);
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
        assert_eq!(role(&door, "x"), Err(400));
    }
}

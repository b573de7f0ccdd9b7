//! The HTTP servers' listening sockets, which outlive a restart.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use supervisor::config::{HttpServer, ServerAddress};
use supervisor::os::http_socket::{self, OpenError, SocketFile, UnixAddress};
use supervisor::rpc::{Listener, Server};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The sockets of all configured servers, open.
#[derive(Default)]
pub(super) struct Servers(Vec<Open>);

/// One server's socket.
struct Open {
    config: HttpServer,
    socket: Socket,
}

enum Socket {
    /// Its file goes with it.
    Unix(UnixListener, SocketFile),
    Inet(TcpListener),
}

impl Servers {
    /// Opens every server's socket, or none.
    pub(super) fn open(configs: &[HttpServer]) -> Result<Self, OpenError> {
        let open = |config: &HttpServer| {
            Ok(Open {
                config: config.clone(),
                socket: Socket::open(&config.address)?,
            })
        };
        configs.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// Changes over to another configuration. Sockets whose address stays are kept, so that no
    /// client is turned away; a server that can't be opened is left out and told of.
    pub(super) fn change_over(&mut self, configs: &[HttpServer]) -> Vec<OpenError> {
        let mut before = std::mem::take(&mut self.0);
        let mut errors = Vec::new();
        for config in configs {
            let kept = before
                .iter()
                .position(|open| open.config.address == config.address);
            let socket = match kept {
                Some(kept) => Ok(before.swap_remove(kept).socket),
                None => Socket::open(&config.address),
            };
            match socket {
                Ok(socket) => self.0.push(Open {
                    config: config.clone(),
                    socket,
                }),
                Err(error) => errors.push(error),
            }
        }
        before.into_iter().for_each(Open::close);
        errors
    }

    /// Closes every socket and removes the files that are still ours.
    pub(super) fn close(self) {
        self.0.into_iter().for_each(Open::close);
    }

    /// What is to be served: the same sockets, with descriptors of their own.
    pub(super) fn to_serve(&self) -> io::Result<UnboundedReceiver<Server>> {
        let (sender, receiver) = unbounded_channel();
        for open in &self.0 {
            let listener = open.socket.try_clone()?;
            // The receiver is here.
            let _ = sender.send(Server {
                config: open.config.clone(),
                listener,
            });
        }
        Ok(receiver)
    }

    /// The servers that are open.
    pub(super) fn configs(&self) -> impl Iterator<Item = &HttpServer> {
        self.0.iter().map(|open| &open.config)
    }
}

impl Open {
    fn close(self) {
        if let Socket::Unix(listener, file) = self.socket {
            drop(listener);
            file.remove();
        }
    }
}

impl Socket {
    fn open(address: &ServerAddress) -> Result<Self, OpenError> {
        match address {
            ServerAddress::Inet { host, port } => {
                http_socket::open_tcp(host, *port).map(Self::Inet)
            }
            ServerAddress::Unix {
                path,
                mode,
                uid,
                gid,
            } => {
                let address = UnixAddress {
                    path,
                    mode: *mode,
                    uid: *uid,
                    gid: *gid,
                };
                let server = http_socket::open_unix(&address)?;
                if server.replaced_stale {
                    eprintln!("Unlinking stale socket {}", path.display());
                }
                Ok(Self::Unix(server.listener, server.file))
            }
        }
    }

    fn try_clone(&self) -> io::Result<Listener> {
        Ok(match self {
            Self::Unix(listener, _) => Listener::Unix(listener.try_clone()?),
            Self::Inet(listener) => Listener::Tcp(listener.try_clone()?),
        })
    }
}

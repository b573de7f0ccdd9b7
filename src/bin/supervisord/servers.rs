//! The HTTP servers' listening sockets, which outlive a restart.

use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use supervisor::config::{HttpServer, ServerAddress};
use supervisor::os::http_socket::{self, OpenError, SocketFile, UnixAddress};
use supervisor::rpc::{Listener, Server, Tls, TlsError};

/// Why a server can't be opened, and on a line of its own which option asks for it.
#[derive(Debug, thiserror::Error)]
#[error("{error}\nSee section [{section}]: {option}")]
pub(super) struct ServerError {
    section: String,
    /// And its value.
    option: String,
    #[source]
    error: Box<dyn Error + Send + Sync>,
}

impl ServerError {
    /// Whether some program listens on the socket file.
    pub(super) fn is_held(&self) -> bool {
        let error = self.error.downcast_ref::<OpenError>();
        self.option.starts_with("file=") && matches!(error, Some(OpenError::InUse))
    }
}

/// The sockets of all configured servers, open.
#[derive(Default)]
pub(super) struct Servers(Vec<Open>);

/// One server's socket.
struct Open {
    config: HttpServer,
    socket: Socket,
    tls: Option<Arc<Tls>>,
}

enum Socket {
    /// Its file goes with it.
    Unix(UnixListener, SocketFile),
    Inet(TcpListener),
}

impl Servers {
    /// Opens every server's socket, or none.
    pub(super) fn open(configs: &[HttpServer]) -> Result<Self, ServerError> {
        let open = configs.iter().map(Open::new);
        open.collect::<Result<_, _>>().map(Self)
    }

    /// Changes over to another configuration. Sockets whose address stays are kept, so that no
    /// client is turned away; a server that can't be opened is left out and told of.
    pub(super) fn change_over(&mut self, configs: &[HttpServer]) -> Vec<ServerError> {
        let mut before = std::mem::take(&mut self.0);
        let mut errors = Vec::new();
        for config in configs {
            let kept = before
                .iter()
                .position(|open| open.config.address == config.address);
            let opened = match kept {
                Some(kept) => before.swap_remove(kept).take_on(config, &mut errors),
                None => Open::new(config),
            };
            match opened {
                Ok(open) => self.0.push(open),
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
    pub(super) fn to_serve(&self) -> io::Result<Vec<Server>> {
        self.0.iter().map(Open::to_serve).collect()
    }

    /// The files of the unix sockets.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(Open::file).map(SocketFile::path)
    }

    /// Opens each unix socket anew whose file is not there any more; gives what is to be served
    /// in its place, and what went wrong.
    pub(super) fn reopen_lost(&mut self) -> (Vec<Server>, Vec<Box<dyn Error>>) {
        let (mut reopened, mut errors) = (Vec::new(), Vec::new());
        let is_lost = |open: &&mut Open| open.file().is_some_and(|file| !file.is_ours());
        for lost in self.0.iter_mut().filter(is_lost) {
            match lost.reopen() {
                Ok(server) => reopened.push(server),
                Err(error) => errors.push(error),
            }
        }
        (reopened, errors)
    }

    /// Makes the files of the unix sockets look young.
    pub(super) fn refresh(&self) {
        let files = self.0.iter().filter_map(Open::file);
        files.for_each(SocketFile::refresh);
    }

    /// Reads the certificates anew; gives what went wrong. What is in use stays so then.
    pub(super) fn reload_certificates(&self) -> Vec<TlsError> {
        let tls = self.0.iter().filter_map(|open| open.tls.as_ref());
        tls.filter_map(|tls| tls.reload().err()).collect()
    }

    /// The servers that are open.
    pub(super) fn configs(&self) -> impl Iterator<Item = &HttpServer> {
        self.0.iter().map(|open| &open.config)
    }
}

impl Open {
    fn new(config: &HttpServer) -> Result<Self, ServerError> {
        Ok(Self {
            config: config.clone(),
            tls: load_tls(config)?,
            socket: Socket::open(config)?,
        })
    }

    /// The same socket for another configuration. A certificate that can't be read leaves the one
    /// before in use.
    fn take_on(
        self,
        config: &HttpServer,
        errors: &mut Vec<ServerError>,
    ) -> Result<Self, ServerError> {
        let tls = match (load_tls(config), self.tls) {
            (Ok(tls), _) => tls,
            (Err(error), Some(before)) => {
                errors.push(error);
                Some(before)
            }
            (Err(error), None) => return Err(error),
        };
        Ok(Self {
            config: config.clone(),
            socket: self.socket,
            tls,
        })
    }

    fn file(&self) -> Option<&SocketFile> {
        match &self.socket {
            Socket::Unix(_, file) => Some(file),
            Socket::Inet(_) => None,
        }
    }

    fn to_serve(&self) -> io::Result<Server> {
        Ok(Server {
            config: self.config.clone(),
            listener: self.socket.try_clone()?,
            tls: self.tls.clone(),
        })
    }

    fn reopen(&mut self) -> Result<Server, Box<dyn Error>> {
        self.socket = Socket::open(&self.config)?;
        Ok(self.to_serve()?)
    }

    fn close(self) {
        if let Socket::Unix(listener, file) = self.socket {
            drop(listener);
            file.remove();
        }
    }
}

fn load_tls(config: &HttpServer) -> Result<Option<Arc<Tls>>, ServerError> {
    let Some(files) = &config.tls else {
        return Ok(None);
    };
    match Tls::load(files) {
        Ok(tls) => Ok(Some(Arc::new(tls))),
        Err(error) => Err(ServerError {
            section: config.section.clone(),
            option: format!("tls_cert={}", files.cert.display()),
            error: error.into(),
        }),
    }
}

impl Socket {
    fn open(config: &HttpServer) -> Result<Self, ServerError> {
        Self::listen(&config.address).map_err(|error| ServerError {
            section: config.section.clone(),
            option: format!("{}={}", config.address.option(), config.address),
            error: error.into(),
        })
    }

    fn listen(address: &ServerAddress) -> Result<Self, OpenError> {
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

//! The listening socket that the processes of a FastCGI program share.

use super::lookup::{Found, Lookup};
use crate::config::{FcgiSocket, FcgiSocketAddress};
use crate::logging::ActivityHandle;
use crate::os::fcgi_socket::{self, FcgiListener};
use crate::process::note::Level;
use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::rc::Rc;

/// Open while any of the program's processes has a child.
pub(super) struct SharedSocket {
    config: FcgiSocket,
    activity: ActivityHandle,
    open: Option<FcgiListener>,
    users: usize,
    lookup: Lookup,
}

impl SharedSocket {
    pub(super) fn new(config: FcgiSocket, activity: ActivityHandle) -> Self {
        Self {
            config,
            activity,
            open: None,
            users: 0,
            lookup: Lookup::default(),
        }
    }

    /// What [`acquire`](Self::acquire) has to be told; `None` where the socket is open or its
    /// address in the configuration.
    pub(super) fn look_up(&mut self) -> Option<impl Future<Output = Found> + 'static> {
        match &self.config.address {
            FcgiSocketAddress::Tcp { host, .. }
                if self.open.is_none() && host.parse::<Ipv4Addr>().is_err() =>
            {
                Some(self.lookup.of(host))
            }
            _ => None,
        }
    }

    /// One more child uses the socket; the first one opens it, on what its host was found to be.
    ///
    /// # Errors
    /// What `spawnerr` is to say when it can't be opened.
    pub(super) fn acquire(&mut self, host: Option<Found>) -> Result<OwnedFd, String> {
        let socket = match self.open.take() {
            Some(open) => open,
            None => {
                let url = self.config.address.url();
                self.activity
                    .log(Level::Info, format!("Creating socket {url}"));
                open(&self.config, host).map_err(|why| self.failed(&why))?
            }
        };
        let shared = socket.share();
        self.open = Some(socket);
        self.users += 1;
        shared.map_err(|why| {
            self.release();
            self.failed(&why)
        })
    }

    /// What `spawnerr` is to say when it can't be opened.
    pub(super) fn failed(&self, why: &str) -> String {
        let url = self.config.address.url();
        format!("Could not create FastCGI socket {url}: {why}")
    }

    /// What holds from now on; the address must be the same. An open socket takes it on.
    pub(super) fn configure(&mut self, config: FcgiSocket) {
        let before = std::mem::replace(&mut self.config, config);
        if let Some(open) = &self.open
            && let Err(why) = change(open, &before, &self.config)
        {
            let url = self.config.address.url();
            self.activity.log(
                Level::Warn,
                format!("Could not change FastCGI socket {url}: {why}"),
            );
        }
    }

    /// A child no longer uses it; the last one closes it.
    pub(super) fn release(&mut self) {
        self.users = self.users.saturating_sub(1);
        if self.users == 0 && self.open.take().is_some() {
            let url = self.config.address.url();
            self.activity
                .log(Level::Info, format!("Closing socket {url}"));
        }
    }
}

/// Keeps an open socket open while no child uses it.
pub(super) struct Hold(Rc<RefCell<SharedSocket>>);

impl Hold {
    /// `None` where it isn't open.
    pub(super) fn on(socket: &Rc<RefCell<SharedSocket>>) -> Option<Self> {
        let mut shared = socket.borrow_mut();
        shared.open.as_ref()?;
        shared.users += 1;
        Some(Self(socket.clone()))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.borrow_mut().release();
    }
}

fn open(config: &FcgiSocket, host: Option<Found>) -> Result<FcgiListener, String> {
    match &config.address {
        FcgiSocketAddress::Unix { path, mode, owner } => {
            fcgi_socket::open_unix(path, *mode, *owner, config.backlog)
        }
        FcgiSocketAddress::Tcp { host: name, port } => {
            let literal = || {
                name.parse()
                    .map_err(|_| format!("{name} was not looked up"))
            };
            let address = SocketAddrV4::new(host.unwrap_or_else(literal)?, *port);
            fcgi_socket::open_tcp(address, config.backlog)
        }
    }
}

/// Changes an open socket where its configuration changes.
fn change(open: &FcgiListener, before: &FcgiSocket, after: &FcgiSocket) -> Result<(), String> {
    if before.backlog != after.backlog {
        open.set_backlog(after.backlog)?;
    }
    let (old_mode, old_owner) = permissions(before);
    let (mode, owner) = permissions(after);
    if let Some(mode) = mode.filter(|_| mode != old_mode) {
        open.set_mode(mode)?;
    }
    if owner != old_owner {
        open.set_owner(owner)?;
    }
    Ok(())
}

/// The mode and the owner of a unix socket.
fn permissions(socket: &FcgiSocket) -> (Option<u32>, Option<(u32, Option<u32>)>) {
    match socket.address {
        FcgiSocketAddress::Unix { mode, owner, .. } => (Some(mode), owner),
        FcgiSocketAddress::Tcp { .. } => (None, None),
    }
}

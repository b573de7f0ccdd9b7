//! Names of hosts to addresses.

use super::Error;
use super::interrupt::Interrupt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;

/// The addresses of a host, best first; errors call it `url`. The system's resolver may take its time and can't be waited
/// for otherwise, so it gets a thread of its own; one that is given up ends with the program.
pub(super) fn resolve(
    url: &str,
    host: &str,
    port: u16,
    interrupt: &Interrupt,
) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let fail = |source| Error::from_io(url, source);
    let (ended, working) = io::pipe().map_err(fail)?;
    let host = host.to_owned();
    let resolver = std::thread::Builder::new().spawn(move || {
        let _working = working;
        let found = (host.as_str(), port).to_socket_addrs()?;
        Ok(found.collect())
    });
    interrupt.wait(&[ended.as_fd()])?;
    let nothing = |_| Err(io::Error::other("the resolver gave up"));
    let found = resolver.map_err(fail)?.join().unwrap_or_else(nothing);
    found.map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_have_addresses() {
        let url = "http://localhost";
        let interrupt = Interrupt::catch(None).unwrap();
        for host in ["localhost", "127.0.0.1", "::1"] {
            let found = resolve(url, host, 7, &interrupt).unwrap();
            let is_here = |at: &SocketAddr| at.ip().is_loopback() && at.port() == 7;
            assert!(!found.is_empty() && found.iter().all(is_here), "{host}");
        }
        assert!(resolve(url, "no such host", 7, &interrupt).is_err());
    }
}

//! The addresses of hosts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

/// The first IPv4 address of a host, told by the system's resolver, which may take its time; an
/// empty host is all interfaces.
pub fn ipv4_address(host: &str) -> io::Result<Ipv4Addr> {
    let host = if host.is_empty() { "0.0.0.0" } else { host };
    let mut addresses = (host, 0).to_socket_addrs()?;
    addresses
        .find_map(|address| match address {
            SocketAddr::V4(address) => Some(*address.ip()),
            SocketAddr::V6(_) => None,
        })
        .ok_or_else(|| io::Error::other("the host has no IPv4 address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_have_addresses() {
        for host in ["localhost", "127.0.0.1"] {
            assert_eq!(ipv4_address(host).unwrap(), Ipv4Addr::LOCALHOST, "{host}");
        }
        assert_eq!(ipv4_address("").unwrap(), Ipv4Addr::UNSPECIFIED);
        ipv4_address("no such host").unwrap_err();
    }
}

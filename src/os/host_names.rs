//! The names of this machine, as far as its own files tell them.

use std::fs;
use std::net::IpAddr;

/// The machine's names, in small letters: what gethostname(2) says, alone and in the domains that
/// resolv.conf(5) searches, and what hosts(5) has for loopback addresses. Nobody else is asked.
pub fn host_names() -> Vec<String> {
    let name = nix::unistd::gethostname().unwrap_or_default();
    let text = |path| fs::read_to_string(path).unwrap_or_default();
    names(
        &name.to_string_lossy(),
        &text("/etc/hosts"),
        &text("/etc/resolv.conf"),
    )
}

fn names(name: &str, hosts: &str, resolver: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let in_domains = domains(resolver).map(|domain| format!("{name}.{domain}"));
    let mut names: Vec<String> = in_domains.chain(loopback_names(hosts)).collect();
    names.push(name);
    names
}

fn domains(resolver: &str) -> impl Iterator<Item = String> {
    let lines = resolver.lines().map(str::split_ascii_whitespace);
    lines
        .filter_map(|mut words| {
            let is_searched = ["search", "domain"].contains(&words.next()?);
            is_searched.then_some(words)
        })
        .flatten()
        .map(|domain| domain.trim_end_matches('.').to_ascii_lowercase())
        .filter(|domain| !domain.is_empty())
}

fn loopback_names(hosts: &str) -> impl Iterator<Item = String> {
    let lines = hosts
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    lines
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let address: IpAddr = words.next()?.parse().ok()?;
            address.is_loopback().then_some(words)
        })
        .flatten()
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_its_own_files() {
        let hosts = "127.0.0.1 localhost\n127.0.1.1\tWeb.example.org web # evil.org\n\
                     ::1 ip6-loopback\n10.0.0.1 other.org\nnonsense\n";
        let resolver = "nameserver 10.0.0.1\nsearch a.org B.org.\ndomain .\n";
        let names = names("WEB", hosts, resolver);
        let want = [
            "web.a.org",
            "web.b.org",
            "localhost",
            "web.example.org",
            "web",
            "ip6-loopback",
            "web",
        ];
        assert_eq!(names, want);
    }

    #[test]
    fn there_is_always_a_name() {
        assert!(!host_names().is_empty());
    }
}

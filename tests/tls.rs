//! Servers that speak TLS.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Daemon, Reply, Story, free_port, wait_for};
use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A certificate or key that tests use: `one.crt`, `one.key`, `two.crt`, `two.key`.
fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tls")
        .join(name);
    fs::read(path).unwrap()
}

fn show(s: &Daemon, which: &str) {
    for kind in ["crt", "key"] {
        let bytes = sample(&format!("{which}.{kind}"));
        fs::write(s.path(&format!("our.{kind}")), bytes).unwrap();
    }
}

/// A GET by one who trusts this certificate and no other.
fn get(port: u16, path: &str, trusted: &str) -> io::Result<Reply> {
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(&sample(trusted)).unwrap();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    let mut stream = StreamOwned::new(session, stream);
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"
    )?;
    Ok(Reply::read(stream))
}

fn story(port: u16) -> Daemon {
    let text = |name: &str| String::from_utf8(sample(name)).unwrap();
    Story::new()
        .file("our.crt", &text("one.crt"))
        .file("our.key", &text("one.key"))
        .section(&format!(
            "[inet_http_server]
             port=127.0.0.1:{port}
             tls_cert=%(here)s/our.crt
             tls_key=%(here)s/our.key"
        ))
        .start()
}

#[test]
fn a_server_speaks_tls_and_nothing_else() {
    let port = free_port();
    let s = story(port);
    let reply = get(port, "/api/v1/supervisor", "one.crt").unwrap();
    assert_eq!(reply.status, 200);
    assert!(get(port, "/", "two.crt").is_err());
    let led = get(port, "/index.html?action=refresh", "one.crt").unwrap();
    let place = format!("https://localhost:{port}/?message=");
    assert!(led.header("Location").starts_with(&place), "{led:?}");
    let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(plain, "GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    // It may be reset.
    let _ = io::Read::read_to_end(&mut plain, &mut bytes);
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
    let servers = s.get("/api/v1/config")["servers"].clone();
    assert_eq!(servers[0]["tls"], true, "{servers}");
}

/// Certificates come and go while programs run on.
#[test]
fn a_new_certificate_is_read_when_files_are_opened_anew() {
    let port = free_port();
    let s = story(port);
    show(&s, "two");
    assert!(get(port, "/ok.html", "one.crt").is_ok());
    s.signal("USR2");
    wait_for("the new certificate", || {
        get(port, "/ok.html", "two.crt").ok()
    });
    fs::write(s.path("our.crt"), "no certificate").unwrap();
    s.signal("USR2");
    s.wait_log("the certificate read before stays in use");
    assert!(get(port, "/ok.html", "two.crt").is_ok());
    show(&s, "one");
    s.signal("HUP");
    wait_for("the first certificate", || {
        get(port, "/ok.html", "one.crt").ok()
    });
}

#[test]
fn what_is_no_certificate_is_told_before_anything_is_started() {
    let answer = Story::new()
        .file("our.crt", "nothing\n")
        .section(&format!(
            "[inet_http_server]
             port=127.0.0.1:{}
             tls_cert=%(here)s/our.crt
             tls_key=%(here)s/our.key",
            free_port()
        ))
        .run();
    answer.exits(2).complains(&[
        "our.crt holds no certificate in PEM",
        "See section [inet_http_server]",
    ]);
}

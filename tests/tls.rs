//! Servers that speak TLS.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Answer, Daemon, Reply, Story, Terminal, free_port, kill, wait_for};
use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A certificate or key that tests use. `one` and `two` are good ones of localhost, `expired` is not
/// any more, `elsewhere` is another host's, and `issuer` may only sign others.
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

/// supervisorctl at this server, who trusts this certificate.
fn ctl(s: &Daemon, port: u16, trusted: &str, words: &str) -> Answer {
    fs::write(s.path("trusted.crt"), sample(trusted)).unwrap();
    s.ctl(&format!(
        "-s https://localhost:{port} --cacert trusted.crt {words}"
    ))
}

const CATS: &str = "command=/bin/cat
    process_name=m%(process_num)02d
    numprocs=30
    autostart=false
    startsecs=0";

/// All of supervisorctl works over TLS: calls, many at once, long answers and streams.
#[test]
fn supervisorctl_speaks_tls() {
    let port = free_port();
    let text = |name: &str| String::from_utf8(sample(name)).unwrap();
    let long = "0123456789abcde\n".repeat(100_000);
    let s = Story::new()
        .file("our.crt", &text("one.crt"))
        .file("our.key", &text("one.key"))
        .file("long", &long)
        .section(&format!(
            "[inet_http_server]
             port=127.0.0.1:{port}
             username=me
             password=word
             tls_cert=%(here)s/our.crt
             tls_key=%(here)s/our.key"
        ))
        .program("m", CATS)
        .program(
            "long",
            "command=sh -c 'cat long; exec cat'
             startsecs=0
             stdout_logfile=%(here)s/log
             stdout_logfile_maxbytes=0",
        )
        .start();
    wait_for("the long log", || (s.read("log") == long).then_some(()));
    let ours = |words: &str| ctl(&s, port, "one.crt", &format!("-u me -p word {words}"));
    let started = ours("start m:m*").exits(0);
    assert_eq!(started.out.matches(": started\n").count(), 30);
    ours("tail -1000000 long").says(&format!("{}\n", &long[long.len() - 1_000_000..]));
    ctl(&s, port, "one.crt", "version")
        .says("Server requires authentication\n")
        .exits(1);

    s.rewrite(|config| {
        let place =
            format!("[supervisorctl]\ncacert=our.crt\nserverurl=https://127.0.0.1:{port}\n;");
        config.replace(&config.text().replace("[supervisorctl]\n", &place));
    });
    let pid = format!("{}\n", s.pid());
    s.ctl("-u me -p word pid").says(&pid).exits(0);

    let words = format!("-s https://localhost:{port} --cacert our.crt");
    let mut t = Terminal::start(&s, "xterm", &format!("-i {words} tail -f long"));
    t.shows("Username:");
    t.types("me\n");
    t.shows("Password:");
    t.types("word\n");
    t.shows("0123456789abcde");
    s.rpc("supervisor.sendProcessStdin", &["long", "followed\n"])
        .unwrap();
    t.shows("followed");
    kill(t.pid(), "INT");
    assert_eq!(t.wait_exit(), 0);
    let mut t = Terminal::start(
        &s,
        "xterm",
        &format!("-u me -p word {words} logs -f long m:m01"),
    );
    t.shows("followed");
    s.rpc("supervisor.sendProcessStdin", &["m:m01", "seen\n"])
        .unwrap();
    t.shows("seen");
    kill(t.pid(), "INT");
    assert_eq!(t.wait_exit(), 0);
}

#[test]
fn supervisorctl_tells_why_a_server_is_not_trusted() {
    let port = free_port();
    let s = story(port);
    let error = |words: &str| format!("error: https://localhost:{port}: {words}");
    ctl(&s, port, "one.crt", "pid").exits(0);
    ctl(&s, port, "two.crt", "pid")
        .mentions(&[&error("its certificate is not trusted; --cacert FILE")])
        .exits(1);
    s.ctl(&format!("-s https://localhost:{port} pid"))
        .mentions(&[&error("its certificate is not trusted; --cacert FILE")])
        .exits(1);
    for (name, words) in [
        (
            "expired",
            "its certificate has expired, at 2021-01-01T00:00:00Z\n",
        ),
        (
            "elsewhere",
            "its certificate is for another name: elsewhere.example\n",
        ),
        ("issuer", "its certificate is one for issuers (CA:TRUE)"),
    ] {
        show(&s, name);
        s.signal("HUP");
        wait_for(words, || {
            let told = ctl(&s, port, &format!("{name}.crt"), "pid");
            told.out.starts_with(&error(words)).then_some(())
        });
    }
    s.ctl(&format!("-s https://localhost:{port} --cacert none pid"))
        .mentions(&[
            "error: can't read the certificates to trust: ",
            "none: No such file",
        ])
        .exits(1);
}

/// Who takes one protocol for the other is told so.
#[test]
fn supervisorctl_tells_when_only_one_end_speaks_tls() {
    let (port, plain) = (free_port(), free_port());
    let s = Story::new()
        .section(&format!("[inet_http_server]\nport=127.0.0.1:{plain}"))
        .start();
    ctl(&s, plain, "one.crt", "pid")
        .mentions(&["the server speaks no TLS; try http://\n"])
        .exits(1);
    let s = story(port);
    s.ctl(&format!("-s http://localhost:{port} pid"))
        .mentions(&["the server speaks TLS; try https://\n"])
        .exits(1);
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

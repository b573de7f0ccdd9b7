//! What clients get over HTTP, well-behaved or not.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use base64::prelude::{BASE64_STANDARD, Engine};
use harness::{Daemon, Story, free_port, wait_for};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

/// Sends a request over the unix socket and reads until the server closes.
fn ask(s: &Daemon, request: &str) -> String {
    let mut stream = UnixStream::connect(s.path("s.sock")).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    answer(stream)
}

fn answer(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The status of the answer to a request with these lines after the first, and no body.
fn status(s: &Daemon, first: &str, lines: &str) -> u16 {
    let request = format!("{first} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n");
    let answer = ask(s, &request);
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    status.unwrap_or_else(|| panic!("no answer to {request:?}: {answer:?}"))
}

/// Calls a method with untyped parameters; the answer as it came.
fn call(s: &Daemon, method: &str, parameters: &[&str]) -> String {
    let parameters: String = parameters
        .iter()
        .map(|text| format!("<param><value>{text}</value></param>"))
        .collect();
    let body = format!(
        "<methodCall><methodName>{method}</methodName><params>{parameters}</params></methodCall>"
    );
    let length = body.len();
    ask(
        s,
        &format!("POST /RPC2 HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}"),
    )
}

/// What a client asked for is done though it leaves before the answer; in the original the rest
/// of a restart from the page was lost with the client.
#[test]
fn the_work_goes_on_when_the_client_leaves() {
    let s = Story::new().slow_to_stop().start();
    s.wait_exists("ready");
    let before = s.wait_state("slow", "RUNNING").pid();
    let mut client = UnixStream::connect(s.path("s.sock")).unwrap();
    let path = "/index.html?processname=slow&action=restart";
    write!(client, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    s.wait_state("slow", "STOPPING");
    drop(client);
    std::fs::write(s.path("go"), "").unwrap();
    let after = s.wait_state("slow", "RUNNING").pid();
    assert_ne!(after, before);
}

/// What can't be a call is refused by its first lines, and the server is there for the next.
#[test]
fn what_is_no_call_is_refused() {
    let s = Story::new().start();
    for (first, lines, want) in [
        ("POST /RPC2", "", 411),
        ("POST /RPC2", "Content-Length: 0\r\n", 400),
        ("POST /RPC2", "Content-Length: x\r\n", 400),
        ("POST /RPC2", "Content-Length: 99999999999\r\n", 413),
        (
            "POST /RPC2",
            "Content-Length: 9\r\nContent-Encoding: gzip\r\n",
            415,
        ),
        ("GET /RPC2", "", 400),
        ("GET /logtail/nobody", "", 404),
        ("GET /logtail", "", 404),
        ("GET /../../etc/passwd", "", 404),
        ("GET /%2e%2e/%2e%2e/etc/passwd", "", 404),
        ("GET /ok.html", "", 200),
    ] {
        assert_eq!(status(&s, first, lines), want, "{first} {lines}");
    }
    let many = format!("{}\r\n", "a: b\r\n".repeat(10_000));
    assert_eq!(status(&s, "GET /ok.html", &many), 431);
    assert!(ask(&s, "HELLO\r\n\r\n").starts_with("HTTP/1.1 400 "));
    let old = ask(&s, "POST /RPC2 HTTP/1.0\r\n\r\n");
    assert!(old.contains(" 400 Bad Request\r\n"), "{old}");
}

/// Another site's page in somebody's browser can press no button and call no method.
#[test]
fn pages_of_other_sites_change_nothing() {
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    let pid = s.wait_state("cat", "RUNNING").pid();
    let stop = "GET /index.html?processname=cat&action=stop";
    for header in [
        "Sec-Fetch-Site: cross-site\r\n",
        "Origin: http://elsewhere\r\n",
        "Origin: null\r\n",
    ] {
        assert_eq!(status(&s, stop, header), 403, "{header}");
        let post = format!("{header}Content-Length: 0\r\n");
        assert_eq!(status(&s, "POST /RPC2", &post), 403, "{header}");
    }
    // A link in a mail comes from no site.
    assert_eq!(status(&s, stop, "Sec-Fetch-Site: none\r\n"), 403);
    assert_eq!(s.info("cat").pid(), pid);
    assert_eq!(status(&s, stop, "Sec-Fetch-Site: same-origin\r\n"), 303);
    s.wait_state("cat", "STOPPED");
}

/// Each server asks for its own password, and an open one for none.
#[test]
fn every_server_has_its_own_password() {
    let (first, second) = (free_port(), free_port());
    let s = Story::new()
        .section(&format!(
            "[inet_http_server:one]\nport=127.0.0.1:{first}\nusername=u\npassword=one
             [inet_http_server:two]\nport=*:{second}\nusername=u\npassword=two"
        ))
        .start();
    let status = |port, password: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let token = BASE64_STANDARD.encode(format!("u:{password}"));
        write!(
            stream,
            "GET /ok.html HTTP/1.0\r\nAuthorization: Basic {token}\r\n\r\n"
        )
        .unwrap();
        answer(stream)[9..12].to_owned()
    };
    assert_eq!(status(first, "one"), "200");
    assert_eq!(status(first, "two"), "401");
    assert_eq!(status(second, "two"), "200");
    assert_eq!(status(second, "one"), "401");
    assert!(ask(&s, "GET /ok.html HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nOK"));
}

/// A password may be told as its argon2 hash. Wrong guesses, many at once, hold up nobody who has
/// another door, and hardly anybody who knows it.
#[test]
fn a_password_may_be_an_argon2_hash() {
    let port = free_port();
    let hash =
        "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$JSTtCfuzyWAVVZF1mjNyip+A7CCi5xkKhBoPdXSPbqs";
    let s = Story::new()
        .section(&format!(
            "[inet_http_server]\nport=127.0.0.1:{port}\nusername=u\npassword={{ARGON2}}{hash}"
        ))
        .start();
    let guess = |password: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let token = BASE64_STANDARD.encode(format!("u:{password}"));
        let head = format!("GET /ok.html HTTP/1.0\r\nAuthorization: Basic {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let wrong: Vec<_> = (0..200).map(|number| guess(&number.to_string())).collect();
    assert!(ask(&s, "GET /ok.html HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nOK"));
    assert_eq!(answer(guess("secret"))[9..12], *"200");
    let refused: Vec<_> = wrong.into_iter().map(answer).collect();
    assert!(
        refused
            .iter()
            .all(|answer| ["401", "429"].contains(&&answer[9..12]))
    );
    assert!(refused.iter().any(|answer| answer[9..12] == *"429"));
}

/// A stream of a log that is rotated every few lines has every line, once and in order.
#[test]
fn a_log_stream_misses_nothing_when_the_log_is_rotated() {
    let count = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i; done";
    let s = Story::new()
        .script("count.sh", &format!("read go; {count}; read stop"))
        .program(
            "count",
            "command=%(here)s/count.sh
             startsecs=0
             stdout_logfile=%(here)s/count.log
             stdout_logfile_maxbytes=2000
             stdout_logfile_backups=100",
        )
        .start();
    s.wait_state("count", "RUNNING");
    let mut client = UnixStream::connect(s.path("s.sock")).unwrap();
    // HTTP/1.0 gets its stream without chunks.
    write!(client, "GET /logtail/count HTTP/1.0\r\n\r\n").unwrap();
    let mut lines = BufReader::new(client).lines().map(Result::unwrap);
    let head: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    assert!(head[0].contains(" 200 "), "{head:?}");
    s.rpc("supervisor.sendProcessStdin", &["count", "go\n"])
        .unwrap();
    for number in 1..=20_000 {
        assert_eq!(lines.next(), Some(number.to_string()));
    }
}

/// A client that leaves takes its stream with it, though nothing is written to the log.
#[test]
fn streams_end_with_their_clients() {
    let s = Story::new().start();
    let open = || s.process().descriptors().len();
    let before = open();
    let streams: Vec<_> = (0..20)
        .map(|_| {
            let mut client = UnixStream::connect(s.path("s.sock")).unwrap();
            write!(client, "GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            client
        })
        .collect();
    assert!(open() >= before + 40);
    drop(streams);
    wait_for("the streams to end", || {
        (open() <= before + 2).then_some(())
    });
}

/// Bytes that XML can't carry don't break the answer; the text around them is there.
#[test]
fn a_log_of_any_bytes_gives_a_valid_answer() {
    let s = Story::new()
        .program(
            "odd",
            r"command=printf '\377\033<&\001y'
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/odd.log",
        )
        .start();
    s.wait_state("odd", "EXITED");
    let answer = call(&s, "supervisor.tailProcessStdoutLog", &["odd", "0", "100"]);
    assert!(
        answer.contains("<string>\u{fffd}\u{fffd}&lt;&amp;\u{fffd}y</string>"),
        "{answer}"
    );
}

/// A multicall is carried out to its end though its client leaves while the first call waits.
#[test]
fn a_multicall_goes_on_when_the_client_leaves() {
    let s = Story::new().slow_to_stop().start();
    s.wait_exists("ready");
    let before = s.wait_state("slow", "RUNNING").pid();
    let call = |method: &str| {
        format!(
            "<value><struct><member><name>methodName</name><value>{method}</value></member>\
             <member><name>params</name><value><array><data><value>slow</value></data></array>\
             </value></member></struct></value>"
        )
    };
    let calls = call("supervisor.stopProcess") + &call("supervisor.startProcess");
    let body = format!(
        "<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>\
         {calls}</data></array></value></param></params></methodCall>"
    );
    let mut client = UnixStream::connect(s.path("s.sock")).unwrap();
    let length = body.len();
    write!(
        client,
        "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    s.wait_state("slow", "STOPPING");
    drop(client);
    std::fs::write(s.path("go"), "").unwrap();
    assert_ne!(s.wait_state("slow", "RUNNING").pid(), before);
}

/// What a pipe does not take is kept, in order, until the child reads; more than is kept for one
/// child is refused as a whole.
#[test]
fn stdin_that_nobody_reads_is_kept_up_to_a_limit() {
    let s = Story::new()
        .script(
            "late.sh",
            "until [ -e go ]; do sleep 0.01; done; exec cat > got",
        )
        .program(
            "late",
            "command=%(here)s/late.sh\nstartsecs=0\ndirectory=%(here)s",
        )
        .start();
    s.wait_state("late", "RUNNING");
    let send = |text: &str| call(&s, "supervisor.sendProcessStdin", &["late", text]);
    let (mut sent, line) = (String::new(), "0123456789abcde\n".repeat(4096));
    let refused = loop {
        let answer = send(&line);
        if !answer.contains("<boolean>1</boolean>") {
            break answer;
        }
        sent += &line;
    };
    assert!(
        refused.contains("FAILED: late does not read its stdin"),
        "{refused}"
    );
    assert!((1 << 20..2 << 20).contains(&sent.len()), "{}", sent.len());
    std::fs::write(s.path("go"), "").unwrap();
    wait_for("all that was taken", || {
        (s.read("got") == sent).then_some(())
    });
}

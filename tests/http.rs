//! HTTP as badly behaved clients speak it, and what becomes of everybody else meanwhile.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "that is how a test fails"
)]

mod harness;

use harness::{Daemon, Reply, Story, free_port, wait_for};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

fn connect(s: &Daemon) -> UnixStream {
    UnixStream::connect(s.path("s.sock")).unwrap()
}

/// All that comes until the server closes.
fn rest(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Sends bytes and reads until the server closes.
fn ask(s: &Daemon, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(s);
    stream.write_all(bytes.as_ref()).unwrap();
    rest(stream)
}

/// The status and the body of the next answer on a connection.
fn next_answer(stream: &mut impl BufRead) -> (u16, String) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        assert!(line.ends_with("\r\n"), "the answer ends early: {lines:?}");
        lines.push(line.to_lowercase());
    }
    let length = lines
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().trim().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (
        lines[0][9..12].parse().unwrap(),
        String::from_utf8(body).unwrap(),
    )
}

fn call(method: &str) -> String {
    let body = format!("<methodCall><methodName>{method}</methodName></methodCall>");
    format!(
        "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One connection serves many requests, sent one after the other or all at once.
#[test]
fn a_connection_is_kept_for_the_next_request() {
    let s = Story::new().start();
    let mut stream = BufReader::new(connect(&s));
    for _ in 0..3 {
        let request = call("supervisor.getState");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (status, body) = next_answer(&mut stream);
        assert!(status == 200 && body.contains("RUNNING"), "{body}");
    }
    let requests = call("supervisor.getAPIVersion") + &call("no.such") + &call("supervisor.getPID");
    stream.get_mut().write_all(requests.as_bytes()).unwrap();
    for word in ["3.0", "UNKNOWN_METHOD", "<int>"] {
        let (status, body) = next_answer(&mut stream);
        assert!(status == 200 && body.contains(word), "{body}");
    }
}

/// HTTP/1.0 closes unless it is asked not to, HTTP/1.1 the other way round.
#[test]
fn both_versions_of_http_are_spoken() {
    let s = Story::new().start();
    assert!(ask(&s, "GET /ok.html HTTP/1.0\r\n\r\n").ends_with("\r\n\r\nOK"));
    let closing = "GET /ok.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(ask(&s, closing).ends_with("\r\n\r\nOK"));
    let mut kept = BufReader::new(connect(&s));
    for _ in 0..2 {
        let request = b"GET /ok.html HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        kept.get_mut().write_all(request).unwrap();
        assert_eq!(next_answer(&mut kept), (200, "OK".to_owned()));
    }
}

/// A client that closes its half and waits gets its answer, however late that comes.
#[test]
fn a_half_closed_connection_gets_its_answer() {
    let s = Story::new().slow_to_stop().start();
    s.wait_exists("ready");
    let mut client = connect(&s);
    client
        .write_all(call("supervisor.stopAllProcesses").as_bytes())
        .unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    s.wait_state("slow", "STOPPING");
    std::fs::write(s.path("go"), "").unwrap();
    assert!(rest(client).contains("<string>OK</string>"));
}

/// What is not HTTP is answered with a 4xx or closed, and the next client finds all as it was.
#[test]
fn nonsense_is_refused() {
    let s = Story::new().start();
    let longest = "x".repeat(200_000);
    let garbage: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for (bytes, want) in [
        (b"\r\n\r\n".to_vec(), ""),
        (b"GET\r\n\r\n".to_vec(), "400"),
        (b"GET /ok.html HTTP/9.9\r\n\r\n".to_vec(), "400"),
        (b"GET /ok.html HTTP/1.1\r\nA\xff: b\r\n\r\n".to_vec(), "400"),
        (format!("GET /{longest} HTTP/1.0\r\n\r\n").into(), "4"),
        (
            format!("GET / HTTP/1.0\r\na: {longest}\r\n\r\n").into(),
            "431",
        ),
        (
            b"POST /RPC2 HTTP/1.0\r\nContent-Length: -1\r\n\r\n".to_vec(),
            "400",
        ),
        (
            b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
            "400",
        ),
        (garbage, "400"),
    ] {
        let answer = {
            let mut stream = connect(&s);
            // It may be refused before it is all sent.
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(Shutdown::Write);
            rest(stream)
        };
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(status.starts_with(want), "{shown:?}: {answer}");
        assert!(
            ask(&s, "GET /ok.html HTTP/1.0\r\n\r\n").ends_with("OK"),
            "after {shown:?}"
        );
    }
}

/// Requests that chance has spoilt end in an answer or a closed connection, leave nothing behind
/// and cost no memory.
#[test]
fn spoilt_requests_leave_nothing_behind() {
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    let pid = s.wait_state("cat", "RUNNING").pid();
    let good = call("supervisor.getAllProcessInfo")
        + "GET /logtail/x HTTP/1.1\r\nHost: x\r\n\r\n"
        + "GET /tail.html?processname=cat&limit=5 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\n\r\n"
        + "POST /index.html HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n";
    // Any numbers will do, as long as they are the same each time.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut chance = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let mut spoil = || {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=chance(8) {
            let at = chance(bytes.len());
            bytes[at] = u8::try_from(chance(256)).unwrap();
        }
        bytes.truncate(chance(bytes.len()) + 1);
        bytes
    };
    let mut rounds = |count| {
        for _ in 0..count {
            let mut stream = connect(&s);
            let _ = stream.write_all(&spoil());
            let _ = stream.shutdown(Shutdown::Write);
            let _ = rest(stream);
        }
    };
    rounds(200);
    let (memory, open) = (s.process().resident(), s.process().descriptors().len());
    rounds(800);
    assert!(s.process().resident() < memory + 4096);
    assert!(s.process().descriptors().len() <= open + 2);
    assert_eq!(s.info("cat").pid(), pid);
}

/// A body that never ends is cut off at the limit.
#[test]
fn a_body_without_end_is_refused() {
    let s = Story::new().start();
    let mut stream = connect(&s);
    let head = "POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    wait_for("the server to close", || {
        stream.write_all(chunk.as_bytes()).err()
    });
    let answer = rest(stream);
    assert!(answer.is_empty() || answer.contains(" 413 "), "{answer}");
}

/// Bodies that never get complete take a bounded part of the memory; small calls go on.
#[test]
fn bodies_without_number_are_refused() {
    let s = Story::new().start();
    let head = "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n";
    let most = format!("{head}{}", "x".repeat(15_900_000));
    let send = || {
        let mut stream = connect(&s);
        // Who is refused may not get to write all of it.
        let _ = stream.write_all(most.as_bytes());
        stream
    };
    let unfinished: Vec<_> = (0..4).map(|_| send()).collect();
    assert!(rest(send()).contains(" 503 "));
    s.rpc("supervisor.getState", &[]).unwrap();
    drop(unfinished);
}

/// A client that takes its time is given some, then it is shown out. Others don't notice.
#[test]
fn a_head_must_come_in_time() {
    let s = Story::new().start();
    let slow: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = connect(&s);
            stream.write_all(b"GET /ok.html HT").unwrap();
            stream
        })
        .collect();
    assert!(ask(&s, "GET /ok.html HTTP/1.0\r\n\r\n").ends_with("OK"));
    for stream in slow {
        assert!(rest(stream).contains(" 408 "));
    }
}

/// Idle connections without number take nothing from anybody: processes start, clients are
/// answered, and who has been idle for longest makes room.
#[test]
fn idle_connections_starve_nobody() {
    let s = Story::new()
        .open_files(500)
        .program(
            "crowd",
            "command=/bin/cat
             process_name=%(process_num)d
             numprocs=20
             autostart=false
             startsecs=0",
        )
        .start();
    let idle: Vec<_> = (0..400).map(|_| connect(&s)).collect();
    s.ctl("start crowd:*")
        .mentions(&["crowd:0: started\n", "crowd:19: started\n"]);
    let open = s.process().descriptors().len();
    assert!(open < 400, "{open} descriptors are open");
    let mut latest = idle.last().unwrap();
    latest.write_all(b"GET /ok.html HTTP/1.0\r\n\r\n").unwrap();
    assert!(rest(latest).ends_with("OK"));
    assert_eq!(rest(&idle[0]), "", "the first was not shown out");
    assert!(s.log_lines(&["spawnerr"]).is_empty());
}

/// A log stream and a call that waits are not idle: they stay though many come.
#[test]
fn who_is_being_served_is_not_shown_out() {
    let s = Story::new().open_files(300).start();
    let mut stream = BufReader::new(connect(&s));
    let request = b"GET /mainlogtail HTTP/1.0\r\n\r\n";
    stream.get_mut().write_all(request).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    drop((0..100).map(|_| connect(&s)).collect::<Vec<_>>());
    let _ = s.rpc("supervisor.clearLog", &[]).unwrap();
    let found = stream
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("reopening log"));
    assert!(found.is_some());
}

/// Whoever may only look can open as many streams as they like: the others come in all the same, and
/// their streams go on.
#[test]
fn streams_without_end_lock_nobody_out() {
    let port = free_port();
    let server = format!("port=127.0.0.1:{port}\nreadonly_username=see\nreadonly_password=see");
    let s = Story::new()
        .open_files(300)
        .section(&format!("[inet_http_server]\n{server}"))
        .start();
    let mut own = s.listen("/api/v1/events", &[]);
    let listen = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Basic c2VlOnNlZQ==";
        write!(stream, "{request}\r\n\r\n").unwrap();
        let mut status = String::new();
        let mut stream = BufReader::new(stream);
        stream.read_line(&mut status).unwrap();
        assert_eq!(status, "HTTP/1.1 200 OK\r\n");
        stream
    };
    let mut streams: Vec<_> = (0..200).map(|_| listen()).collect();
    assert!(rest(&mut streams[0]).contains("event: snapshot"));
    s.ctl("pid").says(&format!("{}\n", s.pid()));
    assert_eq!(own.next().name, "snapshot");
    s.post("/api/v1/supervisor/shutdown");
    own.wait("supervisor", |_| true);
}

/// What is long is sent compressed to those who take it so, and what is known not at all.
#[test]
fn long_answers_are_sent_compressed() {
    let crowd = "command=/bin/cat\nautostart=false\nnumprocs=9\nprocess_name=%(process_num)d";
    let s = Story::new().program("crowd", crowd).start();
    let gzip = "Accept-Encoding: gzip";
    for path in ["/metrics", "/api/v1/openapi.json", "/api/v1/processes"] {
        let first = format!("GET {path}");
        let (plain, packed) = (s.http(&first, &[], ""), s.http(&first, &[gzip], ""));
        let coding = |reply: &Reply| reply.header("Content-Encoding").to_owned();
        assert_eq!(
            (coding(&plain), coding(&packed)),
            (String::new(), "gzip".into()),
            "{path}"
        );
        let length = |reply: &Reply| reply.header("Content-Length").parse::<usize>().unwrap();
        assert!(length(&packed) < length(&plain) / 2, "{path}");
    }
    let first = "GET /api/v1/openapi.json";
    let tag = s.http(first, &[gzip], "").header("ETag").to_owned();
    let known = s.http(first, &[&format!("If-None-Match: {tag}")], "");
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    let other = s.http(first, &["If-None-Match: W/\"other\""], "");
    assert_eq!(other.status, 200);
}

/// Nothing is to be taken for what it does not say it is: a log may hold a script.
#[test]
fn no_answer_is_to_be_guessed_at() {
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .start();
    s.wait_state("cat", "RUNNING");
    for path in [
        "/",
        "/tail.html?processname=cat",
        "/nope",
        "/metrics",
        "/api/v1/processes/cat/logs/stdout",
        "/api/v1/nope",
    ] {
        let reply = s.http(&format!("GET {path}"), &[], "");
        assert_eq!(reply.header("X-Content-Type-Options"), "nosniff", "{path}");
    }
    let mut stream = connect(&s);
    stream
        .write_all(b"GET /logtail/cat HTTP/1.0\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "X-Content-Type-Options: nosniff"));
    let head = s.http("HEAD /tail.html", &[], "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

/// Whoever hears nothing may conclude that there is nobody.
#[test]
fn streams_give_a_sign_of_life_every_few_seconds() {
    let busy = "command=/bin/sh -c 'while :; do :; done'\nstartsecs=0";
    let s = Story::new().program("busy", busy).start();
    let mut curious = s.listen("/api/v1/events", &[]);
    curious.wait("usage", |_| true);
    let mut stream = connect(&s);
    let timeout = Some(Duration::from_secs(20));
    stream.set_read_timeout(timeout).unwrap();
    stream
        .write_all(b"GET /api/v1/events?usage=false HTTP/1.0\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == ":"));
}

#[test]
fn both_pages_warn_of_a_server_that_is_open_to_everyone() {
    let port = free_port();
    let open = format!("[inet_http_server]\nport=*:{port}");
    let s = Story::new().section(&open).start();
    for path in ["/", "/index.html"] {
        let page = s.http(&format!("GET {path}"), &[], "").body;
        assert!(page.contains("Open to everyone"), "{path}");
    }
}

/// Whatever a proxy calls us, a browser that pressed a button comes back to the page that it was on.
#[test]
fn browsers_are_led_back_relative_to_where_they_are() {
    let s = Story::new().start();
    let led = |path: &str, lines: &[&str]| {
        let first = format!("GET {path}?action=refresh");
        s.http(&first, lines, "").header("Location").to_owned()
    };
    for path in ["/", "/index.html"] {
        assert!(led(path, &["User-Agent: Mozilla/5.0"]).starts_with("./?message=Page%20refreshed"));
        assert!(led(path, &[]).starts_with("http://x/?message=Page%20refreshed"));
    }
}

/// A page that has its own name lead here is at home to the browser. It gets nothing all the same
/// where the file lists names.
#[test]
fn browsers_reach_an_open_server_only_by_the_names_listed() {
    let (open, shut, any) = (free_port(), free_port(), free_port());
    let s = Story::new()
        .program("cat", "command=/bin/cat\nstartsecs=0")
        .section(&format!(
            "[inet_http_server:open]\nport=127.0.0.1:{open}\nallowed_hosts=sv.example.org"
        ))
        .section(&format!(
            "[inet_http_server:shut]\nport=127.0.0.1:{shut}\nusername=u\npassword=p"
        ))
        .section(&format!("[inet_http_server:any]\nport=127.0.0.1:{any}"))
        .start();
    let ask = |port, first: &str, host: &str, lines: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!("{first} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close");
        write!(stream, "{request}\r\nContent-Length: 0\r\n{lines}\r\n").unwrap();
        rest(stream)
    };
    let status = |answer: &str| answer[9..12].to_owned();
    let clear = "POST /api/v1/processes/cat/clear-logs";
    let fetch = "Sec-Fetch-Site: same-origin\r\n";
    let browser = "User-Agent: Mozilla/5.0\r\nAccept-Language: en\r\n";
    let disguised = "User-Agent: curl\r\nAccept-Language: en\r\n";
    for (first, lines) in [
        (clear, fetch),
        ("GET /", browser),
        ("GET /api/v1/config", disguised),
        ("GET /index.html?action=stopall", disguised),
    ] {
        let refused = ask(open, first, "evil.example", lines);
        assert_eq!(status(&refused), "421", "{first} {refused}");
        assert!(refused.contains("allowed_hosts"));
    }
    assert_eq!(s.info("cat").state(), "RUNNING");
    assert_eq!(status(&ask(open, clear, "evil.example", "")), "200");
    for host in ["127.0.0.1", "localhost", "sv.example.org"] {
        assert_eq!(status(&ask(open, clear, host, fetch)), "200", "{host}");
    }
    assert_eq!(status(&ask(any, clear, "proxy.example", fetch)), "200");
    let login = format!("{fetch}Authorization: Basic dTpw\r\n");
    assert_eq!(status(&ask(shut, clear, "any.example", &login)), "200");
}

/// A client that doesn't read holds up only itself.
#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    let s = Story::new()
        .file("big.log", &"0123456789abcde\n".repeat(1 << 20))
        .program(
            "big",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/big.log",
        )
        .start();
    let body = "<methodCall><methodName>supervisor.readProcessStdoutLog</methodName><params>\
        <param><value>big</value></param><param><value><int>0</int></value></param>\
        <param><value><int>0</int></value></param></params></methodCall>";
    let length = body.len();
    let ask_for_it = || {
        let mut stream = connect(&s);
        write!(
            stream,
            "POST /RPC2 HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        stream
    };
    let deaf: Vec<_> = (0..8).map(|_| ask_for_it()).collect();
    s.ctl("restart big").says("big: stopped\nbig: started\n");
    let answer = rest(ask_for_it());
    assert!(answer.len() > 16 << 20, "{}", answer.len());
    drop(deaf);
    assert_eq!(s.info("big").state(), "RUNNING");
}

/// Names in paths reach nothing but logs of processes.
#[test]
fn paths_lead_nowhere_else() {
    let s = Story::new()
        .file("secret", "secret")
        .program(
            "cat",
            "command=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/cat.log",
        )
        .start();
    s.wait_state("cat", "RUNNING");
    for path in [
        "/logtail/../../secret",
        "/logtail/..%2fsecret",
        "/logtail/cat%00",
        "/logtail/cat/../../secret",
        "/logtail/cat/stdout/x",
        "/logtail/cat:*",
        "/logtail/%2e%2e/secret",
        "/logtail//etc/passwd",
        "/logtail/%ff",
        "/logtail/",
        "/secret",
        "//secret",
        "/%2fetc/passwd",
        "/images/../../../../../../etc/passwd",
    ] {
        let answer = ask(&s, format!("GET {path} HTTP/1.0\r\n\r\n"));
        assert!(answer.contains(" 404 "), "{path}: {answer}");
    }
}

/// Each kind of refusal has its own status; methods that no path knows are told which ones it does.
#[test]
fn refusals_are_told_apart() {
    let port = free_port();
    let s = Story::new()
        .section(&format!(
            "[inet_http_server]\nport=127.0.0.1:{port}\nusername=u\npassword=p"
        ))
        .start();
    let ask = |head: &str, body: &str| {
        let length = body.len();
        ask(
            &s,
            format!("{head} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}"),
        )
    };
    assert!(ask("GET /nope", "").contains(" 404 "));
    assert!(ask("GET /RPC2", "").contains(" 400 "));
    assert!(ask("POST /RPC2", "<a").contains(" 400 "));
    let refused = ask("DELETE /RPC2", "");
    assert!(
        refused.contains(" 405 ") && refused.contains("\r\nAllow: POST\r\n"),
        "{refused}"
    );
    let refused = ask("PATCH /logtail/x", "");
    assert!(
        refused.contains(" 405 ") && refused.contains("\r\nAllow: GET\r\n"),
        "{refused}"
    );
    assert!(ask("OPTIONS /nope", "").contains("\r\nAllow: GET, HEAD\r\n"));
    assert!(ask("PATCH /ok.html", "").contains("\r\nAllow: GET, POST\r\n"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"DELETE /RPC2 HTTP/1.0\r\n\r\n").unwrap();
    assert!(rest(stream).contains(" 401 "));
}

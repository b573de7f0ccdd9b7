//! As little HTTP as a story needs, and server-sent events.

use super::Daemon;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// What a request was answered with.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// Reads an answer up to the end of the connection.
    pub(crate) fn read(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer: {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Reads an answer whose length is told, on a connection that may stay open.
    pub(crate) fn read_sized(stream: impl Read) -> Self {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = stream.read_line(&mut head).unwrap();
            assert!(read > 0, "the answer ends early: {head:?}");
        }
        let bare = Self::read(head.as_bytes());
        let length = bare.header("content-length").parse().unwrap();
        let mut body = Vec::new();
        stream.take(length).read_to_end(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        Self { body, ..bare }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value.trim())
    }
}

impl Daemon {
    /// Sends a request over the unix socket: its first words (`GET /path`), further header lines,
    /// and a body.
    pub(crate) fn http(&self, first: &str, lines: &[&str], body: &str) -> Reply {
        Reply::read(self.begin(first, lines, body))
    }

    /// GETs JSON.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let reply = self.http(&format!("GET {path}"), &[], "");
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// POSTs, without a body.
    pub(crate) fn post(&self, path: &str) -> Reply {
        self.http(&format!("POST {path}"), &[], "")
    }

    /// Listens to server-sent events.
    pub(crate) fn listen(&self, path: &str, lines: &[&str]) -> Events {
        let stream = self.begin(&format!("GET {path}"), lines, "");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut events = Events(BufReader::new(stream));
        let status = events.line();
        assert!(status.contains(" 200 "), "{status}");
        while !events.line().is_empty() {}
        events
    }

    fn begin(&self, first: &str, lines: &[&str], body: &str) -> UnixStream {
        let mut stream = UnixStream::connect(self.path("s.sock")).unwrap();
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        write!(
            stream,
            "{first} HTTP/1.0\r\nHost: x\r\nContent-Length: {length}\r\n{lines}\r\n{body}"
        )
        .unwrap();
        stream
    }
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

/// Server-sent events as they come.
pub(crate) struct Events(BufReader<UnixStream>);

impl Events {
    /// The next one.
    pub(crate) fn next(&mut self) -> Event {
        let (mut id, mut name) = (String::new(), String::new());
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("id", value)) => value.clone_into(&mut id),
                Some(("event", value)) => value.clone_into(&mut name),
                Some(("data", value)) => {
                    let data = serde_json::from_str(value).unwrap();
                    return Event { id, name, data };
                }
                _ => {}
            }
        }
    }

    /// The next one of this name for which something is true.
    pub(crate) fn wait(&mut self, name: &str, is: impl Fn(&Value) -> bool) -> Event {
        loop {
            let event = self.next();
            if event.name == name && is(&event.data) {
                return event;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        assert!(read > 0, "the stream has ended");
        line.trim_end().to_owned()
    }
}

//! A server for tests that gives prepared answers, one a connection.

use crate::xmlrpc::{Value, decode, encode};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::JoinHandle;

/// One answer.
pub(super) enum Answer {
    /// To a call that works.
    Value(Value),
    /// To a call that is refused.
    Fault(i32, &'static str),
    /// Whatever this says, head and all.
    Raw(&'static [u8]),
}

/// The server, until it is asked for what it heard.
pub(super) struct FakeServer {
    directory: tempfile::TempDir,
    thread: JoinHandle<Vec<String>>,
}

impl FakeServer {
    /// Gives the answers in turn; after them it hangs up on everybody.
    pub(super) fn start(answers: Vec<Answer>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("s")).unwrap();
        let thread = std::thread::spawn(move || serve(&listener, answers));
        Self { directory, thread }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("unix://{}/s", self.directory.path().display())
    }

    /// Every request in short: calls with their arguments, other paths with their method.
    pub(super) fn heard(self) -> Vec<String> {
        drop(UnixStream::connect(self.directory.path().join("s")));
        self.thread.join().unwrap()
    }
}

/// Serves until somebody connects and says nothing.
fn serve(listener: &UnixListener, answers: Vec<Answer>) -> Vec<String> {
    let (mut heard, mut answers) = (Vec::new(), answers.into_iter());
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        match request(&stream) {
            Some(request) => heard.push(request),
            None => return heard,
        }
        if let Some(answer) = answers.next() {
            stream.write_all(&response(answer)).unwrap();
        }
    }
}

fn request(stream: &UnixStream) -> Option<String> {
    let mut lines = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while lines.read_line(&mut head).unwrap() > 2 {
        let last = head.lines().last()?;
        if let Some(number) = last.strip_prefix("Content-Length: ") {
            length = number.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).unwrap();
    let credentials = head
        .lines()
        .find_map(|line| line.strip_prefix("Authorization: "));
    let what = match decode::request(&body) {
        Ok(call) => format!("{} {}", call.method, arguments(&call.params)),
        Err(_) => head.lines().next()?.replace(" HTTP/1.1", ""),
    };
    let text = format!("{what} {}", credentials.unwrap_or_default());
    Some(text.trim().to_owned())
}

fn arguments(params: &[Value]) -> String {
    let told = params.iter().map(|param| match param {
        Value::Str(text) => text.clone(),
        other => format!("{other:?}"),
    });
    told.collect::<Vec<_>>().join(" ")
}

fn response(answer: Answer) -> Vec<u8> {
    let xml = match answer {
        Answer::Value(value) => encode::response(&value),
        Answer::Fault(code, text) => encode::fault(code, text),
        Answer::Raw(bytes) => return bytes.to_vec(),
    };
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{xml}",
        xml.len()
    )
    .into_bytes()
}

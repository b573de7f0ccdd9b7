//! As little XML-RPC as a story needs, independent of the crate's own.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// The members of a structure that a method answered with, as text.
#[derive(Debug)]
pub(crate) struct Info(BTreeMap<String, String>);

impl Info {
    /// A member's text; empty where there is none.
    pub(crate) fn get(&self, member: &str) -> &str {
        self.0.get(member).map_or("", String::as_str)
    }

    pub(crate) fn state(&self) -> &str {
        self.get("statename")
    }

    /// The pid; 0 where there is no process.
    pub(crate) fn pid(&self) -> i32 {
        self.get("pid").parse().unwrap_or(0)
    }

    pub(crate) fn fault(&self) -> Option<&str> {
        self.0.get("faultString").map(String::as_str)
    }
}

/// Calls a method with string parameters; one that begins with `<` is XML.
pub(crate) fn call(socket: &Path, method: &str, parameters: &[&str]) -> io::Result<Info> {
    let body = request(method, parameters);
    let mut stream = UnixStream::connect(socket)?;
    write!(
        stream,
        "POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    match answer.split_once("\r\n\r\n") {
        Some((_, body)) if answer.contains(" 200 ") => Ok(members(body)),
        _ => Err(io::Error::other(format!("no answer to {method}: {answer}"))),
    }
}

fn request(method: &str, parameters: &[&str]) -> String {
    let value = |text: &&str| match text.starts_with('<') {
        true => format!("<param><value>{text}</value></param>"),
        false => format!("<param><value><string>{text}</string></value></param>"),
    };
    let parameters: String = parameters.iter().map(value).collect();
    format!(
        "<?xml version='1.0'?><methodCall><methodName>{method}</methodName>\
         <params>{parameters}</params></methodCall>"
    )
}

/// The members of the first structure in an answer.
fn members(body: &str) -> Info {
    let structure = body.split("</struct>").next().unwrap_or_default();
    let members = structure.split("<member>").skip(1).filter_map(|member| {
        let (_, rest) = member.split_once("<name>")?;
        let (name, value) = rest.split_once("</name>")?;
        Some((name.to_owned(), text_of(value)))
    });
    Info(members.collect())
}

/// A value without its tags.
fn text_of(value: &str) -> String {
    let inner = value.split("</value>").next().unwrap_or_default();
    let text: String = inner
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    text.trim()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

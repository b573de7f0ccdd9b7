//! A real browser: Chromium without a window, driven by the W3C's WebDriver protocol, which is
//! JSON over HTTP.

use super::http::Reply;
use super::processes::kill_all;
use super::story::{TAG, new_tag};
use super::wait_for;
use nix::unistd::geteuid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// The key of an element's id in answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that have no character, by their names in the protocol.
const NAMED: [(&str, &str); 9] = [
    ("Shift", "\u{e008}"),
    ("Tab", "\u{e004}"),
    ("Enter", "\u{e007}"),
    ("Escape", "\u{e00c}"),
    ("Up", "\u{e013}"),
    ("Down", "\u{e015}"),
    ("Home", "\u{e011}"),
    ("End", "\u{e010}"),
    ("Space", " "),
];

/// A browser with one window. It ends when it is dropped.
pub(crate) struct Browser {
    tag: String,
    driver: Child,
    port: u16,
    session: String,
}

/// One of a browser's tabs.
pub(crate) struct Tab(String);

impl Tab {
    /// What the browser calls it.
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

impl Browser {
    /// Starts a browser with a profile of its own.
    pub(crate) fn start() -> Self {
        let tag = new_tag();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env(TAG, &tag)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; scripts/browser installs it"));
        let port = port(&mut driver);
        let mut browser = Self {
            tag,
            driver,
            port,
            session: String::new(),
        };
        let mut args = vec!["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"];
        if geteuid().is_root() {
            args.push("--no-sandbox");
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let session = browser.post("/session", &wanted);
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser.resize(1400, 900);
        browser
    }

    /// Sets the size of what can be seen of a page, in CSS pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Goes to an address and waits until the page has loaded.
    pub(crate) fn open(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// Opens a further tab and goes there.
    pub(crate) fn new_tab(&self) -> Tab {
        let made = self.command("window/new", &json!({ "type": "tab" }));
        let tab = Tab(made["handle"].as_str().unwrap().to_owned());
        self.go_to(&tab);
        self.resize(1400, 900);
        tab
    }

    /// Goes to a tab.
    pub(crate) fn go_to(&self, tab: &Tab) {
        self.command("window", &json!({ "handle": tab.0 }));
    }

    /// The value of a JavaScript expression. A promise is waited for.
    pub(crate) fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs JavaScript statements.
    pub(crate) fn run(&self, script: &str) {
        self.command("execute/sync", &json!({ "script": script, "args": [] }));
    }

    /// Waits until a JavaScript expression is true.
    #[track_caller]
    pub(crate) fn wait(&self, expression: &str) {
        wait_for(expression, || {
            self.eval(expression).as_bool().filter(|is| *is)
        });
    }

    /// Waits until the text of the first element that a CSS selector finds has this in it.
    #[track_caller]
    pub(crate) fn says(&self, css: &str, text: &str) {
        wait_for(
            &format!("{css} to say {text:?}; it says {:?}", self.text(css)),
            || self.text(css).contains(text).then_some(()),
        );
    }

    /// The text of the first element that a CSS selector finds; empty where there is none.
    pub(crate) fn text(&self, css: &str) -> String {
        let css = Value::from(css);
        let text = self.eval(&format!("document.querySelector({css})?.innerText ?? ''"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements a CSS selector finds.
    pub(crate) fn count(&self, css: &str) -> u64 {
        let css = Value::from(css);
        let count = self.eval(&format!("document.querySelectorAll({css}).length"));
        count.as_u64().unwrap()
    }

    /// Presses the mouse on the first element that a CSS selector finds, once it can be.
    #[track_caller]
    pub(crate) fn click(&self, css: &str) {
        wait_for(&format!("{css} to click on"), || {
            let element = self.find(css)?;
            let path = format!("{}/element/{element}/click", self.session);
            self.ask("POST", &path, &json!({})).ok()
        });
    }

    /// Types text where the focus is.
    pub(crate) fn types(&self, text: &str) {
        for key in text.chars() {
            self.press(&key.to_string());
        }
    }

    /// Presses a key, or several at once: `x`, `Enter`, `Shift+S`.
    pub(crate) fn press(&self, keys: &str) {
        let keys: Vec<_> = match keys {
            "+" => vec!["+"],
            _ => keys.split('+').map(key).collect(),
        };
        let act = |what| move |key: &&str| json!({ "type": what, "value": key });
        let down = keys.iter().map(act("keyDown"));
        let up = keys.iter().rev().map(act("keyUp"));
        let actions: Vec<_> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.command("actions", &json!({ "actions": [keyboard] }));
    }

    /// Says something in Chromium's own DevTools protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.command("goog/cdp/execute", &body)
    }

    /// What the browser complained about since this was asked last.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().unwrap().iter();
        entries
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    fn find(&self, css: &str) -> Option<String> {
        let wanted = json!({ "using": "css selector", "value": css });
        let path = format!("{}/element", self.session);
        let found = self.ask("POST", &path, &wanted).ok()?;
        Some(found[ELEMENT].as_str()?.to_owned())
    }

    #[track_caller]
    fn command(&self, name: &str, body: &Value) -> Value {
        self.post(&format!("{}/{name}", self.session), body)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, body)
            .unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    /// The value of an answer, or the error in it.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = body.to_string();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let reply = Reply::read_sized(stream);
        let value = reply.json()["value"].take();
        if reply.status == 200 {
            Ok(value)
        } else {
            Err(value)
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.ask("DELETE", &self.session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        kill_all(&self.tag);
    }
}

fn key(name: &str) -> &str {
    let named = NAMED.iter().find(|(known, _)| *known == name);
    named.map_or(name, |(_, key)| key)
}

/// The port that the driver says it listens on.
fn port(driver: &mut Child) -> u16 {
    let said = BufReader::new(driver.stdout.take().unwrap()).lines();
    let ports = said.map_while(Result::ok).filter_map(|line| {
        let (_, port) = line.rsplit_once("on port ")?;
        let port = port.trim_end_matches('.').parse().ok()?;
        // It says first that it was asked for any.
        (port != 0).then_some(port)
    });
    ports
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("chromedriver names no port"))
}

//! What a story's listeners heard.

use super::Daemon;
use std::fs;

/// The text of `listener.py`, which stories put into their directory.
pub(crate) const LISTENER: &str = include_str!("listener.py");

/// An event as a listener heard it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) name: String,
    pub(crate) serial: u64,
    pub(crate) pool_serial: u64,
    /// The payload; what is no UTF-8 in it is replaced.
    pub(crate) payload: String,
}

impl Daemon {
    /// The events that a file of `listener.py` holds.
    pub(crate) fn heard(&self, file: &str) -> Vec<Heard> {
        let bytes = fs::read(self.path(file)).unwrap_or_default();
        let mut rest = bytes.as_slice();
        let mut events = Vec::new();
        while let Some((event, behind)) = event(rest) {
            events.push(event);
            rest = behind;
        }
        events
    }

    /// The payloads of these events.
    pub(crate) fn heard_payloads(&self, file: &str) -> Vec<String> {
        let heard = self.heard(file).into_iter();
        heard.map(|event| event.payload).collect()
    }

    /// Has the daemon emit REMOTE_COMMUNICATION events of which each one's data is its number.
    pub(crate) fn emit(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            self.rpc(
                "supervisor.sendRemoteCommEvent",
                &["n", &number.to_string()],
            )
            .unwrap();
        }
    }

    /// What it tells of its one pool of listeners, and of the one listener in it.
    pub(crate) fn pool(&self) -> super::Info {
        self.rpc("events.getAllPoolInfo", &[]).unwrap()
    }
}

/// The payloads of such numbers.
pub(crate) fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    let payload = |number| format!("type:n\n{number}");
    numbers.into_iter().map(payload).collect()
}

/// The first event and what is behind it; `None` when there is not a whole one.
fn event(bytes: &[u8]) -> Option<(Heard, &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let header = String::from_utf8_lossy(&bytes[..end]);
    let token = |name: &str| {
        let mut tokens = header.split(' ').filter_map(|token| token.split_once(':'));
        tokens.find(|(key, _)| *key == name).unwrap().1
    };
    let number = |name: &str| token(name).parse().unwrap();
    let length = usize::try_from(number("len")).unwrap();
    let (payload, behind) = bytes[end + 1..].split_at_checked(length)?;
    let event = Heard {
        name: token("eventname").to_owned(),
        serial: number("serial"),
        pool_serial: number("poolserial"),
        payload: String::from_utf8_lossy(payload).into_owned(),
    };
    Some((event, behind.strip_prefix(b"\n")?))
}

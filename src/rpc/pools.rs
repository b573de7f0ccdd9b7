//! `events.*`: the pools of event listeners. A name space of our own, of which Supervisor's
//! clients know nothing.

use super::args::Args;
use super::method::Answer;
use crate::actors::handle::SupervisorHandle;
use crate::events::{ListenerInfo, PoolInfo, Source};
use crate::process::namespec::Display;
use crate::xmlrpc::{Encode, Writer};

pub(super) async fn all_pool_info(handle: SupervisorHandle, _: Args) -> Answer {
    Ok(Box::new(handle.all_pool_info().await))
}

impl Encode for PoolInfo {
    fn encode(&self, out: &mut Writer) {
        out.structure(|to| {
            to.member("name", &self.name);
            to.member("buffer_size", &number(self.buffer_size as u64));
            to.member("buffered", &number(self.buffered as u64));
            to.member("accepted", &number(self.accepted));
            to.member("processed", &number(self.processed));
            to.member("rejected", &number(self.rejected));
            to.member("discarded", &number(self.discarded));
            to.member("coalesced", &number(self.coalesced));
            to.member("held_back", &names(&self.held_back));
            to.member("listeners", &self.listeners);
        });
    }
}

impl Encode for ListenerInfo {
    fn encode(&self, out: &mut Writer) {
        out.structure(|to| {
            to.member("name", &self.name);
            to.member("state", &self.state.code());
            to.member("statename", self.state.name());
            // Serials start at 0.
            to.member("event", &self.event.map_or(-1, number));
            to.member("offence", &self.offence);
        });
    }
}

fn names(processes: &[Source]) -> Vec<String> {
    let name = |process: &Source| Display(&process.group, &process.name).to_string();
    processes.iter().map(name).collect()
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::ListenerState;
    use crate::xmlrpc::{Value, decode, encode};

    #[test]
    fn a_pool_tells_its_counts_and_its_listeners() {
        let listener = ListenerInfo {
            name: "l0".into(),
            state: ListenerState::Unknown,
            event: None,
            offence: "hello\\n".into(),
        };
        let pool = PoolInfo {
            name: "lis".into(),
            buffer_size: 10,
            buffered: 3,
            accepted: 20,
            processed: 5,
            rejected: 1,
            discarded: 11,
            coalesced: 0,
            held_back: vec![Source {
                name: "web_1".into(),
                group: "web".into(),
            }],
            listeners: vec![listener],
        };
        let seen = decode::response(encode::response(&pool).as_bytes())
            .unwrap()
            .unwrap();
        for (key, count) in [("buffer_size", 10), ("buffered", 3), ("discarded", 11)] {
            assert_eq!(seen.get(key), Some(&Value::Int(count)), "{key}");
        }
        let listeners = seen.get("listeners").and_then(Value::as_array).unwrap();
        let text = |text: &str| Some(Value::Str(text.into()));
        let held_back = seen.get("held_back").and_then(Value::as_array).unwrap();
        assert_eq!(held_back.first().cloned(), text("web:web_1"));
        assert_eq!(listeners[0].get("name").cloned(), text("l0"));
        assert_eq!(listeners[0].get("statename").cloned(), text("UNKNOWN"));
        assert_eq!(listeners[0].get("offence").cloned(), text("hello\\n"));
        assert_eq!(listeners[0].get("event"), Some(&Value::Int(-1)));
    }
}

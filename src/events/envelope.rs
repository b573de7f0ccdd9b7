//! An event as the bytes that a listener reads from its stdin.

use super::{Delivery, Event};

/// In what `len` tells how long a payload is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadLength {
    /// In bytes, as Supervisor's manual says. Data passes as it is.
    #[default]
    Bytes,
    /// In characters, as Supervisor counts. Data is always UTF-8.
    Characters,
}

/// The header line and the payload, to be written in one go; nothing follows the payload.
///
/// `server` is supervisord's identifier, `pool` the listener's group. Names are not escaped.
pub fn envelope(server: &str, pool: &str, delivery: &Delivery, length: PayloadLength) -> Vec<u8> {
    let Delivery {
        event,
        serial,
        pool_serial,
        ..
    } = delivery;
    let (payload, len) = measured(event, length);
    let header = format!(
        "ver:3.0 server:{server} serial:{serial} pool:{pool} poolserial:{pool_serial} \
         eventname:{} len:{len}\n",
        event.event_type(),
    );
    [header.as_bytes(), &payload].concat()
}

fn measured(event: &Event, length: PayloadLength) -> (Vec<u8>, usize) {
    match length {
        PayloadLength::Bytes => {
            let payload = event.payload();
            let len = payload.len();
            (payload, len)
        }
        PayloadLength::Characters => {
            let text = event.text();
            let len = text.chars().count();
            (text.into_bytes(), len)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Failures, Output, OutputChannel, Source};
    use std::sync::Arc;

    fn told(serial: u64, pool_serial: u64, event: Event) -> Vec<u8> {
        let delivery = Delivery {
            event: Arc::new(event),
            serial,
            pool_serial,
            failures: Failures::default(),
        };
        envelope("supervisor", "lis", &delivery, PayloadLength::Bytes)
    }

    fn log(data: &[u8]) -> Event {
        let name: Arc<str> = "p".into();
        Event::ProcessLog(Output {
            source: Source {
                name: name.clone(),
                group: name,
            },
            pid: 1,
            channel: OutputChannel::Stdout,
            data: data.to_vec(),
        })
    }

    #[test]
    fn header_and_payload_are_as_supervisor_sends_them() {
        assert_eq!(
            told(0, 0, Event::GroupAdded("lis".into())),
            b"ver:3.0 server:supervisor serial:0 pool:lis poolserial:0 \
              eventname:PROCESS_GROUP_ADDED len:14\ngroupname:lis\n"
        );
        assert_eq!(
            told(21, 10, Event::SupervisorRunning),
            b"ver:3.0 server:supervisor serial:21 pool:lis poolserial:10 \
              eventname:SUPERVISOR_STATE_CHANGE_RUNNING len:0\n"
        );
    }

    #[test]
    fn len_counts_bytes() {
        for (data, len) in [("aü".as_bytes(), 50), (b"\xff\xfe", 49), (b"", 47)] {
            let bytes = told(0, 0, log(data));
            let newline = bytes.iter().position(|&byte| byte == b'\n').unwrap();
            let (header, payload) = bytes.split_at(newline + 1);
            assert!(header.ends_with(format!(" len:{len}\n").as_bytes()));
            assert_eq!(payload.len(), len);
        }
    }

    #[test]
    fn len_counts_characters_where_asked_for() {
        for (data, len, payload) in [
            ("aü".as_bytes(), 49, "aü"),
            (b"\xff", 67, r"Undecodable: b'\xff'"),
        ] {
            let delivery = Delivery {
                event: Arc::new(log(data)),
                serial: 0,
                pool_serial: 0,
                failures: Failures::default(),
            };
            let bytes = envelope("s", "lis", &delivery, PayloadLength::Characters);
            let text = String::from_utf8(bytes).unwrap();
            let (header, told) = text.split_once('\n').unwrap();
            assert!(header.ends_with(&format!(" len:{len}")), "{header}");
            assert_eq!(told.chars().count(), len);
            assert!(told.ends_with(&format!("\n{payload}")), "{told}");
        }
    }
}

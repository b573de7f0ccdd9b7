//! An event as the bytes that a listener reads from its stdin.

use super::Delivery;

/// The header line and the payload, to be written in one go; nothing follows the payload.
///
/// `server` is supervisord's identifier, `pool` the listener's group. `len` counts the payload's
/// bytes (Supervisor's manual says so; the original counts characters). Names are not escaped.
pub fn envelope(server: &str, pool: &str, delivery: &Delivery) -> Vec<u8> {
    let Delivery {
        event,
        serial,
        pool_serial,
    } = delivery;
    let payload = event.payload();
    let header = format!(
        "ver:3.0 server:{server} serial:{serial} pool:{pool} poolserial:{pool_serial} \
         eventname:{} len:{}\n",
        event.event_type(),
        payload.len(),
    );
    [header.as_bytes(), &payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Event, Output, OutputChannel, Source};
    use std::sync::Arc;

    fn told(serial: u64, pool_serial: u64, event: Event) -> Vec<u8> {
        let delivery = Delivery {
            event: Arc::new(event),
            serial,
            pool_serial,
        };
        envelope("supervisor", "lis", &delivery)
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
        let source = Source {
            name: "p".into(),
            group: "p".into(),
        };
        let output = |data: &[u8]| Output {
            source: source.clone(),
            pid: 1,
            channel: OutputChannel::Stdout,
            data: data.to_vec(),
        };
        for (data, len) in [("aü".as_bytes(), 50), (b"\xff\xfe", 49), (b"", 47)] {
            let bytes = told(0, 0, Event::ProcessLog(output(data)));
            let newline = bytes.iter().position(|&byte| byte == b'\n').unwrap();
            let (header, payload) = bytes.split_at(newline + 1);
            assert!(header.ends_with(format!(" len:{len}\n").as_bytes()));
            assert_eq!(payload.len(), len);
        }
    }
}

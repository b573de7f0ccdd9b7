use super::*;
use crate::events::EventType;
use std::collections::BTreeSet;
use std::time::Duration;

const RESTART: Duty = Duty::Restart {
    seat: 0,
    after: Duration::from_secs(1),
};

fn desk(buffer_size: usize, names: &[&str]) -> Desk {
    let pool = Pool::new(BTreeSet::from([EventType::Event]), buffer_size);
    let rules = Rules {
        restarts: true,
        ..Rules::default()
    };
    let mut desk = Desk::new("supervisor".into(), "lis".into(), pool, rules);
    desk.seat(names.iter().map(|&name| name.into()).enumerate());
    desk
}

/// A desk whose listeners are RUNNING and READY.
fn ready(buffer_size: usize, names: &[&str]) -> Desk {
    let mut desk = desk(buffer_size, names);
    for seat in 0..names.len() {
        desk.entered(seat, ProcessState::Running);
        desk.said(seat, b"READY\n");
    }
    desk
}

fn event() -> Arc<Event> {
    Arc::new(Event::SupervisorRunning)
}

/// The events that are handed out, as seat and serial.
fn handed_out(duties: &[Duty]) -> Vec<(usize, u64)> {
    let deliver = |duty: &Duty| match duty {
        Duty::Deliver { seat, serial, .. } => Some((*seat, *serial)),
        _ => None,
    };
    duties.iter().filter_map(deliver).collect()
}

fn lines(duties: &[Duty]) -> Vec<String> {
    let line = |duty: &Duty| match duty {
        Duty::Say(note) => Some(note.to_string()),
        _ => None,
    };
    duties.iter().filter_map(line).collect()
}

#[test]
fn the_first_who_is_ready_gets_the_oldest() {
    let mut desk = ready(10, &["a", "b"]);
    assert_eq!(handed_out(&desk.accepted(event(), 5)), [(0, 5)]);
    assert_eq!(handed_out(&desk.accepted(event(), 6)), [(1, 6)]);
    assert_eq!(handed_out(&desk.accepted(event(), 7)), []);
    let answered = desk.said(1, b"RESULT 2\nOKREADY\n");
    assert_eq!(handed_out(&answered), [(1, 7)]);
    assert_eq!(
        lines(&answered),
        [
            "b: event was processed",
            "b: BUSY -> ACKNOWLEDGED",
            "b: ACKNOWLEDGED -> READY"
        ]
    );
}

#[test]
fn ready_counts_only_when_the_process_is_running() {
    let mut desk = desk(10, &["a"]);
    desk.entered(0, ProcessState::Starting);
    desk.said(0, b"READY\n");
    assert_eq!(handed_out(&desk.accepted(event(), 0)), []);
    let running = desk.entered(0, ProcessState::Running);
    assert_eq!(handed_out(&running), [(0, 0)]);
}

#[test]
fn a_listener_that_is_stopping_gets_nothing_and_may_still_answer() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    desk.accepted(event(), 1);
    desk.entered(0, ProcessState::Stopping);
    assert_eq!(handed_out(&desk.said(0, b"RESULT 2\nOKREADY\n")), []);
    assert_eq!((desk.info().processed, desk.pool().len()), (1, 1));
}

#[test]
fn what_a_dead_listener_had_in_hand_goes_to_the_next() {
    let mut desk = ready(10, &["a", "b"]);
    desk.accepted(event(), 0);
    let died = desk.entered(0, ProcessState::Exited);
    assert_eq!(handed_out(&died), [(1, 0)]);
    assert_eq!(
        lines(&died),
        ["rebuffering event 0 for pool lis (buf size=0, max=10)"]
    );
}

#[test]
fn a_delivery_that_fails_late_takes_nothing_from_the_next_child() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    desk.entered(0, ProcessState::Exited);
    desk.entered(0, ProcessState::Running);
    desk.accepted(event(), 1);
    assert_eq!(handed_out(&desk.said(0, b"READY\n")), [(0, 0)]);
    desk.said(0, b"RESULT 2\nOKREADY\n");
    assert_eq!(desk.info().listeners[0].event, Some(1));
    assert_eq!(desk.not_delivered(0, 1, NotDelivered::Closed), []);
    assert_eq!(desk.info().listeners[0].event, Some(1));
}

#[test]
fn a_delivery_that_is_put_off_is_due_as_long_as_its_child_lives() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    assert!(desk.is_due(0, 1) && !desk.is_due(0, 2));
    assert_eq!(handed_out(&die(&mut desk)), [(0, 0)]);
    assert!(!desk.is_due(0, 1) && desk.is_due(0, 2));
    desk.said(0, b"nonsense\n");
    assert!(!desk.is_due(0, 2), "it was put back");
}

#[test]
fn what_failed_for_an_earlier_child_does_not_concern_the_next_though_it_has_the_same_event() {
    let mut desk = ready(10, &["a"]);
    assert_eq!(handed_out(&desk.accepted(event(), 0)), [(0, 0)]);
    for state in [
        ProcessState::Exited,
        ProcessState::Starting,
        ProcessState::Running,
    ] {
        desk.entered(0, state);
    }
    assert_eq!(handed_out(&desk.said(0, b"READY\n")), [(0, 0)]);
    assert_eq!(desk.not_delivered(0, 1, NotDelivered::Closed), []);
    assert_eq!(desk.info().listeners[0].event, Some(0));
}

#[test]
fn a_closed_stdin_gets_nothing_more_and_the_next_one_does() {
    let mut desk = ready(10, &["a", "b"]);
    desk.accepted(event(), 0);
    let failed = desk.not_delivered(0, 1, NotDelivered::Closed);
    assert_eq!(handed_out(&failed), [(1, 0)]);
    assert_eq!(
        lines(&failed)[0],
        "epipe occurred while sending event 0 to listener a, listener state unchanged"
    );
    assert_eq!(desk.info().listeners[0].state, ListenerState::Ready);
    assert_eq!(handed_out(&desk.accepted(event(), 1)), []);
}

#[test]
fn a_listener_that_lives_on_with_a_closed_stdin_is_shown_and_to_be_restarted() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    let failed = desk.not_delivered(0, 1, NotDelivered::Closed);
    let child = suspected(&failed);
    let deaf = desk.lives_on(0, child);
    assert!(deaf.contains(&RESTART));
    assert_eq!(
        lines(&deaf),
        ["a: has closed its stdin and will no longer receive events"]
    );
    assert_eq!(&*desk.info().listeners[0].offence, "its stdin is closed");
    assert!(desk.restart(0).is_some());
    desk.entered(0, ProcessState::Exited);
    assert_eq!(desk.lives_on(0, child), [], "it was about to end");
    assert_eq!(desk.restart(0), None);
}

/// The child of which it is suspected that it lives on.
fn suspected(duties: &[Duty]) -> u64 {
    let child = |duty: &Duty| match duty {
        Duty::SuspectClosed { child, .. } => Some(*child),
        _ => None,
    };
    duties.iter().find_map(child).unwrap()
}

#[test]
fn a_listener_that_lives_on_with_a_closed_stdout_is_shown_and_loses_its_event() {
    let mut desk = ready(10, &["a", "b"]);
    desk.accepted(event(), 0);
    desk.accepted(event(), 1);
    let child = suspected(&desk.fell_silent(0));
    desk.said(1, b"RESULT 2\nOKREADY\n");
    assert_eq!(desk.info().listeners[0].event, Some(0), "it may have ended");
    let silent = desk.lives_on(0, child);
    assert_eq!(
        lines(&silent)[..2],
        [
            "a: has closed its stdout and can no longer answer",
            "a: BUSY -> UNKNOWN"
        ]
    );
    assert_eq!(handed_out(&silent), [(1, 0)]);
    assert!(silent.contains(&RESTART));
    assert_eq!(&*desk.info().listeners[0].offence, "its stdout is closed");
    assert!(desk.restart(0).is_some());
}

#[test]
fn who_closes_its_stdout_and_ends_has_done_nothing_wrong() {
    let mut desk = ready(10, &["a"]);
    let child = suspected(&desk.fell_silent(0));
    assert_eq!(
        handed_out(&desk.accepted(event(), 0)),
        [],
        "it can't answer"
    );
    assert_eq!(handed_out(&die(&mut desk)), [(0, 0)]);
    assert_eq!(desk.lives_on(0, child), []);
    let next = suspected(&desk.fell_silent(0));
    assert_ne!(next, child);
    desk.entered(0, ProcessState::Stopping);
    assert_eq!(desk.lives_on(0, next), [], "it is about to end");
}

#[test]
fn a_listener_that_breaks_the_protocol_is_shown_and_to_be_restarted() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    let broke = desk.said(0, b"nonsense\n");
    assert!(broke.contains(&RESTART));
    assert_eq!(lines(&broke)[0], "a: bad result line: 'nonsense'");
    assert!(desk.restart(0).is_some());
    let told = &desk.info().listeners[0];
    assert_eq!(
        (told.state, &*told.offence),
        (ListenerState::Unknown, "nonsense")
    );
    assert_eq!(desk.pool().len(), 1, "its event waits for another child");
    desk.entered(0, ProcessState::Exited);
    assert_eq!(desk.restart(0), None);
}

#[test]
fn a_listener_that_breaks_the_protocol_before_it_has_started_is_restarted_at_once() {
    let mut desk = desk(10, &["a"]);
    desk.entered(0, ProcessState::Starting);
    let broke = desk.said(0, b"I log to stdout\n");
    let (seat, after) = (0, Duration::ZERO);
    assert!(broke.contains(&Duty::Restart { seat, after }));
}

#[test]
fn a_listener_that_does_not_read_has_broken_the_protocol() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    let failed = desk.not_delivered(0, 1, NotDelivered::Full);
    assert!(failed.contains(&RESTART));
    assert_eq!(lines(&failed)[0], "a: leaves its stdin unread");
    assert_eq!(desk.pool().len(), 1);
}

/// What a listener awaits that counts characters, in vain.
fn accented() -> Arc<Event> {
    let (kind, data) = (String::new(), "café".to_owned());
    Arc::new(Event::RemoteCommunication { kind, data })
}

fn suspicion(duties: &[Duty]) -> Option<u64> {
    duties.iter().find_map(|duty| match duty {
        Duty::SuspectStuck { number, .. } => Some(*number),
        _ => None,
    })
}

#[test]
fn a_listener_that_may_await_characters_is_told_of() {
    let mut desk = ready(10, &["a"]);
    assert_eq!(suspicion(&desk.accepted(event(), 0)), None);
    desk.said(0, b"RESULT 2\nOKREADY\n");
    let number = suspicion(&desk.accepted(accented(), 1)).unwrap();
    assert!(desk.still_busy(0, number - 1).is_none(), "the one before");
    let said = lines(&Vec::from_iter(desk.still_busy(0, number)));
    assert!(said[0].starts_with("a: has not answered event 1 for 5 seconds; "));
    assert!(said[0].contains("payload_length=characters"));
}

#[test]
fn one_that_has_answered_is_not_suspected_again() {
    let mut desk = ready(10, &["a"]);
    let number = suspicion(&desk.accepted(accented(), 0)).unwrap();
    desk.said(0, b"RESULT 2\nOKREADY\n");
    assert_eq!(desk.still_busy(0, number), None);
    assert_eq!(suspicion(&desk.accepted(accented(), 1)), None);
}

#[test]
fn one_that_is_told_characters_is_not_suspected() {
    let mut desk = ready(10, &["a"]);
    let length = PayloadLength::Characters;
    desk.adjust(
        10,
        Rules {
            length,
            ..Rules::default()
        },
    );
    let duties = desk.accepted(accented(), 0);
    assert_eq!(suspicion(&duties), None);
    let Some(Duty::Deliver { bytes, .. }) = duties.last() else {
        panic!("{duties:?}");
    };
    assert!(String::from_utf8_lossy(bytes).ends_with(" len:10\ntype:\ncafé"));
}

#[test]
fn rejections_without_end_are_paced() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    let mut pauses = Vec::new();
    for _ in 0..30 {
        let rejected = desk.said(0, b"RESULT 4\nFAILREADY\n");
        let pause = rejected.iter().find_map(|duty| match duty {
            Duty::Pause(pause) => Some(pause.as_millis()),
            _ => None,
        });
        assert_eq!(handed_out(&rejected).is_empty(), pause.is_some());
        if let Some(pause) = pause {
            pauses.push(pause);
            assert_eq!(handed_out(&desk.resume()), [(0, 0)]);
        }
    }
    assert_eq!(pauses.len(), 20);
    assert_eq!(pauses[..8], [10, 20, 40, 80, 160, 320, 640, 1000]);
    assert_eq!(pauses.last(), Some(&1000));
    desk.said(0, b"RESULT 2\nOKREADY\n");
    desk.accepted(event(), 1);
    let rejected = desk.said(0, b"RESULT 4\nFAILREADY\n");
    assert_eq!(handed_out(&rejected), [(0, 1)], "at once again");
}

#[test]
fn output_leaves_room_for_what_may_come_back() {
    let mut desk = ready(1, &["a"]);
    assert!(desk.has_room_for_output(0), "it is taken at once");
    desk.accepted(event(), 0);
    assert!(!desk.has_room_for_output(0));
    desk.said(0, b"nonsense\n");
    for state in [
        ProcessState::Stopping,
        ProcessState::Stopped,
        ProcessState::Starting,
        ProcessState::Exited,
        ProcessState::Backoff,
        ProcessState::Running,
    ] {
        desk.entered(0, state);
        assert!(!desk.has_room_for_output(0), "{state}: it may be back soon");
    }
    assert_eq!(handed_out(&desk.said(0, b"READY\n")), [(0, 0)]);
    desk.said(0, b"RESULT 2\nOKREADY\n");
    assert!(desk.has_room_for_output(0));
    assert_eq!(desk.info().discarded, 0);
}

#[test]
fn it_is_settled_when_those_who_live_have_answered() {
    let mut desk = ready(10, &["a"]);
    assert!(desk.is_settled());
    desk.accepted(event(), 0);
    desk.accepted(event(), 1);
    assert!(!desk.is_settled());
    desk.said(0, b"RESULT 2\nOKREADY\n");
    assert!(!desk.is_settled(), "it has another in hand");
    desk.said(0, b"RESULT 2\nOK");
    assert!(desk.is_settled());
    desk.accepted(event(), 2);
    assert!(!desk.is_settled(), "it may get ready");
    desk.said(0, b"nonsense");
    assert!(desk.is_settled(), "it won't");
}

#[test]
fn the_event_of_a_listener_that_leaves_goes_to_another() {
    let mut desk = ready(10, &["a", "b"]);
    assert_eq!(handed_out(&desk.accepted(event(), 1)), [(0, 1)]);
    assert_eq!(handed_out(&desk.leave(0)), [(1, 1)]);
    assert_eq!(desk.info().listeners.len(), 1);
    desk.seat([(0, "c".into()), (2, "d".into())]);
    let names: Vec<_> = desk.info().listeners.into_iter().map(|l| l.name).collect();
    assert_eq!(names, ["c", "b", "d"].map(Arc::from));
}

#[test]
fn a_smaller_buffer_loses_the_oldest_and_says_so() {
    let mut desk = ready(3, &["a"]);
    for serial in 0..4 {
        desk.accepted(event(), serial);
    }
    let said = lines(&desk.adjust(1, Rules::default()));
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(desk.pool().serials().collect::<Vec<_>>(), [3]);
    assert_eq!(desk.info().buffer_size, 1);
}

/// Another child is READY in place of one that has died.
fn die(desk: &mut Desk) -> Vec<Duty> {
    let mut duties = desk.entered(0, ProcessState::Exited);
    for state in [ProcessState::Starting, ProcessState::Running] {
        duties.extend(desk.entered(0, state));
    }
    duties.extend(desk.said(0, b"READY\n"));
    duties
}

/// The events that are handed out as so many listeners die, one after the other.
fn told_to_the_dying(desk: &mut Desk, count: usize) -> Vec<u64> {
    let told = (0..count).flat_map(|_| handed_out(&die(desk)));
    told.map(|(_, serial)| serial).collect()
}

#[test]
fn an_event_that_ends_listeners_is_discarded_when_others_are_processed() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    assert_eq!(
        told_to_the_dying(&mut desk, 7),
        [0; 7],
        "nothing else waits"
    );
    desk.accepted(event(), 1);
    assert_eq!(told_to_the_dying(&mut desk, 1), [1], "it gives way");
    let answered = desk.said(0, b"RESULT 2\nOKREADY\n");
    assert_eq!(handed_out(&answered), [(0, 0)], "for the last time");
    assert_eq!(
        lines(&die(&mut desk))[0],
        "pool lis discards event 0 (SUPERVISOR_STATE_CHANGE_RUNNING), with which 9 listeners in a \
         row failed, the last one for the second time after it had processed others"
    );
    let info = desk.info();
    assert_eq!((info.discarded, info.processed, info.buffered), (1, 1, 0));
}

#[test]
fn a_listener_that_always_fails_loses_nothing_that_another_processes() {
    let mut desk = ready(10, &["bad", "good"]);
    for serial in 0..8 {
        desk.accepted(event(), serial);
    }
    for _ in 0..8 {
        told_to_the_dying(&mut desk, 6);
        desk.said(1, b"RESULT 2\nOKREADY\n");
    }
    let info = desk.info();
    assert_eq!((info.discarded, info.processed), (0, 8));
}

#[test]
fn an_event_with_which_listeners_fail_in_a_row_is_told_once() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    let said: Vec<_> = (0..8).flat_map(|_| lines(&die(&mut desk))).collect();
    let suspected = said
        .iter()
        .filter(|line| line.contains("gives way"))
        .count();
    assert_eq!(suspected, 1, "{said:?}");
}

#[test]
fn listeners_that_fail_for_another_reason_lose_nothing() {
    let mut desk = ready(10, &["a"]);
    (0..3).for_each(|serial| drop(desk.accepted(event(), serial)));
    let told = told_to_the_dying(&mut desk, 18);
    let expected = [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 0, 0, 0, 0];
    assert_eq!(told, expected);
    for serial in 0..3 {
        assert_eq!(desk.info().listeners[0].event, Some(serial));
        desk.said(0, b"RESULT 2\nOKREADY\n");
    }
    assert_eq!((desk.info().processed, desk.info().discarded), (3, 0));
}

#[test]
fn listeners_that_are_stopped_or_reject_an_event_do_not_make_it_suspect() {
    let mut desk = ready(10, &["a"]);
    desk.accepted(event(), 0);
    desk.accepted(event(), 1);
    for round in 0..10 {
        let (stopping, stopped) = (ProcessState::Stopping, ProcessState::Stopped);
        for state in [
            stopping,
            stopped,
            ProcessState::Starting,
            ProcessState::Running,
        ] {
            desk.entered(0, state);
        }
        let told = desk.said(0, b"READY\n");
        assert_eq!(handed_out(&told), [(0, 0)], "{round}");
        die(&mut desk);
        desk.said(0, b"RESULT 4\nFAILREADY\n");
    }
    assert_eq!(desk.info().listeners[0].event, Some(0));
}

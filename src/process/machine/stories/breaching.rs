//! How a listener that broke its protocol is restarted.

use super::{GAVE_UP, Story};
use crate::process::{Fact, FaultCode, Mood, Order, Policy, ProcessState};

#[test]
fn one_that_was_running_is_stopped_and_started() {
    let mut story = Story::running(Policy::default());
    story
        .fact(Fact::ProtocolBroken)
        .reads(&[
            "DEBG killing cat (pid 7) with signal SIGTERM",
            "RUNNING -> STOPPING pid:7",
            "kill 7 SIGTERM",
        ])
        .exit(0)
        .reads(&[
            "STOPPING -> STOPPED pid:7",
            "INFO stopped: cat (exit status 0)",
            "STOPPED -> STARTING tries:0",
            "spawn",
        ]);
}

#[test]
fn such_restarts_count_towards_the_limit() {
    let mut story = Story::running(Policy {
        startsecs: 0,
        restart_limit: 2,
        ..Policy::default()
    });
    for pid in [8, 9] {
        story.fact(Fact::ProtocolBroken).exit(0).spawned(pid);
        assert_eq!(story.machine.state(), ProcessState::Running);
    }
    story.fact(Fact::ProtocolBroken).forget().exit(0).reads(&[
        "STOPPING -> STOPPED pid:9",
        "INFO stopped: cat (exit status 0)",
        "STOPPED -> FATAL",
        "WARN gave up: cat entered FATAL state, more than 2 restarts within a minute \
         (restart_limit)",
    ]);
}

#[test]
fn one_that_was_not_yet_running_has_failed_to_start() {
    let mut story = Story::new(Policy {
        startretries: 1,
        ..Policy::default()
    });
    story.order(Order::Start).spawned(7);
    let wait = story.machine.wait_for_start();
    story.fact(Fact::ProtocolBroken).forget();
    assert_eq!(story.machine.outcome(wait), None, "it is to be seen");
    story.exit(0).reads(&[
        "STOPPING -> BACKOFF tries:1",
        "INFO stopped: cat (exit status 0)",
    ]);
    let failed = Some(Err(FaultCode::SpawnError));
    assert_eq!(story.machine.outcome(wait), failed);
    story
        .deadline()
        .spawned(8)
        .fact(Fact::ProtocolBroken)
        .forget();
    story.exit(0).reads(&[
        "STOPPING -> BACKOFF tries:2",
        "INFO stopped: cat (exit status 0)",
        "BACKOFF -> FATAL",
        GAVE_UP,
    ]);
    let why = &story.machine.record().spawnerr;
    assert_eq!(&**why, "Violated the eventlistener protocol");
}

#[test]
fn whoever_stops_it_meanwhile_has_it_stopped() {
    for millis in [0, 2000] {
        let mut story = Story::new(Policy::default());
        story.order(Order::Start).spawned(7).pass(millis);
        story.fact(Fact::DeadlineReached);
        story.fact(Fact::ProtocolBroken).forget();
        story.order(Order::Stop).reads(&[]);
        let wait = story.machine.wait_for_stop();
        assert_eq!(story.machine.outcome(wait), None);
        story.exit(0).reads(&[
            "STOPPING -> STOPPED pid:7",
            "INFO stopped: cat (exit status 0)",
        ]);
        assert_eq!(story.machine.outcome(wait), Some(Ok(())));
    }
}

#[test]
fn it_does_not_start_while_supervisord_stops() {
    let mut story = Story::running(Policy::default());
    story.fact(Fact::ProtocolBroken);
    story.fact(Fact::MoodChanged(Mood::Shutdown)).exit(0);
    assert_eq!(story.machine.state(), ProcessState::Stopped);
}

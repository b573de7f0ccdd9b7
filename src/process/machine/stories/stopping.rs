//! How a process is stopped and signalled.

use super::{SUCCESS, Story};
use crate::process::{
    ExitStatus, Fact, FaultCode, Mood, Order, Policy, Purpose, Signal, SignalError,
};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn stop_in_backoff_goes_to_stopped_at_once() {
    let mut story = Story::new(Policy::default());
    story
        .order(Order::Start)
        .spawned(7)
        .exit(1)
        .forget()
        .order(Order::Stop)
        .reads(&[
            "DEBG Attempted to kill cat, which is in BACKOFF state.",
            "BACKOFF -> STOPPED pid:0",
        ]);
    assert_eq!(story.machine.deadline(), None);
    assert!(!story.machine.record().spawnerr.is_empty());
}

#[test]
fn a_stop_by_signal_is_told_as_a_warning() {
    let mut story = Story::running(Policy::default());
    story
        .order(Order::Stop)
        .reads(&[
            "DEBG killing cat (pid 7) with signal SIGTERM",
            "RUNNING -> STOPPING pid:7",
            "kill 7 SIGTERM",
        ])
        .end(ExitStatus::from_wait(15))
        .reads(&[
            "STOPPING -> STOPPED pid:7",
            "WARN stopped: cat (terminated by SIGTERM)",
        ]);
    assert_eq!(story.machine.record().exit.map(ExitStatus::code), Some(-1));
    assert_eq!(&*story.machine.record().spawnerr, "");
}

#[test]
fn a_stop_with_an_expected_exit_status_is_told_as_information() {
    Story::stopping(Policy::default()).exit(0).reads(&[
        "STOPPING -> STOPPED pid:7",
        "INFO stopped: cat (exit status 0)",
    ]);
}

#[test]
fn stop_in_starting_sends_the_stop_signal() {
    let policy = Policy {
        stopsignal: Signal::QUIT,
        stopasgroup: true,
        ..Policy::default()
    };
    Story::new(policy)
        .order(Order::Start)
        .spawned(7)
        .forget()
        .order(Order::Stop)
        .reads(&[
            "DEBG killing cat (pid 7) process group with signal SIGQUIT",
            "STARTING -> STOPPING pid:7",
            "kill 7 group SIGQUIT",
        ]);
}

#[test]
fn stop_while_the_child_is_being_made_stops_it_when_it_is_there() {
    Story::new(Policy::default())
        .order(Order::Start)
        .forget()
        .order(Order::Stop)
        .reads(&["STARTING -> STOPPING pid:0"])
        .spawned(7)
        .reads(&[
            "INFO spawned: 'cat' with pid 7",
            "DEBG killing cat (pid 7) with signal SIGTERM",
            "kill 7 SIGTERM",
        ])
        .exit(0)
        .reads(&[
            "STOPPING -> STOPPED pid:7",
            "INFO stopped: cat (exit status 0)",
        ]);
}

#[test]
fn stop_while_no_child_can_be_made_is_no_failed_try() {
    Story::new(Policy::default())
        .order(Order::Start)
        .order(Order::Stop)
        .forget()
        .spawn_failed()
        .reads(&[
            "INFO spawnerr: can't find command 'catt'",
            "STOPPING -> STOPPED pid:0",
        ])
        .order(Order::Start)
        .reads(&["STOPPED -> STARTING tries:0", "spawn"]);
}

#[test]
fn a_child_that_does_not_stop_is_killed_again_and_again() {
    let policy = Policy {
        stopwaitsecs: 3,
        killasgroup: true,
        ..Policy::default()
    };
    let mut story = Story::stopping(policy);
    for _ in 0..3 {
        let before = story.now;
        story.deadline().reads(&[
            "WARN killing 'cat' (7) with SIGKILL",
            "DEBG killing cat (pid 7) process group with signal SIGKILL",
            "kill 7 group SIGKILL",
        ]);
        assert_eq!(story.now - before, Duration::from_secs(3));
    }
    story.end(ExitStatus::from_wait(9)).reads(&[
        "STOPPING -> STOPPED pid:7",
        "WARN stopped: cat (terminated by SIGKILL)",
    ]);
}

#[test]
fn without_stopwaitsecs_sigkill_comes_at_once_and_then_once_a_second() {
    for stopwaitsecs in [0, -5] {
        let mut story = Story::stopping(Policy {
            stopwaitsecs,
            ..Policy::default()
        });
        let stopped = story.now;
        story.deadline().deadline();
        assert_eq!(story.now - stopped, Duration::from_secs(1));
    }
}

#[test]
fn who_is_in_a_hurry_kills_at_once() {
    let mut story = Story::stopping(Policy::default());
    story.order(Order::KillNow).reads(&[
        "WARN killing 'cat' (7) with SIGKILL",
        "DEBG killing cat (pid 7) with signal SIGKILL",
        "kill 7 SIGKILL",
    ]);
    let repeat = story.now + Duration::from_secs(10);
    assert_eq!(story.machine.deadline(), Some(repeat));
}

#[test]
fn a_signal_goes_to_the_child_alone() {
    let policy = Policy {
        stopasgroup: true,
        killasgroup: true,
        ..Policy::default()
    };
    let relayed = ["DEBG sending cat (pid 7) sig SIGHUP", "kill 7 SIGHUP"];
    Story::running(policy.clone())
        .order(Order::Signal(Signal::HUP))
        .reads(&relayed);
    Story::stopping(policy)
        .order(Order::Signal(Signal::HUP))
        .reads(&relayed);
}

#[test]
fn promotion_and_escalation_go_on_on_the_way_down() {
    Story::new(Policy::default())
        .order(Order::Start)
        .spawned(7)
        .forget()
        .fact(Fact::MoodChanged(Mood::Shutdown))
        .deadline()
        .reads(&["STARTING -> RUNNING pid:7", SUCCESS])
        .order(Order::Stop)
        .forget()
        .deadline()
        .reads(&[
            "WARN killing 'cat' (7) with SIGKILL",
            "DEBG killing cat (pid 7) with signal SIGKILL",
            "kill 7 SIGKILL",
        ]);
}

#[test]
fn start_while_stopping_starts_nothing() {
    let mut story = Story::stopping(Policy::default());
    story
        .order(Order::Start)
        .reads(&["WARN process 'cat' already running"]);
    let wait = story.machine.wait_for_start();
    assert_eq!(
        story.machine.outcome(wait),
        Some(Err(FaultCode::AbnormalTermination))
    );
}

#[test]
fn a_child_that_is_gone_before_its_signal_is_still_stopping() {
    Story::stopping(Policy::default())
        .signal_failed(Purpose::Stop, SignalError::NoSuchProcess)
        .reads(&[
            "DEBG unable to signal cat (pid 7), it probably just exited on its own: [Errno 3] No \
             such process",
        ])
        .exit(0)
        .reads(&[
            "STOPPING -> STOPPED pid:7",
            "INFO stopped: cat (exit status 0)",
        ]);
    Story::running(Policy::default())
        .signal_failed(Purpose::Relay, SignalError::NoSuchProcess)
        .reads(&[
            "DEBG unable to signal cat (pid 7), it probably just now exited on its own: [Errno 3] \
             No such process",
        ]);
}

#[test]
fn a_child_that_can_not_be_signalled_is_unknown_until_it_exits() {
    let denied = || SignalError::Other(Arc::from("Operation not permitted"));
    let mut story = Story::stopping(Policy::default());
    story.signal_failed(Purpose::Stop, denied()).reads(&[
        "CRIT unknown problem killing cat (7): Operation not permitted",
        "STOPPING -> UNKNOWN",
    ]);
    assert_eq!(story.machine.pid(), Some(7));
    story.exit(1).reads(&[
        "UNKNOWN -> EXITED expected:0 pid:7",
        "WARN exited: cat (exit status 1; not expected)",
    ]);
    Story::running(Policy::default())
        .signal_failed(Purpose::Relay, denied())
        .reads(&[
            "CRIT unknown problem sending sig cat (7): Operation not permitted",
            "RUNNING -> UNKNOWN",
        ]);
}

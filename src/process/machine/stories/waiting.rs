//! What clients who wait are told.

use super::Story;
use crate::process::{FaultCode, Order, Policy, ProcessState, Purpose, SignalError};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn who_waits_for_a_start_is_told_when_it_runs() {
    let mut story = Story::new(Policy::default());
    story.order(Order::Start);
    let wait = story.machine.wait_for_start();
    assert_eq!(story.machine.outcome(wait), None);
    story.spawned(7);
    assert_eq!(story.machine.outcome(wait), None);
    story.deadline();
    assert_eq!(story.machine.outcome(wait), Some(Ok(())));
}

#[test]
fn who_waits_for_a_start_is_told_of_the_first_failure() {
    let mut story = Story::new(Policy::default());
    story.order(Order::Start);
    let wait = story.machine.wait_for_start();
    story.spawned(7).exit(0);
    let failed = Some(Err(FaultCode::SpawnError));
    assert_eq!(story.machine.outcome(wait), failed);
    story.deadline();
    assert_eq!(story.machine.outcome(wait), failed, "a later try");
}

#[test]
fn who_waits_for_a_start_is_told_of_a_stop() {
    let mut story = Story::new(Policy::default());
    story.order(Order::Start).spawned(7);
    let wait = story.machine.wait_for_start();
    let ended = Some(Err(FaultCode::AbnormalTermination));
    story.order(Order::Stop);
    assert_eq!(story.machine.outcome(wait), ended);
    story.exit(0);
    assert_eq!(story.machine.outcome(wait), ended);
}

#[test]
fn to_have_run_once_is_a_good_start() {
    let mut story = Story::new(Policy::default());
    story.order(Order::Start).spawned(7).pass(1000);
    let wait = story.machine.wait_for_start();
    story.exit(1);
    assert_eq!(story.machine.state(), ProcessState::Starting);
    assert_eq!(story.machine.outcome(wait), Some(Ok(())));
    let newer = story.machine.wait_for_start();
    assert_eq!(story.machine.outcome(newer), None);
}

#[test]
fn who_waits_for_a_stop_is_told_at_the_exit() {
    let mut story = Story::stopping(Policy::default());
    let wait = story.machine.wait_for_stop();
    assert_eq!(story.machine.outcome(wait), None);
    story.exit(0);
    assert_eq!(story.machine.outcome(wait), Some(Ok(())));
    story.order(Order::Start);
    assert_eq!(story.machine.outcome(wait), Some(Ok(())), "started again");
}

#[test]
fn who_waits_for_a_stop_is_told_when_even_sigkill_does_not_help() {
    for (stopwaitsecs, told_after) in [(10, 40), (0, 30), (3600, 3630)] {
        let mut story = Story::stopping(Policy {
            stopwaitsecs,
            ..Policy::default()
        });
        let wait = story.machine.wait_for_stop();
        let stopped = story.now;
        while story.machine.outcome(wait).is_none() {
            story.deadline();
        }
        assert_eq!(story.machine.outcome(wait), Some(Err(FaultCode::Failed)));
        assert_eq!(story.now - stopped, Duration::from_secs(told_after));
        story.exit(0);
        assert_eq!(story.machine.state(), ProcessState::Stopped);
    }
}

#[test]
fn who_waits_for_a_stop_is_told_when_the_signal_can_not_be_sent() {
    let mut story = Story::stopping(Policy::default());
    let wait = story.machine.wait_for_stop();
    story.signal_failed(Purpose::Stop, SignalError::Other(Arc::from("EPERM")));
    assert_eq!(story.machine.outcome(wait), Some(Err(FaultCode::Failed)));
}

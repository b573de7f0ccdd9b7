//! How a process gets RUNNING, or FATAL.

use super::{GAVE_UP, SUCCESS, Story};
use crate::process::{Fact, Machine, Moment, Order, Policy, ProcessState};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_start_waits_for_startsecs() {
    Story::new(Policy::default())
        .order(Order::Start)
        .reads(&["STOPPED -> STARTING tries:0", "spawn"])
        .spawned(7)
        .reads(&["INFO spawned: 'cat' with pid 7"])
        .pass(999)
        .fact(Fact::DeadlineReached)
        .reads(&[])
        .pass(1)
        .fact(Fact::DeadlineReached)
        .reads(&["STARTING -> RUNNING pid:7", SUCCESS]);
}

#[test]
fn without_startsecs_a_child_is_running_at_once() {
    let policy = Policy {
        startsecs: 0,
        ..Policy::default()
    };
    let mut story = Story::new(policy);
    story.order(Order::Start).forget().spawned(7).reads(&[
        "INFO spawned: 'cat' with pid 7",
        "STARTING -> RUNNING pid:7",
        "INFO success: cat entered RUNNING state, process has stayed up for > than 0 seconds \
         (startsecs)",
    ]);
    assert_eq!(story.machine.deadline(), None);
}

#[test]
fn an_exit_before_startsecs_is_never_expected() {
    let mut story = Story::new(Policy::default());
    story
        .order(Order::Start)
        .spawned(7)
        .forget()
        .pass(999)
        .exit(0)
        .reads(&[
            "STARTING -> BACKOFF tries:1",
            "WARN exited: cat (exit status 0; not expected)",
        ]);
    let record = story.machine.record();
    assert_eq!(
        &*record.spawnerr,
        "Exited too quickly (process log may have details)"
    );
    assert_eq!(record.exit, None);
    assert_eq!(record.stop, 1_795_001_000);
}

#[test]
fn an_exit_that_is_seen_before_the_timer_but_after_startsecs_counts_as_run() {
    Story::new(Policy::default())
        .order(Order::Start)
        .spawned(7)
        .forget()
        .pass(1000)
        .exit(0)
        .reads(&[
            "STARTING -> RUNNING pid:7",
            "RUNNING -> EXITED expected:1 pid:7",
            "INFO exited: cat (exit status 0; expected)",
        ]);
}

#[test]
fn tries_are_repeated_after_one_second_more_each_time() {
    let policy = Policy {
        startretries: 2,
        ..Policy::default()
    };
    let mut story = Story::new(policy);
    story.order(Order::Start).spawned(7).forget().exit(1);
    let failed = story.now;
    story
        .forget()
        .deadline()
        .reads(&["BACKOFF -> STARTING tries:1", "spawn"]);
    assert_eq!(story.now - failed, Duration::from_secs(1));
    story.spawned(8).exit(1).forget();
    let failed = story.now;
    story
        .deadline()
        .reads(&["BACKOFF -> STARTING tries:2", "spawn"]);
    assert_eq!(story.now - failed, Duration::from_secs(2));
    story.spawned(9).forget().exit(1).reads(&[
        "STARTING -> BACKOFF tries:3",
        "WARN exited: cat (exit status 1; not expected)",
        "BACKOFF -> FATAL",
        GAVE_UP,
    ]);
    assert_eq!(story.machine.deadline(), None);
    story
        .order(Order::Start)
        .reads(&["FATAL -> STARTING tries:0", "spawn"]);
}

#[test]
fn a_child_that_can_not_be_made_is_a_failed_try() {
    let policy = Policy {
        startretries: 1,
        ..Policy::default()
    };
    let mut story = Story::new(policy);
    story
        .order(Order::Start)
        .forget()
        .spawn_failed()
        .reads(&[
            "INFO spawnerr: can't find command 'catt'",
            "STARTING -> BACKOFF tries:1",
        ])
        .deadline()
        .forget()
        .spawn_failed()
        .reads(&[
            "INFO spawnerr: can't find command 'catt'",
            "STARTING -> BACKOFF tries:2",
            "BACKOFF -> FATAL",
            GAVE_UP,
        ]);
    let record = story.machine.record();
    assert_eq!(&*record.spawnerr, "can't find command 'catt'");
    assert_eq!((record.start, record.stop), (1_795_001_001, 0));
}

#[test]
fn without_startretries_the_first_failure_is_fatal() {
    let policy = Policy {
        startretries: 0,
        ..Policy::default()
    };
    Story::new(policy)
        .order(Order::Start)
        .spawned(7)
        .forget()
        .exit(1)
        .reads(&[
            "STARTING -> BACKOFF tries:1",
            "WARN exited: cat (exit status 1; not expected)",
            "BACKOFF -> FATAL",
            GAVE_UP,
        ]);
}

#[test]
fn a_stop_does_not_forgive_failed_tries() {
    Story::new(Policy::default())
        .order(Order::Start)
        .spawned(7)
        .exit(1)
        .order(Order::Stop)
        .forget()
        .order(Order::Start)
        .reads(&["STOPPED -> STARTING tries:1", "spawn"])
        .spawned(8)
        .order(Order::Stop)
        .exit(0)
        .forget()
        .order(Order::Start)
        .reads(&["STOPPED -> STARTING tries:1", "spawn"])
        .spawned(9)
        .forget()
        .exit(1)
        .reads(&[
            "STARTING -> BACKOFF tries:2",
            "WARN exited: cat (exit status 1; not expected)",
        ]);
}

#[test]
fn to_be_running_forgives_failed_tries() {
    Story::new(Policy::default())
        .order(Order::Start)
        .spawned(7)
        .exit(1)
        .deadline()
        .spawned(8)
        .deadline()
        .order(Order::Stop)
        .exit(0)
        .forget()
        .order(Order::Start)
        .reads(&["STOPPED -> STARTING tries:0", "spawn"]);
}

#[test]
fn a_jump_of_the_wall_clock_changes_nothing() {
    let mut machine = Machine::new(Arc::new(Policy::default()));
    let at = |millis, wall| Moment {
        monotonic: Duration::from_millis(millis),
        wall: Duration::from_secs(wall),
    };
    machine.order(Order::Start, at(0, 1_000_000)).unwrap();
    machine.fact(Fact::Spawned { pid: 7 }, at(0, 1_000_000));
    machine.fact(Fact::DeadlineReached, at(500, 9_000_000));
    assert_eq!(machine.state(), ProcessState::Starting);
    machine.fact(Fact::DeadlineReached, at(1000, 10));
    assert_eq!(machine.state(), ProcessState::Running);
    assert_eq!(machine.record().start, 1_000_000);
}

//! What follows when a child ends by itself.

use super::Story;
use crate::process::{Autorestart, ExitStatus, Fact, Mood, Order, Policy, ProcessState};
use std::sync::Arc;

#[test]
fn an_exit_by_itself_is_judged_by_exitcodes() {
    let policy = Policy {
        exitcodes: vec![3],
        autorestart: Autorestart::Never,
        ..Policy::default()
    };
    let mut story = Story::running(policy.clone());
    story.exit(3).reads(&[
        "RUNNING -> EXITED expected:1 pid:7",
        "INFO exited: cat (exit status 3; expected)",
    ]);
    assert_eq!(&*story.machine.record().spawnerr, "");
    let mut story = Story::running(policy.clone());
    story.exit(0).reads(&[
        "RUNNING -> EXITED expected:0 pid:7",
        "WARN exited: cat (exit status 0; not expected)",
    ]);
    assert_eq!(&*story.machine.record().spawnerr, "Bad exit code 0");
    let mut story = Story::running(policy);
    story.end(ExitStatus::from_wait(0x8b)).reads(&[
        "RUNNING -> EXITED expected:0 pid:7",
        "WARN exited: cat (terminated by SIGSEGV (core dumped); not expected)",
    ]);
    assert_eq!(&*story.machine.record().spawnerr, "Bad exit code -1");
}

#[test]
fn autorestart_decides_over_what_exited() {
    for (autorestart, code, restarted) in [
        (Autorestart::Never, 0, false),
        (Autorestart::Never, 1, false),
        (Autorestart::Unexpected, 0, false),
        (Autorestart::Unexpected, 1, true),
        (Autorestart::Always, 0, true),
        (Autorestart::Always, 1, true),
    ] {
        let mut story = Story::running(Policy {
            autorestart,
            ..Policy::default()
        });
        story.exit(code);
        assert_eq!(
            story.lines.iter().any(|line| line == "spawn"),
            restarted,
            "{autorestart:?} {code}"
        );
    }
}

#[test]
fn a_restart_follows_at_once() {
    let mut story = Story::running(Policy::default());
    story.exit(1).reads(&[
        "RUNNING -> EXITED expected:0 pid:7",
        "WARN exited: cat (exit status 1; not expected)",
        "EXITED -> STARTING tries:0",
        "spawn",
    ]);
    let record = story.machine.record();
    assert_eq!((record.exit, &*record.spawnerr), (None, ""));
}

#[test]
fn nothing_is_spawned_on_the_way_down() {
    for mood in [Mood::Restarting, Mood::Shutdown] {
        Story::running(Policy::default())
            .fact(Fact::MoodChanged(mood))
            .exit(1)
            .reads(&[
                "RUNNING -> EXITED expected:0 pid:7",
                "WARN exited: cat (exit status 1; not expected)",
            ]);
        let mut story = Story::new(Policy::default());
        story.order(Order::Start).spawn_failed().forget();
        let retry_at = story.machine.deadline().unwrap();
        story.fact(Fact::MoodChanged(mood));
        assert_eq!(story.machine.deadline(), None);
        story.now = retry_at;
        story
            .fact(Fact::DeadlineReached)
            .reads(&[])
            .order(Order::GiveUp)
            .reads(&["BACKOFF -> FATAL"]);
    }
}

/// Lets the process exit and be restarted that many times, a tenth of a second each.
fn flap(story: &mut Story, times: usize) {
    for _ in 0..times {
        story.pass(100).exit(1).spawned(7);
    }
}

fn flapping(restart_limit: u32) -> Story {
    Story::running(Policy {
        startsecs: 0,
        restart_limit,
        ..Policy::default()
    })
}

#[test]
fn a_flapping_process_is_warned_of_once() {
    let mut story = flapping(0);
    flap(&mut story, 599);
    let warnings: Vec<&String> = story
        .lines
        .iter()
        .filter(|line| line.contains("flapping"))
        .collect();
    assert_eq!(
        warnings,
        [
            "WARN flapping: cat has been restarted 60 times within a minute; a longer startsecs \
             would slow it down, restart_limit would end it"
        ]
    );
    assert_eq!(story.machine.state(), ProcessState::Running);
}

#[test]
fn restarts_beyond_the_limit_are_fatal() {
    let mut story = flapping(5);
    flap(&mut story, 5);
    story.forget().exit(1).reads(&[
        "RUNNING -> EXITED expected:0 pid:7",
        "WARN exited: cat (exit status 1; not expected)",
        "EXITED -> FATAL",
        "WARN gave up: cat entered FATAL state, more than 5 restarts within a minute \
         (restart_limit)",
    ]);
    assert_eq!(
        &*story.machine.record().spawnerr,
        "more than 5 restarts within a minute (restart_limit)"
    );
    story.order(Order::Start).spawned(8).exit(1);
    assert_eq!(story.machine.state(), ProcessState::Starting);
}

#[test]
fn restarts_within_the_limit_go_on_for_ever() {
    let mut story = flapping(5);
    for _ in 0..100 {
        story.pass(12_000).exit(1).spawned(7);
    }
    assert_eq!(story.machine.state(), ProcessState::Running);
}

#[test]
fn new_rules_hold_from_the_next_decision_on() {
    let policy = Policy {
        autorestart: Autorestart::Never,
        ..Policy::default()
    };
    Story::running(Policy::default())
        .fact(Fact::PolicyChanged(Arc::new(policy)))
        .exit(1)
        .reads(&[
            "RUNNING -> EXITED expected:0 pid:7",
            "WARN exited: cat (exit status 1; not expected)",
        ]);
}

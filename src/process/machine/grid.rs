//! Every state × every order and fact.

use super::{Machine, Phase, Then};
use crate::process::{
    Effect, Effects, ExitStatus, Fact, FaultCode, Kill, Moment, Mood, Order, Pid, Policy, Purpose,
    Signal, SignalError,
};
use std::sync::Arc;
use std::time::Duration;

/// What each input makes of each phase: `.` is nothing at all, `!` a refusal. Where the phase
/// stays and there is something to do, the phase is named.
const GRID: &str = "
                  stopped    spawning   starting   running    backoff    withdrawn  stopping   restarting retrying   exited     fatal      unknown
 start            spawning   !already   !already   !already   !already   withdrawn  stopping   restarting retrying   spawning   spawning   !failed
 start-going-down !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown  !shutdown
 stop             !notrun    withdrawn  stopping   stopping   stopped    !notrun    !notrun    stopping   stopping   !notrun    !notrun    !notrun
 signal           !notrun    !notrun    starting   running    !notrun    !notrun    stopping   restarting retrying   !notrun    !notrun    !notrun
 give-up          !notrun    !notrun    !notrun    !notrun    fatal      !notrun    !notrun    !notrun    !notrun    !notrun    !notrun    !notrun
 kill-now         !notrun    !notrun    !notrun    !notrun    !notrun    !notrun    stopping   restarting retrying   !notrun    !notrun    !notrun
 spawned-other    stopped    starting   starting   running    backoff    stopping   stopping   restarting retrying   exited     fatal      unknown
 spawned-again    stopped    starting   .          .          backoff    stopping   .          .          .          exited     fatal      .
 spawn-failed     .          backoff    .          .          .          stopped    .          .          .          .          .          .
 exit-0-soon      .          .          backoff    exited     .          .          stopped    spawning   backoff    .          .          exited
 exit-0-late      .          .          exited     exited     .          .          stopped    spawning   backoff    .          .          exited
 exit-1-late      .          .          spawning   spawning   .          .          stopped    spawning   backoff    .          .          exited
 exit-of-other    .          .          .          .          .          .          .          .          .          .          .          .
 protocol-broken  .          .          retrying   restarting .          .          .          .          .          .          .          .
 kill-esrch       .          .          starting   running    .          .          stopping   restarting retrying   .          .          unknown
 kill-failed      .          .          unknown    unknown    .          .          unknown    unknown    unknown    .          .          unknown
 kill-other       .          .          .          .          .          .          .          .          .          .          .          .
 deadline-early   .          .          .          .          .          .          .          .          .          .          .          .
 deadline-due     .          .          running    .          spawning   .          stopping   restarting retrying   .          .          .
 mood             .          .          .          .          .          .          .          .          .          .          .          .
 policy           .          .          .          .          .          .          .          .          .          .          .          .
";

const CHILD: Pid = 42;
const OTHER: Pid = 43;

fn at(millis: u64) -> Moment {
    Moment {
        monotonic: Duration::from_millis(millis),
        wall: Duration::from_millis(millis),
    }
}

/// While no deadline of any phase has come.
const SOON: u64 = 1100;
/// When every deadline has come.
const LATE: u64 = 100_000;

fn exited(pid: Pid, code: u8) -> Fact {
    Fact::Exited {
        pid,
        status: ExitStatus::Code(code),
    }
}

fn signal_failed(pid: Pid, error: SignalError) -> Fact {
    let kill = Kill {
        pid,
        signal: Signal::TERM,
        group: false,
        purpose: Purpose::Stop,
    };
    Fact::SignalFailed { kill, error }
}

fn denied() -> SignalError {
    SignalError::Other(Arc::from("Operation not permitted"))
}

fn machine_in(phase: &str) -> Machine {
    let mut machine = Machine::new(Arc::new(Policy::default()));
    match phase {
        "stopped" => {}
        "spawning" => {
            machine.order(Order::Start, at(SOON)).unwrap();
        }
        "starting" => {
            machine = machine_in("spawning");
            machine.fact(Fact::Spawned { pid: CHILD }, at(SOON));
        }
        "running" => {
            machine.order(Order::Start, at(0)).unwrap();
            machine.fact(Fact::Spawned { pid: CHILD }, at(0));
            machine.fact(Fact::DeadlineReached, at(1000));
        }
        "backoff" => {
            machine = machine_in("starting");
            machine.fact(exited(CHILD, 1), at(SOON));
        }
        "withdrawn" => {
            machine = machine_in("spawning");
            machine.order(Order::Stop, at(SOON)).unwrap();
        }
        "stopping" => {
            machine = machine_in("running");
            machine.order(Order::Stop, at(SOON)).unwrap();
        }
        "restarting" => {
            machine = machine_in("running");
            machine.fact(Fact::ProtocolBroken, at(SOON));
        }
        "retrying" => {
            machine = machine_in("starting");
            machine.fact(Fact::ProtocolBroken, at(SOON));
        }
        "exited" => {
            machine = machine_in("running");
            machine.fact(exited(CHILD, 0), at(SOON));
        }
        "fatal" => {
            machine = machine_in("backoff");
            machine.order(Order::GiveUp, at(SOON)).unwrap();
        }
        "unknown" => {
            machine = machine_in("stopping");
            machine.fact(signal_failed(CHILD, denied()), at(SOON));
        }
        _ => panic!("no phase {phase}"),
    }
    assert_eq!(name(&machine), phase);
    machine
}

fn name(machine: &Machine) -> &'static str {
    match machine.phase {
        Phase::Stopped => "stopped",
        Phase::Spawning => "spawning",
        Phase::Starting { .. } => "starting",
        Phase::Running { .. } => "running",
        Phase::Backoff { .. } => "backoff",
        Phase::Withdrawn => "withdrawn",
        Phase::Stopping { then, .. } => match then {
            Then::Rest => "stopping",
            Then::Restart => "restarting",
            Then::Retry => "retrying",
        },
        Phase::Exited { .. } => "exited",
        Phase::Fatal => "fatal",
        Phase::Unknown { .. } => "unknown",
    }
}

fn feed(machine: &mut Machine, input: &str) -> Result<Effects, FaultCode> {
    let fact = match input {
        "start" => return machine.order(Order::Start, at(SOON)),
        "start-going-down" => {
            machine.fact(Fact::MoodChanged(Mood::Shutdown), at(SOON));
            return machine.order(Order::Start, at(SOON));
        }
        "stop" => return machine.order(Order::Stop, at(SOON)),
        "signal" => return machine.order(Order::Signal(Signal::HUP), at(SOON)),
        "give-up" => return machine.order(Order::GiveUp, at(SOON)),
        "kill-now" => return machine.order(Order::KillNow, at(SOON)),
        "exit-0-late" => return Ok(machine.fact(exited(CHILD, 0), at(LATE))),
        "exit-1-late" => return Ok(machine.fact(exited(CHILD, 1), at(LATE))),
        "deadline-due" => return Ok(machine.fact(Fact::DeadlineReached, at(LATE))),
        "spawned-other" => Fact::Spawned { pid: OTHER },
        "spawned-again" => Fact::Spawned { pid: CHILD },
        "spawn-failed" => Fact::SpawnFailed {
            reason: Arc::from("command is empty"),
        },
        "exit-0-soon" => exited(CHILD, 0),
        "exit-of-other" => exited(OTHER, 0),
        "protocol-broken" => Fact::ProtocolBroken,
        "kill-esrch" => signal_failed(CHILD, SignalError::NoSuchProcess),
        "kill-failed" => signal_failed(CHILD, denied()),
        "kill-other" => signal_failed(OTHER, denied()),
        "deadline-early" => Fact::DeadlineReached,
        "mood" => Fact::MoodChanged(Mood::Restarting),
        "policy" => Fact::PolicyChanged(Arc::new(Policy::default())),
        _ => panic!("no input {input}"),
    };
    Ok(machine.fact(fact, at(SOON)))
}

fn cell(phase: &str, input: &str) -> &'static str {
    let mut machine = machine_in(phase);
    match feed(&mut machine, input) {
        Err(FaultCode::AlreadyStarted) => "!already",
        Err(FaultCode::NotRunning) => "!notrun",
        Err(FaultCode::Failed) => "!failed",
        Err(FaultCode::ShutdownState) => "!shutdown",
        Err(fault) => panic!("{fault:?}"),
        Ok(effects) if effects.is_empty() && name(&machine) == phase => ".",
        Ok(_) => name(&machine),
    }
}

#[test]
fn every_state_answers_every_order_and_fact() {
    let mut lines = GRID.lines().skip(1);
    let phases: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(phases.len(), 12);
    for line in lines {
        let mut cells = line.split_whitespace();
        let input = cells.next().unwrap();
        let expected: Vec<&str> = cells.collect();
        let actual: Vec<&str> = phases.iter().map(|phase| cell(phase, input)).collect();
        assert_eq!(actual, expected, "{input}");
    }
}

#[test]
fn a_refused_order_changes_nothing() {
    for phase in [
        "stopped",
        "spawning",
        "starting",
        "running",
        "backoff",
        "withdrawn",
        "stopping",
        "restarting",
        "retrying",
        "exited",
        "fatal",
        "unknown",
    ] {
        for input in ["start", "stop", "signal", "give-up", "kill-now"] {
            let mut machine = machine_in(phase);
            let before = format!("{machine:?}");
            if feed(&mut machine, input).is_err() {
                assert_eq!(format!("{machine:?}"), before, "{input} in {phase}");
            }
        }
    }
}

#[test]
fn a_child_that_nobody_asked_for_is_killed() {
    for phase in [
        "stopped", "running", "backoff", "stopping", "exited", "fatal",
    ] {
        let mut machine = machine_in(phase);
        let effects = machine.fact(Fact::Spawned { pid: OTHER }, at(SOON));
        let Some(Effect::Kill(kill)) = effects.last() else {
            panic!("{phase}: {effects:?}");
        };
        assert_eq!((kill.pid, kill.signal), (OTHER, Signal::KILL), "{phase}");
    }
}

#[test]
fn no_timer_runs_where_none_is_needed() {
    for (phase, deadline) in [
        ("stopped", None),
        ("spawning", None),
        ("starting", Some(SOON + 1000)),
        ("running", None),
        ("backoff", Some(SOON + 1000)),
        ("withdrawn", None),
        ("stopping", Some(SOON + 10_000)),
        ("restarting", Some(SOON + 10_000)),
        ("exited", None),
        ("fatal", None),
        ("unknown", None),
    ] {
        let deadline = deadline.map(Duration::from_millis);
        assert_eq!(machine_in(phase).deadline(), deadline, "{phase}");
    }
}

#[test]
fn a_machine_is_small() {
    assert!(size_of::<Machine>() <= 256, "{}", size_of::<Machine>());
}

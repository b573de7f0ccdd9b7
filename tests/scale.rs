//! Many processes, and few open files.

mod harness;

use harness::{Story, wait_for};
use std::thread;
use std::time::Duration;

/// A crowd of tiny sleepers whose output nobody wants.
fn sleepers(count: usize) -> String {
    format!(
        "command=sleep 600
         process_name=s_%(process_num)03d
         numprocs={count}
         startsecs=0
         startretries=0
         stdout_logfile=NONE
         stderr_logfile=NONE"
    )
}

/// Idle means asleep: with a thousand children that do nothing, supervisord does nothing: no timer
/// runs where none is needed.
#[test]
fn an_idle_supervisor_sleeps() {
    let s = Story::new().program("crowd", &sleepers(1000)).start();
    s.wait_state("crowd:s_999", "RUNNING");
    wait_for("a second without a wake-up", || {
        let before = s.process().wakeups();
        thread::sleep(Duration::from_secs(1)); // the stretch of time that is measured
        (s.process().wakeups() == before).then_some(())
    });
}

/// Twenty who watch a thousand processes all see everything that happens.
#[test]
fn twenty_who_watch_see_each_change_of_a_thousand() {
    let s = Story::new().program("crowd", &sleepers(1000)).start();
    s.wait_state("crowd:s_999", "RUNNING");
    let mut watchers: Vec<_> = (0..20).map(|_| s.listen("/api/v1/events", &[])).collect();
    for watcher in &mut watchers {
        let snapshot = watcher.next();
        assert_eq!(snapshot.data["processes"].as_array().unwrap().len(), 1000);
    }
    s.ctl("restart crowd:s_000 crowd:s_500 crowd:s_999")
        .mentions(&["crowd:s_000: started\n", "crowd:s_999: started\n"]);
    for mut watcher in watchers {
        let mut seen = ["s_000", "s_500", "s_999"].map(|name| (name, Vec::new()));
        while seen
            .iter()
            .any(|(_, states)| states.last() != Some(&"RUNNING".into()))
        {
            let change = watcher.wait("process", |_| true).data["process"].take();
            let states = seen.iter_mut().find(|(name, _)| change["name"] == *name);
            let state = change["statename"].as_str().unwrap().to_owned();
            let (_, states) = states.unwrap();
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
        let all = ["STOPPING", "STOPPED", "STARTING", "RUNNING"];
        assert!(seen.iter().all(|(_, states)| *states == all), "{seen:?}");
    }
}

/// A hard limit of twice as many open files suffices for thousands of processes (20 000 for 10 000,
/// were there the time), and they all stop when told to.
#[test]
fn a_limit_of_two_descriptors_a_process_suffices() {
    const MANY: usize = 2_000;
    let mut s = Story::new()
        .open_files(4_000)
        .program(
            "crowd",
            &sleepers(MANY).replace("%(process_num)03d", "%(process_num)04d"),
        )
        .start();
    s.wait_state("crowd:s_1999", "RUNNING");
    assert_eq!(s.stop(), 0);
    s.wait_log_count(&["entered RUNNING state"], MANY);
    s.wait_log_count(&["stopped: "], MANY);
}

/// Output that nobody wants needs no pipe: hundreds of programs fit under a limit that their pipes
/// would break.
#[test]
fn unwanted_output_costs_no_descriptor() {
    let s = Story::new()
        .open_files(1024)
        .program("crowd", &sleepers(600))
        .start();
    s.wait_state("crowd:s_599", "RUNNING");
    assert!(s.log_lines(&["spawnerr"]).is_empty());
    s.ctl("stop crowd:*")
        .mentions(&["crowd:s_000: stopped\n", "crowd:s_599: stopped\n"]);
}

/// Where the limit does not suffice, each program that can't be started says so, the rest run, and
/// clients are still served.
#[test]
fn too_few_descriptors_fail_single_programs_only() {
    let s = Story::new()
        .open_files(100)
        .supervisord("minfds=100")
        .program("crowd", &sleepers(150))
        .start();
    s.wait_state("crowd:s_000", "RUNNING");
    let last = s.wait_state("crowd:s_149", "FATAL");
    assert_eq!(last.get("spawnerr"), "too many open files to spawn 's_149'");
    // While it is being made, a child's pipe has two ends here; who starts it asks on a connection
    // of its own whether the file differs.
    let freed = "crowd:s_000: stopped\ncrowd:s_001: stopped\ncrowd:s_002: stopped\n";
    s.ctl("stop crowd:s_000 crowd:s_001 crowd:s_002")
        .says(freed);
    s.ctl("start crowd:s_149").says("crowd:s_149: started\n");
}

/// Nothing is left open behind clients, children that come and go, and logs that rotate.
#[test]
fn no_descriptor_is_lost_over_time() {
    let s = Story::new()
        .program(
            "moth",
            "command=sh -c 'seq 100'
             startsecs=0
             autorestart=false
             stdout_logfile=%(here)s/moth.log
             stdout_logfile_maxbytes=200",
        )
        .start();
    let turn = || {
        let _ = s.rpc("supervisor.startProcess", &["moth"]).unwrap();
        s.wait_state("moth", "EXITED");
    };
    let open = || s.process().descriptors().len();
    (0..5).for_each(|_| turn());
    let before = open();
    (0..40).for_each(|_| turn());
    wait_for("as many descriptors as before", || {
        (open() <= before).then_some(())
    });
}

//! The example that the README starts with.

mod harness;

use harness::{Story, free_port};
use std::net::TcpStream;
use std::path::Path;

#[test]
fn the_quickstart_runs() {
    let example =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart/supervisord.conf");
    let text = std::fs::read_to_string(example).unwrap();
    let port = free_port();
    let text = text.replace("9001", &port.to_string());
    let s = Story::new()
        .directory("run")
        .whole(&text, "run/supervisor.sock")
        .start();
    for name in [
        "clock",
        "worker:worker_0",
        "worker:worker_1",
        "worker:worker_2",
        "flaky",
    ] {
        s.wait_state(name, "RUNNING");
    }
    s.wait_state("once", "EXITED");
    s.ctl("start once").says("once: started\n");
    s.ctl("restart worker:*")
        .mentions(&["worker:worker_0: stopped\n", "worker:worker_2: started\n"]);
    s.ctl("tail once").says("all done\nall done\n\n");
    TcpStream::connect(("127.0.0.1", port)).unwrap();
}

//! `/metrics`: numbers for Prometheus and those who read its formats.
//!
//! What node_exporter's supervisord collector tells has the names that it has there. Labels are
//! names from the configuration and a few fixed words: their number is bounded. Everything is
//! gathered when it is asked for, and nothing before.

mod cpu;
mod exposition;
pub(super) mod kept;
pub(super) mod latency;

use super::gzip::packed_if_long;
use super::session::Session;
use crate::actors::{SupervisorHandle, Vitals};
use crate::events::PoolInfo;
use crate::os::families::{Family, families, ourselves};
use crate::process::{Ending, Pid, ProcessState};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::rt::task::spawn_blocking;
use actix_web::{HttpRequest, HttpResponse};
use cpu::CpuTimes;
use exposition::{Exposition, Format, Kind};
use std::collections::HashMap;
use std::time::Duration;

/// What is told of the system's processes.
#[derive(Default)]
struct Seen {
    /// A process's child, its descendants, and how many files they have open.
    families: HashMap<Pid, (Family, usize)>,
    /// supervisord itself.
    ourselves: Option<(Family, usize)>,
}

/// Answers with all metrics.
pub(super) async fn answer(request: &HttpRequest, session: &Session) -> HttpResponse {
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    let format = Format::accepted(accept.unwrap_or_default());
    let handle = &session.handle;
    let mut text = Exposition::new(format);
    let all = handle.all_vitals();
    let heads: Vec<Pid> = handle.children().iter().map(|child| child.pid).collect();
    let seen = spawn_blocking(move || look(&heads)).await;
    let seen = seen.unwrap_or_default();
    tell_supervisord(&mut text, handle, &seen);
    tell_processes(&mut text, &all);
    tell_cpu(&mut text, &all, &seen.families, &session.kept.cpu_times);
    tell_usage(&mut text, &all, &seen.families);
    tell_pools(&mut text, &handle.all_pool_info().await);
    session.kept.latencies.tell(&mut text);
    let reply = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .body(text.finish());
    packed_if_long(request, reply)
}

/// Sees nothing on other systems than Linux.
fn look(heads: &[Pid]) -> Seen {
    let counted = |family: Family| {
        let files = family.open_files();
        (family, files)
    };
    let families = families(heads).unwrap_or_default().into_iter();
    Seen {
        families: families
            .map(|(pid, family)| (pid, counted(family)))
            .collect(),
        ourselves: ourselves().ok().map(counted),
    }
}

fn tell_supervisord(text: &mut Exposition, handle: &SupervisorHandle, seen: &Seen) {
    let identifier = handle.identifier();
    let labels = [("version", crate::VERSION), ("identifier", &*identifier)];
    text.family("supervisor_info", Kind::Gauge, "What supervisord this is.")
        .add(&labels, 1);
    let mood = handle.mood().code();
    let help = "What it does: 1 is running, 0 restarting, -1 shutting down.";
    text.family("supervisor_state", Kind::Gauge, help)
        .add(&[], mood);
    let started = handle.started().unix_seconds();
    let help = "When this run began, in Unix seconds.";
    text.family("supervisor_start_time_seconds", Kind::Gauge, help)
        .add(&[], started);
    if let Some((family, files)) = &seen.ourselves {
        let help = "CPU time of supervisord itself.";
        text.family("process_cpu_seconds", Kind::Counter, help)
            .add(&[], family.cpu.as_secs_f64());
        let help = "Resident memory of supervisord itself.";
        text.family("process_resident_memory_bytes", Kind::Gauge, help)
            .add(&[], family.memory);
        let help = "Descriptors that supervisord itself has open.";
        text.family("process_open_fds", Kind::Gauge, help)
            .add(&[], files);
    }
}

/// One sample for each process.
fn each(
    text: &mut Exposition,
    all: &[Vitals],
    (name, kind, help): (&str, Kind, &str),
    value: impl Fn(&Vitals) -> Option<f64>,
) {
    let mut samples = text.family(name, kind, help);
    for vitals in all {
        if let Some(value) = value(vitals) {
            samples.add(&labels(vitals), value);
        }
    }
}

fn labels(vitals: &Vitals) -> [(&str, &str); 2] {
    [("name", &vitals.info.name), ("group", &vitals.info.group)]
}

fn tell_processes(text: &mut Exposition, all: &[Vitals]) {
    // As node_exporter has it: these have a child.
    let is_up = |vitals: &Vitals| {
        use ProcessState::{Running, Starting, Stopping};
        matches!(vitals.info.state, Starting | Running | Stopping)
    };
    let family = ("node_supervisord_up", Kind::Gauge, "Process Up");
    each(text, all, family, |vitals| {
        Some(f64::from(u8::from(is_up(vitals))))
    });
    let family = ("node_supervisord_state", Kind::Gauge, "Process State");
    each(text, all, family, |vitals| {
        Some(f64::from(vitals.info.state.code()))
    });
    let name = "node_supervisord_exit_status";
    let family = (name, Kind::Gauge, "Process Exit Status");
    each(text, all, family, |vitals| {
        Some(f64::from(vitals.info.exitstatus()))
    });
    let name = "node_supervisord_start_time_seconds";
    let family = (name, Kind::Gauge, "Process start time");
    each(text, all, family, |vitals| {
        is_up(vitals).then_some(vitals.info.start as f64)
    });
    let help = "How often supervisord itself started it again.";
    let family = ("supervisor_process_restarts", Kind::Counter, help);
    each(text, all, family, |vitals| {
        Some(f64::from(vitals.info.restarts))
    });
    let help = "Bytes that came to its logs.";
    let family = ("supervisor_process_log_bytes", Kind::Counter, help);
    each(text, all, family, |vitals| Some(vitals.logged as f64));
    let help = "Bytes of its output that could not be logged and are lost.";
    let family = ("supervisor_process_log_lost_bytes", Kind::Counter, help);
    each(text, all, family, |vitals| Some(vitals.lost as f64));
    tell_exits(text, all);
}

fn tell_exits(text: &mut Exposition, all: &[Vitals]) {
    let help = "How often its children ended, by what that meant.";
    let mut exits = text.family("supervisor_process_exits", Kind::Counter, help);
    for vitals in all {
        let [name, group] = labels(vitals);
        for (ending, count) in Ending::ALL.into_iter().zip(vitals.endings) {
            exits.add(&[name, group, ("reason", ending.name())], count);
        }
    }
    let help = "How often its children left which status.";
    let mut exits = text.family("supervisor_process_exit_statuses", Kind::Counter, help);
    for vitals in all {
        let [name, group] = labels(vitals);
        for (status, count) in &vitals.statuses {
            exits.add(&[name, group, ("status", &status.name())], count);
        }
    }
}

type Families = HashMap<Pid, (Family, usize)>;

fn tell_cpu(text: &mut Exposition, all: &[Vitals], families: &Families, times: &CpuTimes) {
    let seen = all.iter().filter_map(|vitals| {
        let info = &vitals.info;
        let (family, _) = families.get(&info.pid)?;
        Some(((info.pid, info.start), family.cpu))
    });
    let times = times.count(seen);
    let help = "CPU time of its child with all descendants.";
    let family = ("supervisor_process_cpu_seconds", Kind::Counter, help);
    each(text, all, family, |vitals| {
        times.get(&vitals.info.pid).map(Duration::as_secs_f64)
    });
}

fn tell_usage(text: &mut Exposition, all: &[Vitals], families: &Families) {
    let of = |vitals: &Vitals| families.get(&vitals.info.pid);
    let name = "supervisor_process_resident_memory_bytes";
    let help = "Resident memory of its child with all descendants; shared pages count for each.";
    each(text, all, (name, Kind::Gauge, help), |vitals| {
        Some(of(vitals)?.0.memory as f64)
    });
    let help = "Its child with all descendants.";
    let family = ("supervisor_process_processes", Kind::Gauge, help);
    each(text, all, family, |vitals| {
        Some(of(vitals)?.0.members.len() as f64)
    });
    let help = "Descriptors that its child with all descendants has open.";
    let family = ("supervisor_process_open_fds", Kind::Gauge, help);
    each(text, all, family, |vitals| Some(of(vitals)?.1 as f64));
}

fn tell_pools(text: &mut Exposition, pools: &[PoolInfo]) {
    type Told = (&'static str, Kind, &'static str, fn(&PoolInfo) -> u64);
    let families: [Told; 7] = [
        (
            "supervisor_event_queue_length",
            Kind::Gauge,
            "Events that wait for a listener.",
            |pool| pool.buffered as u64,
        ),
        (
            "supervisor_event_queue_capacity",
            Kind::Gauge,
            "Events that may wait.",
            |pool| pool.buffer_size as u64,
        ),
        (
            "supervisor_event_writers_held_back",
            Kind::Gauge,
            "Outputs that wait for room among these events.",
            |pool| pool.held_back.len() as u64,
        ),
        (
            "supervisor_events_accepted",
            Kind::Counter,
            "Events that the pool has taken.",
            |pool| pool.accepted,
        ),
        (
            "supervisor_events_processed",
            Kind::Counter,
            "Events that a listener has answered with OK.",
            |pool| pool.processed,
        ),
        (
            "supervisor_events_rejected",
            Kind::Counter,
            "Answers of listeners other than OK.",
            |pool| pool.rejected,
        ),
        (
            "supervisor_events_dropped",
            Kind::Counter,
            "Events that were lost: too many waited, or listeners died of them.",
            |pool| pool.discarded,
        ),
    ];
    for (name, kind, help, value) in families {
        let mut samples = text.family(name, kind, help);
        for pool in pools {
            samples.add(&[("pool", &pool.name)], value(pool));
        }
    }
}

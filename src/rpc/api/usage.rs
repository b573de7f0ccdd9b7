//! What processes take, looked at only while somebody asks, and once for all who do.

use crate::actors::SupervisorHandle;
use crate::os::families::{Family, families};
use crate::process::Pid;
use actix_web::rt::task::spawn_blocking;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How old what is told may be.
const FRESH: Duration = Duration::from_millis(1900);

/// What a process and its descendants take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Usage {
    /// Share of one CPU since the last look, in percent with one decimal; `None` at the first.
    cpu: Option<f64>,
    /// Resident bytes.
    memory: u64,
    /// How many processes there are.
    processes: usize,
}

/// What takes how much, by the pid of the child.
pub(super) type UsageByPid = HashMap<Pid, Usage>;

/// Looks at what processes take.
pub(super) struct Usages {
    handle: SupervisorHandle,
    last: RefCell<Look>,
    /// Held while one looks, so that others wait for what it sees.
    looking: Mutex<()>,
}

/// What the last look has shown.
#[derive(Clone, Default)]
struct Look {
    at: Option<Instant>,
    cpu: Arc<HashMap<Pid, Duration>>,
    usage: Arc<UsageByPid>,
}

impl Usages {
    pub(super) fn new(handle: SupervisorHandle) -> Self {
        Self {
            handle,
            last: RefCell::default(),
            looking: Mutex::default(),
        }
    }

    /// What processes take, by a look that is no older than two seconds.
    pub(super) async fn look(&self) -> Arc<UsageByPid> {
        let _looking = self.looking.lock().await;
        let last = self.last.borrow().clone();
        if last.at.is_some_and(|at| at.elapsed() < FRESH) {
            return last.usage;
        }
        let heads: Vec<Pid> = self
            .handle
            .children()
            .iter()
            .map(|child| child.pid)
            .collect();
        let seen = spawn_blocking(move || families(&heads).unwrap_or_default());
        let look = last.next(Instant::now(), &seen.await.unwrap_or_default());
        let usage = look.usage.clone();
        self.last.replace(look);
        usage
    }
}

impl Look {
    fn next(&self, now: Instant, seen: &HashMap<Pid, Family>) -> Self {
        let passed = self.at.map(|at| now - at).unwrap_or_default();
        let usage = seen.iter().map(|(pid, family)| {
            let before = self.cpu.get(pid);
            let used = before.map(|before| family.cpu.saturating_sub(*before));
            let usage = Usage {
                cpu: used.map(|used| percent(used, passed)),
                memory: family.memory,
                processes: family.members.len(),
            };
            (*pid, usage)
        });
        Self {
            at: Some(now),
            usage: Arc::new(usage.collect()),
            cpu: Arc::new(
                seen.iter()
                    .map(|(pid, family)| (*pid, family.cpu))
                    .collect(),
            ),
        }
    }
}

/// With one decimal: finer it would only flicker.
fn percent(used: Duration, passed: Duration) -> f64 {
    let percent = used.as_secs_f64() / passed.as_secs_f64().max(0.001) * 100.0;
    (percent * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(cpu: u64) -> HashMap<Pid, Family> {
        let family = Family {
            cpu: Duration::from_millis(cpu),
            memory: 4096,
            members: vec![7, 8],
        };
        [(7, family)].into()
    }

    #[test]
    fn cpu_is_known_from_the_second_look_on() {
        let start = Instant::now();
        let first = Look::default().next(start, &family(1000));
        assert_eq!(first.usage[&7].cpu, None);
        let second = first.next(start + Duration::from_secs(2), &family(1500));
        assert_eq!(second.usage[&7].cpu, Some(25.0));
        assert_eq!(second.usage[&7].processes, 2);
        let same_pid_anew = second.next(start + Duration::from_secs(4), &family(3));
        assert_eq!(same_pid_anew.usage[&7].cpu, Some(0.0));
    }
}

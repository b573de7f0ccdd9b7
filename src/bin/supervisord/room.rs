//! How the open files that there may be are shared between processes and clients. Processes come
//! first.

use supervisor::actors::descriptors_needed;
use supervisor::config::Config;
use supervisor::os::limits::{self, OpenFiles};
use supervisor::rpc::MOST_CONNECTIONS;

/// What a client takes at the most: its connection, a log, and a watch of that.
const FOR_A_CLIENT: u64 = 3;

/// How many clients there is room for at the least.
const FEWEST: usize = 16;

/// Raises the limit of open files to what the configuration needs, as far as that goes.
pub(super) fn raise_open_files(config: &Config) -> OpenFiles {
    let clients = FOR_A_CLIENT * MOST_CONNECTIONS as u64;
    limits::raise_open_files(descriptors_needed(config).saturating_add(clients))
}

/// How many connections fit beside the processes of the configuration.
pub(super) fn for_clients(config: &Config) -> usize {
    connections(raise_open_files(config).now, descriptors_needed(config))
}

fn connections(limit: u64, processes: u64) -> usize {
    let fit = limit.saturating_sub(processes) / FOR_A_CLIENT;
    usize::try_from(fit).map_or(MOST_CONNECTIONS, |fit| fit.clamp(FEWEST, MOST_CONNECTIONS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_what_processes_leave() {
        assert_eq!(connections(u64::MAX, 300), MOST_CONNECTIONS);
        assert_eq!(connections(1024, 424), 200);
        assert_eq!(connections(256, 5000), FEWEST);
    }
}

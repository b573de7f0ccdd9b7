//! The names that the server knows, for completion.

use super::super::client::Client;
use super::super::completion;
use super::super::proxy::Supervisor;
use super::super::reply::Info;
use std::cell::OnceCell;
use std::time::Duration;

/// How long the answer to Tab may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The server's processes, asked for at most once a line.
pub(in crate::ctl) struct Names {
    client: Client,
    processes: OnceCell<Vec<Info>>,
}

impl Names {
    /// Those of this server.
    pub(in crate::ctl) fn of(client: &Client) -> Self {
        Self {
            client: client.patient_for(PATIENCE),
            processes: OnceCell::new(),
        }
    }

    /// Where the word begins that `line` ends in, and what it may become, each with a blank. A
    /// server that doesn't answer has no names.
    pub(in crate::ctl) fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let ask = || Supervisor(&self.client).all_process_info();
        let processes = || self.processes.get_or_init(|| ask().unwrap_or_default());
        let (start, found) = completion::complete(line, || processes().clone());
        (start, found.into_iter().map(|name| name + " ").collect())
    }
}

//! The names that the server knows, for completion.

use super::super::Error;
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
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(in crate::ctl) fn complete(&self, line: &str) -> Result<(usize, Vec<String>), Error> {
        let (start, found) = completion::complete(line, || self.processes())?;
        Ok((start, found.into_iter().map(|name| name + " ").collect()))
    }

    fn processes(&self) -> Result<Vec<Info>, Error> {
        if let Some(known) = self.processes.get() {
            return Ok(known.clone());
        }
        let found = match Supervisor(&self.client).all_process_info() {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            found => found.unwrap_or_default(),
        };
        Ok(self.processes.get_or_init(|| found).clone())
    }
}

//! A client's wait for the end of an order.

use super::Machine;
use crate::process::{FaultCode, ProcessState};

/// What a client waits for; see [`Machine::outcome`]. It is bound to one try to start, so
/// that neither an older nor a newer one settles it wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// That the try gets RUNNING.
    Start {
        /// Number of the try.
        attempt: u64,
    },
    /// That the process ends.
    Stop {
        /// Number of the try that made it.
        attempt: u64,
    },
}

impl Machine {
    /// A wait for the start just ordered.
    pub const fn wait_for_start(&self) -> Wait {
        Wait::Start {
            attempt: self.attempt,
        }
    }

    /// A wait for the stop just ordered.
    pub const fn wait_for_stop(&self) -> Wait {
        Wait::Stop {
            attempt: self.attempt,
        }
    }

    /// How a wait ended; `None` is not yet. To be asked after each order and fact.
    pub fn outcome(&self, wait: Wait) -> Option<Result<(), FaultCode>> {
        match wait {
            Wait::Start { attempt } => self.start_outcome(attempt),
            Wait::Stop { attempt } if self.attempt > attempt => Some(Ok(())),
            Wait::Stop { .. } => self.stop_outcome(),
        }
    }

    fn start_outcome(&self, attempt: u64) -> Option<Result<(), FaultCode>> {
        match self.state() {
            ProcessState::Running => Some(Ok(())),
            _ if self.awaits_retry() && self.succeeded < attempt => None,
            ProcessState::Stopped | ProcessState::Stopping | ProcessState::Unknown => {
                Some(Err(FaultCode::AbnormalTermination))
            }
            _ if self.succeeded >= attempt => Some(Ok(())),
            ProcessState::Starting if self.attempt == attempt => None,
            _ => Some(Err(FaultCode::SpawnError)),
        }
    }

    /// Its start will have failed when its child has ended.
    fn awaits_retry(&self) -> bool {
        self.is_restarting() && !self.phase.is_unkillable()
    }

    fn stop_outcome(&self) -> Option<Result<(), FaultCode>> {
        match self.state() {
            ProcessState::Unknown => Some(Err(FaultCode::Failed)),
            state if state.is_stopped() => Some(Ok(())),
            _ if self.phase.is_unkillable() => Some(Err(FaultCode::Failed)),
            _ => None,
        }
    }
}

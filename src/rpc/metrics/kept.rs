//! What is kept between two requests.

use super::cpu::CpuTimes;
use super::latency::Latencies;

/// What the metrics keep for as long as anybody is served.
#[derive(Default)]
pub(in crate::rpc) struct Kept {
    /// How long answers take.
    pub(in crate::rpc) latencies: Latencies,
    /// What can't be asked of the system any more.
    pub(super) cpu_times: CpuTimes,
}

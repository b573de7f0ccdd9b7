//! How long answers take, by what is asked for.

use super::exposition::{Exposition, Kind};
use std::cell::Cell;
use std::time::Duration;

/// The upper bounds of the buckets, in seconds and as they are written.
const BOUNDS: [(f64, &str); 7] = [
    (0.001, "0.001"),
    (0.005, "0.005"),
    (0.025, "0.025"),
    (0.1, "0.1"),
    (0.5, "0.5"),
    (2.5, "2.5"),
    (10.0, "10.0"),
];

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rpc) enum Asked {
    XmlRpc,
    Api,
    Log,
    Metrics,
    Page,
}

impl Asked {
    const ALL: [(Self, &str); 5] = [
        (Self::XmlRpc, "xmlrpc"),
        (Self::Api, "api"),
        (Self::Log, "log"),
        (Self::Metrics, "metrics"),
        (Self::Page, "page"),
    ];
}

/// Counts answers by how long they took.
#[derive(Default)]
pub(in crate::rpc) struct Latencies([Histogram; Asked::ALL.len()]);

#[derive(Default)]
struct Histogram {
    /// One more than there are bounds.
    counts: [Cell<u64>; BOUNDS.len() + 1],
    sum: Cell<f64>,
}

impl Latencies {
    /// Counts an answer.
    pub(in crate::rpc) fn observe(&self, asked: Asked, took: Duration) {
        self.0[asked as usize].observe(took.as_secs_f64());
    }

    pub(super) fn tell(&self, text: &mut Exposition) {
        let help = "How long answers took, from the head of the request to the head of the answer.";
        let mut samples = text.family("supervisor_request_seconds", Kind::Histogram, help);
        for ((_, name), histogram) in Asked::ALL.iter().zip(&self.0) {
            let label = ("interface", *name);
            let mut count = 0;
            let bounds = BOUNDS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
            for (bound, cell) in bounds.zip(&histogram.counts) {
                count += cell.get();
                samples.add_part("_bucket", &[label, ("le", bound)], count);
            }
            samples.add_part("_count", &[label], count);
            samples.add_part("_sum", &[label], histogram.sum.get());
        }
    }
}

impl Histogram {
    fn observe(&self, seconds: f64) {
        let bucket = BOUNDS.iter().position(|(bound, _)| seconds <= *bound);
        let count = &self.counts[bucket.unwrap_or(BOUNDS.len())];
        count.set(count.get() + 1);
        self.sum.set(self.sum.get() + seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::super::exposition::Format;
    use super::*;

    #[test]
    fn buckets_are_cumulated() {
        let latencies = Latencies::default();
        for millis in [1, 3, 30_000] {
            latencies.observe(Asked::Api, Duration::from_millis(millis));
        }
        let mut text = Exposition::new(Format::Prometheus);
        latencies.tell(&mut text);
        let text = text.finish();
        for line in [
            "_bucket{interface=\"api\",le=\"0.001\"} 1\n",
            "_bucket{interface=\"api\",le=\"10.0\"} 2\n",
            "_bucket{interface=\"api\",le=\"+Inf\"} 3\n",
            "_count{interface=\"api\"} 3\n",
            "_sum{interface=\"api\"} 30.004\n",
            "_count{interface=\"page\"} 0\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn each_has_its_place() {
        for (place, (asked, _)) in Asked::ALL.iter().enumerate() {
            assert_eq!(*asked as usize, place);
        }
    }
}

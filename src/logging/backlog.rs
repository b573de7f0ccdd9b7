//! What could not be written yet: a bounded ring of bytes, the newest win.

use std::collections::VecDeque;

/// How many bytes of one log wait at most for its file to take them: 64 KiB.
pub const CAPACITY: usize = 64 * 1024;

/// Bytes that wait to be written.
#[derive(Debug, Default)]
pub struct Backlog {
    bytes: VecDeque<u8>,
}

impl Backlog {
    /// Adds `bytes`, at the cost of the oldest once there are more than [`CAPACITY`]. Says how
    /// many were lost.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let excess = (self.bytes.len() + bytes.len()).saturating_sub(CAPACITY);
        let from_old = excess.min(self.bytes.len());
        self.bytes.drain(..from_old);
        self.bytes.extend(bytes.iter().skip(excess - from_old));
        excess
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether none wait.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// All that wait, oldest first.
    pub fn bytes(&mut self) -> &[u8] {
        self.bytes.make_contiguous()
    }

    /// Forgets the oldest `written` bytes, and the memory once none is left.
    pub fn remove(&mut self, written: usize) {
        self.bytes.drain(..written.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.bytes = VecDeque::new();
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.bytes = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_newest_bytes_win() {
        let mut backlog = Backlog::default();
        assert_eq!(backlog.push(b"old"), 0);
        assert_eq!(backlog.push(&vec![b'n'; CAPACITY - 1]), 2);
        assert_eq!(backlog.bytes().first(), Some(&b'd'));
        assert_eq!(backlog.len(), CAPACITY);
    }

    #[test]
    fn a_chunk_larger_than_the_ring_keeps_its_end() {
        let mut backlog = Backlog::default();
        backlog.push(b"old");
        let mut chunk = vec![b'a'; 100];
        chunk.extend(vec![b'z'; CAPACITY]);
        assert_eq!(backlog.push(&chunk), 103);
        assert_eq!(backlog.bytes(), vec![b'z'; CAPACITY]);
    }

    #[test]
    fn what_was_written_goes_from_the_front() {
        let mut backlog = Backlog::default();
        backlog.push(b"abc");
        backlog.remove(2);
        assert_eq!(backlog.bytes(), b"c");
        backlog.remove(9);
        assert!(backlog.is_empty());
    }

    proptest! {
        #[test]
        fn what_waits_and_what_is_lost_are_all_that_came(
            sizes in prop::collection::vec(0usize..50_000, 0..6),
        ) {
            let mut backlog = Backlog::default();
            let lost: usize = sizes.iter().map(|size| backlog.push(&vec![0; *size])).sum();
            prop_assert_eq!(backlog.len() + lost, sizes.iter().sum::<usize>());
            prop_assert!(backlog.len() <= CAPACITY);
        }
    }
}

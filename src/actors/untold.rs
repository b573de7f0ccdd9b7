//! What a process has written and nobody was told of, because listeners take no more for now.

use super::process::{Said, Words};

/// The most that is kept: 1 MiB, which is many pipes full. A live child is not read meanwhile, but
/// each one that ends leaves what was in its pipe.
const MOST_KEPT: usize = 1 << 20;

/// Pieces in the order in which they were written.
#[derive(Default)]
pub(super) struct Untold {
    said: Vec<Said>,
    /// What it weighs, in bytes.
    weight: usize,
    lost: usize,
}

impl Untold {
    /// Keeps a piece, unless too much is kept already.
    pub(super) fn push(&mut self, said: Said) {
        let len = said.words.len();
        // There may be many empty ones.
        let weight = len + size_of::<Said>();
        if !self.is_empty() && self.weight + weight > MOST_KEPT {
            self.lost += len;
        } else {
            self.weight += weight;
            self.said.push(said);
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// All that was kept, and how many bytes were not.
    pub(super) fn take(&mut self) -> (Vec<Said>, usize) {
        let Self { said, lost, .. } = std::mem::take(self);
        (said, lost)
    }
}

impl Words {
    const fn len(&self) -> usize {
        match self {
            Self::Plain(bytes) | Self::Captured(bytes) => bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_lost_is_counted() {
        let mut untold = Untold::default();
        for author in 0..100 {
            let words = Words::Plain(vec![b'x'; MOST_KEPT / 10]);
            untold.push(Said { author, words });
        }
        let (said, lost) = untold.take();
        let authors: Vec<_> = said.iter().map(|said| said.author).collect();
        assert_eq!(authors, (0..9).collect::<Vec<_>>(), "the first ones");
        assert_eq!(lost, 91 * (MOST_KEPT / 10));
        assert!(untold.is_empty());
        assert_eq!(untold.take().1, 0, "told once");
    }

    #[test]
    fn a_long_piece_alone_is_kept() {
        let mut untold = Untold::default();
        let words = Words::Captured(vec![b'x'; 2 * MOST_KEPT]);
        untold.push(Said { author: 1, words });
        assert!(!untold.is_empty());
        assert_eq!(untold.take().1, 0);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_told_in_order_or_counted(
            pieces in prop::collection::vec((0..MOST_KEPT / 3, prop::bool::weighted(0.2)), 0..40),
        ) {
            let mut untold = Untold::default();
            let (mut written, mut told, mut lost) = (0, 0, 0);
            let mut authors = Vec::new();
            for (author, (len, is_taken)) in (0..).zip(pieces) {
                written += len;
                let words = Words::Plain(vec![b'x'; len]);
                untold.push(Said { author, words });
                prop_assert!(untold.weight <= MOST_KEPT || untold.said.len() == 1);
                if is_taken {
                    let (said, not_kept) = untold.take();
                    lost += not_kept;
                    told += said.iter().map(|said| said.words.len()).sum::<usize>();
                    authors.extend(said.into_iter().map(|said| said.author));
                }
            }
            let (said, not_kept) = untold.take();
            told += said.iter().map(|said| said.words.len()).sum::<usize>();
            authors.extend(said.into_iter().map(|said| said.author));
            prop_assert!(authors.is_sorted());
            prop_assert_eq!(told + lost + not_kept, written);
        }
    }
}

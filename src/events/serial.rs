//! The numbers that events bear.

/// Hands out serial numbers: 0 and up, and after [`SerialCounter::MAX`] from 0 again.
#[derive(Clone, Debug, Default)]
pub struct SerialCounter {
    next: u64,
}

impl SerialCounter {
    /// The last number before it starts over: 2^63 - 1, as Supervisor has it.
    pub const MAX: u64 = i64::MAX as u64;

    /// The number that comes next.
    pub const fn peek(&self) -> u64 {
        self.next
    }

    /// Takes the next number.
    pub const fn assign(&mut self) -> u64 {
        let serial = self.next;
        self.next = if serial == Self::MAX { 0 } else { serial + 1 };
        serial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_count_from_zero_and_start_over_after_the_last() {
        let mut counter = SerialCounter::default();
        assert_eq!(
            [counter.assign(), counter.assign(), counter.assign()],
            [0, 1, 2]
        );
        counter.next = SerialCounter::MAX;
        assert_eq!(
            [counter.assign(), counter.assign()],
            [9_223_372_036_854_775_807, 0]
        );
    }
}

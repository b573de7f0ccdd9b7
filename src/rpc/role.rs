//! What clients may do.

/// What a client may do; each may do what those before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// See everything but secrets, and change nothing.
    Reader,
    /// Act on processes and their logs.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_by_what_they_may() {
        assert!(Role::Reader < Role::Operator && Role::Operator < Role::Admin);
    }
}

//! The snapshots that clients read without asking any actor.

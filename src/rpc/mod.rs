//! The room rpc.

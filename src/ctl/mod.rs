//! The room ctl.

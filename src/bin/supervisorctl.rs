//! supervisorctl.
fn main() {}

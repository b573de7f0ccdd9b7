//! The room os.

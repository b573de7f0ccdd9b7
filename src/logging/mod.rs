//! The room logging.

//! The room xmlrpc.

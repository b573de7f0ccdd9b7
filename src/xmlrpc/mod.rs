//! XML-RPC: bytes to values and back, for both sides of the wire.
//!
//! Floor 0: knows no socket, no HTTP and no method. Values that come in are a [`Value`]; what goes
//! out is whatever implements [`Encode`], written in one pass without a tree in between. Begin at
//! [`decode::request`] and [`encode::response`] (the server's side), [`encode::call`] and
//! [`decode::response`] (the client's).

pub mod decode;
mod decode_error;
mod document;
pub mod encode;
pub mod value;

pub use decode::{Call, RpcFault};
pub use decode_error::DecodeError;
pub use encode::{Encode, Members, Writer};
pub use value::Value;

//! Text for clients that listen: plain, or compressed for those who take it so.
//!
//! A piece is compressed by itself, ends on a byte and is not the last (RFC 1951, section 3.2.3), so
//! that pieces can be put one behind the other: what goes to many is compressed once.

use crate::rpc::gzip::is_welcome;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use std::cell::OnceCell;
use std::rc::Rc;

/// What a gzip file begins with (RFC 1952, section 2.3): no name, no time, any system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A piece of text on its way to any number of clients.
#[derive(Clone)]
pub(super) struct Text(Rc<(Bytes, OnceCell<Bytes>)>);

impl From<Bytes> for Text {
    fn from(plain: Bytes) -> Self {
        Self(Rc::new((plain, OnceCell::new())))
    }
}

impl Text {
    fn packed(&self) -> Bytes {
        let (plain, packed) = &*self.0;
        packed.get_or_init(|| pack(plain)).clone()
    }
}

/// How one client gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// As it is.
    Plain,
    /// As a gzip file that never ends.
    Packed,
}

impl Flow {
    /// What the headers of a request ask for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if is_welcome(headers) {
            Self::Packed
        } else {
            Self::Plain
        }
    }

    /// The first piece for the client.
    pub(super) fn first(self, text: &Text) -> Bytes {
        match self {
            Self::Plain => self.next(text),
            Self::Packed => [&HEAD[..], &text.packed()].concat().into(),
        }
    }

    /// A further piece.
    pub(super) fn next(self, text: &Text) -> Bytes {
        match self {
            Self::Plain => text.0.0.clone(),
            Self::Packed => text.packed(),
        }
    }
}

fn pack(plain: &[u8]) -> Bytes {
    let mut deflate = Compress::new(Compression::fast(), false);
    let mut packed = Vec::with_capacity(plain.len() / 4 + 64);
    loop {
        let rest = plain.get(deflate.total_in() as usize..).unwrap_or_default();
        // Deflating can't fail; it has done all when it leaves room.
        let _ = deflate.compress_vec(rest, &mut packed, FlushCompress::Sync);
        if packed.len() < packed.capacity() {
            return packed.into();
        }
        packed.reserve(packed.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::{any, prop, proptest};
    use std::io::Read as _;

    /// What a client has read when the connection ends.
    fn unpack(packed: &[u8], length: usize) -> Vec<u8> {
        let mut plain = vec![0; length];
        GzDecoder::new(packed).read_exact(&mut plain).unwrap();
        plain
    }

    proptest! {
        #[test]
        fn pieces_one_behind_the_other_are_one_text(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 1..5)
        ) {
            let texts = pieces.iter().map(|piece| Text::from(Bytes::from(piece.clone())));
            let mut packed = Vec::new();
            for (at, text) in texts.enumerate() {
                packed.extend(if at == 0 { Flow::Packed.first(&text) } else { Flow::Packed.next(&text) });
            }
            let plain = pieces.concat();
            assert_eq!(unpack(&packed, plain.len()), plain);
        }
    }

    #[test]
    fn big_texts_become_small() {
        let plain = "{\"statename\":\"RUNNING\"}".repeat(10_000);
        let packed = Flow::Packed.first(&Text::from(Bytes::from(plain.clone())));
        assert!(packed.len() * 20 < plain.len());
        assert_eq!(unpack(&packed, plain.len()), plain.as_bytes());
    }
}

//! The body of an HTTP response, cut out of the bytes that follow its head.

/// The longest line between two chunks, in bytes.
const MAX_LINE: usize = 8 * 1024;

/// What is still to come of a body. Fed with bytes cut anywhere, it hands out content.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks, each behind a line with its size.
    Chunked(Expect, Vec<u8>),
    /// All until the server hangs up.
    UntilClose,
}

/// What comes next in a chunked body (RFC 9112, section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// The line with a chunk's size.
    Size,
    /// So many bytes of a chunk.
    Data(u64),
    /// The line end after a chunk.
    DataEnd,
    /// Trailer lines, the last of them empty.
    Trailer,
    /// Nothing.
    End,
}

/// Bytes that are no chunks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadChunk;

impl Body {
    /// A chunked body before its first chunk.
    pub(super) const fn chunked() -> Self {
        Self::Chunked(Expect::Size, Vec::new())
    }

    /// Takes bytes and appends the content in them to `out`. What follows the body is dropped.
    pub(super) fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BadChunk> {
        match self {
            Self::UntilClose => out.extend_from_slice(bytes),
            Self::Length(left) => {
                take(&mut bytes, left, out);
            }
            Self::Chunked(expect, line) => {
                while !bytes.is_empty() && *expect != Expect::End {
                    *expect = step(*expect, line, &mut bytes, out)?;
                }
            }
        }
        Ok(())
    }

    /// True when nothing more can come.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Expect::End, _))
    }

    /// True when the server may hang up here.
    pub(super) const fn may_end(&self) -> bool {
        self.is_complete() || matches!(self, Self::UntilClose)
    }
}

/// Moves up to `left` bytes to `out`.
fn take(bytes: &mut &[u8], left: &mut u64, out: &mut Vec<u8>) {
    let count = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
    let (content, rest) = bytes.split_at(count);
    out.extend_from_slice(content);
    *left -= count as u64;
    *bytes = rest;
}

/// One piece of a chunked body: content, or a line (which `line` gathers until it is whole).
fn step(
    expect: Expect,
    line: &mut Vec<u8>,
    bytes: &mut &[u8],
    out: &mut Vec<u8>,
) -> Result<Expect, BadChunk> {
    if let Expect::Data(mut left) = expect {
        take(bytes, &mut left, out);
        return Ok(if left == 0 {
            Expect::DataEnd
        } else {
            Expect::Data(left)
        });
    }
    let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    let (part, rest) = bytes.split_at(end);
    line.extend_from_slice(part);
    *bytes = rest;
    match line.ends_with(b"\n") {
        true => after_line(expect, &std::mem::take(line)),
        false if line.len() > MAX_LINE => Err(BadChunk),
        false => Ok(expect),
    }
}

fn after_line(expect: Expect, line: &[u8]) -> Result<Expect, BadChunk> {
    let empty = matches!(line, b"\r\n" | b"\n");
    match expect {
        Expect::Size => match httparse::parse_chunk_size(line) {
            Ok(httparse::Status::Complete((_, 0))) => Ok(Expect::Trailer),
            Ok(httparse::Status::Complete((_, size))) => Ok(Expect::Data(size)),
            _ => Err(BadChunk),
        },
        Expect::DataEnd if empty => Ok(Expect::Size),
        Expect::Trailer if empty => Ok(Expect::End),
        Expect::Trailer => Ok(Expect::Trailer),
        _ => Err(BadChunk),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, any, prop, proptest};

    fn fed(mut body: Body, bytes: &[u8]) -> (Result<Vec<u8>, BadChunk>, bool) {
        let mut out = Vec::new();
        let result = body.feed(bytes, &mut out);
        (result.map(|()| out), body.is_complete())
    }

    #[test]
    fn a_length_ends_the_body() {
        assert_eq!(fed(Body::Length(3), b"abcd"), (Ok(b"abc".to_vec()), true));
        assert_eq!(fed(Body::Length(3), b"ab"), (Ok(b"ab".to_vec()), false));
    }

    #[test]
    fn without_a_length_only_the_close_ends_it() {
        assert_eq!(fed(Body::UntilClose, b"ab"), (Ok(b"ab".to_vec()), false));
        assert!(Body::UntilClose.may_end());
        assert!(!Body::chunked().may_end());
    }

    #[test]
    fn chunks_may_have_extensions_and_trailers() {
        let bytes = b"3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\nnext";
        assert_eq!(fed(Body::chunked(), bytes), (Ok(b"abc".to_vec()), true));
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let endless = [b"3;".as_slice(), &vec![b'x'; MAX_LINE]].concat();
        for bytes in [b"x\r\n".as_slice(), b"3\r\nabcd\r\n", &endless] {
            assert_eq!(fed(Body::chunked(), bytes).0, Err(BadChunk));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn cuts_make_no_difference(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..5),
            cut in 1usize..9,
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\n");
            let (mut body, mut out) = (Body::chunked(), Vec::new());
            for part in wire.chunks(cut) {
                body.feed(part, &mut out).unwrap();
            }
            assert_eq!(out, chunks.concat());
            assert!(body.is_complete());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Body::chunked().feed(&bytes, &mut Vec::new());
        }
    }
}

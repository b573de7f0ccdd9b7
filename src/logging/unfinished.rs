//! Lines that are held back until they are finished, so that those of two writers do not mix.

/// How much of an unfinished line is held back at most: 8 KiB.
pub(super) const MAX_HELD: usize = 8 * 1024;

/// Splits `bytes` after their last newline. An unfinished line is cut as well if it is longer than
/// it may be: than `room` where there is no newline before it, than [`MAX_HELD`] otherwise.
pub(super) fn split_unfinished(bytes: &[u8], room: usize) -> (&[u8], &[u8]) {
    let end = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    let room = if end == 0 { room } else { MAX_HELD };
    let end = if bytes.len() - end > room {
        bytes.len()
    } else {
        end
    };
    bytes.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_lines_are_split_off_up_to_a_bound() {
        assert_eq!(split_unfinished(b"a\nb", 9), (&b"a\n"[..], &b"b"[..]));
        assert_eq!(split_unfinished(b"a\n", 9), (&b"a\n"[..], &b""[..]));
        assert_eq!(split_unfinished(b"abc", 3), (&b""[..], &b"abc"[..]));
        assert_eq!(split_unfinished(b"abc", 2), (&b"abc"[..], &b""[..]));
        let long = [b"a\n".to_vec(), vec![b'x'; MAX_HELD + 1]].concat();
        assert_eq!(split_unfinished(&long, 9), (&long[..], &b""[..]));
    }
}

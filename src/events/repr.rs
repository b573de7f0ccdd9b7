//! Bytes as Python writes them.

/// Python's `repr` of a `bytes`.
pub(super) fn repr(bytes: &[u8]) -> String {
    let (other, quote) = match bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        true => ('\'', '"'),
        false => ('"', '\''),
    };
    let text = bytes.escape_ascii().to_string();
    let text = text.replace(&format!("\\{other}"), &other.to_string());
    format!("b{quote}{text}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_quoted_and_escaped_as_python_does_it() {
        for (bytes, written) in [
            (&b"READY\n"[..], r"b'READY\n'"),
            (b"it's \x00\xff", r#"b"it's \x00\xff""#),
            (b"\"it's\" \\\"", r#"b'"it\'s" \\"'"#),
        ] {
            assert_eq!(repr(bytes), written);
        }
    }
}

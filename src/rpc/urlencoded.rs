//! Names and values in queries and posted forms (application/x-www-form-urlencoded).

use percent_encoding::percent_decode_str;

/// What a name or a value stands for. Bytes that are not UTF-8 become U+FFFD.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

//! Text into HTML and into URLs, and the frame of every page.

use super::assets::PATH;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write as _;

/// What stands for itself in a URL, as Python's `urllib.parse.quote` has it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// Text for use in a URL.
pub(super) fn quote(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Text for use in HTML, attributes included.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

/// A whole page around its body, which is HTML already.
pub(super) fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    let mut page = String::with_capacity(body.len() + 1024);
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{assets}/page.css\">\n\
         <link rel=\"icon\" href=\"images/icon.png\">\n\
         <script src=\"{assets}/theme.js\"></script>\n</head>\n<body>\n{body}\n\
         <footer>Supervisor {}</footer>\n</body>\n</html>\n",
        crate::VERSION,
        assets = *PATH
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_taken_for_html() {
        assert_eq!(
            escape("<a href='\"'>&amp;"),
            "&lt;a href=&#39;&quot;&#39;&gt;&amp;amp;"
        );
    }

    #[test]
    fn urls_are_quoted_as_clients_know_them() {
        assert_eq!(
            quote("ERROR: Process m:m0: no such file é/~"),
            "ERROR%3A%20Process%20m%3Am0%3A%20no%20such%20file%20%C3%A9/~"
        );
    }
}

//! Values to XML-RPC text, laid out as Python's `xmlrpc.client` does (one element a line).
//!
//! Three things that XML-RPC or XML cannot say are said so that the common clients still read them:
//! - an integer beyond 32 bits is an `<i8>`, the extension that Python's `xmlrpc.client` and most
//!   others read; an `<int>` of that size would be out of the protocol, a clipped one wrong;
//! - bytes that are not UTF-8, and characters that XML 1.0 forbids (controls but for tab, newline
//!   and carriage return; U+FFFE, U+FFFF), become U+FFFD;
//! - a carriage return is written as `&#13;`, since a parser makes a bare one a newline.

use super::Value;
use jiff::civil::DateTime;
use std::fmt::Write as _;
use std::sync::Arc;

const DECLARATION: &str = "<?xml version='1.0'?>\n";

/// What can be written as an XML-RPC value.
pub trait Encode {
    /// Writes itself: exactly one value.
    fn encode(&self, out: &mut Writer);
}

/// XML-RPC text in the making.
#[derive(Debug)]
pub struct Writer(String);

/// The inside of a struct in the making.
#[derive(Debug)]
pub struct Members<'a>(&'a mut Writer);

/// The answer to a call that went well.
pub fn response(result: &dyn Encode) -> String {
    let mut out = Writer(format!(
        "{DECLARATION}<methodResponse>\n<params>\n<param>\n"
    ));
    result.encode(&mut out);
    out.0.push_str("</param>\n</params>\n</methodResponse>\n");
    out.0
}

/// The answer to a call that was refused.
pub fn fault(code: i32, text: &str) -> String {
    let mut out = Writer(format!("{DECLARATION}<methodResponse>\n<fault>\n"));
    out.fault(code, text);
    out.0.push_str("</fault>\n</methodResponse>\n");
    out.0
}

/// A call of a method.
pub fn call(method: &str, params: &[Value]) -> String {
    let mut out = Writer(format!("{DECLARATION}<methodCall>\n<methodName>"));
    out.text(method);
    out.0.push_str("</methodName>\n<params>\n");
    for param in params {
        out.0.push_str("<param>\n");
        param.encode(&mut out);
        out.0.push_str("</param>\n");
    }
    out.0.push_str("</params>\n</methodCall>\n");
    out.0
}

/// A value that is written already.
#[derive(Debug)]
pub struct Written(String);

impl Written {
    /// Writes a value, to be put among others later.
    pub fn new(value: &dyn Encode) -> Self {
        let mut out = Writer(String::new());
        value.encode(&mut out);
        Self(out.0)
    }

    /// Its length in bytes; never 0.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.0.len()
    }
}

impl Encode for Written {
    fn encode(&self, out: &mut Writer) {
        out.0.push_str(&self.0);
    }
}

impl Writer {
    /// Writes an array of what `items` gives.
    pub fn array<T: Encode>(&mut self, items: impl IntoIterator<Item = T>) {
        self.0.push_str("<value><array><data>\n");
        for item in items {
            item.encode(self);
        }
        self.0.push_str("</data></array></value>\n");
    }

    /// Writes a struct of the members that `write` adds.
    pub fn structure(&mut self, write: impl FnOnce(&mut Members<'_>)) {
        self.0.push_str("<value><struct>\n");
        write(&mut Members(self));
        self.0.push_str("</struct></value>\n");
    }

    /// Writes the struct that tells of a fault.
    pub fn fault(&mut self, code: i32, text: &str) {
        self.structure(|to| {
            to.member("faultCode", &code);
            to.member("faultString", text);
        });
    }

    /// Writes no value at all.
    pub fn nil(&mut self) {
        self.0.push_str("<value><nil/></value>\n");
    }

    fn scalar(&mut self, tag: &str, content: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "<value><{tag}>{content}</{tag}></value>");
    }

    /// Writes text so that a parser reads it back, as far as XML can say it.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_special) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            let mut chars = special.chars();
            if let Some(c) = chars.next() {
                match stand_in(c) {
                    Some(instead) => self.0.push_str(instead),
                    None => self.0.push(c),
                }
            }
            rest = chars.as_str();
        }
        self.0.push_str(rest);
    }
}

/// Whether a character that begins with this byte may have a stand-in. U+FFFE and U+FFFF begin
/// with the last one.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | 0..=8 | 0x0b..=0x1f | 0xef)
}

/// What is written in place of a character that cannot stand for itself.
const fn stand_in(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\t' | '\n' => None,
        '\r' => Some("&#13;"),
        '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}

impl Members<'_> {
    /// Adds a member.
    pub fn member(&mut self, name: &str, value: &(impl Encode + ?Sized)) {
        self.0.0.push_str("<member>\n<name>");
        self.0.text(name);
        self.0.0.push_str("</name>\n");
        value.encode(self.0);
        self.0.0.push_str("</member>\n");
    }
}

impl Encode for i64 {
    fn encode(&self, out: &mut Writer) {
        let is_int = i32::try_from(*self).is_ok();
        let (open, close) = if is_int {
            ("<value><int>", "</int></value>\n")
        } else {
            ("<value><i8>", "</i8></value>\n")
        };
        out.0.push_str(open);
        out.0.push_str(itoa::Buffer::new().format(*self));
        out.0.push_str(close);
    }
}

impl Encode for i32 {
    fn encode(&self, out: &mut Writer) {
        i64::from(*self).encode(out);
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Writer) {
        out.scalar("boolean", u8::from(*self));
    }
}

impl Encode for f64 {
    fn encode(&self, out: &mut Writer) {
        out.scalar("double", self);
    }
}

impl Encode for DateTime {
    fn encode(&self, out: &mut Writer) {
        out.scalar("dateTime.iso8601", self.strftime("%Y%m%dT%H:%M:%S"));
    }
}

impl Encode for str {
    fn encode(&self, out: &mut Writer) {
        out.0.push_str("<value><string>");
        out.text(self);
        out.0.push_str("</string></value>\n");
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Writer) {
        self.as_str().encode(out);
    }
}

impl Encode for Arc<str> {
    fn encode(&self, out: &mut Writer) {
        str::encode(self, out);
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, out: &mut Writer) {
        out.array(self);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        self.as_slice().encode(out);
    }
}

/// Raw bytes, as logs hold them, written as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes<T>(pub T);

impl<T: AsRef<[u8]>> Encode for Bytes<T> {
    fn encode(&self, out: &mut Writer) {
        String::from_utf8_lossy(self.0.as_ref()).encode(out);
    }
}

impl Encode for std::borrow::Cow<'_, str> {
    fn encode(&self, out: &mut Writer) {
        str::encode(self, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(of: &dyn Encode) -> String {
        let mut out = Writer(String::new());
        of.encode(&mut out);
        out.0
    }

    #[test]
    fn a_response_is_laid_out_as_clients_know_it() {
        assert_eq!(
            response(&"3.0"),
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n\
             <value><string>3.0</string></value>\n</param>\n</params>\n</methodResponse>\n"
        );
    }

    #[test]
    fn a_fault_is_laid_out_as_clients_know_it() {
        assert_eq!(
            fault(1, "UNKNOWN_METHOD"),
            "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n\
             <name>faultCode</name>\n<value><int>1</int></value>\n</member>\n<member>\n\
             <name>faultString</name>\n<value><string>UNKNOWN_METHOD</string></value>\n\
             </member>\n</struct></value>\n</fault>\n</methodResponse>\n"
        );
    }

    #[test]
    fn integers_beyond_32_bits_are_i8() {
        assert_eq!(
            value(&2147483647_i64),
            "<value><int>2147483647</int></value>\n"
        );
        assert_eq!(
            value(&2147483648_i64),
            "<value><i8>2147483648</i8></value>\n"
        );
        assert_eq!(
            value(&-2147483649_i64),
            "<value><i8>-2147483649</i8></value>\n"
        );
    }

    #[test]
    fn what_xml_cannot_say_is_replaced() {
        let log = Bytes(b"<a> & \xff\x00\x1b[1m\t\r\n\xef\xbf\xbf");
        assert_eq!(
            value(&log),
            "<value><string>&lt;a&gt; &amp; \u{fffd}\u{fffd}\u{fffd}[1m\t&#13;\n\u{fffd}\
             </string></value>\n"
        );
    }

    #[test]
    fn characters_that_only_begin_like_forbidden_ones_stay() {
        for text in ["\u{f000}\u{fffd}\u{fff0}", "é漢\u{1f600}", "\u{7f}\u{80}"] {
            assert_eq!(
                value(&text),
                format!("<value><string>{text}</string></value>\n")
            );
        }
    }

    #[test]
    fn arrays_and_truths() {
        assert_eq!(
            value(&vec![true, false]),
            "<value><array><data>\n<value><boolean>1</boolean></value>\n\
             <value><boolean>0</boolean></value>\n</data></array></value>\n"
        );
    }
}

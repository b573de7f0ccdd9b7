//! XML-RPC text to values, with Supervisor's tolerances: only the names of elements matter, not
//! the root's; an unknown type is its text; `base64` is text, too.

use super::Value;
use super::decode_error::DecodeError;
use super::document::{Document, Node, Tag};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::DateTime;

/// How deep values may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many values a call may hold.
pub const MAX_VALUES: usize = 250_000;

/// How many values an answer may hold: those of 200 000 processes and more. Who asked has chosen
/// whom to ask, and bounds the answer's bytes.
pub const MAX_ANSWER_VALUES: usize = 8_000_000;

/// A call of a method.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method's name as written, blanks included; never empty.
    pub method: String,
    /// Its arguments.
    pub params: Vec<Value>,
}

/// A refusal as a client gets it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct RpcFault {
    /// `faultCode`.
    pub code: i64,
    /// `faultString`.
    pub text: String,
}

/// Reads a call. Without `params` it has no arguments.
pub fn request(bytes: &[u8]) -> Result<Call, DecodeError> {
    let mut decoder = Decoder::new(bytes, MAX_VALUES)?;
    let mut method = String::new();
    let mut params = Vec::new();
    decoder.document.root()?;
    while let Some(name) = decoder.document.child()? {
        match name {
            Tag::MethodName => method = decoder.document.text()?,
            Tag::Params => params = decoder.params()?,
            _ => decoder.document.skip()?,
        }
    }
    decoder.document.end()?;
    if method.is_empty() {
        return Err(DecodeError::NoMethodName);
    }
    Ok(Call { method, params })
}

/// Reads an answer: a result or a fault.
pub fn response(bytes: &[u8]) -> Result<Result<Value, RpcFault>, DecodeError> {
    let mut decoder = Decoder::new(bytes, MAX_ANSWER_VALUES)?;
    let mut answer = None;
    decoder.document.root()?;
    while let Some(name) = decoder.document.child()? {
        match name {
            Tag::Params => answer = decoder.params()?.pop().map(Ok),
            Tag::Fault => answer = Some(Err(fault(&decoder.only_value("fault", 0)?)?)),
            _ => decoder.document.skip()?,
        }
    }
    decoder.document.end()?;
    answer.ok_or(DecodeError::Shape("methodResponse"))
}

fn fault(value: &Value) -> Result<RpcFault, DecodeError> {
    let code = value.get("faultCode").and_then(Value::as_int);
    let text = value.get("faultString").and_then(Value::as_str);
    let (Some(code), Some(text)) = (code, text) else {
        return Err(DecodeError::Shape("fault"));
    };
    Ok(RpcFault {
        code,
        text: text.to_owned(),
    })
}

struct Decoder<'a> {
    document: Document<'a>,
    /// Values that the document may still hold.
    room: usize,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8], room: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            document: Document::new(bytes)?,
            room,
        })
    }

    fn params(&mut self) -> Result<Vec<Value>, DecodeError> {
        let mut params = Vec::new();
        while let Some(name) = self.document.child()? {
            match name {
                Tag::Param => params.push(self.only_value("param", 0)?),
                _ => return Err(DecodeError::Shape("params")),
            }
        }
        Ok(params)
    }

    /// The one value inside the element begun last, which is called `inside`.
    fn only_value(&mut self, inside: &'static str, depth: usize) -> Result<Value, DecodeError> {
        match self.document.child()? {
            Some(Tag::Value) => {}
            _ => return Err(DecodeError::Shape(inside)),
        }
        let value = self.value(depth)?;
        match self.document.child()? {
            None => Ok(value),
            Some(_) => Err(DecodeError::Shape(inside)),
        }
    }

    /// The content of a `value` element: one typed element, or text.
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        self.room = self.room.checked_sub(1).ok_or(DecodeError::TooMany)?;
        let mut text = String::new();
        let mut typed = None;
        loop {
            match self.document.next()? {
                Node::Text(piece) => text.push_str(&piece.content()),
                Node::Open(_) if typed.is_some() => return Err(DecodeError::Shape("value")),
                Node::Open(kind) => typed = Some(self.typed(kind, depth)?),
                Node::Close => return Ok(typed.unwrap_or(Value::Str(text))),
                Node::End => return Err(DecodeError::Truncated),
            }
        }
    }

    fn typed(&mut self, kind: Tag, depth: usize) -> Result<Value, DecodeError> {
        match kind {
            Tag::Array => self.array(deeper(depth)?),
            Tag::Struct => self.members(deeper(depth)?).map(Value::Struct),
            _ => scalar(kind, self.document.text()?),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        while let Some(name) = self.document.child()? {
            match name {
                Tag::Data => self.items(depth, &mut items)?,
                _ => return Err(DecodeError::Shape("array")),
            }
        }
        Ok(Value::Array(items))
    }

    fn items(&mut self, depth: usize, items: &mut Vec<Value>) -> Result<(), DecodeError> {
        while let Some(name) = self.document.child()? {
            match name {
                Tag::Value => items.push(self.value(depth)?),
                _ => return Err(DecodeError::Shape("data")),
            }
        }
        Ok(())
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(String, Value)>, DecodeError> {
        let mut members = Vec::new();
        while let Some(name) = self.document.child()? {
            match name {
                Tag::Member => members.push(self.member(depth)?),
                _ => return Err(DecodeError::Shape("struct")),
            }
        }
        Ok(members)
    }

    fn member(&mut self, depth: usize) -> Result<(String, Value), DecodeError> {
        let (mut key, mut value) = (None, None);
        while let Some(name) = self.document.child()? {
            match name {
                Tag::Name => key = Some(self.document.text()?),
                Tag::Value => value = Some(self.value(depth)?),
                _ => return Err(DecodeError::Shape("member")),
            }
        }
        key.zip(value).ok_or(DecodeError::Shape("member"))
    }
}

const fn deeper(depth: usize) -> Result<usize, DecodeError> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(DecodeError::TooDeep)
    }
}

/// A value without parts: the text of an element of type `kind`.
fn scalar(kind: Tag, text: String) -> Result<Value, DecodeError> {
    Ok(match kind {
        Tag::Int => Value::Int(integer(&text)?),
        Tag::I8 => integer(&text).map_or(Value::Str(text), Value::Int),
        Tag::Boolean => Value::Bool(text == "1"),
        Tag::Double => Value::Double(text.trim().parse().or(Err(DecodeError::Text("double")))?),
        Tag::DateTime => Value::DateTime(date_time(&text)?),
        Tag::Base64 => Value::Str(base64_text(&text)?),
        Tag::Nil => Value::Nil,
        _ => Value::Str(text),
    })
}

fn integer(text: &str) -> Result<i64, DecodeError> {
    text.trim().parse().or(Err(DecodeError::Text("int")))
}

fn date_time(text: &str) -> Result<DateTime, DecodeError> {
    DateTime::strptime("%Y%m%dT%H:%M:%S", text).or(Err(DecodeError::Text("dateTime.iso8601")))
}

/// Base64 with blanks anywhere and with or without padding. Its bytes must be UTF-8.
fn base64_text(text: &str) -> Result<String, DecodeError> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let compact: String = text.split_ascii_whitespace().collect();
    GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT)
        .decode(compact)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(DecodeError::Text("base64"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmlrpc::encode;
    use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

    fn call(inside: &str) -> Result<Call, DecodeError> {
        request(format!("<?xml version='1.0'?><methodCall>{inside}</methodCall>").as_bytes())
    }

    fn value(text: &str) -> Result<Value, DecodeError> {
        let text = format!(
            "<methodName>m</methodName><params><param><value>{text}</value></param></params>"
        );
        call(&text).map(|mut call| call.params.pop().unwrap())
    }

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn each_type_is_read() {
        for (xml, want) in [
            ("x", text("x")),
            ("", text("")),
            (" x ", text(" x ")),
            ("<string/>", text("")),
            ("\n<string>a&lt;b&#x41;</string>\n", text("a<bA")),
            ("<string><![CDATA[<a>]]></string>", text("<a>")),
            ("<string>a\r\nb&#13;c</string>", text("a\nb\rc")),
            ("<int>7</int>", Value::Int(7)),
            ("<i4> -7 </i4>", Value::Int(-7)),
            ("<int>99999999999</int>", Value::Int(99_999_999_999)),
            ("<i8>5</i8>", Value::Int(5)),
            ("<what>5</what>", text("5")),
            ("<boolean>1</boolean>", Value::Bool(true)),
            ("<boolean>true</boolean>", Value::Bool(false)),
            ("<double>-1.5</double>", Value::Double(-1.5)),
            ("<base64>w6\n k=</base64>", text("é")),
            ("<nil/>", Value::Nil),
            ("<array><data/></array>", Value::Array(vec![])),
            (
                "<array><data><value>x</value></data></array>",
                Value::Array(vec![text("x")]),
            ),
            ("<struct/>", Value::Struct(vec![])),
            (
                "<struct><member><name>n</name><value><int>1</int></value></member></struct>",
                Value::Struct(vec![("n".into(), Value::Int(1))]),
            ),
            (
                "<dateTime.iso8601>20261121T08:44:00</dateTime.iso8601>",
                Value::DateTime(jiff::civil::date(2026, 11, 21).at(8, 44, 0, 0)),
            ),
        ] {
            assert_eq!(value(xml).expect(xml), want, "{xml}");
        }
    }

    #[test]
    fn bad_values_are_refused() {
        for xml in [
            "<int>x</int>",
            "<int/>",
            "<double>x</double>",
            "<dateTime.iso8601>2026-11-21</dateTime.iso8601>",
            "<base64>///</base64>",
            "<base64>/w==</base64>",
            "<int>1</int><int>2</int>",
            "<array><value>x</value></array>",
            "<struct><member><name>n</name></member></struct>",
            "&nope;",
            "<string>",
        ] {
            assert!(value(xml).is_err(), "{xml}");
        }
    }

    #[test]
    fn only_the_names_inside_the_root_matter() {
        let read =
            request(b"\xef\xbb\xbf<x a='1'><y/><methodName> a.b </methodName></x>\n").unwrap();
        assert_eq!((read.method.as_str(), read.params.len()), (" a.b ", 0));
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for bytes in [
            &b""[..],
            b"this is not xml",
            b"<methodCall></methodCall>",
            b"<methodCall><methodName/></methodCall>",
            b"<a><methodName>m</methodName>",
            b"<a><methodName>m</methodName></b>",
            b"<a><methodName>m</methodName></a><a/>",
            b"<a><methodName>m</methodName></a>junk",
            b"<a><methodName>m</methodName><params><value>x</value></params></a>",
            b"<a><methodName>m\xff</methodName></a>",
            b"<!DOCTYPE a [<!ENTITY e 'x'>]><a><methodName>&e;</methodName></a>",
        ] {
            assert!(
                request(bytes).is_err(),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn control_characters_arrive() {
        assert_eq!(value("a\u{3}&#27;b").unwrap(), text("a\u{3}\u{1b}b"));
    }

    #[test]
    fn depth_and_number_of_values_are_limited() {
        let nested = |n| {
            let inner = "<array><data><value>".repeat(n) + &"</value></data></array>".repeat(n);
            value(&inner)
        };
        assert!(nested(MAX_DEPTH).is_ok());
        assert!(matches!(nested(MAX_DEPTH + 1), Err(DecodeError::TooDeep)));
        let many = format!(
            "<array><data>{}</data></array>",
            "<value/>".repeat(MAX_VALUES)
        );
        assert!(matches!(value(&many), Err(DecodeError::TooMany)));
        let answer = format!("<a><params><param><value>{many}</value></param></params></a>");
        assert!(response(answer.as_bytes()).is_ok());
    }

    #[test]
    fn an_answer_is_a_result_or_a_fault() {
        let good = encode::response(&vec![1_i64 << 40]);
        let want = Value::Array(vec![Value::Int(1 << 40)]);
        assert_eq!(response(good.as_bytes()).unwrap(), Ok(want));
        let fault = response(encode::fault(10, "BAD_NAME: x").as_bytes()).unwrap();
        let fault = fault.unwrap_err();
        assert_eq!((fault.code, fault.text.as_str()), (10, "BAD_NAME: x"));
        assert!(response(b"<methodResponse/>").is_err());
        assert!(response(b"<html><body>no</body></html>").is_err());
    }

    fn any_text() -> impl Strategy<Value = String> {
        // What XML 1.0 can carry.
        prop::string::string_regex("[\t\n\r -\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]{0,12}")
            .unwrap()
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            any::<bool>().prop_map(Value::Bool),
            any_text().prop_map(Value::Str),
            (-1e300..1e300).prop_map(Value::Double),
            (1_i16..9999, 1_i8..12, 0_i8..23).prop_map(|(year, month, hour)| {
                Value::DateTime(jiff::civil::date(year, month, 28).at(hour, 1, 2, 0))
            }),
            Just(Value::Nil),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((any_text(), inner), 0..5).prop_map(Value::Struct),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(params in prop::collection::vec(any_value(), 0..4)) {
            let text = encode::call("supervisor.x", &params);
            let call = request(text.as_bytes()).unwrap();
            assert_eq!((call.method.as_str(), &call.params), ("supervisor.x", &params));
            if let Some(value) = params.first() {
                let answer = response(encode::response(value).as_bytes()).unwrap();
                assert_eq!(answer.as_ref(), Ok(value));
            }
        }

        #[test]
        fn any_text_at_all_is_written_as_xml(text in any::<String>()) {
            let answer = response(encode::response(&text).as_bytes()).unwrap();
            assert!(matches!(answer, Ok(Value::Str(_))));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = request(&bytes);
            let _ = response(&bytes);
        }

        #[test]
        fn mutated_documents_never_panic(
            value in any_value(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = encode::call("m", &[value]).into_bytes();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = request(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = request(&bytes);
        }
    }
}

//! A value as it came over the wire.

use super::encode::{Encode, Writer};
use jiff::civil::DateTime;

/// An XML-RPC value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `int`, `i4` and, beyond 32 bits, `i8`.
    Int(i64),
    /// `boolean`.
    Bool(bool),
    /// `string`, and `base64` whose bytes are UTF-8.
    Str(String),
    /// `double`.
    Double(f64),
    /// `dateTime.iso8601`, which names no zone.
    DateTime(DateTime),
    /// `array`.
    Array(Vec<Value>),
    /// `struct`: its members as they came.
    Struct(Vec<(String, Value)>),
    /// `nil`.
    Nil,
}

impl Value {
    /// A struct's member; of several with the name the last one counts.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Self::Struct(members) = self else {
            return None;
        };
        let member = members.iter().rev().find(|(key, _)| key == name)?;
        Some(&member.1)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an integer.
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

impl Encode for Value {
    fn encode(&self, out: &mut Writer) {
        match self {
            Self::Int(number) => number.encode(out),
            Self::Bool(truth) => truth.encode(out),
            Self::Str(text) => text.encode(out),
            Self::Double(number) => number.encode(out),
            Self::DateTime(time) => time.encode(out),
            Self::Array(items) => items.encode(out),
            Self::Struct(members) => out.structure(|to| {
                for (name, value) in members {
                    to.member(name, value);
                }
            }),
            Self::Nil => out.nil(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_members_counts() {
        let value = Value::Struct(vec![
            ("a".into(), Value::Int(1)),
            ("a".into(), Value::Int(2)),
        ]);
        assert_eq!(value.get("a"), Some(&Value::Int(2)));
        assert_eq!(value.get("b"), None);
        assert_eq!(Value::Nil.get("a"), None);
    }
}

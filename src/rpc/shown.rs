//! Values as Python's `str` shows them, for faults and events.

use crate::xmlrpc::Value;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// A value as a fault or an event shows it: a string as it is, what is in arrays and structs in
/// quotes.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        Value::DateTime(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        _ => {
            let mut out = String::new();
            write(value, &mut out);
            out
        }
    }
}

/// Appends a value as Python's `repr` shows it.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Str(text) => write_quoted(text, out),
        Value::Double(number) => out.push_str(&float(*number)),
        Value::DateTime(time) => out.push_str(&date_time(*time)),
        Value::Array(items) => {
            write_list(['[', ']'], items, out, write);
        }
        Value::Struct(members) => {
            write_list(['{', '}'], &unique(members), out, |(name, value), out| {
                write_quoted(name, out);
                out.push_str(": ");
                write(value, out);
            });
        }
        Value::Nil => out.push_str("None"),
    }
}

fn write_list<T>(
    [open, close]: [char; 2],
    items: &[T],
    out: &mut String,
    mut write: impl FnMut(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
    out.push(close);
}

/// Each name once: where it came first, with the value that came last.
fn unique(members: &[(String, Value)]) -> Vec<(&str, &Value)> {
    let mut places = HashMap::new();
    let mut unique = Vec::new();
    for (name, value) in members {
        let place = *places.entry(name).or_insert(unique.len());
        match unique.get_mut(place) {
            Some(member) => *member = (name.as_str(), value),
            None => unique.push((name.as_str(), value)),
        }
    }
    unique
}

/// In single quotes, unless only double ones save escapes.
fn write_quoted(text: &str, out: &mut String) {
    let only_single = text.contains('\'') && !text.contains('"');
    let quote = if only_single { '"' } else { '\'' };
    out.push(quote);
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if char == quote => out.extend(['\\', char]),
            ' '..='~' => out.push(char),
            _ if is_printable(char) => out.push(char),
            _ => out.push_str(&escaped(char)),
        }
    }
    out.push(quote);
}

/// Whether std leaves it as it is where it stands after another character.
fn is_printable(char: char) -> bool {
    String::from_iter(['x', char]).escape_debug().count() == 2
}

fn escaped(char: char) -> String {
    match u32::from(char) {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// The shortest digits that mean the number; where they have an exponent, it has two.
fn float(number: f64) -> String {
    let text = format!("{number:?}").to_ascii_lowercase();
    let split = text.split_once('e');
    match split.and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?))) {
        Some((digits, exponent)) => format!("{digits}e{exponent:+03}"),
        None => text,
    }
}

fn date_time(time: DateTime) -> String {
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute) = (time.hour(), time.minute());
    let seconds = match time.second() {
        0 => String::new(),
        second => format!(", {second}"),
    };
    format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}{seconds})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn what_stands_alone_is_shown_as_it_is() {
        for (value, want) in [
            (text("it's\n"), "it's\n"),
            (Value::Int(-7), "-7"),
            (Value::Bool(true), "True"),
            (Value::Nil, "None"),
            (
                Value::DateTime(datetime(2020, 1, 2, 3, 4, 5, 0)),
                "2020-01-02 03:04:05",
            ),
        ] {
            assert_eq!(shown(&value), want);
        }
    }

    #[test]
    fn floats_have_the_exponents_of_python() {
        for (number, want) in [
            (1.0, "1.0"),
            (1.5e16, "1.5e+16"),
            (1e-5, "1e-05"),
            (1e300, "1e+300"),
            (0.0001, "0.0001"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(shown(&Value::Double(number)), want);
        }
    }

    #[test]
    fn arrays_and_structs_show_what_is_in_them() {
        let times = [
            datetime(2020, 1, 2, 0, 0, 0, 0),
            datetime(2020, 1, 2, 3, 4, 5, 0),
        ];
        let array = Value::Array(times.map(Value::DateTime).to_vec());
        let value = Value::Struct(vec![
            ("a".into(), Value::Int(1)),
            ("b".into(), Value::Array(vec![text("x"), Value::Nil])),
            ("a".into(), array),
        ]);
        assert_eq!(
            shown(&value),
            "{'a': [datetime.datetime(2020, 1, 2, 0, 0), \
             datetime.datetime(2020, 1, 2, 3, 4, 5)], 'b': ['x', None]}"
        );
        assert_eq!(shown(&Value::Array(Vec::new())), "[]");
        assert_eq!(shown(&Value::Struct(Vec::new())), "{}");
    }

    #[test]
    fn text_inside_is_quoted_and_escaped() {
        for (inside, want) in [
            ("it's", r#"["it's"]"#),
            (r#"it's "it""#, r#"['it\'s "it"']"#),
            ("\\\n\r\t\0\x7f", r"['\\\n\r\t\x00\x7f']"),
            ("é€e\u{301}\u{1f600}", "['é€e\u{301}\u{1f600}']"),
            (
                "\u{a0}\u{ad}\u{200b}\u{e0001}",
                r"['\xa0\xad\u200b\U000e0001']",
            ),
        ] {
            assert_eq!(shown(&Value::Array(vec![text(inside)])), want);
        }
    }
}

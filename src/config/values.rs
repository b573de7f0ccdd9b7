//! The types of options: text to values.

use super::error::Problem;
use super::repr::is_blank;
use crate::events::PayloadLength;
use crate::process::note::Level;
use crate::process::{Autorestart, Signal};

/// A whole number as Python's `int` reads it: blanks around, a sign, single `_` between digits.
pub(super) fn integer(text: &str) -> Result<i64, Problem> {
    number(text, 10).ok_or_else(|| Problem::Integer(text.to_owned()))
}

/// Python's `int`, from 0 to what 32 bits hold.
pub(super) fn natural(text: &str) -> Result<u32, Problem> {
    let value = integer(text)?;
    u32::try_from(value).map_err(|_| match value {
        ..0 => Problem::Below { value, bound: 0 },
        _ => Problem::Above {
            value,
            bound: u32::MAX.into(),
        },
    })
}

fn number(text: &str, radix: u32) -> Option<i64> {
    let text = text.trim_matches(is_blank);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = digits
        .strip_prefix("0o")
        .or_else(|| digits.strip_prefix("0O"));
    let digits = match prefixed.filter(|_| radix == 8) {
        Some(digits) => digits.strip_prefix('_').unwrap_or(digits),
        None => digits,
    };
    let groups = || digits.split('_');
    if groups().any(|group| group.is_empty() || !group.chars().all(|c| c.is_digit(radix))) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{}", groups().collect::<String>()), radix).ok()
}

/// `true yes on 1` or `false no off 0`, in any case.
pub(super) fn boolean(text: &str) -> Result<bool, Problem> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Problem::Boolean(text.to_owned())),
    }
}

/// A number of bytes, with `KB`, `MB` or `GB` in any case for powers of 1024.
pub(super) fn byte_size(text: &str) -> Result<i64, Problem> {
    let lower = text.to_lowercase();
    let units = [("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30)];
    let (digits, unit) = units
        .iter()
        .find_map(|&(suffix, unit)| Some((lower.strip_suffix(suffix)?, unit)))
        .unwrap_or((&lower, 1));
    number(digits, 10)
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| Problem::ByteSize(text.to_owned()))
}

/// Permission bits, in octal.
pub(super) fn octal(text: &str) -> Result<u32, Problem> {
    number(text, 8)
        .and_then(|bits| u32::try_from(bits).ok())
        .filter(|&bits| bits <= 0o7777)
        .ok_or_else(|| Problem::Octal(text.to_owned()))
}

/// A signal by number or name.
pub(super) fn signal(text: &str) -> Result<Signal, Problem> {
    match number(text, 10) {
        Some(number) => i32::try_from(number)
            .ok()
            .and_then(Signal::from_number)
            .ok_or_else(|| Problem::SignalNumber(text.to_owned())),
        None => Signal::from_name(text).ok_or_else(|| Problem::SignalName(text.to_owned())),
    }
}

/// Exit codes between commas; empty text is an empty list.
pub(super) fn exit_codes(text: &str) -> Result<Vec<u8>, Problem> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let code = |item| number(item, 10).and_then(|code| u8::try_from(code).ok());
    let codes: Option<Vec<u8>> = text.split(',').map(code).collect();
    codes.ok_or_else(|| Problem::ExitCodes(text.to_owned()))
}

/// A boolean, or `unexpected`.
pub(super) fn autorestart(text: &str) -> Result<Autorestart, Problem> {
    match boolean(text) {
        Ok(true) => Ok(Autorestart::Always),
        Ok(false) => Ok(Autorestart::Never),
        Err(_) if text.to_lowercase() == "unexpected" => Ok(Autorestart::Unexpected),
        Err(_) => Err(Problem::Autorestart(text.to_owned())),
    }
}

/// `bytes` or `characters`, in any case.
pub(super) fn payload_length(text: &str) -> Result<PayloadLength, Problem> {
    match text.to_lowercase().as_str() {
        "bytes" => Ok(PayloadLength::Bytes),
        "characters" => Ok(PayloadLength::Characters),
        _ => Err(Problem::PayloadLength(text.to_owned())),
    }
}

/// The name of a log level, in any case.
pub(super) fn log_level(text: &str) -> Result<Level, Problem> {
    match text.to_lowercase().as_str() {
        "critical" => Ok(Level::Critical),
        "error" => Ok(Level::Error),
        "warn" => Ok(Level::Warn),
        "info" => Ok(Level::Info),
        "debug" => Ok(Level::Debug),
        "trace" => Ok(Level::Trace),
        "blather" => Ok(Level::Blather),
        _ => Err(Problem::LogLevel(text.to_owned())),
    }
}

/// The items of a comma-separated list, without the blanks around them; empty text has none.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    let items = (!text.is_empty()).then(|| text.split(','));
    items
        .into_iter()
        .flatten()
        .map(|item| item.trim_matches(is_blank))
}

/// A host and port. Without a colon the text is a port; no host, or `*`, is all of them: empty.
pub(super) fn inet_address(text: &str) -> Result<(String, u16), Problem> {
    let (host, port_text) = text.rsplit_once(':').unwrap_or(("", text));
    if port_text.is_empty() {
        return Err(Problem::NoPort(text.to_owned()));
    }
    let host = if host == "*" { "" } else { host };
    Ok((host.to_lowercase(), port(port_text)?))
}

/// A TCP port.
pub(super) fn port(text: &str) -> Result<u16, Problem> {
    let value = number(text, 10).ok_or_else(|| Problem::Port(text.to_owned()))?;
    match u16::try_from(value) {
        Ok(port) if port > 0 => Ok(port),
        Err(_) if value > 0 => Err(Problem::Above {
            value,
            bound: 65535,
        }),
        _ => Err(Problem::Below { value, bound: 1 }),
    }
}

/// A URL: a scheme, and an authority or a path. Returned as it is.
pub(super) fn url(text: &str) -> Result<String, Problem> {
    let is_url = || {
        let (scheme, rest) = text.split_once(':')?;
        let mut letters = scheme.chars();
        let scheme_ok = letters.next()?.is_ascii_alphabetic()
            && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        Some(scheme_ok && !rest.is_empty() && !rest.starts_with(['?', '#']))
    };
    match is_url() {
        Some(true) => Ok(text.to_owned()),
        _ => Err(Problem::Url(text.to_owned())),
    }
}

/// A name of a program, group or process, blanks around it removed. It holds no blank, colon or
/// slash, which would make it ambiguous in commands and paths.
pub(super) fn name(text: &str) -> Result<&str, Problem> {
    let name = text.trim_matches(is_blank);
    match [' ', ':', '/'].into_iter().find(|&c| name.contains(c)) {
        None => Ok(name),
        Some(character) => Err(Problem::Name {
            name: text.to_owned(),
            character: character.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_are_read_as_python_reads_them() {
        for (text, want) in [("7", 7), (" -07 ", -7), ("+1_000", 1000), ("\t0\n", 0)] {
            assert_eq!(integer(text), Ok(want), "{text}");
        }
        for text in [
            "",
            "1.5",
            "1__0",
            "_1",
            "1_",
            "0x1",
            "abc",
            "- 1",
            "99999999999999999999",
        ] {
            assert!(integer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn byte_sizes_have_units_of_1024() {
        for (text, want) in [
            ("5 MB", 5 << 20),
            ("1gb", 1 << 30),
            ("2Kb", 2048),
            ("-1", -1),
        ] {
            assert_eq!(byte_size(text), Ok(want), "{text}");
        }
        for text in ["10k", "10B", "1TB", "1.5MB", "KB", "", "9999999999999GB"] {
            assert!(byte_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn octal_needs_no_prefix() {
        for (text, want) in [("022", 0o22), ("22", 0o22), ("0o22", 0o22), (" 0O_7 ", 7)] {
            assert_eq!(octal(text), Ok(want), "{text}");
        }
        for text in ["9z", "8", "", "-1", "10000", "0o"] {
            assert!(octal(text).is_err(), "{text}");
        }
    }

    #[test]
    fn booleans_and_their_like_ignore_case() {
        assert_eq!((boolean("YES"), boolean("Off")), (Ok(true), Ok(false)));
        for text in ["", "y", "t", "2", "maybe"] {
            assert!(boolean(text).is_err(), "{text}");
        }
        assert_eq!(autorestart("1"), Ok(Autorestart::Always));
        assert_eq!(autorestart("no"), Ok(Autorestart::Never));
        assert_eq!(autorestart("Unexpected"), Ok(Autorestart::Unexpected));
        assert!(autorestart("sometimes").is_err());
        assert_eq!(log_level("WARN"), Ok(Level::Warn));
        assert!(log_level("warning").is_err());
    }

    #[test]
    fn signals_have_numbers_and_names() {
        assert_eq!(signal("sigterm"), signal("15"));
        assert_eq!(signal("FOO"), Err(Problem::SignalName("FOO".to_owned())));
        assert_eq!(signal("200"), Err(Problem::SignalNumber("200".to_owned())));
        assert!(signal("0").is_err());
        assert!(signal("_DFL").is_err());
    }

    #[test]
    fn exit_codes_are_all_or_nothing() {
        assert_eq!(exit_codes("0,2, 17"), Ok(vec![0, 2, 17]));
        assert_eq!(exit_codes(""), Ok(vec![]));
        for text in ["0,300", "1,", "a", "-1"] {
            assert!(exit_codes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_are_divided_at_the_last_colon() {
        for (text, host, port) in [
            ("9001", "", 9001),
            ("*:9001", "", 9001),
            (":9001", "", 9001),
            ("LocalHost:1", "localhost", 1),
            ("::1:9001", "::1", 9001),
        ] {
            assert_eq!(inet_address(text), Ok((host.to_owned(), port)), "{text}");
        }
        for (text, told) in [
            ("h:", "no port number specified in 'h:'"),
            ("h:abc", "not a valid port number: 'abc'"),
            ("http", "not a valid port number: 'http'"),
            ("h:0", "0 is below lower bound (1)"),
            ("h:-5", "-5 is below lower bound (1)"),
            ("65536", "65536 is above upper bound (65535)"),
        ] {
            assert_eq!(inet_address(text).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn a_url_has_a_scheme_and_something_behind_it() {
        for text in [
            "unix:///tmp/s",
            "http://h:1",
            "localhost:9001",
            "http:x",
            "https://x",
        ] {
            assert!(url(text).is_ok(), "{text}");
        }
        for text in [
            "foo",
            "http:",
            "unix:",
            "unix://",
            "127.0.0.1:9001",
            "",
            "http://?x",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_hold_no_blank_colon_or_slash() {
        assert_eq!(name(" a "), Ok("a"));
        assert_eq!(name(""), Ok(""));
        let told = name("x y").unwrap_err().to_string();
        assert_eq!(told, "Invalid name: 'x y' because of character: ' '");
        assert!(name("a:b").is_err() && name("a/b").is_err());
    }

    #[test]
    fn lists_keep_empty_items() {
        assert_eq!(list("").count(), 0);
        assert_eq!(list("a, b,").collect::<Vec<_>>(), ["a", "b", ""]);
    }

    proptest! {
        #[test]
        fn every_integer_is_read_back(value: i64) {
            prop_assert_eq!(integer(&value.to_string()), Ok(value));
        }

        #[test]
        fn no_text_makes_a_type_panic(text in "(?s).*") {
            let _ = (integer(&text), byte_size(&text), octal(&text), signal(&text));
            let _ = (exit_codes(&text), inet_address(&text), url(&text), name(&text));
        }
    }
}

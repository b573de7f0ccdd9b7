//! One conversion of Python's `%` formatting: flags, width, precision and letter.

use super::repr::{ascii_repr, repr};
use thiserror::Error;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A number, for conversions such as `%02d`.
    Integer(i64),
}

/// What is wrong with a conversion, in Python's words, which Supervisor's users know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatFault {
    /// The text ends within it.
    #[error("incomplete format")]
    Incomplete,
    /// Its name has no closing parenthesis.
    #[error("incomplete format key")]
    IncompleteKey,
    /// There is no such letter.
    #[error("unsupported format character '{}' (0x{:x}) at index {index}", shown(*.letter), u32::from(*.letter))]
    Unsupported {
        /// The letter.
        letter: char,
        /// Its place in the text, in characters from 0.
        index: usize,
    },
    /// It has no name.
    #[error("not enough arguments for format string")]
    NoName,
    /// Its width or precision is to be taken from a value.
    #[error("* wants int")]
    Star,
    /// Its width is absurd.
    #[error("width too big")]
    WidthTooBig,
    /// Its precision is absurd.
    #[error("precision too big")]
    PrecisionTooBig,
    /// Text where `d`, `i` or `u` want a number.
    #[error("%{0} format: a real number is required, not str")]
    NotNumber(char),
    /// Text where `o`, `x` or `X` want a number.
    #[error("%{0} format: an integer is required, not str")]
    NotInteger(char),
    /// Text where `e`, `f` or `g` want a number.
    #[error("must be real number, not str")]
    NotReal,
    /// More than a character for `c`.
    #[error("%c requires int or char")]
    NotChar,
    /// No character has the number.
    #[error("%c arg not in range(0x110000)")]
    CharRange,
}

/// A letter that a message can show.
fn shown(letter: char) -> char {
    if (' '..='~').contains(&letter) {
        letter
    } else {
        '?'
    }
}

/// A conversion as it is written after the `%` and the name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Conversion {
    alternate: bool,
    zero: bool,
    left: bool,
    blank: bool,
    plus: bool,
    /// Characters to fill up to.
    pub(super) width: usize,
    /// Digits or characters, by letter.
    pub(super) precision: Option<usize>,
    /// What to convert to.
    pub(super) letter: char,
}

impl Conversion {
    /// The greatest width and precision.
    pub(super) const LONGEST: usize = 4096;

    /// Takes one of `# 0 - + ` and blank.
    pub(super) fn flag(&mut self, flag: char) {
        match flag {
            '#' => self.alternate = true,
            '0' => self.zero = true,
            '-' => self.left = true,
            '+' => self.plus = true,
            _ => self.blank = true,
        }
    }

    /// Refuses a letter that is none; `index` is its place.
    pub(super) fn check(&self, index: usize) -> Result<(), FormatFault> {
        let letter = self.letter;
        if "sradiuoxXeEfFgGc".contains(letter) {
            Ok(())
        } else {
            Err(FormatFault::Unsupported { letter, index })
        }
    }

    /// Appends the value, converted.
    pub(super) fn apply(&self, value: Value<'_>, out: &mut String) -> Result<(), FormatFault> {
        let letter = self.letter;
        match (letter, value) {
            ('s', Value::Text(text)) => self.text(text, out),
            ('r', Value::Text(text)) => self.text(&repr(text), out),
            ('a', Value::Text(text)) => self.text(&ascii_repr(text), out),
            ('s' | 'r' | 'a', Value::Integer(number)) => self.text(&number.to_string(), out),
            ('c', value) => self.character(value, out)?,
            ('d' | 'i' | 'u', Value::Text(_)) => return Err(FormatFault::NotNumber(letter)),
            ('o' | 'x' | 'X', Value::Text(_)) => return Err(FormatFault::NotInteger(letter)),
            (_, Value::Text(_)) => return Err(FormatFault::NotReal),
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', Value::Integer(number)) => {
                self.integer(number, out);
            }
            (_, Value::Integer(number)) => self.real(number, out),
        }
        Ok(())
    }

    fn text(&self, text: &str, out: &mut String) {
        let end = self.precision.unwrap_or(usize::MAX);
        let cut: String = text.chars().take(end).collect();
        self.fill("", &cut, ' ', out);
    }

    fn character(&self, value: Value<'_>, out: &mut String) -> Result<(), FormatFault> {
        let character = match value {
            Value::Integer(number) => {
                let code = u32::try_from(number).map_err(|_| FormatFault::CharRange)?;
                char::from_u32(code).ok_or(FormatFault::CharRange)?
            }
            Value::Text(text) => {
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(only), None) => only,
                    _ => return Err(FormatFault::NotChar),
                }
            }
        };
        self.fill("", character.encode_utf8(&mut [0; 4]), ' ', out);
        Ok(())
    }

    fn integer(&self, number: i64, out: &mut String) {
        let size = number.unsigned_abs();
        let (prefix, digits) = match self.letter {
            'o' => ("0o", format!("{size:o}")),
            'x' => ("0x", format!("{size:x}")),
            'X' => ("0X", format!("{size:X}")),
            _ => ("", size.to_string()),
        };
        let digits = format!("{digits:0>width$}", width = self.precision.unwrap_or(0));
        let prefix = if self.alternate { prefix } else { "" };
        let head = format!("{}{prefix}", self.sign(number));
        self.fill(&head, &digits, self.padding(), out);
    }

    fn real(&self, number: i64, out: &mut String) {
        let precision = self.precision.unwrap_or(6);
        #[allow(clippy::cast_precision_loss)]
        let size = number.unsigned_abs() as f64;
        let mut digits = match self.letter.to_ascii_lowercase() {
            'e' => exponential(size, precision, self.alternate),
            'g' => general(size, precision.max(1), self.alternate),
            _ => fixed(size, precision, self.alternate),
        };
        if self.letter.is_ascii_uppercase() {
            digits.make_ascii_uppercase();
        }
        self.fill(self.sign(number), &digits, self.padding(), out);
    }

    fn sign(&self, number: i64) -> &'static str {
        match number {
            ..0 => "-",
            _ if self.plus => "+",
            _ if self.blank => " ",
            _ => "",
        }
    }

    fn padding(&self) -> char {
        if self.zero && !self.left { '0' } else { ' ' }
    }

    /// Fills up to the width: blanks before or after, zeros between head and body.
    fn fill(&self, head: &str, body: &str, padding: char, out: &mut String) {
        let length = head.chars().count() + body.chars().count();
        let missing = std::iter::repeat_n(padding, self.width.saturating_sub(length));
        match (self.left, padding) {
            (true, _) => {
                out.extend([head, body]);
                out.extend(missing);
            }
            (false, '0') => {
                out.push_str(head);
                out.extend(missing);
                out.push_str(body);
            }
            (false, _) => {
                out.extend(missing);
                out.extend([head, body]);
            }
        }
    }
}

fn fixed(size: f64, precision: usize, alternate: bool) -> String {
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{size:.precision$}{point}")
}

/// `7.000000e+00`: Rust writes `7.000000e0`.
fn exponential(size: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{size:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{digits}{point}e+{exponent:0>2}")
}

/// The shorter of both, without trailing zeros unless the alternate form is asked for.
fn general(size: f64, precision: usize, alternate: bool) -> String {
    let exponential_form = exponential(size, precision - 1, alternate);
    let exponent: usize = exponential_form
        .split_once("e+")
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    if exponent < precision {
        let text = fixed(size, precision - 1 - exponent, alternate);
        return if alternate {
            text
        } else {
            short(&text).to_owned()
        };
    }
    match exponential_form.split_once('e') {
        Some((digits, exponent)) if !alternate => format!("{}e{exponent}", short(digits)),
        _ => exponential_form,
    }
}

fn short(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::super::expand::{Names, expand};
    use super::*;

    #[test]
    fn numbers_are_converted_as_python_does() {
        let own = [
            ("n", Value::Integer(1234)),
            ("m", Value::Integer(-7)),
            ("z", Value::Integer(0)),
            ("big", Value::Integer(12_345_678)),
            ("t", Value::Text("é")),
        ];
        let names = Names {
            own: &own,
            ..Names::default()
        };
        for (text, want) in [
            (
                "%(n)08d|%(m)05d|%(m)-05d|%(m) d|%(n) d",
                "00001234|-0007|-7   |-7| 1234",
            ),
            (
                "%(n).6d|%(n)10.6d|%(n)010.6d",
                "001234|    001234|0000001234",
            ),
            ("%(n)X|%(n)#x|%(n)#010x|%(m)#o", "4D2|0x4d2|0x000004d2|-0o7"),
            (
                "%(n)e|%(n).0e|%(z)E|%(n)#.0e",
                "1.234000e+03|1e+03|0.000000E+00|1.e+03",
            ),
            (
                "%(n)f|%(m).1f|%(n)#.0f|%(n)010.1f",
                "1234.000000|-7.0|1234.|00001234.0",
            ),
            (
                "%(n)g|%(big)g|%(n).2G|%(z)g|%(n)#g",
                "1234|1.23457e+07|1.2E+03|0|1234.00",
            ),
            (
                "%(n)s|%(n)06s|%(n).2r|%(t)a|%(t)3c|%(n)c",
                "1234|  1234|12|'\\xe9'|  é|Ӓ",
            ),
        ] {
            assert_eq!(expand(text, &names, "").unwrap(), want);
        }
        assert!(expand("%(m)c", &names, "").is_err());
    }
}

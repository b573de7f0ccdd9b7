//! The arguments of a call, taken as Supervisor takes them: loosely where Python would coerce.

use super::role::Role;
use super::shown::shown;
use crate::process::{Fault, FaultCode, Signal};
use crate::xmlrpc::Value;

/// The arguments of one call; how many there are has been checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Args {
    /// The arguments.
    pub(super) values: Vec<Value>,
    /// What the caller may do.
    pub(super) role: Role,
}

impl Args {
    /// The argument at `index`; nil when it was left out.
    pub(super) fn value(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Nil)
    }

    /// A name or other text.
    pub(super) fn text(&self, index: usize) -> Result<&str, Fault> {
        self.value(index).as_str().ok_or(INCORRECT)
    }

    /// A number: text is read as one, and fractions are cut off.
    pub(super) fn number(&self, index: usize) -> Result<i64, Fault> {
        match self.value(index) {
            Value::Int(number) => Ok(*number),
            Value::Bool(truth) => Ok(i64::from(*truth)),
            Value::Double(number) if number.is_finite() => Ok(number.trunc() as i64),
            Value::Str(text) => text.trim().parse().or(Err(INCORRECT)),
            _ => Err(INCORRECT),
        }
    }

    /// Whether to wait: what Python holds for true; true when left out.
    pub(super) fn wait(&self, index: usize) -> bool {
        self.values.get(index).is_none_or(truth)
    }

    /// A signal, by number or by name.
    pub(super) fn signal(&self, index: usize) -> Result<Signal, Fault> {
        let value = self.value(index);
        let signal = match value {
            Value::Int(number) => i32::try_from(*number).ok().and_then(Signal::from_number),
            Value::Str(text) => Signal::parse(text),
            _ => return Err(INCORRECT),
        };
        signal.ok_or_else(|| Fault::new(FaultCode::BadSignal, shown(value)))
    }
}

/// The fault for arguments of a wrong number or type.
pub(super) const INCORRECT: Fault = Fault::bare(FaultCode::IncorrectParameters);

/// What Python holds for true.
fn truth(value: &Value) -> bool {
    match value {
        Value::Int(number) => *number != 0,
        Value::Bool(truth) => *truth,
        Value::Str(text) => !text.is_empty(),
        Value::Double(number) => *number != 0.0,
        Value::DateTime(_) => true,
        Value::Array(items) => !items.is_empty(),
        Value::Struct(members) => !members.is_empty(),
        Value::Nil => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(value: Value) -> Args {
        Args {
            values: vec![value],
            role: Role::Reader,
        }
    }

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn numbers_are_coerced() {
        for (value, want) in [
            (Value::Int(1 << 40), Some(1 << 40)),
            (text(" 12 "), Some(12)),
            (text("-4"), Some(-4)),
            (Value::Double(1.9), Some(1)),
            (Value::Double(-1.9), Some(-1)),
            (Value::Double(f64::NAN), None),
            (Value::Bool(true), Some(1)),
            (text("x"), None),
            (Value::Nil, None),
            (Value::Array(vec![]), None),
        ] {
            assert_eq!(args(value.clone()).number(0).ok(), want, "{value:?}");
        }
    }

    #[test]
    fn wait_is_true_unless_it_is_nothing() {
        let none = Args {
            values: vec![],
            role: Role::Reader,
        };
        assert!(none.wait(0));
        for value in [Value::Bool(true), text("no"), Value::Int(2)] {
            assert!(args(value.clone()).wait(0), "{value:?}");
        }
        for value in [Value::Bool(false), text(""), Value::Int(0), Value::Nil] {
            assert!(!args(value.clone()).wait(0), "{value:?}");
        }
    }

    #[test]
    fn a_signal_is_a_number_or_a_name() {
        for value in [text("HUP"), text("sighup"), text(" 1 "), Value::Int(1)] {
            assert_eq!(args(value.clone()).signal(0), Ok(Signal::HUP), "{value:?}");
        }
        for (value, want) in [
            (text("NOPE"), "BAD_SIGNAL: NOPE"),
            (text("99"), "BAD_SIGNAL: 99"),
            (text("0"), "BAD_SIGNAL: 0"),
            (Value::Int(1 << 40), "BAD_SIGNAL: 1099511627776"),
            (Value::Array(vec![]), "INCORRECT_PARAMETERS"),
        ] {
            assert_eq!(args(value).signal(0).unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn a_name_is_text_and_nothing_else() {
        assert_eq!(args(text("a")).text(0), Ok("a"));
        assert_eq!(args(Value::Int(5)).text(0), Err(INCORRECT));
        assert_eq!(args(Value::Nil).text(0), Err(INCORRECT));
    }
}

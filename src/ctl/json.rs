//! Answers as JSON.

use crate::xmlrpc::Value;
use serde_json::Value as Json;

/// A value of XML-RPC: a time is a string, and so is nothing else that was none.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Int(number) => Json::from(*number),
        Value::Bool(truth) => Json::from(*truth),
        Value::Str(text) => Json::from(text.as_str()),
        Value::Double(number) => Json::from(*number),
        Value::DateTime(time) => Json::from(time.to_string()),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Struct(members) => {
            let members = members.iter();
            Json::Object(members.map(|(name, it)| (name.clone(), json(it))).collect())
        }
        Value::Nil => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_like() {
        let members = vec![
            ("i".to_owned(), Value::Int(-7)),
            ("s".to_owned(), Value::Str("a\"\n".to_owned())),
            ("d".to_owned(), Value::Double(0.5)),
            ("x".to_owned(), Value::Double(f64::NAN)),
            ("n".to_owned(), Value::Nil),
            ("a".to_owned(), Value::Array(vec![Value::Bool(true)])),
        ];
        let want = r#"{"a":[true],"d":0.5,"i":-7,"n":null,"s":"a\"\n","x":null}"#;
        assert_eq!(json(&Value::Struct(members)).to_string(), want);
    }
}

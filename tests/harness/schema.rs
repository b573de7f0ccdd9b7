//! Holds JSON against a schema of the OpenAPI document, as far as that goes: an unknown member, a
//! missing one and a wrong type are found.

use serde_json::Value;

/// An OpenAPI document.
pub(crate) struct Document(pub(crate) Value);

impl Document {
    /// Fails unless the value is as the named schema has it.
    #[track_caller]
    pub(crate) fn holds(&self, name: &str, value: &Value) {
        let schema = &self.0["components"]["schemas"][name];
        assert!(schema.is_object(), "no schema {name}");
        if let Err(why) = self.fits(schema, value) {
            panic!("{name}{why} in {value}");
        }
    }

    /// Fails unless the data of an event is as the named schema of events has it.
    #[track_caller]
    pub(crate) fn holds_event(&self, name: &str, event: &super::Event) {
        let schema = &self.0["components"]["schemas"][name]["properties"][&event.name];
        assert!(schema.is_object(), "no event {} in {name}", event.name);
        if let Err(why) = self.fits(schema, &event.data) {
            panic!("{}{why} in {}", event.name, event.data);
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        if let Some(path) = schema["$ref"].as_str() {
            let target = self.0.pointer(path.trim_start_matches('#')).unwrap();
            return self.fits(target, value);
        }
        if let Some(options) = schema["oneOf"].as_array() {
            let fitting = options
                .iter()
                .filter(|one| self.fits(one, value).is_ok())
                .count();
            return expect(fitting == 1, || format!(" fits {fitting} of oneOf"));
        }
        if let Some(options) = schema["enum"].as_array() {
            expect(options.contains(value), || format!(" is {value}"))?;
        }
        if let Some(only) = schema.get("const") {
            expect(only == value, || format!(" is {value}"))?;
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.clone(),
            Value::Null => return Ok(()),
            one => vec![one.clone()],
        };
        let fits = types.iter().any(|name| is(name.as_str().unwrap(), value));
        expect(fits, || format!(" is {value}, no {types:?}"))?;
        self.members(schema, value)?;
        for (place, item) in value.as_array().into_iter().flatten().enumerate() {
            self.fits(&schema["items"], item)
                .map_err(|why| format!("[{place}]{why}"))?;
        }
        Ok(())
    }

    fn members(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let Some(members) = value.as_object() else {
            return Ok(());
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            expect(members.contains_key(name), || format!(" has no {name}"))?;
        }
        for (name, member) in members {
            let further = &schema["additionalProperties"];
            let schema = schema["properties"].get(name).unwrap_or(further);
            expect(schema != &Value::Bool(false), || format!(" has a {name}"))?;
            self.fits(schema, member)
                .map_err(|why| format!(".{name}{why}"))?;
        }
        Ok(())
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => panic!("what is a {name}?"),
    }
}

fn expect(is: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if is { Ok(()) } else { Err(why()) }
}

//! The fields of a form and of a query.

use crate::rpc::urlencoded::plain;

/// Named fields. Of several with one name the first counts.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of a posted form, then those of the query.
    pub(super) fn of(body: &[u8], query: &str) -> Self {
        let body = String::from_utf8_lossy(body);
        let fields = body.split('&').chain(query.split('&'));
        Self(fields.filter_map(field).collect())
    }

    /// The value of a field; `None` when it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(key, _)| key == name)?;
        Some(field.1.as_str())
    }
}

fn field(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    (!value.is_empty()).then(|| (plain(name), plain(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_goes_before_the_query_and_the_first_before_the_second() {
        let form = Form::of(b"a=1&b=x+y%26", "a=2&c=%C3%A9&c=3&d=&e");
        let got = ["a", "b", "c", "d", "e", "f"].map(|name| form.get(name));
        assert_eq!(got, [Some("1"), Some("x y&"), Some("é"), None, None, None]);
    }
}

//! The parameters of a query. Those that a resource does not know are let pass.

use super::problem::Problem;
use crate::rpc::urlencoded::plain;
use actix_web::http::StatusCode;
use std::fmt::Display;
use std::str::FromStr;

/// Named parameters. Of several with one name the first counts.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what follows the `?`.
    pub(super) fn parse(text: &str) -> Self {
        let pair = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (plain(name), plain(value))
        };
        let parts = text.split('&').filter(|part| !part.is_empty());
        Self(parts.map(pair).collect())
    }

    /// A parameter as it is.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// A parameter as something else; `default` where it is not there.
    pub(super) fn get<T: FromStr<Err: Display>>(
        &self,
        name: &str,
        default: T,
    ) -> Result<T, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse().map_err(|error| {
            let detail = format!("{name}={text}: {error}");
            Problem::new(StatusCode::BAD_REQUEST, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_the_first_counts() {
        let query = Query::parse("wait=false&a=x+y%26&wait=true&b");
        assert_eq!(query.get("wait", true), Ok(false));
        assert_eq!(query.get("tail", 7), Ok(7));
        assert_eq!(query.text("a"), Some("x y&"));
        assert_eq!(query.text("b"), Some(""));
        assert_eq!(Query::parse("").text(""), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = Query::parse("wait=perhaps").get("wait", true).unwrap_err();
        assert_eq!(refused.reply().status(), 400);
    }
}

//! The two text formats in which metrics are told: Prometheus's own (0.0.4) and OpenMetrics 1.0.

use std::fmt::{Display, Write as _};

/// Which format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Prometheus,
    OpenMetrics,
}

/// What kind of numbers a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It goes up only, and begins anew now and then. Its samples' names end with `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Cumulated counts.
    Histogram,
}

impl Format {
    /// The format for a request's `Accept`.
    pub(super) fn accepted(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") {
            return Self::OpenMetrics;
        }
        Self::Prometheus
    }

    /// Its media type.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A text in the making.
pub(super) struct Exposition {
    format: Format,
    text: String,
}

/// A family of samples: one name, different labels.
pub(super) struct Samples<'a> {
    name: &'a str,
    total: &'static str,
    text: &'a mut String,
}

impl Exposition {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            text: String::new(),
        }
    }

    /// Begins a family; `name` is without `_total`.
    pub(super) fn family<'a>(&'a mut self, name: &'a str, kind: Kind, help: &str) -> Samples<'a> {
        let total = if kind == Kind::Counter { "_total" } else { "" };
        let shown = match self.format {
            Format::Prometheus => total,
            Format::OpenMetrics => "",
        };
        let text = &mut self.text;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name}{shown} {help}");
        let _ = writeln!(text, "# TYPE {name}{shown} {}", kind.name());
        Samples { name, total, text }
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

impl Samples<'_> {
    /// Adds a sample.
    pub(super) fn add(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.add_part(self.total, labels, value);
    }

    /// Adds a sample of a part of the family, such as `_bucket`.
    pub(super) fn add_part(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        self.text.push_str(part);
        for (place, (name, value)) in labels.iter().enumerate() {
            self.text.push(if place == 0 { '{' } else { ',' });
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(value, self.text);
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, " {value}");
    }
}

fn escape(value: &str, text: &mut String) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            _ => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(format: Format) -> String {
        let mut text = Exposition::new(format);
        let mut restarts = text.family("restarts", Kind::Counter, "How often.");
        restarts.add(&[("name", "a\"b\\c\nd"), ("group", "g")], 3);
        text.family("up", Kind::Gauge, "Whether.").add(&[], 1.5);
        text.finish()
    }

    #[test]
    fn both_formats_have_the_same_samples() {
        let samples = "restarts_total{name=\"a\\\"b\\\\c\\nd\",group=\"g\"} 3\n";
        let up = "# HELP up Whether.\n# TYPE up gauge\nup 1.5\n";
        assert_eq!(
            told(Format::Prometheus),
            format!(
                "# HELP restarts_total How often.\n# TYPE restarts_total counter\n{samples}{up}"
            )
        );
        assert_eq!(
            told(Format::OpenMetrics),
            format!("# HELP restarts How often.\n# TYPE restarts counter\n{samples}{up}# EOF\n")
        );
    }

    #[test]
    fn the_format_is_what_is_accepted() {
        let wide = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
        assert_eq!(Format::accepted(wide), Format::OpenMetrics);
        assert_eq!(Format::accepted("*/*"), Format::Prometheus);
    }
}

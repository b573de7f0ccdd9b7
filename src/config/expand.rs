//! `%(name)s` in values: Python's `%` formatting with names.

use super::conversion::{Conversion, FormatFault, Value};
use super::environment::Environment;
use super::error::Problem;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Display;

/// A layer of names over outer ones; a name is looked up from the inside out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names<'a> {
    /// The layer below.
    pub(super) outer: Option<&'a Names<'a>>,
    /// Names of this layer.
    pub(super) own: &'a [(&'a str, Value<'a>)],
    /// Variables of this layer, each under `ENV_` and its name.
    pub(super) environment: Option<&'a Environment>,
}

impl<'a> Names<'a> {
    /// These names over the outer ones.
    pub(super) fn over(outer: &'a Names<'a>, own: &'a [(&'a str, Value<'a>)]) -> Self {
        Self {
            outer: Some(outer),
            own,
            environment: None,
        }
    }

    fn get(&self, name: &str) -> Option<Value<'a>> {
        let own = || self.own.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let variable = || {
            Some(Value::Text(
                self.environment?.get(name.strip_prefix("ENV_")?)?,
            ))
        };
        own().or_else(variable).or_else(|| self.outer?.get(name))
    }

    /// All names, sorted.
    fn all(&self) -> BTreeSet<Cow<'a, str>> {
        let mut all = self.outer.map(Names::all).unwrap_or_default();
        all.extend(self.own.iter().map(|(name, _)| Cow::Borrowed(*name)));
        let variables = self.environment.into_iter().flat_map(Environment::keys);
        all.extend(variables.map(|name| Cow::Owned(format!("ENV_{name}"))));
        all
    }
}

/// The text with every `%(name)s` replaced. `label` is what messages call the option.
pub(super) fn expand<'t>(
    text: &'t str,
    names: &Names<'_>,
    label: impl Display,
) -> Result<Cow<'t, str>, Problem> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    match Expansion::new(text).run(names) {
        Ok(expanded) => Ok(Cow::Owned(expanded)),
        Err(Stop::Unknown(name)) => Err(Problem::UnknownName {
            text: text.to_owned(),
            label: label.to_string(),
            name,
            available: Vec::from_iter(names.all()).join(", "),
        }),
        Err(Stop::Bad(at, fault)) => Err(Problem::BadFormat {
            text: text.to_owned(),
            label: label.to_string(),
            fault,
            at,
        }),
    }
}

/// Why a text can't be expanded.
enum Stop {
    Unknown(String),
    /// The index of the `%`, in characters, and what is wrong with it.
    Bad(usize, FormatFault),
}

/// One walk over a text. Indexes count characters, as messages do.
struct Expansion<'t> {
    rest: std::str::Chars<'t>,
    index: usize,
}

impl<'t> Expansion<'t> {
    fn new(text: &'t str) -> Self {
        let rest = text.chars();
        Self { rest, index: 0 }
    }

    fn next(&mut self) -> Option<char> {
        self.index += 1;
        self.rest.next()
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn next_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        self.peek().filter(|&c| wanted(c))?;
        self.next()
    }

    fn run(mut self, names: &Names<'_>) -> Result<String, Stop> {
        let mut out = String::new();
        while let Some(c) = self.next() {
            if c != '%' {
                out.push(c);
            } else if self.next_if(|c| c == '%').is_some() {
                out.push('%');
            } else {
                let at = self.index - 1;
                self.item(names, at, &mut out)?;
            }
        }
        Ok(out)
    }

    /// What follows a `%`, up to the letter of the conversion.
    fn item(&mut self, names: &Names<'_>, at: usize, out: &mut String) -> Result<(), Stop> {
        let bad = |fault| Stop::Bad(at, fault);
        let value = match self.next_if(|c| c == '(') {
            Some(_) => {
                let name = self.name().ok_or(bad(FormatFault::IncompleteKey))?;
                Some(names.get(&name).ok_or(Stop::Unknown(name))?)
            }
            None => None,
        };
        let conversion = self.conversion().map_err(bad)?;
        let index = self.index - 1;
        conversion.check(index).map_err(bad)?;
        let value = value.ok_or(bad(FormatFault::NoName))?;
        conversion.apply(value, out).map_err(bad)
    }

    /// The name up to the closing parenthesis; it may hold balanced ones.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let mut depth = 1;
        loop {
            let c = self.next()?;
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(name);
            }
            name.push(c);
        }
    }

    fn conversion(&mut self) -> Result<Conversion, FormatFault> {
        let mut conversion = Conversion::default();
        while let Some(c) = self.next_if(|c| "#0- +".contains(c)) {
            conversion.flag(c);
        }
        conversion.width = self.number(FormatFault::WidthTooBig)?.unwrap_or(0);
        if self.next_if(|c| c == '.').is_some() {
            let precision = self.number(FormatFault::PrecisionTooBig)?;
            conversion.precision = Some(precision.unwrap_or(0));
        }
        self.next_if(|c| matches!(c, 'h' | 'l' | 'L'));
        conversion.letter = self.next().ok_or(FormatFault::Incomplete)?;
        Ok(conversion)
    }

    /// A width or precision, which is bounded: nothing that long is meant.
    fn number(&mut self, too_big: FormatFault) -> Result<Option<usize>, FormatFault> {
        if self.next_if(|c| c == '*').is_some() {
            return Err(FormatFault::Star);
        }
        let mut number = None;
        while let Some(digit) = self.next_if(|c| c.is_ascii_digit()) {
            let digit = digit.to_digit(10).unwrap_or(0) as usize;
            number = Some(number.unwrap_or(0) * 10 + digit);
            if number > Some(Conversion::LONGEST) {
                return Err(too_big);
            }
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let owned = pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned()));
        owned.collect()
    }

    fn expanded(text: &str) -> Result<String, String> {
        let environment = environment(&[("X", "100%"), ("A(B)", "nested")]);
        let base = Names {
            environment: Some(&environment),
            ..Names::default()
        };
        let own = [
            ("program_name", Value::Text("cat")),
            ("process_num", Value::Integer(7)),
            ("", Value::Text("empty")),
        ];
        expand(text, &Names::over(&base, &own), "program:cat.command")
            .map(Cow::into_owned)
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn names_are_replaced_as_python_formats_them() {
        for (text, want) in [
            ("plain", "plain"),
            ("100%% %(ENV_X)s", "100% 100%"),
            ("%(ENV_A(B))s", "nested"),
            ("%()s", "empty"),
            ("%(program_name)s_%(process_num)02d", "cat_07"),
            ("%(process_num)5d|%(process_num)-4d|", "    7|7   |"),
            (
                "%(process_num)x %(process_num)#o %(process_num)+d",
                "7 0o7 +7",
            ),
            ("%(program_name).2s %(program_name)10s|", "ca        cat|"),
            ("%(program_name)r %(process_num)ld", "'cat' 7"),
        ] {
            assert_eq!(expanded(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_those_that_are_known() {
        let told = expanded("a %(nope)s").unwrap_err();
        assert_eq!(
            told,
            "Format string 'a %(nope)s' for 'program:cat.command' contains names ('nope') which \
             cannot be expanded. Available names: , ENV_A(B), ENV_X, process_num, program_name"
        );
    }

    #[test]
    fn each_fault_has_its_words_and_tells_the_remedy() {
        for (text, fault, at) in [
            ("a 100%", "incomplete format", 5),
            ("%(process_num)", "incomplete format", 0),
            ("%(process_num)-5.", "incomplete format", 0),
            ("é %(process_num", "incomplete format key", 2),
            (
                "a %Y",
                "unsupported format character 'Y' (0x59) at index 3",
                2,
            ),
            (
                "%(ENV_X)é",
                "unsupported format character '?' (0xe9) at index 8",
                0,
            ),
            (
                "%(ENV_X)%",
                "unsupported format character '%' (0x25) at index 8",
                0,
            ),
            (
                "% %",
                "unsupported format character '%' (0x25) at index 2",
                0,
            ),
            (
                "%(ENV_X)d",
                "%d format: a real number is required, not str",
                0,
            ),
            (
                "%(ENV_X)i",
                "%i format: a real number is required, not str",
                0,
            ),
            ("%(ENV_X)x", "%x format: an integer is required, not str", 0),
            ("%(ENV_X).2f", "must be real number, not str", 0),
            ("%(ENV_X)c", "%c requires int or char", 0),
            ("date +%s", "not enough arguments for format string", 6),
            ("%d", "not enough arguments for format string", 0),
            ("%(ENV_X)*d", "* wants int", 0),
            ("%(process_num)99999999999d", "width too big", 0),
            ("%(process_num).99999999999d", "precision too big", 0),
        ] {
            let want = format!(
                "Format string {} for 'program:cat.command' is badly formatted: {fault} \
                 (the % at index {at}; a literal % is written %%)",
                super::super::repr::repr(text)
            );
            assert_eq!(expanded(text), Err(want));
        }
    }

    #[test]
    fn an_inner_layer_hides_an_outer_one() {
        let outer_environment = environment(&[("P", "outer"), ("Q", "q")]);
        let inner_environment = environment(&[("P", "inner")]);
        let outer = Names {
            environment: Some(&outer_environment),
            ..Names::default()
        };
        let inner = Names {
            outer: Some(&outer),
            own: &[],
            environment: Some(&inner_environment),
        };
        assert_eq!(expand("%(ENV_P)s%(ENV_Q)s", &inner, "").unwrap(), "innerq");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_expansion_panic(text in "(?s)(%|\\(|\\)|[#0 .*1-9hdsxfegc]|process_num|.)*") {
            let _ = expanded(&text);
        }

        #[test]
        fn doubled_signs_stand_for_themselves(text in "(?s).*") {
            prop_assert_eq!(expanded(&text.replace('%', "%%")), Ok(text));
        }
    }
}

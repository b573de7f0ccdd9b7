//! Looking a configuration over without taking it on.

use super::command_line::SupervisordArgs;
use super::environment::Environment;
use super::load::{Wrong, survey};
use super::{Config, known};
use crate::process::note::Level;

/// What looking a configuration over came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The file, as it was named.
    pub file: String,
    /// What makes it unusable; empty where it can be used.
    pub errors: Vec<String>,
    /// What is read and can't be meant so.
    pub warnings: Vec<String>,
    /// All of it in one line.
    pub summary: String,
}

/// Reads everything, starts nothing and touches nothing.
pub(super) fn check(args: &SupervisordArgs, environment: &Environment) -> Checked {
    let survey = survey(args, environment);
    let remarks = survey.remarks.into_iter();
    let remarks = remarks.filter(|remark| remark.level >= Level::Warn);
    let mut warnings: Vec<_> = remarks.map(|remark| remark.text).collect();
    let unknown = known::unknown(&survey.document);
    warnings.extend(unknown.iter().map(ToString::to_string));
    let file = args.config_file.shown.clone();
    let (contents, errors) = match survey.config {
        Ok(config) => (contents(&config), Vec::new()),
        Err(Wrong { first, more }) => {
            let errors = std::iter::once(&first).chain(&more);
            let errors: Vec<_> = errors.map(ToString::to_string).collect();
            (counted(errors.len(), "error"), errors)
        }
    };
    let summary = match warnings.len() {
        0 => format!("{file}: {contents}"),
        count => format!("{file}: {contents}, {}", counted(count, "warning")),
    };
    Checked {
        file,
        errors,
        warnings,
        summary,
    }
}

fn contents(config: &Config) -> String {
    let processes = config.groups.iter().map(|group| group.processes.len());
    format!(
        "good, {} in {}, {}",
        match processes.sum() {
            1 => "1 process".to_owned(),
            count => format!("{count} processes"),
        },
        counted(config.groups.len(), "group"),
        counted(config.servers.len(), "server"),
    )
}

fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::Case;

    #[test]
    fn a_good_file_is_summed_up() {
        let checked = Case::new().check(
            "[supervisord]\n[program:x]\ncommand=x\nnumprocs=2\nprocess_name=%(process_num)d\n\
             [unix_http_server]\nfile=/tmp/s\n",
        );
        assert!(checked.errors.is_empty() && checked.warnings.is_empty());
        assert_eq!(
            checked.summary,
            "/dir/main.conf: good, 2 processes in 1 group, 1 server"
        );
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_once() {
        let checked = Case::new().check(
            "[supervisord]\nuser=nobody-knows\n\
             [group:g]\nprograms=a,b\n\
             [program:a]\ncommand=x\nstartsecs=soon\n\
             [program:b]\nautostart=maybe\n\
             [program:c]\ndirectory=/\n\
             [inet_http_server]\nport=\n",
        );
        let starts = [
            "not a valid integer: 'soon'",
            "not a valid boolean value: 'maybe'",
            "program section program:c does not specify a command",
            "no port number",
            "Invalid user name nobody-knows",
        ];
        assert_eq!(checked.errors.len(), starts.len(), "{:?}", checked.errors);
        for (error, start) in checked.errors.iter().zip(starts) {
            assert!(error.starts_with(start), "{error}");
        }
        assert_eq!(checked.summary, "/dir/main.conf: 5 errors");
    }

    #[test]
    fn warnings_reach_into_included_files() {
        let checked = Case::new()
            .file("a.ini", "[program:x]\ncommand=x\nstartsec=1\n")
            .check("[supervisord]\n[include]\nfiles=a.ini none.ini\n");
        assert_eq!(
            checked.warnings,
            [
                "No file matches via include \"/dir/none.ini\"",
                "unknown option in section 'program:x' (file: '/dir/a.ini', line: 3, option: \
                 'startsec'); did you mean 'startsecs'?",
            ]
        );
        assert_eq!(
            checked.summary,
            "/dir/main.conf: good, 1 process in 1 group, 0 servers, 2 warnings"
        );
    }

    #[test]
    fn every_file_with_bad_lines_is_told() {
        let checked = Case::new()
            .file("a.ini", "bad\n")
            .file("b.ini", "[program:x]\nbad\n")
            .check("[supervisord]\n[include]\nfiles=*.ini\n");
        assert_eq!(checked.errors.len(), 2, "{:?}", checked.errors);
    }
}

//! Looking a configuration over without taking it on.

use super::command_line::SupervisordArgs;
use super::environment::Environment;
use super::load::survey;
use super::{Config, known};
use crate::process::note::Level;

/// What looking a configuration over came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The file, absolute.
    pub file: String,
    /// What makes it unusable; empty where it can be used.
    pub errors: Vec<String>,
    /// What is read and can't be meant so.
    pub warnings: Vec<String>,
    /// All of it in one line.
    pub summary: String,
}

/// Reads everything, starts nothing and touches nothing. Files are named absolutely: whoever reads
/// it may be anywhere.
pub(super) fn check(args: &SupervisordArgs, environment: &Environment) -> Checked {
    let mut args = args.clone();
    let config_file = &mut args.config_file;
    config_file.shown = config_file.path.display().to_string();
    let survey = survey(&args, environment);
    let remarks = survey.remarks.into_iter();
    let remarks = remarks.filter(|remark| remark.level >= Level::Warn);
    let mut warnings: Vec<_> = remarks.map(|remark| remark.text).collect();
    let unknown = known::unknown(&survey.document);
    warnings.extend(unknown.iter().map(ToString::to_string));
    warnings.extend(survey.document.repeats().iter().map(ToString::to_string));
    let file = args.config_file.shown.clone();
    let (contents, errors) = match survey.config {
        Ok(config) => (contents(&config), Vec::new()),
        Err(wrong) => {
            let errors = wrong.exhaust(&args, environment, survey.document);
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
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
            "Invalid user name nobody-knows",
            "not a valid integer: 'soon'",
            "program section program:b does not specify a command",
            "not a valid boolean value: 'maybe'",
            "program section program:c does not specify a command",
            "no port number",
        ];
        assert_eq!(checked.errors.len(), starts.len(), "{:?}", checked.errors);
        for (error, start) in checked.errors.iter().zip(starts) {
            assert!(error.starts_with(start), "{error}");
        }
        assert_eq!(checked.summary, "/dir/main.conf: 6 errors");
    }

    #[test]
    fn no_option_at_fault_hides_another_of_its_section() {
        let checked = Case::new().check(
            "[supervisord]\nloglevel=loud\nminfds=few\nenvironment=A=\n\
             [program:a]\ncommand=%(nope)s %(ENV_A)s\nstartsecs=abc\nstopsignal=FOO\n\
             autorestart=maybe\nstdout_logfile=/no/where\nstderr_syslog=so\n\
             [eventlistener:e]\ncommand=x\nevents=NONE\nbuffer_size=0\nexitcodes=a\n\
             [fcgi-program:f]\ncommand=x\nsocket=bogus\nstopsignal=FOO\n\
             [group:g]\nprograms=a,b,c\npriority=high\n",
        );
        let lines = [2, 3, 4, 6, 7, 8, 9, 10, 11, 14, 15, 16, 19, 20, 22, 22, 23];
        assert_eq!(checked.errors.len(), lines.len(), "{:#?}", checked.errors);
        for (error, line) in checked.errors.iter().zip(lines) {
            let place = format!("(file: '/dir/main.conf', line: {line}, option: ");
            assert!(error.contains(&place), "{line}: {error}");
        }
    }

    #[test]
    fn whatever_stands_twice_or_bears_no_name_is_told() {
        let checked = Case::new().file("a.ini", "[program:x]\nCommand=z\n").check(
            "[supervisord]\n[program:x]\ncommand=x\ncommand=y\n[program: ]\ncommand=x\n\
                    [include]\nfiles=a.ini\n",
        );
        assert_eq!(
            checked.warnings,
            [
                "section without a name in section 'program: ' (file: '/dir/main.conf', line: 5); \
                 did you mean [program:NAME]?",
                "option 'command' in section 'program:x' stands twice, the last one counts (file: \
                 '/dir/main.conf', line: 3; file: '/dir/main.conf', line: 4)",
                "section 'program:x' stands twice, both are one (file: '/dir/main.conf', line: 2; \
                 file: '/dir/a.ini', line: 1)",
                "option 'command' in section 'program:x' stands twice, the last one counts (file: \
                 '/dir/main.conf', line: 4; file: '/dir/a.ini', line: 2)",
            ]
        );
        assert!(checked.errors.is_empty());
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

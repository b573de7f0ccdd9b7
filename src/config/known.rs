//! The sections and options that there are, to tell those that mean nothing.

use super::error::Place;
use super::ini::{Document, Origin};
use std::fmt;
use std::sync::Arc;

/// Something that is read and can't be meant so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    what: &'static str,
    place: Place,
    /// What it may have been meant to be.
    meant: Option<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.what, self.place)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

/// One kind of section.
struct Kind {
    /// The name, or what comes before the colon.
    name: &'static str,
    /// Whether a name of its own follows after a colon.
    suffix: Suffix,
    /// Its options; `None` where anything may stand.
    options: Option<&'static [&'static [&'static str]]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Suffix {
    None,
    Possible,
    Needed,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "supervisord",
        suffix: Suffix::None,
        options: Some(&[SUPERVISORD]),
    },
    Kind {
        name: "supervisorctl",
        suffix: Suffix::None,
        options: Some(&[SUPERVISORCTL]),
    },
    Kind {
        name: "unix_http_server",
        suffix: Suffix::Possible,
        options: Some(&[&["file", "chmod", "chown"], CREDENTIALS]),
    },
    Kind {
        name: "inet_http_server",
        suffix: Suffix::Possible,
        options: Some(&[
            &["port", "allowed_hosts", "tls_cert", "tls_key"],
            CREDENTIALS,
        ]),
    },
    Kind {
        name: "include",
        suffix: Suffix::None,
        options: Some(&[&["files", "include_errors"]]),
    },
    Kind {
        name: "program",
        suffix: Suffix::Needed,
        options: Some(&[PROGRAM]),
    },
    Kind {
        name: "group",
        suffix: Suffix::Needed,
        options: Some(&[&["programs", "priority"]]),
    },
    Kind {
        name: "fcgi-program",
        suffix: Suffix::Needed,
        options: Some(&[PROGRAM, SOCKET]),
    },
    Kind {
        name: "eventlistener",
        suffix: Suffix::Needed,
        options: Some(&[PROGRAM, LISTENER]),
    },
    Kind {
        name: "rpcinterface",
        suffix: Suffix::Needed,
        options: None,
    },
    Kind {
        name: "ctlplugin",
        suffix: Suffix::Needed,
        options: None,
    },
];

const SUPERVISORD: &[&str] = &[
    "logfile",
    "logfile_maxbytes",
    "logfile_backups",
    "loglevel",
    "pidfile",
    "identifier",
    "nodaemon",
    "silent",
    "minfds",
    "minprocs",
    "umask",
    "directory",
    "user",
    "childlogdir",
    "nocleanup",
    "strip_ansi",
    "environment",
    "on_supervisor_death",
    "shutdown_timeout",
    "refuse_open_servers",
];

const SUPERVISORCTL: &[&str] = &[
    "serverurl",
    "username",
    "password",
    "prompt",
    "history_file",
    "cacert",
];

const CREDENTIALS: &[&str] = &[
    "username",
    "password",
    "operator_username",
    "operator_password",
    "readonly_username",
    "readonly_password",
];

const PROGRAM: &[&str] = &[
    "command",
    "process_name",
    "numprocs",
    "numprocs_start",
    "priority",
    "autostart",
    "autorestart",
    "startsecs",
    "startretries",
    "exitcodes",
    "stopsignal",
    "stopwaitsecs",
    "stopasgroup",
    "killasgroup",
    "restart_limit",
    "directory",
    "umask",
    "user",
    "environment",
    "serverurl",
    "redirect_stderr",
    "stdout_logfile",
    "stdout_logfile_maxbytes",
    "stdout_logfile_backups",
    "stdout_syslog",
    "stdout_capture_maxbytes",
    "stdout_events_enabled",
    "stderr_logfile",
    "stderr_logfile_maxbytes",
    "stderr_logfile_backups",
    "stderr_syslog",
    "stderr_capture_maxbytes",
    "stderr_events_enabled",
];

const SOCKET: &[&str] = &["socket", "socket_backlog", "socket_owner", "socket_mode"];

const LISTENER: &[&str] = &[
    "events",
    "buffer_size",
    "result_handler",
    "restart_on_protocol_error",
    "payload_length",
    "outputwaitsecs",
];

impl Kind {
    fn has(&self, option: &str) -> bool {
        let mut lists = self.options.into_iter().flatten();
        self.options.is_none() || lists.any(|options| options.contains(&option))
    }
}

/// All that can't be meant so, in the order of the sections.
pub(super) fn unknown(document: &Document) -> Vec<Unknown> {
    let sections = document.sections();
    sections
        .flat_map(|section| match kind(section) {
            Some(kind) => {
                let nameless = nameless(document, section, kind).into_iter();
                let options = unknown_options(document, section, kind);
                nameless.chain(options).collect()
            }
            None => Vec::from_iter(unknown_section(document, section)),
        })
        .collect()
}

/// A section that needs a name, has the colon before it, and no more.
fn nameless(document: &Document, section: &str, kind: &Kind) -> Option<Unknown> {
    let (_, suffix) = divided(section);
    let is_nameless = kind.suffix == Suffix::Needed && suffix.is_some_and(|it| it.trim() == "");
    let origin = document.options(section).header().filter(|_| is_nameless)?;
    Some(Unknown {
        what: "section without a name",
        place: place(section, None, origin),
        meant: Some(format!("[{}:NAME]", kind.name)),
    })
}

fn kind(section: &str) -> Option<&'static Kind> {
    let (name, suffix) = divided(section);
    let fits = |kind: &&Kind| {
        kind.name == name
            && match kind.suffix {
                Suffix::None => suffix.is_none(),
                Suffix::Possible => true,
                Suffix::Needed => suffix.is_some(),
            }
    };
    KINDS.iter().find(fits)
}

fn divided(section: &str) -> (&str, Option<&str>) {
    match section.split_once(':') {
        Some((name, suffix)) => (name, Some(suffix)),
        None => (section, None),
    }
}

fn unknown_section(document: &Document, section: &str) -> Option<Unknown> {
    let origin = document.options(section).header()?;
    let (name, suffix) = divided(section);
    let likely = closest(name, KINDS.iter().map(|kind| kind.name));
    let meant = KINDS.iter().find(|kind| Some(kind.name) == likely);
    let meant = meant.map(|kind| match (kind.suffix, suffix) {
        (Suffix::Needed, None) => format!("[{}:NAME]", kind.name),
        (Suffix::None, _) | (_, None) => format!("[{}]", kind.name),
        (_, Some(suffix)) => format!("[{}:{suffix}]", kind.name),
    });
    Some(Unknown {
        what: "unknown section, which is ignored,",
        place: place(section, None, origin),
        meant,
    })
}

fn unknown_options(document: &Document, section: &str, kind: &Kind) -> Vec<Unknown> {
    let options = document.own_options(section).into_iter();
    let unknown = options.filter(|(option, _)| !kind.has(option));
    let told = unknown.map(|(option, origin)| {
        let known = kind.options.into_iter().flatten().copied().flatten();
        let meant = closest(option, known.copied());
        Unknown {
            what: "unknown option",
            place: place(section, Some(option), origin),
            meant: meant.map(|meant| format!("'{meant}'")),
        }
    });
    told.collect()
}

fn place(section: &str, option: Option<&str>, origin: &Origin) -> Place {
    Place {
        section: section.to_owned(),
        option: option.map(str::to_owned),
        file: Arc::clone(&origin.file.shown),
        line: origin.line,
    }
}

/// What `word` was meant to be: something that it begins and is most of, or what a slip of the
/// fingers would make it of; a third of its letters may be wrong.
fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let word = word.trim().to_lowercase();
    let begun = known.clone().filter(|known| known.starts_with(&word));
    let begun = begun.min_by_key(|known| known.len());
    if let Some(begun) = begun.filter(|known| known.len() < 2 * word.len()) {
        return Some(begun);
    }
    let distance = |known| (strsim::damerau_levenshtein(&word, known), known);
    let (distance, closest) = known.map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= word.chars().count().max(3)).then_some(closest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ini::SourceFile;
    use crate::config::sample::SAMPLE;
    use std::path::Path;

    fn told(text: &str) -> Vec<String> {
        let mut document = Document::new();
        let file = SourceFile::new("a.conf", Path::new("/etc/a.conf"));
        document.merge(&Arc::new(file), text).unwrap();
        unknown(&document).iter().map(Unknown::to_string).collect()
    }

    #[test]
    fn a_misspelt_option_is_told_with_its_place_and_the_likely_one() {
        assert_eq!(
            told("[program:x]\ncommand=x\nautostrat=1\n[supervisord]\nlog_level=info\nzzz=1\n"),
            [
                "unknown option in section 'program:x' (file: 'a.conf', line: 3, option: \
                 'autostrat'); did you mean 'autostart'?",
                "unknown option in section 'supervisord' (file: 'a.conf', line: 5, option: \
                 'log_level'); did you mean 'loglevel'?",
                "unknown option in section 'supervisord' (file: 'a.conf', line: 6, option: 'zzz')",
            ]
        );
    }

    #[test]
    fn an_option_that_is_cut_short_is_the_whole_one() {
        for (option, meant) in [
            ("stdout_log", "; did you mean 'stdout_logfile'?"),
            ("environ", "; did you mean 'environment'?"),
            ("stdout", ""),
        ] {
            let told = told(&format!("[program:x]\ncommand=x\n{option}=1\n"));
            let end = format!("option: '{option}'){meant}");
            assert!(told.len() == 1 && told[0].ends_with(&end), "{told:?}");
        }
    }

    #[test]
    fn a_misspelt_section_is_told_with_the_likely_one() {
        for (section, meant) in [
            ("Program:web", "[program:web]"),
            ("programs:web", "[program:web]"),
            ("program", "[program:NAME]"),
            ("fcgi_program:f", "[fcgi-program:f]"),
            ("event_listener:e", "[eventlistener:e]"),
            ("supervisor", "[supervisord]"),
            ("supervisord:x", "[supervisord]"),
            ("http_inet_server", ""),
            ("mine", ""),
        ] {
            let told = told(&format!("[{section}]\nx=1\n"));
            let end = match meant {
                "" => ", line: 1)".to_owned(),
                meant => format!(", line: 1); did you mean {meant}?"),
            };
            assert!(told.len() == 1 && told[0].ends_with(&end), "{told:?}");
        }
    }

    #[test]
    fn defaults_and_plugins_may_say_anything() {
        let text = "[DEFAULT]\nx=1\n[rpcinterface:x]\nkey=1\n[ctlplugin:y]\nkey=1\n\
                    [inet_http_server:two]\nport=1\n";
        assert_eq!(told(text), Vec::<String>::new());
    }

    #[test]
    fn whatever_the_sample_shows_is_known() {
        let shown = SAMPLE.lines().map(|line| {
            let line = line.strip_prefix(';').unwrap_or(line);
            let is_option = line.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
            if is_option && (line.starts_with('[') || line.contains('=')) {
                format!("{line}\n")
            } else {
                "\n".to_owned()
            }
        });
        let text: String = shown.collect();
        assert!(text.contains("\nstdout_events_enabled"), "{text}");
        assert_eq!(told(&text), Vec::<String>::new());
    }
}

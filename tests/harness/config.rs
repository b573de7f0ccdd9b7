//! The text of a story's configuration.

use std::fmt::Write;

/// A `supervisord.conf` in the making. `%(here)s` is the story's directory.
#[derive(Clone)]
pub(crate) struct Config {
    whole: Option<String>,
    supervisord: String,
    sections: String,
}

impl Config {
    pub(crate) fn new() -> Self {
        Self {
            whole: None,
            supervisord: String::new(),
            sections: String::new(),
        }
    }

    /// Further options of `[supervisord]`; they win over the harness's own.
    pub(crate) fn supervisord(&mut self, options: &str) {
        self.supervisord += &flush_left(options);
    }

    /// A section, or several, with their headers.
    pub(crate) fn section(&mut self, text: &str) {
        self.sections += &flush_left(text);
    }

    pub(crate) fn program(&mut self, name: &str, options: &str) {
        writeln!(self.sections, "[program:{name}]").unwrap();
        self.section(options);
    }

    /// A text of its own, in place of everything else.
    pub(crate) fn replace(&mut self, text: &str) {
        self.whole = Some(text.to_owned());
    }

    pub(crate) fn text(&self) -> String {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        format!(
            "[supervisord]\n\
             nodaemon=true\n\
             logfile=%(here)s/supervisord.log\n\
             pidfile=%(here)s/supervisord.pid\n\
             childlogdir=%(here)s/childlogs\n\
             {}\
             [unix_http_server]\n\
             file=%(here)s/s.sock\n\
             [rpcinterface:supervisor]\n\
             supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
             [supervisorctl]\n\
             serverurl=unix://%(here)s/s.sock\n\
             {}",
            self.supervisord, self.sections
        )
    }
}

/// Without indentation, which would make a line part of the option above it.
fn flush_left(text: &str) -> String {
    text.lines()
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect()
}

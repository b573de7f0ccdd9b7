//! What supervisorctl takes from the file: `[supervisorctl]` and `[ctlplugin:x]`. `[include]` has
//! no meaning to it.

use super::Remark;
use super::command_line::CtlArgs;
use super::environment::Environment;
use super::error::{ConfigError, Problem};
use super::expand::Names;
use super::include::main_file;
use super::ini::Document;
use super::paths::{absolute, expand_user};
use super::plugin::ctl_plugin;
use super::section::Section;
use std::path::{Path, PathBuf};

/// The settings of supervisorctl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CtlConfig {
    /// Where supervisord is: `http://…`, `https://…` or `unix://…`; not checked.
    pub serverurl: String,
    /// The prompt, without the `> ` behind it.
    pub prompt: String,
    /// The name to give to supervisord.
    pub username: Option<String>,
    /// The password to give, in clear.
    pub password: Option<String>,
    /// The file of the certificates to trust, in place of the system's.
    pub cacert: Option<PathBuf>,
    /// Where the shell keeps its history.
    pub history_file: Option<PathBuf>,
    /// What is worth telling.
    pub remarks: Vec<Remark>,
}

impl Default for CtlConfig {
    /// What holds without a file.
    fn default() -> Self {
        Self {
            serverurl: "http://localhost:9001".to_owned(),
            prompt: "supervisor".to_owned(),
            username: None,
            password: None,
            cacert: None,
            history_file: None,
            remarks: Vec::new(),
        }
    }
}

/// Reads the file, if there is one, and applies the command line. `environment` is supervisorctl's
/// own.
///
/// # Errors
/// Whatever makes the file unusable, with its place.
pub fn load(args: &CtlArgs, environment: &Environment) -> Result<CtlConfig, ConfigError> {
    let mut config = match &args.config_file {
        Some(file) => {
            let mut document = Document::new();
            main_file(&mut document, &file.shown, &file.path)?;
            if !document.has("supervisorctl") {
                return Err(ConfigError::from(Problem::NoSection {
                    section: "supervisorctl",
                    file: file.shown.clone(),
                }));
            }
            CtlConfig::read(&document, &args.directory, environment)?
        }
        None => CtlConfig::default(),
    };
    if let Some(url) = &args.serverurl {
        config.serverurl.clone_from(url);
    }
    let path = |path: &String| absolute(&args.directory, &expand_user(path, environment));
    config.history_file = args.history_file.as_ref().map(path).or(config.history_file);
    config.cacert = args.cacert.as_ref().map(path).or(config.cacert);
    config.username = args.username.clone().or(config.username);
    config.password = args.password.clone().or(config.password);
    Ok(config)
}

impl CtlConfig {
    fn read(
        document: &Document,
        directory: &Path,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let names = Names {
            environment: Some(environment),
            ..Names::default()
        };
        let section = Section::new(document, "supervisorctl", &names);
        let text = |key| Ok::<_, ConfigError>(section.text(key)?.map(String::from));
        let path = |text: &str| absolute(directory, &expand_user(text, environment));
        let file = |key| {
            let given = text(key)?.filter(|text| !text.is_empty());
            Ok::<_, ConfigError>(given.map(|text| path(&text)))
        };
        let serverurl = text("serverurl")?.map(|url| match url.strip_prefix("unix://") {
            Some(socket) => format!("unix://{}", path(socket).display()),
            None => url,
        });
        let default = Self::default();
        Ok(Self {
            serverurl: serverurl.unwrap_or(default.serverurl),
            prompt: text("prompt")?.unwrap_or(default.prompt),
            username: text("username")?,
            password: text("password")?,
            cacert: file("cacert")?,
            history_file: file("history_file")?,
            remarks: plugins(document, &names)?,
        })
    }
}

fn plugins(document: &Document, names: &Names<'_>) -> Result<Vec<Remark>, ConfigError> {
    let sections = document
        .sections()
        .filter(|name| name.starts_with("ctlplugin:"));
    sections
        .map(|name| ctl_plugin(&Section::new(document, name, names)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::command_line::ConfigFile;

    fn read(text: &str, args: impl Fn(&mut CtlArgs)) -> Result<CtlConfig, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ctl.conf");
        std::fs::write(&path, text).unwrap();
        let mut given = CtlArgs {
            program: "supervisorctl".to_owned(),
            config_file: Some(ConfigFile {
                shown: "ctl.conf".to_owned(),
                path,
            }),
            directory: PathBuf::from("/cwd"),
            interactive: false,
            serverurl: None,
            username: None,
            password: None,
            history_file: None,
            cacert: None,
            options: Vec::new(),
            action: String::new(),
        };
        args(&mut given);
        let environment = [("HOME", "/home/me"), ("WHO", "me")];
        let environment = environment.map(|(k, v)| (k.to_owned(), v.to_owned()));
        load(&given, &Environment::from(environment)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_file_is_read_and_the_command_line_wins() {
        let text = "[supervisorctl]\nserverurl=unix://~/run/../s.sock\nusername=%(ENV_WHO)s\n\
                    password=pw\nprompt=p\ncacert=ca.pem\nhistory_file=~/.h\n[include]\n[program:x]\n";
        let config = read(text, |args| args.password = Some("other".to_owned())).unwrap();
        assert_eq!(config.serverurl, "unix:///home/me/s.sock");
        assert_eq!(config.username.as_deref(), Some("me"));
        assert_eq!(config.password.as_deref(), Some("other"));
        assert_eq!(config.prompt, "p");
        assert_eq!(
            config.history_file.as_deref(),
            Some(Path::new("/home/me/.h"))
        );
        assert_eq!(config.cacert.as_deref(), Some(Path::new("/cwd/ca.pem")));
        let config = read(text, |args| args.cacert = Some("/ca".to_owned()));
        let cacert = config.unwrap().cacert;
        assert_eq!(cacert.as_deref(), Some(Path::new("/ca")));
        let config = read(text, |args| {
            args.serverurl = Some("unix://a/../b".to_owned());
        });
        assert_eq!(config.unwrap().serverurl, "unix://a/../b");
        let config = read(text, |args| args.history_file = Some("h".to_owned()));
        let history = config.unwrap().history_file;
        assert_eq!(history.as_deref(), Some(Path::new("/cwd/h")));
    }

    #[test]
    fn without_options_or_a_file_the_defaults_hold() {
        let empty = read("[supervisorctl]\nhistory_file=\n", |_| ()).unwrap();
        assert_eq!(empty, CtlConfig::default());
        assert_eq!(read("", |args| args.config_file = None).unwrap(), empty);
    }

    #[test]
    fn plugins_are_named_and_left_out() {
        let text = "[supervisorctl]\n[ctlplugin:t]\nsupervisor.ctl_factory=t:make\n";
        let remarks = read(text, |_| ()).unwrap().remarks;
        assert!(remarks[0].text.contains("[ctlplugin:t]"));
        assert_eq!(
            read("[supervisorctl]\n[ctlplugin:t]\n", |_| ()).unwrap_err(),
            "section [ctlplugin:t] does not specify a supervisor.ctl_factory in section \
             'ctlplugin:t' (file: 'ctl.conf', line: 2, option: 'supervisor.ctl_factory')"
        );
        assert_eq!(
            read("[supervisord]\n", |_| ()).unwrap_err(),
            ".ini file does not include supervisorctl section (file: 'ctl.conf')"
        );
    }
}

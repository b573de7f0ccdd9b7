//! `[rpcinterface:x]` and `[ctlplugin:x]`: what Python plugins a file names.

use super::Remark;
use super::error::{ConfigError, Problem};
use super::reading::Reading;
use super::section::Section;
use super::values::list;

/// The option that names an RPC interface, and the values that are built in.
const RPC_OPTION: &str = "supervisor.rpcinterface_factory";
const RPC_FACTORY: &str = "supervisor.rpcinterface:make_main_rpcinterface";
const TWIDDLER_FACTORY: &str = "supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface";
/// The option of the twiddler interface.
const WHITELIST: &str = "whitelist";
/// The option that names a plugin of supervisorctl.
const CTL_OPTION: &str = "supervisor.ctl_factory";

/// The plugins that are built in, as far as the file names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plugins {
    /// `[rpcinterface:supervisor]`.
    pub(super) supervisor: bool,
    /// `[rpcinterface:twiddler]`.
    pub(super) twiddler: Option<Twiddler>,
}

/// The interface of the plugin `supervisor_twiddler`, by which clients add and remove programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twiddler {
    /// The methods that may be called; empty is all.
    whitelist: Vec<String>,
}

impl Twiddler {
    /// Whether a method, named without its name space, may be called.
    pub fn allows(&self, method: &str) -> bool {
        self.whitelist.is_empty() || self.whitelist.iter().any(|allowed| allowed == method)
    }
}

/// Checks all plugins; those that can't be imported give a remark.
pub(super) fn read(reading: &mut Reading<'_>) -> Plugins {
    let mut plugins = Plugins::default();
    for name in reading.sections("rpcinterface:") {
        let section = reading.section(&name);
        plugins.supervisor |= section.suffix() == "supervisor";
        let result = required(&section, RPC_OPTION).and_then(|factory| {
            match (section.suffix(), &*factory) {
                ("supervisor", RPC_FACTORY) => Ok(Vec::new()),
                ("twiddler", TWIDDLER_FACTORY) => {
                    plugins.twiddler = Some(twiddler(&section)?);
                    Ok(strange_options(reading, &section))
                }
                _ => Ok(vec![not_loaded(&section, RPC_OPTION, &factory)]),
            }
        });
        let remarks = reading.found.keep(result).unwrap_or_default();
        reading.found.remarks.extend(remarks);
    }
    for name in reading.sections("ctlplugin:") {
        let remark = ctl_plugin(&reading.section(&name));
        reading.found.remarks.extend(remark.ok());
    }
    plugins
}

fn twiddler(section: &Section<'_>) -> Result<Twiddler, ConfigError> {
    let text = section.text(WHITELIST)?.unwrap_or_default();
    let whitelist = list(&text).map(str::to_owned).collect();
    Ok(Twiddler { whitelist })
}

fn strange_options(reading: &Reading<'_>, section: &Section<'_>) -> Vec<Remark> {
    let options = reading.document.own_options(section.name).into_iter();
    let strange = options.filter(|(option, _)| ![RPC_OPTION, WHITELIST].contains(option));
    let told = strange.map(|(option, _)| {
        let section = section.name;
        Remark::warn(format!(
            "For [{section}], there is no option {option}, it has been ignored"
        ))
    });
    told.collect()
}

/// Checks a `[ctlplugin:x]`, which is always left out.
pub(super) fn ctl_plugin(section: &Section<'_>) -> Result<Remark, ConfigError> {
    let factory = required(section, CTL_OPTION)?;
    Ok(not_loaded(section, CTL_OPTION, &factory))
}

fn required(section: &Section<'_>, option: &'static str) -> Result<String, ConfigError> {
    let factory = section.text(option)?.filter(|factory| !factory.is_empty());
    factory.map(String::from).ok_or_else(|| {
        section.error(
            option,
            Problem::NoFactory {
                section: section.name.to_owned(),
                option,
            },
        )
    })
}

fn not_loaded(section: &Section<'_>, option: &str, factory: &str) -> Remark {
    Remark::warn(format!(
        "For [{}], {option}={factory} is a Python plugin and can't be loaded, the section has \
         been ignored",
        section.name
    ))
}

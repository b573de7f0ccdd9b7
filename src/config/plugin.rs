//! `[rpcinterface:x]` and `[ctlplugin:x]`: what Python plugins a file names.

use super::Remark;
use super::error::{ConfigError, Problem};
use super::reading::Reading;
use super::section::Section;

/// The option that names an RPC interface, and the one value that is built in.
const RPC_OPTION: &str = "supervisor.rpcinterface_factory";
const RPC_FACTORY: &str = "supervisor.rpcinterface:make_main_rpcinterface";
/// The option that names a plugin of supervisorctl.
const CTL_OPTION: &str = "supervisor.ctl_factory";

/// Checks all plugins; those that can't be imported give a remark. Whether there is an RPC
/// interface `supervisor`.
pub(super) fn read(reading: &mut Reading<'_>) -> bool {
    let mut supervisor = false;
    for name in reading.sections("rpcinterface:") {
        let section = reading.section(&name);
        let is_supervisor = section.suffix() == "supervisor";
        supervisor |= is_supervisor;
        let remark = required(&section, RPC_OPTION).map(|factory| {
            let is_ours = is_supervisor && factory == RPC_FACTORY;
            (!is_ours).then(|| not_loaded(&section, RPC_OPTION, &factory))
        });
        let remark = reading.found.keep(remark).flatten();
        reading.found.remarks.extend(remark);
    }
    for name in reading.sections("ctlplugin:") {
        let remark = ctl_plugin(&reading.section(&name));
        reading.found.remarks.extend(remark.ok());
    }
    supervisor
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

//! `supervisor.*`: supervisord itself, its groups and its processes. What concerns logs is in
//! [`super::logs`].

use super::args::Args;
use super::method::Answer;
use super::shape::{Configured, Process};
use super::shown::shown;
use crate::actors::handle::{Outcome, SupervisorHandle};
use crate::process::{Fault, FaultCode, Namespec, ProcessInfo};
use crate::xmlrpc::{Encode, Writer};
use std::sync::Arc;

/// The version of this interface, which clients check.
pub(super) const API_VERSION: &str = "3.0";

pub(super) fn api_version(_: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(API_VERSION))
}

pub(super) fn version(_: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(crate::VERSION))
}

pub(super) fn identification(handle: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(handle.identifier()))
}

pub(super) fn pid(_: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(i64::from(std::process::id())))
}

pub(super) fn state(handle: &SupervisorHandle, _: &Args) -> Answer {
    struct State(crate::process::Mood);
    impl Encode for State {
        fn encode(&self, out: &mut Writer) {
            out.structure(|to| {
                to.member("statecode", &self.0.code());
                to.member("statename", self.0.name());
            });
        }
    }
    Ok(Box::new(State(handle.mood())))
}

pub(super) async fn shutdown(handle: SupervisorHandle, _: Args) -> Answer {
    handle.shutdown().await;
    done()
}

pub(super) async fn restart(handle: SupervisorHandle, _: Args) -> Answer {
    handle.restart().await?;
    done()
}

pub(super) async fn reload_config(handle: SupervisorHandle, _: Args) -> Answer {
    Ok(Box::new(handle.reload_config().await?))
}

pub(super) async fn add_group(handle: SupervisorHandle, args: Args) -> Answer {
    handle.add_group(args.text(0)?).await?;
    done()
}

pub(super) async fn remove_group(handle: SupervisorHandle, args: Args) -> Answer {
    handle.remove_group(args.text(0)?).await?;
    done()
}

pub(super) async fn start(handle: SupervisorHandle, args: Args) -> Answer {
    let (name, wait) = (args.text(0)?, args.wait(1));
    match whole_group(&handle, name)? {
        Some(group) => results(handle.start_group(&group, wait).await?),
        None => {
            handle.start_process(name, wait).await?;
            done()
        }
    }
}

pub(super) async fn start_group(handle: SupervisorHandle, args: Args) -> Answer {
    results(handle.start_group(args.text(0)?, args.wait(1)).await?)
}

pub(super) async fn start_all(handle: SupervisorHandle, args: Args) -> Answer {
    results(handle.start_all(args.wait(0)).await)
}

pub(super) async fn stop(handle: SupervisorHandle, args: Args) -> Answer {
    let (name, wait) = (args.text(0)?, args.wait(1));
    match whole_group(&handle, name)? {
        Some(group) => results(handle.stop_group(&group, wait).await?),
        None => {
            handle.stop_process(name, wait).await?;
            done()
        }
    }
}

pub(super) async fn stop_group(handle: SupervisorHandle, args: Args) -> Answer {
    results(handle.stop_group(args.text(0)?, args.wait(1)).await?)
}

pub(super) async fn stop_all(handle: SupervisorHandle, args: Args) -> Answer {
    results(handle.stop_all(args.wait(0)).await)
}

pub(super) async fn signal(handle: SupervisorHandle, args: Args) -> Answer {
    let name = args.text(0)?;
    match whole_group(&handle, name)? {
        Some(group) => signal_members(handle, &group, &args).await,
        None => {
            handle.process_info(name)?;
            handle.signal_process(name, args.signal(1)?).await?;
            done()
        }
    }
}

pub(super) async fn signal_group(handle: SupervisorHandle, args: Args) -> Answer {
    let group = args.text(0)?;
    known_group(&handle, group, group)?;
    signal_members(handle, group, &args).await
}

async fn signal_members(handle: SupervisorHandle, group: &str, args: &Args) -> Answer {
    match args.signal(1) {
        Ok(signal) => results(handle.signal_group(group, signal).await?),
        Err(fault) => results(refused(handle.all_process_info(), Some(group), &fault)),
    }
}

pub(super) async fn signal_all(handle: SupervisorHandle, args: Args) -> Answer {
    match args.signal(0) {
        Ok(signal) => results(handle.signal_all(signal).await),
        Err(fault) => results(refused(handle.all_process_info(), None, &fault)),
    }
}

/// A signal that does not exist is refused once for each process that could have taken it.
fn refused(all: Vec<ProcessInfo>, group: Option<&str>, fault: &Fault) -> Vec<Outcome> {
    all.into_iter()
        .filter(|info| info.state.is_signallable() && group.is_none_or(|name| name == &*info.group))
        .map(|info| Outcome {
            group: info.group,
            name: info.name,
            result: Err(fault.clone()),
        })
        .collect()
}

pub(super) fn process_info(handle: &SupervisorHandle, args: &Args) -> Answer {
    Ok(Box::new(Process(handle.process_info(args.text(0)?)?)))
}

pub(super) fn all_process_info(handle: &SupervisorHandle, _: &Args) -> Answer {
    let all = handle.all_process_info();
    Ok(Box::new(all.into_iter().map(Process).collect::<Vec<_>>()))
}

pub(super) fn all_config_info(handle: &SupervisorHandle, args: &Args) -> Answer {
    let mut all = Vec::new();
    for group in &handle.last_read_config().groups {
        let inuse = handle.has_group(&group.name);
        all.extend(group.processes.iter().map(|process| {
            Configured {
                group: Arc::clone(group),
                process: Arc::clone(process),
                inuse,
                info: handle
                    .process_info(&format!("{}:{}", group.name, process.name))
                    .ok(),
                role: args.role,
            }
        }));
    }
    all.sort_by(|a, b| a.process.name.cmp(&b.process.name));
    Ok(Box::new(all))
}

pub(super) async fn send_stdin(handle: SupervisorHandle, args: Args) -> Answer {
    let Some(chars) = args.value(1).as_str() else {
        let chars = shown(args.value(1));
        return Err(Fault::new(FaultCode::IncorrectParameters, chars));
    };
    let bytes = chars.as_bytes().to_vec();
    handle.send_process_stdin(args.text(0)?, bytes).await?;
    done()
}

pub(super) async fn send_event(handle: SupervisorHandle, args: Args) -> Answer {
    let (kind, data) = (shown(args.value(0)), shown(args.value(1)));
    handle.send_remote_comm_event(kind, data).await;
    done()
}

/// The group that `name` stands for as a whole; BAD_NAME with `name` when there is none.
fn whole_group(handle: &SupervisorHandle, name: &str) -> Result<Option<String>, Fault> {
    let spec = Namespec::parse(name);
    if spec.process.is_some() {
        return Ok(None);
    }
    known_group(handle, &spec.group, name)?;
    Ok(Some(spec.group))
}

fn known_group(handle: &SupervisorHandle, group: &str, name: &str) -> Result<(), Fault> {
    if handle.has_group(group) {
        return Ok(());
    }
    Err(Fault::new(FaultCode::BadName, name))
}

/// The answer `true`.
pub(super) fn done() -> Answer {
    Ok(Box::new(true))
}

/// The answer of what became of each process.
pub(super) fn results(outcomes: Vec<Outcome>) -> Answer {
    Ok(Box::new(outcomes))
}

//! `config.*`: what Supervisor's own methods can't do about a changed configuration. A name space
//! of our own.

use super::args::Args;
use super::method::Answer;
use super::supervisor::done;
use crate::actors::handle::SupervisorHandle;
use crate::config::Checked;
use crate::config::drift::Drift;
use crate::config::pending::Pending;
use crate::xmlrpc::{Encode, Writer};

pub(super) async fn check(handle: SupervisorHandle, _: Args) -> Answer {
    Ok(Box::new(handle.check_config().await?))
}

impl Encode for Checked {
    fn encode(&self, out: &mut Writer) {
        out.structure(|to| {
            to.member("file", &self.file);
            to.member("errors", &self.errors);
            to.member("warnings", &self.warnings);
            to.member("summary", &self.summary);
        });
    }
}

pub(super) fn pending(handle: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(handle.pending()))
}

impl Encode for Pending {
    fn encode(&self, out: &mut Writer) {
        out.structure(|to| {
            to.member("section", &self.section);
            to.member("option", self.option.unwrap_or_default());
            to.member("change", self.change.name());
            to.member("remedy", self.remedy.name());
        });
    }
}

pub(super) async fn drift(handle: SupervisorHandle, _: Args) -> Answer {
    Ok(Box::new(handle.drift().await?))
}

impl Encode for Drift {
    fn encode(&self, out: &mut Writer) {
        out.structure(|to| {
            to.member("group", &*self.group);
            to.member("name", &*self.name);
            to.member("change", self.change.name());
        });
    }
}

pub(super) async fn update_group(handle: SupervisorHandle, args: Args) -> Answer {
    handle.update_group(args.text(0)?).await?;
    done()
}

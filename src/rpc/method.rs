//! What a method is.

use super::args::Args;
use super::role::Role;
use crate::actors::handle::SupervisorHandle;
use crate::process::{Fault, FaultCode};
use crate::xmlrpc::Encode;
use futures_util::future::LocalBoxFuture;
use std::fmt::Write as _;

/// What a method gives: something that can be written, or a refusal.
pub(super) type Answer = Result<Box<dyn Encode>, Fault>;

/// One method.
pub(super) struct Method {
    /// Its whole name, and the older names by which it is known, too.
    pub(super) names: &'static [&'static str],
    /// What it takes.
    pub(super) params: &'static [Param],
    /// The type and the meaning of what it gives.
    pub(super) returns: (&'static str, &'static str),
    /// What it does.
    pub(super) help: &'static str,
    /// Whether it answers while supervisord is shutting down or restarting.
    pub(super) always: bool,
    /// Who may call it.
    pub(super) role: Role,
    /// Who answers it.
    pub(super) run: Run,
}

/// One parameter of a method.
pub(super) struct Param {
    kind: &'static str,
    name: &'static str,
    help: &'static str,
    optional: bool,
}

/// How a method is answered. None waits for ever.
pub(super) enum Run {
    /// At once.
    Now(fn(&SupervisorHandle, &Args) -> Answer),
    /// When it is done, or with a fault when that takes too long.
    Later(fn(SupervisorHandle, Args) -> LocalBoxFuture<'static, Answer>),
    /// When processes have come to it. Each has a deadline of its own, by its options.
    Awaiting(fn(SupervisorHandle, Args) -> LocalBoxFuture<'static, Answer>),
}

impl Method {
    /// A method without a name, parameters or an answer, to be filled in.
    pub(super) const fn plain(returns: (&'static str, &'static str)) -> Self {
        Self {
            names: &[],
            params: &[],
            returns,
            help: "",
            always: false,
            role: Role::Admin,
            run: Run::Now(|_, _| Err(Fault::bare(FaultCode::UnknownMethod))),
        }
    }

    /// What `system.methodHelp` tells.
    pub(super) fn help(&self) -> String {
        let mut text = format!("{}\n\n", self.help);
        for Param {
            kind, name, help, ..
        } in self.params
        {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "@param {kind} {name} {help}");
        }
        let (kind, meaning) = self.returns;
        let _ = writeln!(text, "@return {kind} {meaning}");
        text
    }

    /// What `system.methodSignature` tells: the type of the result, then those of the parameters.
    pub(super) fn signature(&self) -> Vec<&'static str> {
        let params = self.params.iter().map(|param| param.kind);
        std::iter::once(self.returns.0).chain(params).collect()
    }

    /// Whether it takes so many arguments.
    pub(super) fn takes(&self, count: usize) -> bool {
        let required = self.params.iter().filter(|param| !param.optional).count();
        (required..=self.params.len()).contains(&count)
    }
}

impl Param {
    /// A parameter that must be given: its type, its name and its meaning.
    pub(super) const fn new(kind: &'static str, name: &'static str, help: &'static str) -> Self {
        Self {
            kind,
            name,
            help,
            optional: false,
        }
    }

    /// The same, but it may be left out.
    pub(super) const fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

//! One call, from its name to its answer.

use super::args::{Args, INCORRECT};
use super::method::{Answer, Run};
use super::methods::find;
use super::role::Role;
use crate::actors::handle::SupervisorHandle;
use crate::process::{Fault, FaultCode, Mood};
use crate::xmlrpc::Call;

/// Carries out a call, in Supervisor's order of checks: name, number of arguments, mood, and then
/// the method's own. What the caller may do is asked before the mood.
pub(super) async fn answer(handle: SupervisorHandle, role: Role, call: Call) -> Answer {
    let unknown = Fault::bare(FaultCode::UnknownMethod);
    let method = find(&handle, &call.method).ok_or(unknown)?;
    if !method.takes(call.params.len()) {
        return Err(INCORRECT);
    }
    if role < method.role {
        return Err(Fault::new(FaultCode::Forbidden, call.method));
    }
    if !method.always && handle.mood() != Mood::Running {
        return Err(Fault::bare(FaultCode::ShutdownState));
    }
    let args = Args {
        values: call.params,
        role,
    };
    match method.run {
        Run::Now(run) => run(&handle, &args),
        Run::Later(run) => run(handle, args).await,
    }
}

//! One call, from its name to its answer.

use super::args::{Args, INCORRECT};
use super::method::{Answer, Run};
use super::methods::find;
use super::role::Role;
use crate::actors::handle::SupervisorHandle;
use crate::process::{Fault, FaultCode, Mood};
use crate::xmlrpc::Call;
use actix_web::rt::time::timeout;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

/// How long a client waits for what supervisord does by itself, at the most: a disk may be stuck.
const DEADLINE: Duration = Duration::from_secs(60);

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
        Run::Later(run) => within(DEADLINE, run(handle, args)).await,
        Run::Awaiting(run) => run(handle, args).await,
    }
}

/// The answer, if it comes in time; what was asked for goes on.
async fn within(deadline: Duration, answer: LocalBoxFuture<'static, Answer>) -> Answer {
    timeout(deadline, answer).await.unwrap_or_else(|_| {
        let late = format!("not done within {} seconds", deadline.as_secs());
        Err(Fault::new(FaultCode::Failed, late))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_in_vain_gets_a_fault() {
        let never = within(Duration::ZERO, Box::pin(std::future::pending()));
        let answer = actix_web::rt::Runtime::new().unwrap().block_on(never);
        let Err(fault) = answer else {
            panic!("an answer came");
        };
        assert_eq!(fault.to_string(), "FAILED: not done within 0 seconds");
    }
}

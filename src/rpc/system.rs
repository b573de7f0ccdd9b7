//! `system.*`: methods about methods.

use super::args::{Args, INCORRECT};
use super::method::{Answer, Method};
use super::role::Role;
use super::room::ANSWERS;
use super::{dispatch, methods};
use crate::actors::handle::SupervisorHandle;
use crate::process::{Fault, FaultCode};
use crate::xmlrpc::encode::Written;
use crate::xmlrpc::{Call, Value};

pub(super) fn list_methods(handle: &SupervisorHandle, _: &Args) -> Answer {
    Ok(Box::new(methods::names(handle)))
}

pub(super) fn method_help(handle: &SupervisorHandle, args: &Args) -> Answer {
    Ok(Box::new(asked_for(handle, args)?.help()))
}

pub(super) fn method_signature(handle: &SupervisorHandle, args: &Args) -> Answer {
    Ok(Box::new(asked_for(handle, args)?.signature()))
}

fn asked_for(handle: &SupervisorHandle, args: &Args) -> Result<&'static Method, Fault> {
    methods::find(handle, args.text(0)?).ok_or(Fault::bare(FaultCode::SignatureUnsupported))
}

/// The most bytes that the results of a multicall may fill together.
const MOST: usize = 64 << 20;

const TOO_BIG: &str = "the results are too big for one answer";

/// Carries out calls one after the other. Clients of Supervisor expect the bare results, not
/// arrays of one item as elsewhere.
pub(super) async fn multicall(handle: SupervisorHandle, args: Args) -> Answer {
    let (mut results, mut room, mut length) = (Vec::new(), ANSWERS.room(), 0);
    for item in args.value(0).as_array().ok_or(INCORRECT)? {
        let result = one(&handle, args.role, item).await;
        length += result.len();
        if length > MOST || !room.fit(length) {
            return Err(Fault::new(FaultCode::Failed, TOO_BIG));
        }
        results.push(result);
        // Others are served between two calls.
        tokio::task::yield_now().await;
    }
    Ok(Box::new(results))
}

async fn one(handle: &SupervisorHandle, role: Role, item: &Value) -> Written {
    let answer = match call(item) {
        Ok(call) => dispatch::answer(handle.clone(), role, call).await,
        Err(fault) => Err(fault),
    };
    match answer {
        Ok(result) => Written::new(&*result),
        Err(fault) => Written::new(&fault),
    }
}

/// The call that an item of a multicall asks for.
fn call(item: &Value) -> Result<Call, Fault> {
    let incorrect = |why| Fault::new(FaultCode::IncorrectParameters, why);
    let method = match item.get("methodName") {
        Some(name) => name.as_str().ok_or(INCORRECT)?.to_owned(),
        None => return Err(incorrect("No methodName")),
    };
    if method == "system.multicall" {
        return Err(incorrect("Recursive system.multicall forbidden"));
    }
    let params = match item.get("params") {
        // Python unpacks it to no arguments.
        Some(Value::Struct(members)) if members.is_empty() => Vec::new(),
        Some(params) => params.as_array().ok_or(INCORRECT)?.to_vec(),
        None => Vec::new(),
    };
    Ok(Call { method, params })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(members: &[(&str, Value)]) -> Value {
        let members = members.iter().map(|(k, v)| ((*k).to_owned(), v.clone()));
        Value::Struct(members.collect())
    }

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    #[test]
    fn an_item_names_a_method_and_perhaps_its_params() {
        let full = item(&[
            ("methodName", text("a.b")),
            ("params", Value::Array(vec![Value::Int(1)])),
        ]);
        let want = |params| Call {
            method: "a.b".into(),
            params,
        };
        assert_eq!(call(&full), Ok(want(vec![Value::Int(1)])));
        assert_eq!(
            call(&item(&[("methodName", text("a.b"))])),
            Ok(want(vec![]))
        );
    }

    #[test]
    fn items_that_are_no_calls_are_faults() {
        let refused = |item: &Value| call(item).unwrap_err().to_string();
        let nameless = "INCORRECT_PARAMETERS: No methodName";
        assert_eq!(refused(&item(&[])), nameless);
        assert_eq!(refused(&text("a.b")), nameless);
        assert_eq!(
            refused(&item(&[("methodName", text("system.multicall"))])),
            "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"
        );
        let none = item(&[
            ("methodName", text("a.b")),
            ("params", Value::Struct(vec![])),
        ]);
        assert_eq!(call(&none).map(|call| call.params), Ok(vec![]));
        let odd = item(&[("methodName", text("a.b")), ("params", Value::Int(1))]);
        assert_eq!(refused(&odd), "INCORRECT_PARAMETERS");
    }
}

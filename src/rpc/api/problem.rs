//! Refusals, as problem documents (RFC 9457).

use crate::process::{Fault, FaultCode};
use crate::rpc::reply::{close, in_words};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE};
use serde::Serialize;

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::rpc) struct Problem {
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault_string: Option<String>,
    /// The methods that would do, where the one at hand does not.
    #[serde(skip)]
    allow: Option<String>,
}

impl Problem {
    /// A refusal that XML-RPC has no fault for.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Unknown"),
            status: status.as_u16(),
            detail: detail.into(),
            fault_code: None,
            fault_string: None,
            allow: None,
        }
    }

    /// The resource knows only these methods.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        let mut problem = Self::of_status(StatusCode::METHOD_NOT_ALLOWED);
        problem.allow = Some(allow);
        problem
    }

    /// A refusal of which there is nothing more to say than its status.
    pub(in crate::rpc) fn of_status(status: StatusCode) -> Self {
        Self::new(status, in_words(status))
    }

    /// The answer that tells it.
    pub(in crate::rpc) fn reply(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status);
        let text = serde_json::to_vec(&self).unwrap_or_default();
        let mut reply = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        reply.insert_header((CONTENT_TYPE, "application/problem+json"));
        if let Some(allow) = self.allow {
            reply.insert_header((ALLOW, allow));
        }
        let mut reply = reply.body(text);
        close(&mut reply);
        reply
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let text = fault.to_string();
        Self {
            title: fault.code.name(),
            status: status(fault.code).as_u16(),
            detail: text.clone(),
            fault_code: Some(fault.code.number()),
            fault_string: Some(text),
            allow: None,
        }
    }
}

const fn status(code: FaultCode) -> StatusCode {
    match code {
        FaultCode::IncorrectParameters | FaultCode::BadArguments | FaultCode::BadSignal => {
            StatusCode::BAD_REQUEST
        }
        FaultCode::Forbidden | FaultCode::NotInWhitelist => StatusCode::FORBIDDEN,
        FaultCode::UnknownMethod
        | FaultCode::SignatureUnsupported
        | FaultCode::BadName
        | FaultCode::NoFile => StatusCode::NOT_FOUND,
        FaultCode::AlreadyStarted
        | FaultCode::NotRunning
        | FaultCode::AlreadyAdded
        | FaultCode::StillRunning => StatusCode::CONFLICT,
        FaultCode::NotExecutable
        | FaultCode::SpawnError
        | FaultCode::AbnormalTermination
        | FaultCode::CantReread => StatusCode::UNPROCESSABLE_ENTITY,
        FaultCode::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        FaultCode::ShutdownState => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_as_xml_rpc_tells_it() {
        let problem = Problem::from(Fault::new(FaultCode::BadName, "nope"));
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            "{\"title\":\"BAD_NAME\",\"status\":404,\"detail\":\"BAD_NAME: nope\",\
             \"faultCode\":10,\"faultString\":\"BAD_NAME: nope\"}"
        );
    }

    #[test]
    fn other_refusals_have_no_fault() {
        let problem = Problem::of_status(StatusCode::UNAUTHORIZED);
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            "{\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"Unauthorized\"}"
        );
    }
}

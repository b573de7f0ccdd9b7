//! What answering a request takes: whom to ask, and who is asking.

use super::api::watch::Watch;
use super::listeners::{Client, Door};
use super::metrics::Kept;
use crate::actors::SupervisorHandle;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use std::rc::Rc;

/// A request's surroundings.
pub(super) struct Session {
    /// The running supervisor.
    pub(super) handle: SupervisorHandle,
    /// What all who watch share.
    pub(super) watch: Rc<Watch>,
    /// What metrics keep between two requests.
    pub(super) kept: Rc<Kept>,
    /// Who is asking.
    pub(super) client: Client,
}

impl Session {
    /// The session of a request, if it may pass the door it came through; if not, the status to
    /// refuse it with. None passes where there is no door.
    pub(super) async fn admit(
        request: &HttpRequest,
        handle: &SupervisorHandle,
    ) -> Result<Self, StatusCode> {
        let door: &Door = request.conn_data().ok_or(StatusCode::UNAUTHORIZED)?;
        let place = request.peer_addr().map(|peer| peer.ip());
        let client = door.admit(request.headers(), place).await?;
        let watch = request.app_data::<Rc<Watch>>().cloned();
        let kept = request.app_data::<Rc<Kept>>().cloned();
        let (Some(watch), Some(kept)) = (watch, kept) else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        };
        Ok(Self {
            handle: handle.clone(),
            watch,
            kept,
            client,
        })
    }
}

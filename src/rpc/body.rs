//! The bodies of requests.

use super::room::{BODIES, Room};
use actix_web::http::StatusCode;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use std::time::Duration;

/// How long a client may take to send a body.
const TIME: Duration = Duration::from_secs(60);

/// A body as it came.
pub(super) struct Body {
    /// All of it.
    pub(super) bytes: Bytes,
    /// Kept until what was made of it is gone, too.
    _room: Room,
}

impl Body {
    /// Reads a body of at most `limit` bytes; if that fails, the status to refuse the request with.
    pub(super) async fn read(payload: Payload, limit: usize) -> Result<Self, StatusCode> {
        let read = timeout(TIME, Self::collect(payload, limit)).await;
        read.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
    }

    async fn collect(mut payload: Payload, limit: usize) -> Result<Self, StatusCode> {
        let (mut bytes, mut room) = (BytesMut::new(), BODIES.room());
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
            let length = bytes.len() + piece.len();
            if length > limit {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            if !room.fit(length) {
                return Err(StatusCode::SERVICE_UNAVAILABLE);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Self {
            bytes: bytes.freeze(),
            _room: room,
        })
    }
}

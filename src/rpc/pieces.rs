//! A body that goes out piece by piece, so that no second copy of a big one waits for a client that
//! is slow to read.

use super::room::{ANSWERS, Room};
use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The length of a piece, in bytes.
const PIECE: usize = 64 << 10;

/// What has not gone out yet, and the room it takes up.
pub(super) struct Pieces {
    rest: Bytes,
    _room: Room,
}

impl Pieces {
    /// `None` when there is no room for it.
    pub(super) fn new(text: String) -> Option<Self> {
        let mut room = ANSWERS.room();
        room.fit(text.len()).then(|| Self {
            rest: text.into(),
            _room: room,
        })
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

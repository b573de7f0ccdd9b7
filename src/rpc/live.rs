//! A body without an end, such as a log's: it lasts for as long as its client listens.

use super::connection::Busy;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Ends when its client does. Its connection is busy until then.
pub(super) struct Live {
    body: BoxBody,
    hung_up: LocalBoxFuture<'static, ()>,
}

impl Live {
    pub(super) fn new(body: BoxBody, client: Busy) -> Self {
        let hung_up = async move { client.hung_up().await }.boxed_local();
        Self { body, hung_up }
    }
}

impl MessageBody for Live {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.hung_up.poll_unpin(task).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.body).poll_next(task)
    }
}

//! What happens, as one watcher gets it.

use super::flow::{Flow, Text};
use super::sse::{self, SILENCE};
use super::watch::{Curious, Feed, Piece, Watch};
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use std::rc::Rc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

/// A watcher.
struct Watcher {
    feed: Rc<Feed>,
    pieces: Receiver<Piece>,
    curious: Option<Curious>,
    flow: Flow,
    /// The snapshot with which it begins is out.
    begun: bool,
}

/// The stream of what happens; with `usage`, what processes take, too.
pub(super) fn stream(watch: &Watch, usage: bool, flow: Flow) -> HttpResponse {
    let feed = watch.feed();
    let watcher = Watcher {
        curious: usage.then(|| feed.be_curious()),
        pieces: feed.listen(),
        feed,
        flow,
        begun: false,
    };
    sse::flowing(unfold(watcher, Watcher::next), flow)
}

impl Watcher {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if !self.begun {
            self.begun = true;
            return Some((self.flow.first(&self.feed.snapshot().into()), self));
        }
        let silence = Instant::now() + SILENCE;
        loop {
            match timeout_at(silence, self.pieces.recv()).await {
                Ok(Ok(Piece::News(text))) => return Some((self.flow.next(&text), self)),
                Ok(Ok(Piece::Usage(text))) if self.curious.is_some() => {
                    return Some((self.flow.next(&text), self));
                }
                Ok(Ok(Piece::Usage(_))) => {}
                Ok(Err(RecvError::Lagged(_))) => {
                    self.pieces = self.feed.listen();
                    return Some((self.flow.next(&self.feed.snapshot().into()), self));
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => return Some((self.flow.next(&Text::from(sse::still_here())), self)),
            }
        }
    }
}

//! A log that is read as it grows.

use crate::logging::Follower;
use crate::os::watch::FileWatch;
use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::sleep;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A pause before each look but the first, in which small writes gather into one piece.
const GATHER: Duration = Duration::from_millis(10);

/// A log on its way to a client. Files are read off the server's thread.
pub(super) struct GrowingLog {
    follower: Follower,
    watch: FileWatch,
    has_looked: bool,
}

impl GrowingLog {
    /// Opens the log at a path as `open` does.
    pub(super) async fn open(
        path: PathBuf,
        open: impl FnOnce(&Path) -> io::Result<Follower> + Send + 'static,
    ) -> io::Result<Self> {
        let watch = FileWatch::new(path.clone());
        let follower = spawn_blocking(move || open(&path)).await??;
        Ok(Self {
            follower,
            watch,
            has_looked: false,
        })
    }

    /// Where it is.
    pub(super) const fn follower(&self) -> &Follower {
        &self.follower
    }

    /// Looks for what has come; an error is the end.
    pub(super) async fn look<T: Send + 'static>(
        mut self,
        next: fn(&mut Follower) -> io::Result<Option<T>>,
    ) -> io::Result<(Option<T>, Self)> {
        if self.has_looked {
            sleep(GATHER).await;
        }
        self.has_looked = true;
        self.watch.mind();
        let (follower, piece) = spawn_blocking(move || {
            let piece = next(&mut self.follower);
            (self.follower, piece)
        })
        .await?;
        self.follower = follower;
        Ok((piece?, self))
    }

    /// Waits until something may have come.
    pub(super) async fn changed(&mut self) {
        self.watch.changed().await;
    }
}

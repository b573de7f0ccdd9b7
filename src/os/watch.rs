//! Tells when a file may have changed, so that nobody has to keep looking: inotify(7).

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

/// How often to look where the system can't tell of changes, as on network file systems.
const TICK: Duration = Duration::from_millis(100);

/// How often to look at the least, in case the system did not tell.
const LEAST: Duration = Duration::from_secs(2);

/// The changes of one file, whichever file bears its name. Lives in a tokio runtime.
#[derive(Debug)]
pub struct FileWatch {
    path: PathBuf,
    /// `None` where the system has no watch for us.
    watch: Option<Watch>,
}

#[derive(Debug)]
struct Watch {
    inotify: AsyncFd<Queue>,
    file: Option<WatchDescriptor>,
}

/// The queue of events; owns its descriptor and never changes it.
#[derive(Debug)]
struct Queue(Inotify);

impl AsRawFd for Queue {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl FileWatch {
    /// A watch of the file at `path`, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        let watch = path.parent().and_then(|dir| Watch::new(dir).ok());
        Self { path, watch }
    }

    /// Minds the file that bears the name now. To be called before looking at it, so that no
    /// change falls between looking and waiting.
    pub fn mind(&mut self) {
        let Some(watch) = &mut self.watch else {
            return;
        };
        let inotify = &watch.inotify.get_ref().0;
        let file = inotify.add_watch(&self.path, AddWatchFlags::IN_MODIFY).ok();
        if let Some(old) = watch.file.filter(|_| watch.file != file) {
            // It is gone by itself where its file is gone.
            let _ = inotify.rm_watch(old);
        }
        watch.file = file;
    }

    /// Waits until something may have changed since [`Self::mind`].
    pub async fn changed(&self) {
        let Some(watch) = &self.watch else {
            return sleep(TICK).await;
        };
        tokio::select! {
            () = watch.event() => {}
            () = sleep(LEAST) => {}
        }
    }
}

impl Watch {
    /// Watches for files that appear in a directory.
    #[allow(unsafe_code)]
    fn new(dir: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        let appear = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        inotify.add_watch(dir, appear | AddWatchFlags::IN_ONLYDIR)?;
        // SAFETY: the descriptor is valid, and `Queue` keeps it open and the same for its life.
        let inotify =
            unsafe { AsyncFd::register_with_interest(Queue(inotify), Interest::READABLE)? };
        Ok(Self {
            inotify,
            file: None,
        })
    }

    async fn event(&self) {
        let Ok(mut ready) = self.inotify.readable().await else {
            return sleep(TICK).await;
        };
        // What happened does not matter, only that the queue is empty afterwards.
        loop {
            match ready.try_io(|fd| fd.get_ref().0.read_events().map_err(Into::into)) {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return sleep(TICK).await,
                Err(_empty) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tokio::time::timeout;

    /// A second is less than the least that is looked at anyway.
    async fn told(watch: &FileWatch) -> bool {
        timeout(Duration::from_secs(1), watch.changed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn writing_and_replacing_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut watch = FileWatch::new(path.clone());
        watch.mind();
        fs::write(&path, "new").unwrap();
        assert!(told(&watch).await);
        watch.mind();
        fs::write(&path, "more").unwrap();
        assert!(told(&watch).await);
        watch.mind();
        fs::rename(&path, dir.path().join("log.1")).unwrap();
        fs::write(&path, "again").unwrap();
        assert!(told(&watch).await);
        watch.mind();
        fs::write(&path, "more again").unwrap();
        assert!(told(&watch).await);
    }
}

//! Tells when files may have changed or gone, so that nobody has to keep looking: inotify(7).

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
    events: Events,
    file: Option<WatchDescriptor>,
}

/// Tells when one of several files may have been removed or renamed. Lives in a tokio runtime.
#[derive(Debug)]
pub struct RemovalWatch {
    /// `None` where the system has no watch for us.
    events: Option<Events>,
}

/// What happens to files.
#[derive(Debug)]
struct Events(AsyncFd<Queue>);

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
        let inotify = watch.events.inotify();
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
            () = watch.events.next() => {}
            () = sleep(LEAST) => {}
        }
    }
}

impl Watch {
    /// Watches for files that appear in a directory.
    fn new(dir: &Path) -> io::Result<Self> {
        let events = Events::new()?;
        let appear = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        events
            .inotify()
            .add_watch(dir, appear | AddWatchFlags::IN_ONLYDIR)?;
        let file = None;
        Ok(Self { events, file })
    }
}

impl RemovalWatch {
    /// A watch that minds no file yet.
    pub fn new() -> Self {
        let events = Events::new().ok();
        Self { events }
    }

    /// Minds the file at `path`, too. To be called before looking whether it is there, so that no
    /// change falls between looking and waiting.
    pub fn mind(&self, path: &Path) {
        if let Some(events) = &self.events {
            // A file has one name less when it is removed: a change of its attributes. It may
            // live on without a name, as a socket does that is listened on.
            let gone = AddWatchFlags::IN_ATTRIB | AddWatchFlags::IN_MOVE_SELF;
            // A file that is not there is found so by whoever looks.
            let _ = events
                .inotify()
                .add_watch(path, gone | AddWatchFlags::IN_DONT_FOLLOW);
        }
    }

    /// Waits until a file may have been removed or renamed. Where the system has no watch for us
    /// that is for ever.
    pub async fn changed(&self) {
        match &self.events {
            Some(events) => events.next().await,
            None => std::future::pending().await,
        }
    }
}

impl Default for RemovalWatch {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    #[allow(unsafe_code)]
    fn new() -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        // SAFETY: the descriptor is valid, and `Queue` keeps it open and the same for its life.
        let events =
            unsafe { AsyncFd::register_with_interest(Queue(inotify), Interest::READABLE)? };
        Ok(Self(events))
    }

    fn inotify(&self) -> &Inotify {
        &self.0.get_ref().0
    }

    /// Waits for something to happen.
    async fn next(&self) {
        let Ok(mut ready) = self.0.readable().await else {
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
    use std::os::unix::net::UnixListener;
    use tokio::time::timeout;

    /// Less than the least that a [`FileWatch`] looks anyway.
    const SECOND: Duration = Duration::from_secs(1);

    async fn told(watch: &FileWatch) -> bool {
        timeout(SECOND, watch.changed()).await.is_ok()
    }

    #[tokio::test]
    async fn removing_and_renaming_are_told_though_the_file_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| dir.path().join(name));
        let listeners = paths
            .each_ref()
            .map(|path| UnixListener::bind(path).unwrap());
        let watch = RemovalWatch::new();
        paths.iter().for_each(|path| watch.mind(path));
        watch.mind(&dir.path().join("missing"));
        fs::write(dir.path().join("other"), "").unwrap();
        fs::remove_file(&paths[0]).unwrap();
        assert!(timeout(SECOND, watch.changed()).await.is_ok());
        fs::rename(&paths[1], dir.path().join("renamed")).unwrap();
        assert!(timeout(SECOND, watch.changed()).await.is_ok());
        fs::rename(dir.path().join("other"), &paths[2]).unwrap();
        assert!(timeout(SECOND, watch.changed()).await.is_ok());
        drop(listeners);
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

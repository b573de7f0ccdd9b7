//! The log files that one thread has open: one writer a file, however many share it.

use super::log_file::LogFile;
use super::rotating::Rotation;
use super::sink::{SharedFile, Sink};
use super::stream::descriptor_named;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};

/// One thread's open log files. Programs that log to the same file get one writer, which rotates
/// it once; so a file must not be opened by the `Files` of two threads.
///
/// Files are the same if their paths are, with links resolved, when they are opened. Two hard
/// links to one file are two files.
#[derive(Debug, Default)]
pub struct Files {
    open: HashMap<Key, Weak<RefCell<LogFile>>>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Descriptor(RawFd),
    Path(PathBuf),
}

impl Files {
    /// A sink to the file at `path`, and how opening it went; after a failure the sink is usable
    /// all the same and tries anew with each write.
    ///
    /// Where the file is open already, it is shared: the rotation asked for last holds, and `mode`
    /// is the first one's.
    pub fn open(&mut self, path: &Path, rotation: Rotation, mode: u32) -> (Sink, io::Result<()>) {
        if let Some(file) = self.open.get(&Key::of(path)).and_then(Weak::upgrade) {
            file.borrow_mut().set_rotation(rotation);
            let opened = file.borrow_mut().ensure_open();
            return (Sink::File(SharedFile::new(file)), opened);
        }
        let (file, opened) = LogFile::open(path, rotation, mode);
        let file = Rc::new(RefCell::new(file));
        self.forget_closed();
        // The key is taken anew, for a link is resolved only once its target exists.
        self.open.insert(Key::of(path), Rc::downgrade(&file));
        (Sink::File(SharedFile::new(file)), opened)
    }

    /// Forgets the files that no sink has open any more, before the table would grow.
    fn forget_closed(&mut self) {
        if self.open.len() == self.open.capacity() {
            self.open.retain(|_, file| file.strong_count() > 0);
        }
    }
}

impl Key {
    fn of(path: &Path) -> Self {
        match descriptor_named(path) {
            Some(number) => Self::Descriptor(number),
            None => Self::Path(resolved(path)),
        }
    }
}

/// `path` without links; of a file that is missing, its directory's.
fn resolved(path: &Path) -> PathBuf {
    let whole = fs::canonicalize(path);
    whole.unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(dir), Some(name)) => {
            let dir = if dir.as_os_str().is_empty() {
                Path::new(".")
            } else {
                dir
            };
            fs::canonicalize(dir)
                .unwrap_or_else(|_| dir.to_owned())
                .join(name)
        }
        _ => path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::ORDINARY;
    use super::*;
    use std::time::Duration;
    use tempfile::tempdir;

    const NOW: Duration = Duration::ZERO;

    fn open(files: &mut Files, path: &Path, maxbytes: u64) -> Sink {
        files
            .open(
                path,
                Rotation {
                    maxbytes,
                    backups: 3,
                },
                ORDINARY,
            )
            .0
    }

    #[test]
    fn a_file_shared_by_two_is_rotated_once() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let mut files = Files::default();
        let mut a = open(&mut files, &path, 4);
        let mut b = open(&mut files, &path, 4);
        a.write(b"a1\n", NOW);
        b.write(b"b1\n", NOW);
        a.write(b"a2\n", NOW);
        b.write(b"b2\n", NOW);
        assert_eq!(
            fs::read_to_string(dir.path().join("o.1")).unwrap(),
            "a2\nb2\n"
        );
        assert_eq!(
            fs::read_to_string(dir.path().join("o.2")).unwrap(),
            "a1\nb1\n"
        );
        assert!(!dir.path().join("o.3").exists());
    }

    #[test]
    fn a_shared_file_gets_whole_lines() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let mut files = Files::default();
        let mut a = open(&mut files, &path, 0);
        let mut b = open(&mut files, &path, 0);
        a.write(b"a begins", NOW);
        b.write(b"b1\nb2 begins", NOW);
        a.write(b", a ends\n", NOW);
        b.flush(NOW);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "b1\na begins, a ends\nb2 begins"
        );
    }

    #[test]
    fn a_file_of_ones_own_gets_everything_at_once() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let mut files = Files::default();
        let mut a = open(&mut files, &path, 0);
        drop(open(&mut files, &path, 0));
        a.write(b"password: ", NOW);
        assert_eq!(fs::read_to_string(&path).unwrap(), "password: ");
    }

    #[test]
    fn a_line_held_back_goes_out_with_the_next_bytes_once_the_file_is_ones_own() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        let mut files = Files::default();
        let mut a = open(&mut files, &path, 0);
        let b = open(&mut files, &path, 0);
        a.write(b"pass", NOW);
        drop(b);
        a.write(b"word: ", NOW);
        assert_eq!(fs::read_to_string(&path).unwrap(), "password: ");
    }

    #[test]
    fn each_who_opens_a_file_learns_that_it_can_not_be_opened() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("no/o");
        let mut files = Files::default();
        let (_a, first) = files.open(&path, Rotation::default(), ORDINARY);
        let (_b, second) = files.open(&path, Rotation::default(), ORDINARY);
        assert!(first.is_err() && second.is_err());
    }

    #[test]
    fn links_and_dots_lead_to_the_same_file() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("o");
        std::os::unix::fs::symlink(&path, dir.path().join("link")).unwrap();
        let mut files = Files::default();
        let mut sinks = vec![open(&mut files, &dir.path().join("link"), 0)];
        sinks.push(open(&mut files, &path, 0));
        sinks.push(open(&mut files, &dir.path().join("./o"), 0));
        assert_eq!(files.open.len(), 1);
    }

    #[test]
    fn the_names_of_a_descriptor_are_one_file() {
        assert_eq!(
            Key::of(Path::new("/dev/stdout")),
            Key::of(Path::new("/proc/self/fd/1"))
        );
    }

    #[test]
    fn closed_files_are_forgotten() {
        let dir = tempdir().unwrap();
        let mut files = Files::default();
        for i in 0..200 {
            open(&mut files, &dir.path().join(i.to_string()), 0);
        }
        assert!(files.open.len() < 20, "{}", files.open.len());
    }
}

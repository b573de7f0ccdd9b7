//! Limits belong to the whole process, so this binary has one test.

#![allow(clippy::unwrap_used)]

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use supervisor::os::limits::{Minimum, OpenFiles, ensure, raise_open_files};
use supervisor::process::note::Level;

/// More open files than any kernel allows.
const TOO_MANY: i64 = 1 << 40;

#[test]
fn limits_are_raised_as_far_as_they_may_be() {
    let files = Resource::RLIMIT_NOFILE;
    let (_, hard) = getrlimit(files).unwrap();
    setrlimit(files, 200, hard).unwrap();

    let text = "Increased RLIMIT_NOFILE limit to 210".to_owned();
    assert_eq!(
        ensure(Minimum::OpenFiles, 210, true),
        Ok(Some((Level::Info, text)))
    );
    assert_eq!(getrlimit(files).unwrap(), (210, hard));

    let raised = raise_open_files(220);
    assert_eq!(
        raised,
        OpenFiles {
            before: 210,
            now: 220
        }
    );
    assert_eq!(
        raise_open_files(100),
        OpenFiles {
            before: 220,
            now: 220
        }
    );

    let refused = ensure(Minimum::OpenFiles, TOO_MANY, true).unwrap_err();
    assert!(
        refused.contains(&format!("is {TOO_MANY} as per the \"minfds\"")),
        "{refused}"
    );
    assert!(
        refused.contains(&format!("open {hard} file descriptors")),
        "{refused}"
    );
    assert_eq!(getrlimit(files).unwrap(), (220, hard));

    let warned = ensure(Minimum::OpenFiles, TOO_MANY, false);
    assert_eq!(warned, Ok(Some((Level::Warn, refused))));
    assert_eq!(getrlimit(files).unwrap(), (hard, hard));
}

//! Resource limits: what must be there to start, and what we raise for ourselves.

use crate::process::note::Level;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

/// A soft limit that the configuration wants to be so high at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minimum {
    /// `minfds`: open files.
    OpenFiles,
    /// `minprocs`: processes of our user.
    Processes,
}

/// Raises a soft limit to `wanted` where it is lower, and the hard one with it where that may be.
/// Returns what the log is to hear.
///
/// What can't be reached is an error, whose text is for the user, when it was asked for (`given`);
/// else as much as can be had is taken, and the text is a warning.
pub fn ensure(
    minimum: Minimum,
    wanted: i64,
    given: bool,
) -> Result<Option<(Level, String)>, String> {
    let Ok(wanted) = u64::try_from(wanted) else {
        return Ok(None);
    };
    let resource = minimum.resource();
    let Ok((soft, hard)) = getrlimit(resource) else {
        return Ok(None);
    };
    if soft >= wanted {
        return Ok(None);
    }
    if setrlimit(resource, wanted, hard.max(wanted)).is_ok() {
        let text = format!("Increased {} limit to {wanted}", minimum.name());
        return Ok(Some((Level::Info, text)));
    }
    let text = minimum.refusal(wanted, hard);
    if given {
        return Err(text);
    }
    let _ = setrlimit(resource, hard, hard);
    Ok(Some((Level::Warn, text)))
}

impl Minimum {
    const fn resource(self) -> Resource {
        match self {
            Self::OpenFiles => Resource::RLIMIT_NOFILE,
            Self::Processes => Resource::RLIMIT_NPROC,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::OpenFiles => "RLIMIT_NOFILE",
            Self::Processes => "RLIMIT_NPROC",
        }
    }

    /// As Supervisor says it, but with the limit that is really there.
    fn refusal(self, wanted: u64, hard: u64) -> String {
        match self {
            Self::OpenFiles => format!(
                "The minimum number of file descriptors required to run this process is {wanted} \
                 as per the \"minfds\" command-line argument or config file setting. The current \
                 environment will only allow you to open {hard} file descriptors.  Either raise \
                 the number of usable file descriptors in your environment (see README.rst) or \
                 lower the minfds setting in the config file to allow the process to start."
            ),
            Self::Processes => format!(
                "The minimum number of available processes required to run this program is \
                 {wanted} as per the \"minprocs\" command-line argument or config file setting. \
                 The current environment will only allow you to open {hard} processes.  Either \
                 raise the number of usable processes in your environment (see README.rst) or \
                 lower the minprocs setting in the config file to allow the program to start."
            ),
        }
    }
}

/// The soft limit of open files, before and after it was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// What it was, and what children are to have.
    pub before: u64,
    /// What it is.
    pub now: u64,
}

impl OpenFiles {
    /// What a [`super::SpawnPlan`] says about it.
    pub fn for_children(self) -> Option<u64> {
        (self.now != self.before).then_some(self.before)
    }
}

/// Raises the soft limit of open files towards `needed`, as far as the hard one allows.
pub fn raise_open_files(needed: u64) -> OpenFiles {
    let resource = Resource::RLIMIT_NOFILE;
    // The call can't fail for this process and a limit that exists.
    let (before, hard) = getrlimit(resource).unwrap_or((RLIM_INFINITY, RLIM_INFINITY));
    let wanted = needed.min(hard);
    let raised = wanted > before && setrlimit(resource, wanted, hard).is_ok();
    let now = if raised { wanted } else { before };
    OpenFiles { before, now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_met_needs_no_word() {
        for minimum in [Minimum::OpenFiles, Minimum::Processes] {
            assert_eq!(ensure(minimum, 1, true), Ok(None));
            assert_eq!(ensure(minimum, -1, true), Ok(None));
        }
    }

    #[test]
    fn a_refusal_tells_what_is_wanted_and_what_is_there() {
        let text = Minimum::OpenFiles.refusal(700, 512);
        assert!(text.contains("is 700 as per the \"minfds\""), "{text}");
        assert!(
            text.contains("open 512 file descriptors.  Either"),
            "{text}"
        );
        let text = Minimum::Processes.refusal(200, 9);
        assert!(text.contains("is 200 as per the \"minprocs\""), "{text}");
        assert!(text.contains("open 9 processes.  Either"), "{text}");
    }

    #[test]
    fn children_keep_the_limit_that_was_raised() {
        let raised = OpenFiles {
            before: 1024,
            now: 5000,
        };
        assert_eq!(raised.for_children(), Some(1024));
        let same = OpenFiles {
            now: 1024,
            ..raised
        };
        assert_eq!(same.for_children(), None);
    }
}

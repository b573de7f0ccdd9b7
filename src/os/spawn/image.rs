//! What a child needs, in the form in which the kernel takes it.

use super::SpawnPlan;
use super::child::Orders;
use crate::os::Environment;
use std::ffi::{CString, NulError, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::ptr;

/// A plan's texts as C strings, and the null-terminated arrays that point at them.
pub(super) struct Image {
    file: CString,
    directory: Option<CString>,
    argv: Pointers,
    environment: Pointers,
}

impl Image {
    /// Fails when a text has a NUL byte.
    pub(super) fn new(plan: &SpawnPlan<'_>) -> Result<Self, NulError> {
        let argv = plan.argv.iter().map(|word| CString::new(word.as_str()));
        Ok(Self {
            file: CString::new(plan.file.as_os_str().as_bytes())?,
            directory: plan.directory.map(CString::new).transpose()?,
            argv: Pointers::new(argv.collect::<Result<_, _>>()?),
            environment: Pointers::new(assignments(plan.environment)?),
        })
    }

    /// The child's orders; they point into the image.
    pub(super) fn orders<'a>(&'a self, plan: &SpawnPlan<'a>) -> Orders<'a> {
        Orders {
            file: &self.file,
            argv: &self.argv.pointers,
            environment: &self.environment.pointers,
            stdio: [-1; 3],
            sharing: false,
            directory: self.directory.as_deref(),
            umask: plan.umask,
            run_as: plan.run_as,
            open_files: plan.open_files,
            dies_with: plan.dies_with_us.then(|| std::process::id().cast_signed()),
            failure: None,
        }
    }
}

/// An array for execve(2).
struct Pointers {
    /// Ends with a null pointer; the others point at the buffers of `_texts`.
    pointers: Vec<*const libc::c_char>,
    _texts: Vec<CString>,
}

impl Pointers {
    fn new(texts: Vec<CString>) -> Self {
        let mut pointers: Vec<_> = texts.iter().map(|text| text.as_ptr()).collect();
        pointers.push(ptr::null());
        Self {
            pointers,
            _texts: texts,
        }
    }
}

/// `NAME=value` for each variable.
fn assignments(environment: &Environment) -> Result<Vec<CString>, NulError> {
    environment.iter().map(assignment).collect()
}

fn assignment((name, value): (&OsStr, &OsStr)) -> Result<CString, NulError> {
    let mut text = OsString::with_capacity(name.len() + value.len() + 2);
    text.push(name);
    text.push("=");
    text.push(value);
    CString::new(text.into_vec())
}

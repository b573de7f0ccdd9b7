//! What all spawns share, one after the other: a stack, and three low descriptors.
//!
//! A child that copied our whole table of descriptors would cost more the more we have open. So
//! it begins by sharing the table and then takes a copy of its lower end alone, where its stdio
//! has been laid out for it. Where close_range(2) is missing or forbidden (kernels before 5.9,
//! some containers) it copies the whole.

use super::SpawnError;
use super::child::{self, Orders};
use super::stack::Stack;
use crate::os::errno::Errno;
use crate::os::pipe::dev_null;
use crate::process::Pid;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::dup3;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

static LAUNCHPAD: Mutex<Option<Launchpad>> = Mutex::new(None);

struct Launchpad {
    stack: Stack,
    /// Stdin, stdout and stderr of the next child; `/dev/null` in between.
    slots: [OwnedFd; 3],
    null: OwnedFd,
    /// Whether children can begin by sharing our table of descriptors.
    sharing: bool,
}

/// Makes a child with this stdio; returns when it has executed its program or ended.
pub(super) fn launch(
    orders: &mut Orders<'_>,
    stdio: [BorrowedFd<'_>; 3],
) -> Result<Pid, SpawnError> {
    let mut guard = LAUNCHPAD.lock().unwrap_or_else(PoisonError::into_inner);
    let launchpad = match guard.as_mut() {
        Some(launchpad) => launchpad,
        None => guard.insert(Launchpad::new().map_err(SpawnError::Dispatchers)?),
    };
    launchpad.launch(orders, stdio)
}

impl Launchpad {
    fn new() -> Result<Self, Errno> {
        let null = dev_null()?;
        Ok(Self {
            stack: Stack::new()?,
            slots: [slot(&null)?, slot(&null)?, slot(&null)?],
            null,
            sharing: child::can_copy_lower_end(),
        })
    }

    fn launch(
        &mut self,
        orders: &mut Orders<'_>,
        stdio: [BorrowedFd<'_>; 3],
    ) -> Result<Pid, SpawnError> {
        orders.stdio = self.slots.each_ref().map(AsRawFd::as_raw_fd);
        orders.sharing = self.sharing;
        let filled = self.fill(stdio).map_err(SpawnError::Dispatchers);
        let pid =
            filled.and_then(|()| child::clone(orders, &mut self.stack).map_err(SpawnError::Fork));
        self.clear();
        pid
    }

    fn fill(&mut self, stdio: [BorrowedFd<'_>; 3]) -> Result<(), Errno> {
        for (slot, fd) in self.slots.iter_mut().zip(stdio) {
            dup3(fd, slot, OFlag::O_CLOEXEC)?;
        }
        Ok(())
    }

    /// A pipe's end left in a slot would keep its reader waiting.
    fn clear(&mut self) {
        for slot in &mut self.slots {
            // Can't fail: both are open and differ.
            let _ = dup3(&self.null, slot, OFlag::O_CLOEXEC);
        }
    }
}

/// The lowest free descriptor above stderr.
#[allow(unsafe_code)]
fn slot(null: &OwnedFd) -> Result<OwnedFd, Errno> {
    let copy = fcntl(null, FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl(2) has just made this descriptor; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

#[cfg(test)]
mod tests {
    use super::super::SpawnPlan;
    use super::super::image::Image;
    use super::*;
    use crate::os::pipe::Pipe;
    use crate::os::{Environment, RunAs};
    use nix::sys::wait::waitpid;
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;
    use std::path::Path;

    /// What `ls` says about its own descriptors.
    fn listing(sharing: bool) -> String {
        let mut launchpad = Launchpad::new().unwrap();
        launchpad.sharing = sharing;
        let (null, output) = (dev_null().unwrap(), Pipe::from_child().unwrap());
        let stdio = [null.as_fd(), output.child.as_fd(), output.child.as_fd()];
        let plan = SpawnPlan {
            file: Path::new("/bin/ls"),
            argv: &["ls", "/proc/self/fd"].map(str::to_owned),
            environment: &Environment::default(),
            stdio,
            directory: None,
            umask: None,
            run_as: &RunAs::Ourselves,
            open_files: None,
            dies_with_us: false,
        };
        let image = Image::new(&plan).unwrap();
        let pid = launchpad.launch(&mut image.orders(&plan), stdio).unwrap();
        waitpid(nix::unistd::Pid::from_raw(pid), None).unwrap();
        drop(output.child);
        let mut bytes = [0; 64];
        let length = File::from(output.ours).read(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }

    #[test]
    fn a_child_has_its_stdio_alone_whether_it_began_in_our_table_or_not() {
        for sharing in [child::can_copy_lower_end(), false] {
            assert_eq!(listing(sharing), "0\n1\n2\n3\n", "sharing: {sharing}");
        }
    }
}

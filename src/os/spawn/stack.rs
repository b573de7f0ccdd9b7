//! The stack on which a child runs until it executes its program.

use crate::os::errno::Errno;
use std::ffi::c_void;
use std::ptr;

/// Room for the child's few frames, several times over.
const SIZE: usize = 128 * 1024;
/// The lower part, which may not be touched: running over is a fault, not an overwritten
/// neighbour. A multiple of every page size in use.
const GUARD: usize = 64 * 1024;

/// A stack, mapped once and used for one child after the other.
pub(super) struct Stack {
    bottom: *mut c_void,
}

// SAFETY: the mapping belongs to no thread, and `Stack` is its only owner.
#[allow(unsafe_code)]
unsafe impl Send for Stack {}

impl Stack {
    #[allow(unsafe_code)]
    pub(super) fn new() -> Result<Self, Errno> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK;
        // SAFETY: a fresh anonymous mapping at a place of the kernel's choice overlaps nothing.
        let bottom = unsafe { libc::mmap(ptr::null_mut(), SIZE, protection, flags, -1, 0) };
        if bottom == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let stack = Self { bottom };
        // SAFETY: the range is the lower part of the mapping just made.
        Errno::result(unsafe { libc::mprotect(bottom, GUARD, libc::PROT_NONE) })?;
        Ok(stack)
    }

    /// Where the stack begins: it grows downwards from here. Aligned as every ABI wants it.
    #[allow(unsafe_code)]
    pub(super) fn top(&mut self) -> *mut c_void {
        // SAFETY: one past the end of the mapping.
        unsafe { self.bottom.byte_add(SIZE) }
    }
}

impl Drop for Stack {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no child runs on it while we can be dropped.
        unsafe { libc::munmap(self.bottom, SIZE) };
    }
}

//! The memory that the program has from the system.

/// Gives the system back what the allocator holds in reserve. With another C library than glibc
/// nothing happens.
#[allow(unsafe_code)]
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim takes no pointer, and locks what it looks at.
    unsafe {
        libc::malloc_trim(0);
    }
}

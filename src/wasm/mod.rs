//! The boundary to JavaScript, with one file for each side: `core` is what the shim calls, `host` is what the core calls.
//!
//! Values come in as numbers and strings and go out through serde. No float is formatted and nothing is printed with
//! `{:?}`: both cost kilobytes.
//!
//! The feature `module` adds the boundary: an exported class and an allocator, which make the crate a module of its own.
//! Without the feature the crate is a library for other modules.

mod core;
mod host;

pub use core::Core;
pub use host::JsHost;

/// The standard allocator costs more bytes than all of [`flow`](crate::flow). This one is good enough for the few short
/// strings that cross the boundary. A mini program runs WebAssembly in one thread.
#[global_allocator]
#[allow(
    unsafe_code,
    reason = "the constructor asks its caller to promise that there is one thread"
)]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

//! The boundary to JavaScript, one file a side: what the shim calls (`core`) and what it is called
//! for (`host`).
//!
//! Values come in as numbers and strings, or through typed getters that take anything; values go out through
//! serde. No float is formatted and nothing is printed with `{:?}`: both cost kilobytes.
//!
//! The feature `module` adds the boundary: an exported class and an allocator, which make the crate a module of its own.
//! Without the feature the crate is a library for other modules.

mod core;
mod host;

pub use core::Core;
pub use host::JsHost;

/// The standard allocator costs more bytes than the whole of [`flow`](crate::flow); this one serves the few
/// short strings that cross the boundary as well. A mini program runs WebAssembly in one thread.
#[global_allocator]
#[allow(
    unsafe_code,
    reason = "the crate's constructor asks for a promise that there is one thread"
)]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

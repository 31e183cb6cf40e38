//! The boundary to JavaScript, one file a side: what the shim calls (`core`) and what it is called
//! for (`host`).
//!
//! Values come in as numbers and strings, or through typed getters that take anything; values go out through
//! serde. No float is formatted and nothing is printed with `{:?}`: both cost kilobytes.
//!
//! With the feature `async` there is no shim: the crate is a library in the module of a mini program written in
//! Rust, and offers it the client (`awaitable`). What makes it a module of its own is then left out: the exported
//! class, whose name that module may want for itself, and the allocator, which is that module's choice.

#[cfg(feature = "async")]
mod awaitable;
#[cfg(not(feature = "async"))]
mod core;
#[cfg(not(feature = "async"))]
mod host;

#[cfg(feature = "async")]
pub use awaitable::{Answer, Cause, Error, Options, Request, Session};
#[cfg(not(feature = "async"))]
pub use core::Core;
#[cfg(not(feature = "async"))]
pub use host::JsHost;

/// The standard allocator costs more bytes than the whole of [`flow`](crate::flow); this one serves the few
/// short strings that cross the boundary as well. A mini program runs WebAssembly in one thread.
#[cfg(not(feature = "async"))]
#[global_allocator]
#[allow(
    unsafe_code,
    reason = "the crate's constructor asks for a promise that there is one thread"
)]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

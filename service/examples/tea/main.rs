//! `wxsession-server` with a route of an app's own beside it: the tea of the demonstration.
//!
//! Takes the same flags and environment variables as `wxsession-server`.

mod products;

use std::process::ExitCode;

use mimalloc::MiMalloc;
use wxsession_service::program;

/// A request on Redis spends a fifth of its time on memory with the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    program::run(products::routes)
}

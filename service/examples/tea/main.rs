//! `wxsession-server` with a route of an app's own beside it: the tea of the demonstration.
//!
//! Takes the same flags and environment variables as `wxsession-server`.

mod products;

use std::process::ExitCode;

use wxsession_service::program;

fn main() -> ExitCode {
    program::run(products::routes)
}

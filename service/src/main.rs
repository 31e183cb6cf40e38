//! `wxsession-server`.

use std::process::ExitCode;

use axum::Router;
use wxsession_service::program;

fn main() -> ExitCode {
    program::run(|_| Router::new())
}

//! `cargo xtask bench`: figures about what the project ships, side by side with what others ship.

mod circumstances;
mod client;
mod line;
mod panel;
mod peers;
mod server;
mod statistics;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::project::Project;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Subject {
    /// The npm package beside other libraries: bytes, time per request, cold start, sign-ins.
    Client,
    /// The server beside other services that keep sessions: requests a second, latency, processor time,
    /// memory, and what users see while Redis is in trouble.
    Server,
}

/// Measures, prints a table, and writes the figures and the picture.
///
/// # Errors
/// Something could not be set up or built, or a script broke off. A figure beyond its budget is no
/// error: it depends on the machine.
pub(crate) fn run(project: &Project, subject: &Subject) -> Result<ExitCode> {
    match subject {
        Subject::Client => client::run(project)?,
        Subject::Server => server::run(project)?,
    }
    Ok(ExitCode::SUCCESS)
}

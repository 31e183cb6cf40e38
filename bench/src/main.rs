//! `cargo xtask bench`: figures about what the project ships, side by side with what others ship.

mod budget;
mod circumstances;
mod client;
mod peers;
mod report;
mod server;
mod statistics;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::exit_code;
use xtask::project::Project;

/// Measures, writes the figures to `bench/`, draws their picture and prints their tables.
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

/// What is measured.
#[derive(Subcommand)]
enum Subject {
    /// The npm package beside other libraries: bytes, time per request, cold start, sign-ins.
    Client,
    /// The server beside other services that keep sessions: requests a second, latency, processor time,
    /// memory, and what users see while Redis is in trouble.
    Server,
}

fn main() -> ExitCode {
    exit_code(run(&Arguments::parse().subject))
}

/// A figure beyond its budget is no error, because it depends on the machine.
fn run(subject: &Subject) -> Result<ExitCode> {
    let project = Project::locate();
    match subject {
        Subject::Client => client::run(&project)?,
        Subject::Server => server::run(&project)?,
    }
    Ok(ExitCode::SUCCESS)
}

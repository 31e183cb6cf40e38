//! `cargo xtask bench`: measures the package and the server side by side with other projects' software.

mod budget;
mod circumstances;
mod client;
mod effort;
mod peers;
mod report;
mod server;
mod statistics;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use effort::Effort;
use xtask::exit_code;
use xtask::project::Project;

/// Measures, writes the figures to `bench/`, draws a picture of them and prints them as tables.
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    subject: Subject,
    /// Measure everything once, to try the bench itself. Figures and picture go to target/bench/ instead.
    #[arg(long, global = true)]
    quick: bool,
}

/// What is measured.
#[derive(Subcommand)]
enum Subject {
    /// The npm package beside other libraries: bytes, time per request, cold start, sign-ins.
    Client {
        /// The tarball of an earlier build, measured in the same run: figures of two runs do not compare.
        #[arg(long, value_name = "TARBALL")]
        earlier: Option<PathBuf>,
    },
    /// The server beside other services that keep sessions: requests a second, latency, processor time,
    /// memory, and what users see while Redis is in trouble.
    Server,
}

fn main() -> ExitCode {
    exit_code(run(&Arguments::parse()))
}

/// A figure beyond its budget is not an error, because it depends on the machine.
fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate();
    let effort = match arguments.quick {
        true => Effort::Trial,
        false => Effort::Publication,
    };
    match &arguments.subject {
        Subject::Client { earlier } => client::run(&project, effort, earlier.as_deref())?,
        Subject::Server => server::run(&project, effort)?,
    }
    Ok(ExitCode::SUCCESS)
}

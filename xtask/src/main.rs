//! The project's commands: `cargo xtask setup`, `package`, `demo`, `document`, `test`, `fuzz`, `bench`.

mod backend;
mod bench;
mod demo;
mod document;
#[cfg(test)]
mod documents;
mod fuzz;
mod miniprogram;
mod package;
mod process;
mod progress;
mod project;
#[cfg(test)]
mod security;
mod services;
mod setup;
mod test;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;
use crate::setup::Need;

/// The project's commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install every tool that the other commands need; what is there already is kept.
    Setup,
    /// Build the npm package: the folder pkg/ and the tarball in target/.
    Package,
    /// Run the packed package against the real server and a simulated WeChat, and count what it
    /// did.
    Demo {
        /// Then serve a page to see it work, on this machine alone, until ctrl-c; server and simulator stay as well.
        #[arg(long)]
        serve: bool,
        /// Where to serve the page instead, to show it on a phone in the same network: this machine's address there,
        /// and a port.
        #[arg(long, value_name = "ADDRESS", requires = "serve")]
        listen: Option<SocketAddr>,
    },
    /// Make js/docs/api.md from the package's declarations.
    Document,
    /// Run every test and every check, as the continuous integration does.
    Test,
    /// Look for inputs that break a rule of the server; the tests do it for seconds, this as long as wanted.
    Fuzz {
        /// One of the folders in fuzz/corpus; all of them if none is named.
        target: Option<String>,
        /// How long to look in each.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Measure what the project ships beside what others ship; no test depends on it.
    Bench {
        #[command(subcommand)]
        subject: bench::Subject,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let project = Project::locate();
    match task {
        Task::Setup => {
            setup::provide(&project, Need::ALL)?;
            setup::provide_for_server_bench(&project).map(|()| ExitCode::SUCCESS)
        }
        Task::Package => {
            setup::provide(&project, Need::PACKAGE)?;
            package::build(&project).map(|_| ExitCode::SUCCESS)
        }
        Task::Demo { serve, listen } => {
            demo::run(&project, serve.then_some(demo::Serve { listen }))
        }
        Task::Document => {
            setup::provide_for_document(&project)?;
            document::write(&project).map(|()| ExitCode::SUCCESS)
        }
        Task::Test => test::run(&project),
        Task::Fuzz { target, seconds } => fuzz::run(&project, target.as_deref(), seconds),
        Task::Bench { subject } => bench::run(&project, &subject),
    }
}

//! The project's commands: `cargo xtask setup`, `package`, `demo`, `document`, `site`, `test`, `fuzz`, `bench`, `release`.
//!
//! The public modules are what the crates `demo` and `bench` share with the commands.

pub mod backend;
mod document;
mod fuzz;
pub mod miniprogram;
pub mod package;
pub mod process;
pub mod progress;
pub mod project;
mod release;
pub mod services;
pub mod setup;
mod site;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;
use crate::release::Part;
use crate::setup::Need;

/// The project's commands.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install every tool that the other commands need, and keep those that are installed already.
    Setup,
    /// Build the npm package: the folder pkg/ and the tarball, in target/ and in dist/, where it is committed.
    Package,
    /// Run the packed package against the real server and a simulated WeChat, and count the calls.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments for the crate `wxsession-demo`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Write a release to dist/: the npm tarballs, the server for this machine, on Debian also as a package and as a container
    /// image, the notes and the sums.
    Release {
        /// Make this part alone.
        part: Option<Part>,
    },
    /// Make js/docs/api.md from the package's declarations.
    Document,
    /// Build the documents as a website in target/site, with a search in both languages.
    Site {
        /// The path of the site on its host.
        #[arg(long, default_value = "/")]
        base: String,
        /// The address below which a file of the project can be seen, for links to files that are no pages.
        #[arg(long)]
        repository: Option<String>,
        /// Put the demonstration's page at demo/, with recordings of its scenes. Takes minutes, the first time.
        #[arg(long)]
        demo: bool,
    },
    /// Run the named suites, or every test and check, as continuous integration does.
    Test {
        /// Names of suites or of groups.
        suites: Vec<String>,
        /// Print the names, and what each suite checks.
        #[arg(long)]
        list: bool,
    },
    /// Search for inputs that break a rule of the server, for longer than the tests do.
    Fuzz {
        /// A folder in fuzz/corpus; all of them by default.
        target: Option<String>,
        /// Seconds for each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Measure the project beside others; no test depends on the results.
    #[command(disable_help_flag = true)]
    Bench {
        /// Arguments for the crate `wxsession-bench`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Runs the command that the arguments name.
///
/// # Errors
/// The command fails; the message says why. Failed tests are an exit code, not an error.
pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let project = Project::locate();
    match arguments.task {
        Task::Setup => {
            let needs = [test::all_needs(), setup::FOR_SERVER_BENCH.to_vec()].concat();
            setup::provide(&project, &needs).map(|()| ExitCode::SUCCESS)
        }
        Task::Package => {
            setup::provide(&project, setup::FOR_PACKAGE)?;
            let package = package::build(&project)?;
            release::keep(&project, &package).map(|_| ExitCode::SUCCESS)
        }
        Task::Demo { arguments } => process::run_program(&project, "wxsession-demo", &arguments),
        Task::Release { part } => match part {
            None => release::run(&project),
            Some(part) => release::run_part(&project, part),
        }
        .map(|()| ExitCode::SUCCESS),
        Task::Document => {
            setup::provide(&project, &[Need::Packages("")])?;
            document::write(&project).map(|()| ExitCode::SUCCESS)
        }
        Task::Site {
            base,
            repository,
            demo,
        } => {
            setup::provide(&project, site::NEEDS)?;
            let demonstration = if demo {
                site::Demonstration::Recorded
            } else {
                site::Demonstration::LeftOut
            };
            let folder = site::build(&project, &base, repository.as_deref(), demonstration)?;
            println!("The site: {}", folder.display());
            Ok(ExitCode::SUCCESS)
        }
        Task::Test { list: true, .. } => {
            test::list();
            Ok(ExitCode::SUCCESS)
        }
        Task::Test { suites, .. } => test::run(&project, &suites),
        Task::Fuzz { target, seconds } => fuzz::run(&project, target.as_deref(), seconds),
        Task::Bench { arguments } => process::run_program(&project, "wxsession-bench", &arguments),
    }
}

/// Turns a result into an exit code, and prints the error if there is one.
pub fn exit_code(result: Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

//! The project's commands: `cargo xtask setup`, `package`, `demo`, `document`, `test`, `fuzz`, `bench`, `release`.
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
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;
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
    /// Install every tool that the other commands need; what is there already is kept.
    Setup,
    /// Build the npm package: the folder pkg/ and the tarball, in target/ and in dist/, where it is committed.
    Package,
    /// Run the packed package against the real server and a simulated WeChat, and count what it
    /// did.
    #[command(disable_help_flag = true)]
    Demo {
        /// Passed on to the crate `wxsession-demo`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Write a release to dist/: the npm tarball, the server for this machine, the notes and the sums.
    Release,
    /// Make js/docs/api.md from the package's declarations.
    Document,
    /// Run the suites that are named, or every test and every check, as the continuous integration does.
    Test {
        /// Names of suites, or of groups of them.
        suites: Vec<String>,
        /// Print the names, and what each suite proves.
        #[arg(long)]
        list: bool,
    },
    /// Look for inputs that break a rule of the server; the tests do it for seconds, this as long as wanted.
    Fuzz {
        /// One of the folders in fuzz/corpus; all of them if none is named.
        target: Option<String>,
        /// How long to look in each.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Measure what the project ships beside what others ship; no test depends on it.
    #[command(disable_help_flag = true)]
    Bench {
        /// Passed on to the crate `wxsession-bench`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Runs the command that the arguments name.
///
/// # Errors
/// The command could not do its work; the message says why. Failed tests are not an error but an exit code.
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
        Task::Release => release::run(&project).map(|()| ExitCode::SUCCESS),
        Task::Document => {
            setup::provide(&project, &[Need::Packages("")])?;
            document::write(&project).map(|()| ExitCode::SUCCESS)
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

/// What a program exits with: the code it was given, or a failure after printing the error.
pub fn exit_code(result: Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

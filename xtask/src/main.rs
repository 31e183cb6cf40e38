//! `cargo xtask`: see the library beside this program.

use std::process::ExitCode;

use clap::Parser;
use xtask::{Arguments, exit_code, run};

fn main() -> ExitCode {
    exit_code(run(Arguments::parse()))
}

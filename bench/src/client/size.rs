//! The bytes that a mini program downloads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::package::{Package, SHIPPED_FOLDER};
use xtask::process::succeed;
use xtask::project::Project;

use super::figures::{LibrarySize, Part};
use super::library::{self, Library, OURS};
use crate::peers::Peers;

/// The module in the package.
const MODULE: &str = "wxsession.wasm.br";
/// The script in the package.
pub(super) const SCRIPT: &str = "index.js";

/// The figures that bundling a library prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundled {
    library: String,
    set_up: usize,
}

/// The files that ship.
pub(super) struct Shipped {
    pub(super) script: Part,
    pub(super) module: Part,
}

/// Weighs the files that ship.
pub(super) fn shipped(project: &Project, package: &Package) -> Result<Shipped> {
    let folder = package.folder.join(SHIPPED_FOLDER);
    let script = folder.join(SCRIPT);
    Ok(Shipped {
        script: Part {
            name: SCRIPT.to_owned(),
            raw: length(&script)?,
            brotli: compressed(project, &script)?,
        },
        module: Part {
            name: MODULE.to_owned(),
            raw: length(&package.module)?,
            brotli: length(&folder.join(MODULE))?,
        },
    })
}

/// Bundles every library with its set-up into a folder of the mini program, and weighs them: ours as the files that ship,
/// the others as their bundle.
pub(super) fn libraries(
    project: &Project,
    program: &Path,
    peers: &Peers,
    ours: &Shipped,
) -> Result<Vec<LibrarySize>> {
    let folder = program.join("libraries");
    let mut bundle = project.command("node");
    bundle.arg("bench/scripts/bundle.mjs").arg(&folder);
    bundle.args(["bare", library::AWAITED, library::PLAIN, library::SIGNED]);
    bundle.args(library::ALL.iter().map(|library| library.name));
    let told = succeed(project, "bundle-libraries", &mut bundle)?;
    let bundled: Vec<Bundled> = told
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("bundling")?;
    library::ALL
        .iter()
        .map(|library| {
            let set_up = bundled.iter().find(|each| each.library == library.name);
            let set_up = set_up.map_or(0, |bundled| bundled.set_up);
            let file = folder.join(library.name).with_extension("js");
            weigh(project, library, &file, set_up, peers, ours)
        })
        .collect()
}

fn weigh(
    project: &Project,
    library: &Library,
    file: &Path,
    set_up: usize,
    peers: &Peers,
    ours: &Shipped,
) -> Result<LibrarySize> {
    let is_ours = library.name == OURS;
    let version = match is_ours {
        true => project.locked_version(OURS)?,
        false => peers.version(library.name)?,
    };
    let (raw, brotli) = match is_ours {
        true => (
            ours.script.raw + ours.module.raw,
            ours.script.brotli + ours.module.brotli,
        ),
        false => (length(file)?, compressed(project, file)?),
    };
    Ok(LibrarySize {
        library: library.name.to_owned(),
        version,
        note: library.note.to_owned(),
        raw,
        brotli,
        set_up: if is_ours { 0 } else { set_up },
    })
}

fn compressed(project: &Project, file: &Path) -> Result<usize> {
    let name = file.file_name().unwrap_or_default();
    let output: PathBuf = project.target("bench").join(name).with_extension("br");
    let mut compress = project.script("compress.mjs");
    succeed(project, "compress", compress.arg(file).arg(&output))?;
    length(&output)
}

fn length(file: &Path) -> Result<usize> {
    let bytes = fs::metadata(file)
        .with_context(|| format!("reading {}", file.display()))?
        .len();
    Ok(usize::try_from(bytes)?)
}

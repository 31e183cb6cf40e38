//! The bytes that a mini program downloads, and their parts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::attribution::{DATA, REST, by_crate, sections};
use super::figures::{LibrarySize, Part};
use super::library::{self, Library, OURS};
use crate::peers::Peers;
use xtask::package::{Package, SHIPPED_FOLDER};
use xtask::process::succeed;
use xtask::project::Project;

/// The module in the package.
const MODULE: &str = "wxsession.wasm.br";
/// The script in the package.
const SCRIPT: &str = "index.js";

/// The figures that bundling a library prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundled {
    library: String,
    set_up: usize,
}

/// A source's share of the bundle.
#[derive(Deserialize)]
struct Source {
    path: String,
    bytes: usize,
}

/// Weighs the script and the module as they ship.
pub(super) fn files(project: &Project, package: &Package) -> Result<Vec<Part>> {
    let shipped = package.folder.join(SHIPPED_FOLDER);
    let script = shipped.join(SCRIPT);
    let brotli = length(&shipped.join(MODULE))?;
    Ok(vec![
        Part {
            name: SCRIPT.to_owned(),
            raw: length(&script)?,
            brotli: compressed(project, &script)?,
        },
        Part {
            name: MODULE.to_owned(),
            raw: length(&package.module)?,
            brotli,
        },
    ])
}

/// Bundles every library with its set-up into a folder of the mini program, and weighs them: ours as the files that ship,
/// the others as their bundle.
pub(super) fn libraries(
    project: &Project,
    program: &Path,
    peers: &Peers,
    ours: &[Part],
) -> Result<Vec<LibrarySize>> {
    let folder = program.join("libraries");
    let mut bundle = project.command("node");
    bundle.arg("bench/scripts/bundle.mjs").arg(&folder);
    bundle.args(["bare", library::AWAITED]);
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
    ours: &[Part],
) -> Result<LibrarySize> {
    let is_ours = library.name == OURS;
    let version = match is_ours {
        true => project.locked_version(OURS)?,
        false => peers.version(library.name)?,
    };
    let (raw, brotli) = match is_ours {
        true => (
            ours.iter().map(|part| part.raw).sum(),
            ours.iter().map(|part| part.brotli).sum(),
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

/// Attributes the module's bytes to crates. The module is finished again with its functions' names, and must have the same
/// functions as the one that ships.
pub(super) fn module(project: &Project, package: &Package, brotli: usize) -> Result<Vec<Part>> {
    let made = project.target("package/wasm-pack");
    let named = project.target("bench/named.wasm");
    let mut finish = observed(project, "keep-names.mjs", "finish-module.mjs");
    finish.args([made.join("wxsession_bg.wasm"), made.join("wxsession_bg.js")]);
    finish.args([&named, &project.target("bench/named-glue.js")]);
    succeed(project, "named-module", &mut finish)?;

    let named = fs::read(named)?;
    let shipped = fs::read(&package.module)?;
    let (code, data) = sections(&shipped)?;
    ensure!(
        sections(&named)? == (code, data),
        "the module with names is not the one that ships: has finish-module.mjs changed?"
    );
    let mut parts = by_crate(&named)?;
    parts.push((DATA.to_owned(), data));
    parts.push((REST.to_owned(), shipped.len() - code - data));
    Ok(in_proportion(parts, brotli))
}

/// Attributes the script's bytes to sources. The script is bundled again, and must come out the same.
pub(super) fn script(project: &Project, package: &Package, brotli: usize) -> Result<Vec<Part>> {
    let bundle = project.target("bench").join(SCRIPT);
    let glue = project.target("package/wxsession-glue.js");
    let mut again = observed(project, "keep-metafile.mjs", "bundle.mjs");
    succeed(
        project,
        "bundle-with-sources",
        again.arg(&glue).arg(&bundle),
    )?;

    let shipped = fs::read(package.folder.join(SHIPPED_FOLDER).join(SCRIPT))?;
    ensure!(
        fs::read(&bundle)? == shipped,
        "the script with its sources is not the one that ships"
    );
    let sources: Vec<Source> = serde_json::from_slice(&fs::read(bundle.with_extension("json"))?)?;
    let known: usize = sources.iter().map(|source| source.bytes).sum();
    let mut parts: Vec<_> = sources
        .into_iter()
        .filter(|source| source.bytes > 0)
        .map(|source| (source_name(&source.path), source.bytes))
        .collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let added = shipped.len().saturating_sub(known);
    parts.push(("added by the bundler".to_owned(), added));
    Ok(in_proportion(parts, brotli))
}

/// Names the glue without the folder in which it was built.
fn source_name(path: &str) -> String {
    match path.rsplit('/').next() {
        Some("wxsession-glue.js") => "wasm-bindgen's glue".to_owned(),
        _ => path.to_owned(),
    }
}

/// One of the package's own scripts, observed by another one.
fn observed(project: &Project, observer: &str, script: &str) -> std::process::Command {
    let mut command = project.command("node");
    command
        .arg("--import")
        .arg(project.path("bench/scripts").join(observer));
    command.arg(project.path("xtask/node").join(script));
    command
}

/// Shares the compressed bytes out, as if all parts compressed alike.
fn in_proportion(parts: Vec<(String, usize)>, brotli: usize) -> Vec<Part> {
    let all: usize = parts.iter().map(|(_, raw)| raw).sum();
    parts
        .into_iter()
        .map(|(name, raw)| Part {
            name,
            raw,
            brotli: (raw * brotli + all / 2) / all.max(1),
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_compressed_bytes_follow_the_raw_ones() {
        let parts = in_proportion(vec![("a".to_owned(), 300), ("b".to_owned(), 100)], 200);
        assert_eq!([parts[0].brotli, parts[1].brotli], [150, 50]);
    }

    #[test]
    fn nothing_has_no_shares() {
        assert!(in_proportion(Vec::new(), 200).is_empty());
    }

    #[test]
    fn the_glue_is_named_without_where_it_was_built() {
        assert_eq!(source_name("../x/wxsession-glue.js"), "wasm-bindgen's glue");
        assert_eq!(source_name("js/src/task.ts"), "js/src/task.ts");
    }
}

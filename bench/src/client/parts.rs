//! The parts of the package that ships: the crates in the module, the sources in the script.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use serde::Deserialize;
use xtask::package::{Package, SHIPPED_FOLDER, unused_data};
use xtask::process::succeed;
use xtask::project::Project;

use super::attribution::{DATA, REST, by_crate, sections};
use super::figures::Part;
use super::size::SCRIPT;

/// A source's share of the bundle.
#[derive(Deserialize)]
struct Source {
    path: String,
    bytes: usize,
}

/// Attributes the module's bytes to crates. The module is finished again with its functions' names, and must have the same
/// functions as the one that ships.
pub(super) fn of_module(project: &Project, package: &Package, brotli: usize) -> Result<Vec<Part>> {
    let made = project.target("package/wasm-pack");
    let named = project.target("bench/named.wasm");
    let mut finish = observed(project, "keep-names.mjs", "finish-module.mjs");
    finish.args([&made.join("wxsession_bg.wasm"), &named]);
    finish.arg(project.target("bench/named.json"));
    succeed(project, "named-module", &mut finish)?;

    let mut named = fs::read(named)?;
    unused_data::remove(&mut named)?;
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
pub(super) fn of_script(project: &Project, package: &Package, brotli: usize) -> Result<Vec<Part>> {
    let bundle = project.target("bench").join(SCRIPT);
    let names = project.target("package/wxsession-names.json");
    let mut again = observed(project, "keep-metafile.mjs", "bundle.mjs");
    succeed(
        project,
        "bundle-with-sources",
        again.arg(&names).arg(&bundle),
    )?;

    let shipped = fs::read(package.folder.join(SHIPPED_FOLDER).join(SCRIPT))?;
    ensure!(
        fs::read(&bundle)? == shipped,
        "the script with its sources is not the one that ships"
    );
    let sources: Vec<Source> = serde_json::from_slice(&fs::read(bundle.with_extension("json"))?)?;
    let bundled: usize = sources.iter().map(|source| source.bytes).sum();
    let mut parts: Vec<_> = sources
        .into_iter()
        .filter(|source| source.bytes > 0)
        // The bundle is made smaller as a whole, so every source has its share in that.
        .map(|source| (source.path, source.bytes * shipped.len() / bundled))
        .collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(in_proportion(parts, brotli))
}

/// One of the package's own scripts, observed by another one.
fn observed(project: &Project, observer: &str, script: &str) -> Command {
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
}

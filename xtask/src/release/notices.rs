//! The licences of the crates in the program, whose copyright notices must go with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::crates::{Crate, Graph};
use super::program::host;
use crate::process::answer;
use crate::project::Project;

/// The name of the file in a package.
pub(super) const FILE: &str = "THIRD-PARTY-LICENSES";

/// How the names of such files begin, in capitals.
const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

const HEAD: &str = "\
The program wxsession-server contains the crates below, and Rust's standard library, which is by the Rust Project
Contributors, under MIT OR Apache-2.0. Each text stands below the crates that have it.
";

/// The notices of all crates in the program. A text that several of them have is there once.
pub(super) fn of(project: &Project, graph: &Graph) -> Result<String> {
    let folders = folders(project)?;
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut crates = String::new();
    for one in graph.of_others() {
        let name = format!("{} {}", one.name, one.version);
        writeln!(crates, "{name}: {}", one.license)?;
        let folder = folders
            .get(&key(one))
            .with_context(|| format!("cargo metadata does not name {name}"))?;
        for text in notices(folder)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    let mut all = format!("{HEAD}\n{crates}");
    for (text, names) in texts {
        let line = "-".repeat(80);
        write!(all, "\n{line}\n{}\n{line}\n\n{text}\n", names.join(", "))?;
    }
    Ok(all)
}

/// The texts in a crate's folder.
fn notices(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_file() && NAMES.iter().any(|begin| name.starts_with(begin)) {
            files.push(entry.path());
        }
    }
    files.sort();
    let texts = files.iter().map(|file| {
        let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        Ok(String::from_utf8_lossy(&bytes)
            .replace('\r', "")
            .trim()
            .to_owned())
    });
    texts.collect()
}

/// Where the sources of crates are, by name and version.
fn folders(project: &Project) -> Result<BTreeMap<(String, String), PathBuf>> {
    let mut ask = project.command("cargo");
    ask.args(["metadata", "--locked", "--quiet", "--format-version", "1"]);
    // Otherwise cargo fetches what other kinds of machines need.
    ask.arg("--filter-platform").arg(host(project)?);
    let answer = answer(&mut ask).context("cargo metadata fails")?;
    let metadata: Value = serde_json::from_str(&answer)?;
    let packages = metadata["packages"].as_array();
    let packages = packages.context("cargo metadata names no packages")?;
    let folders = packages.iter().filter_map(|package| {
        let text = |name: &str| Some(package[name].as_str()?.to_owned());
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        Some(((text("name")?, text("version")?), folder.to_owned()))
    });
    Ok(folders.collect())
}

fn key(one: &Crate) -> (String, String) {
    (one.name.clone(), one.version.clone())
}

//! The package as those have it who install it: what npm, Node.js and TypeScript make of it, what is in it, and whether
//! everybody can make the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::report::Report;
use super::stage::Stage;
use crate::package::{self, Package, SHIPPED_FOLDER, size, sums};
use crate::process::answer;
use crate::project::Project;
use crate::{miniprogram, release};

const FOLDER: &str = "tests/published";
const DOCUMENT: &str = "js/docs/package.md";

/// What is built, or too large to copy for nothing.
const LEFT_BEHIND: [&str; 6] = [".git", "target", "node_modules", "pkg", "dist", "corpus"];

/// Judges the package.
pub(super) fn run(stage: &Stage<'_>, report: &Report<'_>) {
    let project = stage.project;
    let Some(package) = report.attempt("published", || stage.package()) else {
        return;
    };
    report.test("size", || {
        size::within_budget(project, &package.folder).map(drop)
    });
    let mut publint = project.command("node");
    publint.arg(project.path(FOLDER).join("publint.mjs"));
    publint.arg(&package.tarball);
    report.check("publint", &mut publint);
    let mut types = are_the_types_wrong(project, &package.tarball);
    report.check("are the types wrong", &mut types);
    report.test("the files that the document lists", || {
        lists_the_files(project, package)
    });
    let mut sums = project.command("sha256sum");
    sums.current_dir(&package.folder);
    sums.args(["--check", "--strict", "SHA256SUMS"]);
    report.check("the sums in the package", &mut sums);
    report.test("the tarball that is committed", || {
        is_committed(project, package)
    });
    report.test("the same module from another folder", || {
        is_made_again(project, package)
    });
}

/// Whether the declarations are found, and mean what the script is, however TypeScript looks for them.
fn are_the_types_wrong(project: &Project, tarball: &Path) -> Command {
    let mut command = project.command("node");
    command.arg(
        project
            .path(FOLDER)
            .join("node_modules/@arethetypeswrong/cli/dist/index.js"),
    );
    command.arg(tarball);
    command.args(["--format", "ascii", "--no-color", "--no-emoji"]);
    command
}

#[derive(Deserialize)]
struct Packed {
    files: Vec<PackedFile>,
}

#[derive(Deserialize)]
struct PackedFile {
    path: String,
}

/// Holds the document's list to what npm says that it would publish.
fn lists_the_files(project: &Project, package: &Package) -> Result<()> {
    let mut command = project.npm();
    command
        .args(["pack", "--dry-run", "--json"])
        .arg(&package.folder);
    let said = answer(&mut command).context("npm pack --dry-run failed")?;
    let packed: Vec<Packed> = serde_json::from_str(&said).context("npm pack printed no JSON")?;
    let files = packed.into_iter().flat_map(|packed| packed.files);
    let files: BTreeSet<_> = files.map(|file| file.path).collect();
    let document = fs::read_to_string(project.path(DOCUMENT))?;
    let listed: BTreeSet<_> = block(&document, "text")?
        .lines()
        .map(str::to_owned)
        .collect();
    ensure!(
        listed == files,
        "{DOCUMENT} lists {listed:?}, and the package has {files:?}"
    );
    Ok(())
}

/// Holds the tarball in `dist/`, which mini programs install, to what the sources make.
fn is_committed(project: &Project, package: &Package) -> Result<()> {
    let committed = release::kept(project)?;
    let remedy = "run `cargo xtask package` and commit dist/";
    ensure!(
        committed.is_file(),
        "there is no {}: {remedy}",
        committed.display()
    );
    let (was, is) = (
        contents(project, &committed)?,
        contents(project, &package.tarball)?,
    );
    let names: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let stale: Vec<_> = names
        .into_iter()
        .filter(|name| was.get(*name) != is.get(*name))
        .collect();
    ensure!(
        stale.is_empty(),
        "in {} these are not what the sources make: {stale:?}; {remedy}",
        committed.display()
    );
    Ok(())
}

/// The files in a tarball, by their paths.
fn contents(project: &Project, tarball: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let folder = tempfile::tempdir()?;
    miniprogram::unpack(project, tarball, folder.path())?;
    let files = package::files_in(folder.path())?.into_iter();
    files
        .map(|file| {
            Ok((
                file.strip_prefix(folder.path())?.to_owned(),
                fs::read(&file)?,
            ))
        })
        .collect()
}

/// The first block of this language in a document.
fn block<'a>(document: &'a str, language: &str) -> Result<&'a str> {
    let block = document.split_once(&format!("```{language}\n"));
    let block = block.and_then(|(_, rest)| rest.split_once("\n```"));
    Ok(block
        .with_context(|| format!("{DOCUMENT} has no block of {language}"))?
        .0)
}

/// Builds the module once more, from a copy of the sources, and holds the package to it.
fn is_made_again(project: &Project, package: &Package) -> Result<()> {
    let elsewhere = tempfile::tempdir()?;
    let copy = project.copied_to(elsewhere.path().join("a copy"));
    copy_folder(project.root(), copy.root())?;
    // All that building the module takes of npm's packages.
    let optimizer = "node_modules/binaryen";
    copy_folder(&project.path(optimizer), &copy.path(optimizer))?;
    let again = package::build_module(&copy)?;
    let shipped = package
        .folder
        .join(SHIPPED_FOLDER)
        .join("wxsession.wasm.br");
    let (here, there) = (sums::sum(&shipped)?, sums::sum(&again)?);
    ensure!(
        here == there,
        "the module is {here}, and from a copy of the sources {there}"
    );
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if LEFT_BEHIND.iter().any(|left| name == *left) {
            continue;
        }
        let to = to.join(name);
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            fs::copy(&path, &to).with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

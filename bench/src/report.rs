//! Publishes a run's figures: a JSON file, from which a script makes pictures and tables.

use std::fs;

use anyhow::Result;
use serde::Serialize;
use xtask::process::succeed;
use xtask::project::Project;

use crate::effort::Effort;

/// The folder of the script and its npm packages.
pub(super) const FOLDER: &str = "bench/report";

/// Writes `SUBJECT.json` and its pictures in both languages, and prints the tables.
///
/// # Errors
/// A file cannot be written, or the script fails.
pub(super) fn publish(
    project: &Project,
    effort: Effort,
    subject: &str,
    figures: &impl Serialize,
) -> Result<()> {
    let folder = effort.folder(project);
    let json = folder.join(subject).with_extension("json");
    fs::write(&json, serde_json::to_string_pretty(figures)? + "\n")?;
    let mut report = project.command("node");
    report
        .arg(format!("{FOLDER}/report.mjs"))
        .arg(subject)
        .arg(&folder);
    print!("{}", succeed(project, "bench-report", &mut report)?);
    println!(
        "The figures: {}\nThe pictures: the SVG files in {}",
        json.display(),
        folder.display()
    );
    Ok(())
}

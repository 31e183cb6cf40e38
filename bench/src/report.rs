//! Publishes a run's figures: a JSON file, from which a script makes a picture and tables.

use std::fs;

use anyhow::Result;
use serde::Serialize;
use xtask::process::succeed;
use xtask::project::Project;
use xtask::setup::{self, Need};

const FOLDER: &str = "bench/report";

/// Installs what draws the picture.
///
/// # Errors
/// npm fails.
pub(super) fn provide(project: &Project) -> Result<()> {
    setup::provide(project, &[Need::Packages(FOLDER)])
}

/// Writes `bench/SUBJECT.json` and `bench/SUBJECT.svg`, and prints the tables.
///
/// # Errors
/// A file cannot be written, or the script fails.
pub(super) fn publish(project: &Project, subject: &str, figures: &impl Serialize) -> Result<()> {
    let json = project.path(format!("bench/{subject}.json"));
    fs::write(json, serde_json::to_string_pretty(figures)? + "\n")?;
    let mut report = project.command("node");
    report.arg(format!("{FOLDER}/report.mjs")).arg(subject);
    print!("{}", succeed(project, "bench-report", &mut report)?);
    println!("The figures: bench/{subject}.json\nThe picture: bench/{subject}.svg");
    Ok(())
}

//! Counts what twenty calls at once take.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::project::Project;

use super::engine::{Engine, told};
use super::figures::{Counts, Storm};
use super::library;

/// The scenes in the order of the table.
const SCENES: [&str; 3] = ["cold", "together", "staggered"];

/// The figures that a library's storms print.
#[derive(Deserialize)]
struct Stormed {
    scenes: HashMap<String, Counts>,
}

/// Counts the storms of every library.
pub(super) fn measure(project: &Project, program: &Path) -> Result<Vec<Storm>> {
    let node = Engine::node(project);
    let mut storms = Vec::new();
    for library in library::ALL {
        let mut command = node.script(project, "storm.js", program, library.name);
        let stormed: Stormed = told(project, "bench-storm", &mut command)?;
        for scene in SCENES {
            storms.push(Storm {
                library: library.name.to_owned(),
                scene: scene.to_owned(),
                counts: *stormed.scenes.get(scene).context("a storm is missing")?,
            });
        }
    }
    Ok(storms)
}

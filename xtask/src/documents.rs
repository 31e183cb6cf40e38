//! What holds the project's Markdown together: links lead somewhere, a page says the same in both languages, and what
//! stands in a page and in the sources is the same in both.

mod commands;
mod links;
mod page;
mod pairs;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::Project;

/// Folders that hold what others wrote, or what was built.
const FOREIGN: [&str; 6] = [
    "target",
    "node_modules",
    "pkg",
    "dist",
    "corpus",
    "miniprogram_npm",
];

/// Every Markdown file of the project, by its path from the top folder.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let root = Project::locate().root().to_path_buf();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                found.push(
                    path.strip_prefix(&root)
                        .expect("it is inside")
                        .to_path_buf(),
                );
            }
        }
    }
    found.sort();
    found
}

fn read(file: impl AsRef<Path>) -> String {
    let path = Project::locate().path(&file);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", file.as_ref().display()))
}

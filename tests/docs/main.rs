//! What holds the project's Markdown together: every link leads somewhere, both languages of a page say the same, and a
//! page that repeats the sources repeats them exactly. `code/` runs the code in the pages.

#![allow(missing_docs)] // It is a program of tests, without an API.

mod commands;
mod links;
mod page;
mod pairs;
mod security;
mod tables;
mod translation;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders with other people's files or with build results.
const FOREIGN: [&str; 6] = [
    "target",
    "node_modules",
    "pkg",
    "dist",
    "corpus",
    "miniprogram_npm",
];

/// The project's top folder.
fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("this crate is in tests/docs")
}

/// Every Markdown file of the project, as a path from the top folder.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                let inside = path.strip_prefix(root()).expect("it is inside");
                found.push(inside.to_path_buf());
            }
        }
    }
    found.sort();
    found
}

fn read(file: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(&file))
        .unwrap_or_else(|error| panic!("{}: {error}", file.as_ref().display()))
}

//! The reference stays minimal: what it depends on, and how much there is to read.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Lines, without tests, examples in comments and the contract, which is a test that is exported. A third of them is
/// about users with an account: who follows whom on a phone, and under what each session was granted. A seventh is about
/// signed requests: when a token counts, what was served before, by whom, and what a client is told. A tenth is about what must not
/// happen while something else fails: codes lost, logs flooded, sessions outliving a wrong clock. A fiftieth is the store in
/// memory, which has to hold a million users in less room than a map of the standard library takes.
const MOST_LINES: usize = 5_990;

/// What a service brings along.
const NOT_HERE: [&str; 9] = [
    "clap",
    "metrics",
    "metrics-exporter-prometheus",
    "redb",
    "redis",
    "rustls",
    "tokio-rustls",
    "wxsession-service",
    "wxsession-stores",
];

#[test]
fn the_reference_depends_on_no_store_no_program_and_no_tls() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "wxsession-server"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let packages: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(packages.contains(&"axum"), "{tree}");
    for package in NOT_HERE {
        assert!(!packages.contains(&package), "{package} is in the tree");
    }
}

#[test]
fn the_reference_can_be_read_in_an_afternoon() {
    let lines = lines_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(
        (1_000..=MOST_LINES).contains(&lines),
        "{lines} lines, and {MOST_LINES} are allowed"
    );
}

/// The lines of all modules in this folder that are no tests.
fn lines_in(folder: &Path) -> usize {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let lines = paths.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        match name {
            "tests" | "contract" => 0,
            _ if path.is_dir() => lines_in(&path),
            _ => lines_of(&fs::read_to_string(&path).unwrap()),
        }
    });
    lines.sum()
}

/// The lines of a module before its tests, which are last in it.
fn lines_of(module: &str) -> usize {
    let mut in_example = false;
    let is_read = |line: &&str| {
        let fence = line.trim_start().starts_with("/// ```");
        in_example ^= fence;
        !fence && !in_example
    };
    let lines = module.lines().take_while(|line| *line != "#[cfg(test)]");
    lines.filter(is_read).count()
}

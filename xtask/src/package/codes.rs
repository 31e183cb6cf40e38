//! The shim's table of error codes, written from the core's.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wxsession::error::ErrorCode;

use crate::project::Project;

/// Writes `js/src/codes.ts`, if it is not up to date.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(project: &Project) -> Result<()> {
    let path = file(project);
    let table = table();
    if fs::read_to_string(&path).is_ok_and(|written| written == table) {
        return Ok(());
    }
    fs::write(&path, table).with_context(|| format!("writing {}", path.display()))
}

fn file(project: &Project) -> PathBuf {
    project.path("js/src/codes.ts")
}

fn table() -> String {
    let mut text = String::from(
        "// Written by `cargo xtask package` from the table in src/error.rs: change that one.\n\n\
         /** Every code and its message; the module passes a code as its place in this table. */\n\
         export const CODES = [\n",
    );
    for code in ErrorCode::ALL {
        // Rust's quoting is JavaScript's as long as both texts are ASCII, which the bundle's
        // charset asks for anyway.
        let _ = writeln!(text, "  [{:?}, {:?}],", code.name(), code.message());
    }
    text.push_str("] as const\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shims_table_of_codes_is_the_cores() {
        let written = fs::read_to_string(file(&Project::locate())).unwrap_or_default();
        assert_eq!(
            written,
            table(),
            "js/src/codes.ts is stale: run `cargo xtask package` and commit it"
        );
    }

    #[test]
    fn the_declarations_name_every_code_and_no_other() {
        let path = Project::locate().path("js/index.d.ts");
        let declarations = fs::read_to_string(path).expect("js/index.d.ts is there");
        let (_, union) = declarations
            .split_once("type SessionErrorCode =")
            .expect("the codes are a union of their names");
        let declared: Vec<_> = union
            .lines()
            .skip(1)
            .map_while(|line| line.trim().strip_prefix("| '")?.strip_suffix('\''))
            .collect();
        let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(declared, codes, "change js/index.d.ts");
    }

    #[test]
    fn every_text_is_ascii_so_that_its_quotes_mean_the_same_in_javascript() {
        assert!(table().is_ascii());
    }
}

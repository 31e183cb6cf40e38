//! Generates the shim's names for the core's numbers.

use std::fmt::{self, Debug, Formatter, Write as _};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wxsession::error::{ErrorCode, Stage};
use wxsession::flow::Phase;
use wxsession::numbers::{DELIVER, ERRANDS, GO, INTERRUPTED, TIMED_OUT, UNREACHABLE, WANTS};
use wxsession::policy::REFUSAL_STATUS;
use wxsession::session::{ENDING_VERSION, ENDINGS, STORED_VERSION};

use crate::project::Project;

/// Writes `js/src/codes.ts` unless the file is up to date.
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
        "// Written by `cargo xtask package` from src/error.rs, src/flow.rs, src/numbers.rs, src/policy.rs and src/session.rs: change those.\n",
    );
    codes(&mut text);
    let names: Vec<_> = Phase::ALL.iter().map(|phase| phase.name()).collect();
    let phases = Phase::ALL.map(|phase| (phase, phase as i32));
    let wants: Vec<_> = WANTS.into_iter().zip(0..).collect();
    let outcomes = [("Go", GO), ("Deliver", DELIVER)].map(|(name, number)| (Bare(name), number));
    let errands: Vec<_> = ERRANDS.map(Bare).into_iter().zip(0..).collect();
    let replies = [
        ("Unreachable", UNREACHABLE),
        ("Interrupted", INTERRUPTED),
        ("TimedOut", TIMED_OUT),
    ]
    .map(|(name, number)| (Bare(name), number as i32));
    let _ = writeln!(
        text,
        "\n/** What an app sees, in the order of the numbers that the module passes. */\n\
         export const PHASES = {names:?} as const"
    );
    numbers(&mut text, "The same by their numbers.", "Phase", &phases);
    numbers(
        &mut text,
        "What becomes of a ticket that does not fail.",
        "Outcome",
        &outcomes,
    );
    numbers(&mut text, "What a ticket wants.", "Want", &wants);
    numbers(&mut text, "What the core asks for.", "Errand", &errands);
    numbers(
        &mut text,
        "In place of a status, if an exchange was not answered.",
        "Reply",
        &replies,
    );
    let endings = ENDINGS.map(|code| code as u32);
    let signed_out = endings[0];
    let _ = writeln!(
        text,
        "\n/** The status of an answer that refuses the session. */\n\
         export const REFUSAL_STATUS = {REFUSAL_STATUS}\n\n\
         /** The versions of a stored session and of a stored ending. Anything else in storage is ignored. */\n\
         export const STORED_VERSION = {STORED_VERSION}\n\
         export const ENDING_VERSION = {ENDING_VERSION}\n\n\
         /** Every reason for which only a login signs in again, by the number of its code. The first is `signed_out`. */\n\
         export const ENDINGS = {endings:?}\n\
         export const SIGNED_OUT = {signed_out}"
    );
    text
}

fn codes(text: &mut String) {
    text.push_str(
        "\n/** Every code, its message, and 1 if a sign-in fails with it. The module passes a code as its place here. */\n\
         export const CODES = [\n",
    );
    for code in ErrorCode::ALL {
        let mark = match code.stage() {
            Stage::SignIn => ", 1",
            Stage::Call => "",
        };
        // For ASCII texts Rust and JavaScript quote alike. The charset of the bundle demands ASCII anyway.
        let _ = writeln!(text, "  [{:?}, {:?}{mark}],", code.name(), code.message());
    }
    text.push_str("] as const\n");
}

/// An enum that the bundler reduces to its numbers.
fn numbers<Name: Debug>(text: &mut String, doc: &str, name: &str, rows: &[(Name, i32)]) {
    let _ = writeln!(text, "\n/** {doc} */\nexport const enum {name} {{");
    for (row, number) in rows {
        let _ = writeln!(text, "  {row:?} = {number},");
    }
    text.push_str("}\n");
}

/// A name without quotes.
struct Bare(&'static str);

impl Debug for Bare {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
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
    fn a_code_at_the_end_of_the_table_is_a_sign_ins_only_if_its_row_says_so() {
        for code in ErrorCode::ALL {
            let row = format!("  [{:?}, {:?}", code.name(), code.message());
            let end = match code.stage() {
                Stage::SignIn => ", 1],\n",
                Stage::Call => "],\n",
            };
            assert!(table().contains(&(row + end)), "{}", code.name());
        }
    }

    #[test]
    fn the_declarations_name_every_phase() {
        let path = Project::locate().path("js/index.d.ts");
        let declarations = fs::read_to_string(path).expect("js/index.d.ts is there");
        let names: Vec<_> = Phase::ALL
            .iter()
            .map(|phase| format!("'{}'", phase.name()))
            .collect();
        let union = format!("type SessionState = 'loading' | {}\n", names.join(" | "));
        assert!(declarations.contains(&union), "change js/index.d.ts");
    }

    #[test]
    fn every_text_is_ascii_so_that_its_quotes_mean_the_same_in_javascript() {
        assert!(table().is_ascii());
    }
}

//! The figures for a person at a terminal, at most 100 columns wide.

use std::fmt::Write as _;

use super::figures::{Counts, Figures, Part, SIZE_BUDGET, SIZE_GOAL};
use super::library::OURS;
use super::timing;
use crate::line::{row, storm_row, verdict};

/// What each storm is called, and the least that it can be done with.
const STORMS: [(&str, &str, [u32; 4]); 3] = [
    ("cold", "nobody signed in", [1, 1, 20, 20]),
    ("together", "expired together", [1, 1, 40, 20]),
    ("staggered", "expired, staggered", [1, 1, 40, 20]),
];

/// The whole table.
pub(super) fn print(figures: &Figures) -> String {
    let mut table = figures.measured.heading();
    for part in [
        sizes(figures),
        parts(figures),
        timing::costs(figures),
        timing::starts(figures),
        storms(figures),
        notes(figures),
    ] {
        table.push('\n');
        table.push_str(&part);
    }
    table
}

fn sizes(figures: &Figures) -> String {
    let mut table = row(
        "Bytes that a mini program downloads",
        &["raw", "brotli", "own set-up"],
    );
    for each in &figures.libraries {
        let name = format!("  {} {}", each.library, each.version);
        let set_up = if each.library == OURS {
            String::new()
        } else {
            each.set_up.to_string()
        };
        table += &row(
            &name,
            &[&each.raw.to_string(), &each.brotli.to_string(), &set_up],
        );
    }
    let ours: usize = figures.files.iter().map(|file| file.brotli).sum();
    let _ = writeln!(
        table,
        "  {OURS}: {ours} bytes; budget {SIZE_BUDGET}: {}, {}; goal {SIZE_GOAL}: {}",
        verdict(ours <= SIZE_BUDGET),
        away(ours, SIZE_BUDGET),
        away(ours, SIZE_GOAL)
    );
    table
}

fn away(bytes: usize, from: usize) -> String {
    match bytes.checked_sub(from) {
        Some(above @ 1..) => format!("{above} above it"),
        _ => format!("{} below it", from - bytes),
    }
}

fn parts(figures: &Figures) -> String {
    let mut table = row(&format!("What {OURS} is made of"), &["raw", "brotli"]);
    let sources = [&figures.script, &figures.module];
    for (file, parts) in figures.files.iter().zip(sources) {
        table += &part_row("  ", file);
        for part in parts {
            table += &part_row("    ", part);
        }
    }
    table + "  Below a file: raw bytes are exact, Brotli's are shared out in proportion to them.\n"
}

fn part_row(indent: &str, part: &Part) -> String {
    let name = format!("{indent}{}", part.name);
    row(&name, &[&part.raw.to_string(), &part.brotli.to_string()])
}

fn storms(figures: &Figures) -> String {
    let mut table =
        String::from("Twenty calls at once: wx.login, exchanges, other requests, answers\n");
    table += &storm_row("", STORMS.map(|(_, title, _)| format!("{title:>24}")));
    let least = STORMS.map(|(_, _, [logins, exchanges, requests, answered])| {
        let counts = Counts {
            logins,
            exchanges,
            requests,
            answered,
            failed: 0,
            lost: 0,
        };
        counted(counts)
    });
    table += &storm_row("  least possible", least);
    for each in &figures.libraries {
        let cells = STORMS.map(|(scene, ..)| {
            let of = |storm: &&super::figures::Storm| {
                storm.library == each.library && storm.scene == scene
            };
            figures
                .storms
                .iter()
                .find(of)
                .map_or(String::new(), |storm| counted(storm.counts))
        });
        table += &storm_row(&format!("  {}", each.library), cells);
    }
    for storm in figures
        .storms
        .iter()
        .filter(|storm| storm.counts.lost + storm.counts.failed > 0)
    {
        let Counts { failed, lost, .. } = storm.counts;
        let _ = writeln!(
            table,
            "  {}, {}: {failed} calls fail, {lost} are never settled",
            storm.library, storm.scene
        );
    }
    table
}

fn counted(counts: Counts) -> String {
    let Counts {
        logins,
        exchanges,
        requests,
        answered,
        ..
    } = counts;
    format!("{logins:>6}{exchanges:>6}{requests:>6}{answered:>6}")
}

fn notes(figures: &Figures) -> String {
    let mut table = String::from("How they are set up (bench/libraries/)\n");
    for each in &figures.libraries {
        let _ = writeln!(table, "  {:<18} {}", each.library, each.note);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_by_how_far_it_is_from_the_budget() {
        assert_eq!(away(16_001, 16_000), "1 above it");
        assert_eq!(away(16_000, 16_000), "0 below it");
        assert_eq!(away(12_000, 16_000), "4000 below it");
    }
}

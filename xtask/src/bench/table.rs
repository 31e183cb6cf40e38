//! The figures for a person at a terminal, at most 100 columns wide.

mod line;

use std::fmt::Write as _;

use super::figures::{
    COST_BUDGET, Cost, Counts, Figures, Part, SIZE_BUDGET, SIZE_GOAL, START_BUDGET, Start,
};
use super::library::OURS;
use super::statistics::Spread;
use line::{row, storm_row, wide_row};

/// What each storm is called, and the least that it can be done with.
const STORMS: [(&str, &str, [u32; 4]); 3] = [
    ("cold", "nobody signed in", [1, 1, 20, 20]),
    ("together", "expired together", [1, 1, 40, 20]),
    ("staggered", "expired, staggered", [1, 1, 40, 20]),
];

/// The whole table.
pub(super) fn print(figures: &Figures) -> String {
    let measured = &figures.measured;
    let mut table = format!(
        "\nMeasured on {}: {}; {}\n",
        measured.day,
        measured.machine,
        measured.engines.join(", ")
    );
    for part in [
        sizes(figures),
        parts(figures),
        costs(figures),
        starts(figures),
        storms(figures),
        notes(figures),
    ] {
        table.push('\n');
        table.push_str(&part);
    }
    table
}

/// Whether a budget is met.
pub(super) fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "NOT met" }
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

fn costs(figures: &Figures) -> String {
    let mut engines: Vec<_> = figures
        .cost
        .iter()
        .map(|cost| cost.engine.as_str())
        .collect();
    engines.dedup();
    let mut table =
        String::from("Microseconds that a request with a live session costs over wx.request\n");
    table += &wide_row("  median (the middle half)", &engines);
    let mut libraries: Vec<&str> = Vec::new();
    for cost in &figures.cost {
        if !libraries.contains(&cost.library.as_str()) {
            libraries.push(&cost.library);
        }
    }
    let of = |engine: &str, library: &str| {
        figures
            .cost
            .iter()
            .find(|cost| cost.engine == engine && cost.library == library)
    };
    for library in libraries {
        let cells: Vec<_> = engines
            .iter()
            .map(|engine| cost_cell(of(engine, library)))
            .collect();
        table += &wide_row(&format!("  {library}"), &cells);
    }
    let verdicts: Vec<_> = engines
        .iter()
        .map(|engine| {
            let over = of(engine, OURS).and_then(|cost| cost.over);
            over.map_or("", |over| verdict(over.median <= COST_BUDGET))
        })
        .collect();
    table += &wide_row(&format!("  {OURS}: budget {COST_BUDGET:.1} µs"), &verdicts);
    for cost in &figures.cost {
        if let Some(failure) = &cost.failure {
            let first = failure.lines().next().unwrap_or_default();
            let _ = writeln!(table, "  {} on {}: {first}", cost.library, cost.engine);
        }
    }
    table
}

fn cost_cell(cost: Option<&Cost>) -> String {
    match cost.and_then(|cost| cost.over) {
        Some(Spread {
            median,
            lower,
            upper,
        }) => {
            let digits = if median < 10.0 { 2 } else { 0 };
            format!("{median:.digits$} ({lower:.digits$}–{upper:.digits$})")
        }
        None => "does not run".to_owned(),
    }
}

fn starts(figures: &Figures) -> String {
    let mut table = String::from(
        "Milliseconds of a cold start on Node.js, from evaluating the scripts to the first call with the\n\
         session; wx answers at once\n",
    );
    let columns = [
        "signs in",
        "session kept",
        "scripts",
        "unpacking",
        "compiling",
    ];
    table += &row("  median", &columns);
    for cold in figures.start.iter().filter(|start| !start.kept) {
        let kept = figures
            .start
            .iter()
            .find(|start| start.kept && start.library == cold.library);
        let cells = [
            milliseconds(Some(cold.total.median)),
            kept.map_or("not kept".to_owned(), |kept| {
                milliseconds(Some(kept.total.median))
            }),
            milliseconds(Some(cold.scripts)),
            milliseconds(cold.unpacking),
            milliseconds(cold.compiling),
        ];
        table += &row(&format!("  {}", cold.library), &cells);
    }
    let ours = |kept| {
        figures
            .start
            .iter()
            .find(|start| start.library == OURS && start.kept == kept)
    };
    let judged = |start: Option<&Start>| {
        start.map_or("", |start| verdict(start.total.median <= START_BUDGET))
    };
    let verdicts = [judged(ours(false)), judged(ours(true))];
    table + &row(&format!("  {OURS}: budget {START_BUDGET:.0} ms"), &verdicts)
}

fn milliseconds(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.1}"))
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
    let mut table = String::from("How they are set up (xtask/bench/libraries/)\n");
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

    #[test]
    fn what_does_not_run_is_said() {
        assert_eq!(cost_cell(None), "does not run");
    }
}

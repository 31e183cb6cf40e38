//! The parts of the table that are times.

use std::fmt::Write as _;

use super::figures::{COST_BUDGET, Cost, Figures, START_BUDGET, Start};
use super::library::OURS;
use crate::line::{row, verdict, wide_row};
use crate::statistics::Spread;

/// What a request costs, by engine.
pub(super) fn costs(figures: &Figures) -> String {
    let mut engines: Vec<_> = figures
        .cost
        .iter()
        .map(|cost| cost.engine.as_str())
        .collect();
    engines.dedup();
    let mut table =
        String::from("Microseconds that a request with a live session costs over wx.request\n");
    table += &wide_row("  median (middle half) of runs", &engines);
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

/// How long a start takes.
pub(super) fn starts(figures: &Figures) -> String {
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
    table += &row("  median of starts", &columns);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_run_is_said() {
        assert_eq!(cost_cell(None), "does not run");
    }
}

//! The package's budgets.

use super::figures::{Cost, Part, Start};
use super::library::OURS;
use crate::budget::Budget;

/// The most that a mini program may download, in bytes compressed by Brotli.
const SIZE: usize = xtask::package::size::BUDGET as usize;
/// The goal for the size.
const SIZE_GOAL: usize = 12_000;
/// Microseconds that a request with a live session costs over `wx.request`.
const COST: f64 = 1.0;
/// Milliseconds of a start on Node.js until the first header.
const START: f64 = 5.0;

/// Judges the figures of our package.
pub(super) fn judge(files: &[Part], costs: &[Cost], starts: &[Start]) -> Vec<Budget> {
    let costs = costs.iter().filter(|cost| cost.library == OURS);
    let starts = starts.iter().filter(|start| start.library == OURS);
    let mut budgets = vec![size(files.iter().map(|file| file.brotli).sum())];
    budgets.extend(costs.filter_map(cost));
    budgets.extend(starts.map(start));
    budgets
}

fn size(bytes: usize) -> Budget {
    #[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
    let limit = SIZE as f64;
    Budget {
        kind: "size",
        text: format!(
            "{OURS}: {bytes} bytes, {} the goal of {SIZE_GOAL} and {} the budget of {SIZE}",
            away(bytes, SIZE_GOAL),
            away(bytes, SIZE)
        ),
        limit,
        met: bytes <= SIZE,
    }
}

fn away(bytes: usize, from: usize) -> String {
    match bytes.checked_sub(from) {
        Some(above @ 1..) => format!("{above} above"),
        _ => format!("{} below", from - bytes),
    }
}

/// Returns nothing if our package did not run.
fn cost(cost: &Cost) -> Option<Budget> {
    let over = cost.over?;
    Some(Budget {
        kind: "cost",
        text: format!("{OURS} on {}: at most {COST:.1} µs", cost.engine),
        limit: COST,
        met: over.median <= COST,
    })
}

fn start(start: &Start) -> Budget {
    let session = if start.kept { "kept" } else { "new" };
    Budget {
        kind: "start",
        text: format!("{OURS} with a {session} session: at most {START:.0} ms"),
        limit: START,
        met: start.total.median <= START,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_by_how_far_it_is_from_the_budget() {
        assert_eq!(away(16_001, 16_000), "1 above");
        assert_eq!(away(16_000, 16_000), "0 below");
        assert_eq!(away(12_000, 16_000), "4000 below");
    }
}

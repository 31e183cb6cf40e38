//! The package's budgets.

use super::candidate::EARLIER;
use super::engine;
use super::figures::{Cost, Part, Start};
use super::library::OURS;
use crate::budget::Budget;

/// The most that a mini program may download, in bytes compressed by Brotli.
const SIZE: usize = xtask::package::size::BUDGET as usize;
/// Microseconds that a request with a live session costs over `wx.request`, on an engine that compiles.
const COST: f64 = 0.5;
/// The same cost without a compiler, over that of an earlier build in the same run.
const INTERPRETED: f64 = 0.65;
/// Milliseconds of a start on Node.js until the first header, with a kept session and without.
const START: [f64; 2] = [3.0, 6.0];
/// The same, over those of an earlier build in the same run.
const START_OF_EARLIER: [f64; 2] = [0.4, 0.6];

/// Judges the figures of our package. Ratios are judged only where an earlier build was measured too.
pub(super) fn judge(files: &[Part], costs: &[Cost], starts: &[Start]) -> Vec<Budget> {
    let mut budgets = vec![size(files.iter().map(|file| file.brotli).sum())];
    budgets.extend(costs.iter().filter_map(|each| cost(each, costs)));
    let ours = starts.iter().filter(|start| start.library == OURS);
    budgets.extend(ours.flat_map(|each| start(each, starts)));
    budgets
}

fn size(bytes: usize) -> Budget {
    #[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
    let limit = SIZE as f64;
    Budget {
        kind: "size",
        text: format!(
            "{OURS}: {bytes} bytes, {} the budget of {SIZE}",
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

/// Returns nothing if our package did not run, or if there is nothing to compare with.
fn cost(of: &Cost, all: &[Cost]) -> Option<Budget> {
    let over = of.over.filter(|_| of.library == OURS)?;
    let engine = &of.engine;
    if engine != engine::INTERPRETER {
        return Some(Budget {
            kind: "cost",
            text: format!("{OURS} on {engine}: at most {COST:.1} µs"),
            limit: COST,
            met: over.median <= COST,
        });
    }
    let earlier = |each: &&Cost| each.library == EARLIER && each.engine == *engine;
    let earlier = all.iter().find(earlier)?.over?;
    Some(ratio(
        "cost ratio",
        &format!("{OURS} on {engine}"),
        over.median / earlier.median,
        INTERPRETED,
    ))
}

fn start(of: &Start, all: &[Start]) -> Vec<Budget> {
    let place = usize::from(!of.kept);
    let what = format!("{OURS} with a {} session", ["kept", "new"][place]);
    let limit = START[place];
    let absolute = Budget {
        kind: "start",
        text: format!("{what}: at most {limit:.0} ms"),
        limit,
        met: of.total.median <= limit,
    };
    let earlier = |each: &&Start| each.library == EARLIER && each.kept == of.kept;
    let relative = all.iter().find(earlier).map(|earlier| {
        let ratio_of = of.total.median / earlier.total.median;
        ratio("start ratio", &what, ratio_of, START_OF_EARLIER[place])
    });
    [Some(absolute), relative].into_iter().flatten().collect()
}

fn ratio(kind: &'static str, what: &str, of: f64, limit: f64) -> Budget {
    Budget {
        kind,
        text: format!("{what}: {of:.2} of {EARLIER}, at most {limit:.2}"),
        limit,
        met: of <= limit,
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

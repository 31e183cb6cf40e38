//! The figures for a person at a terminal, at most 100 columns wide.

use std::fmt::Write as _;

use super::candidate::{ALL, HAND_WRITTEN, OURS_ON_REDB, OURS_ON_REDIS};
use super::figures::{
    Figures, Latency, MILLION_BUDGET, PROCESSOR_BUDGET, RATIO_BUDGET_REDB, RATIO_BUDGET_REDIS,
    Validation,
};
use super::trouble;
use crate::line::{row, verdict};
use crate::statistics::Spread;

/// The whole table.
pub(super) fn print(figures: &Figures) -> String {
    let mut table = figures.measured.heading();
    for part in [
        rates(figures),
        latencies(figures),
        costs(figures),
        trouble::outages(figures),
        millions(figures),
        notes(),
    ] {
        table.push('\n');
        table.push_str(&part);
    }
    table
}

fn rates(figures: &Figures) -> String {
    let (connections, sessions) = (figures.connections, figures.sessions);
    let mut table = format!(
        "Requests with a live session: {connections} connections, {sessions} sessions in turn, as hard \
         as they can\n"
    );
    table += &row(
        "  median (middle half) of runs",
        &["a second", "", "times Express", ""],
    );
    for of in &figures.validations {
        let rate = of.full.rate;
        let cells = [
            format!("{:.0}", rate.median),
            around(rate, 0),
            format!("{:.1}", of.ratio.median),
            around(of.ratio, 1),
        ];
        table += &row(&format!("  {}", of.service), &cells);
    }
    for (service, budget) in [
        (OURS_ON_REDIS, RATIO_BUDGET_REDIS),
        (OURS_ON_REDB, RATIO_BUDGET_REDB),
    ] {
        let ratio = of(figures, service).map(|of| of.ratio.median);
        let is_met = ratio.map(|ratio| ratio >= budget);
        table += &judged(
            &format!("{service}: at least {budget:.0} times Express"),
            is_met,
        );
    }
    table
}

fn latencies(figures: &Figures) -> String {
    let mut table = String::from(
        "Milliseconds to the answer: as hard as they can, and at about the same moderate rate\n",
    );
    table += &row(
        "  median of runs",
        &["p50", "p99", "a second", "p50", "p99"],
    );
    for of in &figures.validations {
        let Latency { rate, .. } = of.moderate;
        let cells = [
            format!("{:.2}", of.full.p50.median),
            format!("{:.2}", of.full.p99.median),
            format!("{:.0}", rate.median),
            format!("{:.2}", of.moderate.p50.median),
            format!("{:.2}", of.moderate.p99.median),
        ];
        table += &row(&format!("  {}", of.service), &cells);
    }
    table
}

fn costs(figures: &Figures) -> String {
    let mut table = String::from(
        "What a request takes: microseconds of processor time; and the memory of the process\n",
    );
    table += &row(
        "  median (middle half) of runs",
        &["service", "", "Redis", "MB resident"],
    );
    for of in &figures.validations {
        let redis = of
            .redis
            .map_or("–".to_owned(), |redis| format!("{:.1}", redis.median));
        let cells = [
            format!("{:.1}", of.processor.median),
            around(of.processor, 1),
            redis,
            megabytes(of.resident),
        ];
        table += &row(&format!("  {}", of.service), &cells);
    }
    let processor = of(figures, OURS_ON_REDIS).map(|of| of.processor.median);
    let is_met = processor.map(|processor| processor <= PROCESSOR_BUDGET);
    table
        + &judged(
            &format!("{OURS_ON_REDIS}: at most {PROCESSOR_BUDGET:.0} µs"),
            is_met,
        )
}

fn millions(figures: &Figures) -> String {
    let mut table =
        String::from("A million users, each with a session issued by the server's library\n");
    let columns = [
        "sign-ins a second",
        "MB resident",
        "MB elsewhere",
        "bytes a user",
    ];
    table += &row("  store", &columns);
    for million in &figures.millions {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let (resident, elsewhere, users) = (
            million.resident as f64,
            million.elsewhere.map(|bytes| bytes as f64),
            million.users as f64,
        );
        let cells = [
            format!("{:.0}", million.rate),
            megabytes(resident),
            elsewhere.map_or("–".to_owned(), megabytes),
            format!("{:.0}", elsewhere.unwrap_or(resident) / users),
        ];
        table += &row(&format!("  {}", million.store), &cells);
    }
    let memory = figures
        .millions
        .iter()
        .find(|million| million.store == "memory");
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let is_met = memory.map(|million| million.resident as f64 <= MILLION_BUDGET);
    let budget = megabytes(MILLION_BUDGET);
    table + &judged(&format!("memory: at most {budget} MB"), is_met)
}

fn notes() -> String {
    let mut table =
        format!("What they are (bench/services/); \"times Express\" is times {HAND_WRITTEN}\n");
    for candidate in &ALL {
        let _ = writeln!(table, "  {:<18} {}", candidate.name, candidate.note);
    }
    table
}

fn of<'a>(figures: &'a Figures, service: &str) -> Option<&'a Validation> {
    figures.validations.iter().find(|of| of.service == service)
}

/// A budget, and whether it is met; nothing where there is no figure to judge.
pub(super) fn judged(budget: &str, is_met: Option<bool>) -> String {
    is_met.map_or(String::new(), |is_met| {
        format!("  {budget}: {}\n", verdict(is_met))
    })
}

fn around(spread: Spread, digits: usize) -> String {
    format!("({:.digits$}–{:.digits$})", spread.lower, spread.upper)
}

fn megabytes(bytes: f64) -> String {
    format!("{:.0}", bytes / 1e6)
}

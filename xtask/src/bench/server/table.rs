//! The figures for a person at a terminal, at most 100 columns wide.

use std::fmt::Write as _;

use super::candidate::{ALL, HAND_WRITTEN, OURS_ON_REDB, OURS_ON_REDIS};
use super::figures::{
    BACK_BUDGET, Figures, HUNG_BUDGET, Latency, MILLION_BUDGET, Outage, PROCESSOR_BUDGET,
    RATIO_BUDGET_REDB, RATIO_BUDGET_REDIS, Reply, Validation,
};
use crate::bench::line::{row, verdict};
use crate::bench::statistics::Spread;

/// The whole table.
pub(super) fn print(figures: &Figures) -> String {
    let mut table = figures.measured.heading();
    for part in [
        rates(figures),
        latencies(figures),
        costs(figures),
        outages(figures),
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

fn outages(figures: &Figures) -> String {
    let mut table = String::from(
        "Redis in trouble: what is answered, the slowest of 20; milliseconds to the first good answer after\n",
    );
    let columns = ["hangs", "goes on", "is gone", "is back", "process"];
    table += &row("", &columns);
    for outage in &figures.outages {
        let cells = [
            replied(outage.hung, "none in 10 s"),
            waited(outage.resumed),
            replied(outage.away, "none in 2 s"),
            waited(outage.restarted),
            if outage.survived { "lives" } else { "ended" }.to_owned(),
        ];
        table += &row(&format!("  {}", outage.service), &cells);
    }
    let ours = figures
        .outages
        .iter()
        .find(|outage| outage.service == OURS_ON_REDIS);
    table += &judged(
        &format!("{OURS_ON_REDIS}: 503 within {HUNG_BUDGET:.0} ms"),
        ours.map(is_refused_in_time),
    );
    table
        + &judged(
            &format!("{OURS_ON_REDIS}: serving within {BACK_BUDGET:.0} ms"),
            ours.map(is_back_in_time),
        )
}

fn is_refused_in_time(outage: &Outage) -> bool {
    outage
        .hung
        .is_some_and(|reply| reply.status == 503 && reply.milliseconds <= HUNG_BUDGET)
}

fn is_back_in_time(outage: &Outage) -> bool {
    let in_time = |waited: Option<f64>| waited.is_some_and(|waited| waited <= BACK_BUDGET);
    in_time(outage.resumed) && in_time(outage.restarted)
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
    let mut table = format!(
        "What they are (xtask/bench/services/); \"times Express\" is times {HAND_WRITTEN}\n"
    );
    for candidate in &ALL {
        let _ = writeln!(table, "  {:<18} {}", candidate.name, candidate.note);
    }
    table
}

fn of<'a>(figures: &'a Figures, service: &str) -> Option<&'a Validation> {
    figures.validations.iter().find(|of| of.service == service)
}

/// A budget, and whether it is met; nothing where there is no figure to judge.
fn judged(budget: &str, is_met: Option<bool>) -> String {
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

fn replied(reply: Option<Reply>, none: &str) -> String {
    reply.map_or(none.to_owned(), |reply| {
        format!("{} in {:.0} ms", reply.status, reply.milliseconds)
    })
}

fn waited(milliseconds: Option<f64>) -> String {
    milliseconds.map_or("not in 10 s".to_owned(), |waited| format!("{waited:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage(status: u16, milliseconds: f64) -> Outage {
        let reply = Reply {
            status,
            milliseconds,
        };
        Outage {
            service: OURS_ON_REDIS.to_owned(),
            hung: Some(reply),
            resumed: Some(5.0),
            away: Some(reply),
            restarted: Some(5.0),
            survived: true,
        }
    }

    #[test]
    fn a_hanging_redis_is_to_be_told_by_a_503_and_in_time() {
        assert!(is_refused_in_time(&outage(503, 104.0)));
        assert!(!is_refused_in_time(&outage(503, 111.0)));
        assert!(!is_refused_in_time(&outage(401, 10.0)));
        let silent = Outage {
            hung: None,
            ..outage(503, 1.0)
        };
        assert!(!is_refused_in_time(&silent));
    }

    #[test]
    fn a_service_that_does_not_come_back_is_not_back_in_time() {
        assert!(is_back_in_time(&outage(503, 1.0)));
        let lost = Outage {
            restarted: None,
            ..outage(503, 1.0)
        };
        assert!(!is_back_in_time(&lost));
    }
}

//! The part of the table about Redis in trouble.

use super::candidate::OURS_ON_REDIS;
use super::figures::{BACK_BUDGET, Figures, HUNG_BUDGET, Outage, Reply};
use super::table::judged;
use crate::line::row;

/// What is answered meanwhile, and how soon all is well again.
pub(super) fn outages(figures: &Figures) -> String {
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

//! The server's budgets.

use super::candidate::{HAND_WRITTEN, OURS_ON_REDB, OURS_ON_REDIS};
use super::figures::{Accounts, Million, Outage, Validation};
use crate::budget::Budget;

/// Requests a second, over those of the hand-written service.
const RATIO_ON_REDIS: f64 = 11.5;
const RATIO_ON_REDB: f64 = 16.0;
/// What part of the hand-written service's processor time a validation on Redis may take: one in so many.
const PROCESSOR: f64 = 11.5;
/// Milliseconds until a request is answered 503 while Redis hangs.
const HUNG: f64 = 110.0;
/// Milliseconds until requests are served once Redis is back.
const BACK: f64 = 1000.0;
/// How much longer requests take while passwords are hashed, at p99.
const WHILE_HASHING: f64 = 2.0;
/// Bytes of a million users in the memory store.
const MILLION: f64 = 250e6;

/// Judges the figures of our server.
pub(super) fn judge(
    validations: &[Validation],
    outages: &[Outage],
    millions: &[Million],
    accounts: &Accounts,
) -> Vec<Budget> {
    let validation = |service| validations.iter().find(|of| of.service == service);
    let on_redis = validation(OURS_ON_REDIS);
    let on_redb = validation(OURS_ON_REDB);
    let outage = outages.iter().find(|of| of.service == OURS_ON_REDIS);
    let in_memory = millions.iter().find(|of| of.store == "memory");
    [
        on_redis.map(|of| ratio(of, RATIO_ON_REDIS)),
        on_redb.map(|of| ratio(of, RATIO_ON_REDB)),
        on_redis.and_then(|of| ratio_of_verify(of, RATIO_ON_REDIS)),
        on_redb.and_then(|of| ratio_of_verify(of, RATIO_ON_REDB)),
        on_redis.zip(validation(HAND_WRITTEN)).map(processor),
        outage.map(|outage| Budget {
            kind: "outage",
            text: format!("{OURS_ON_REDIS}: 503 within {HUNG:.0} ms"),
            limit: HUNG,
            met: is_refused_in_time(outage),
        }),
        outage.map(|outage| Budget {
            kind: "outage",
            text: format!("{OURS_ON_REDIS}: serving within {BACK:.0} ms"),
            limit: BACK,
            met: is_back_in_time(outage),
        }),
        in_memory.map(million),
        Some(hashing(accounts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn ratio(of: &Validation, limit: f64) -> Budget {
    Budget {
        kind: "ratio",
        text: format!("{}: at least {limit} times Express", of.service),
        limit,
        met: of.ratio.median >= limit,
    }
}

fn ratio_of_verify(of: &Validation, limit: f64) -> Option<Budget> {
    let verify = of.verify.as_ref()?;
    Some(Budget {
        kind: "verify",
        text: format!("{}, /verify: at least {limit} times Express", of.service),
        limit,
        met: verify.ratio.median >= limit,
    })
}

fn processor((of, hand_written): (&Validation, &Validation)) -> Budget {
    let limit = hand_written.processor.median / PROCESSOR;
    Budget {
        kind: "processor",
        text: format!("{}: at most 1/{PROCESSOR} of Express's", of.service),
        limit,
        met: of.processor.median <= limit,
    }
}

fn is_refused_in_time(outage: &Outage) -> bool {
    outage
        .hung
        .is_some_and(|reply| reply.status == 503 && reply.milliseconds <= HUNG)
}

fn is_back_in_time(outage: &Outage) -> bool {
    let in_time = |waited: Option<f64>| waited.is_some_and(|waited| waited <= BACK);
    in_time(outage.resumed) && in_time(outage.restarted)
}

fn million(of: &Million) -> Budget {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let resident = of.resident as f64;
    Budget {
        kind: "million",
        text: format!("{}: at most {:.0} MB", of.store, MILLION / 1e6),
        limit: MILLION,
        met: resident <= MILLION,
    }
}

fn hashing(of: &Accounts) -> Budget {
    Budget {
        kind: "accounts",
        text: format!(
            "p99 while {} wait for a hash: at most {WHILE_HASHING:.0} times the usual",
            of.waiting
        ),
        limit: WHILE_HASHING,
        met: of.while_many_wait <= WHILE_HASHING * of.idle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::figures::Reply;

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

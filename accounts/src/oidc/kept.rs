//! When a provider's document and keys are fetched: as rarely as a rotation of keys allows.
//!
//! | kept | the key that is asked for | last failure | what is done |
//! |---|---|---|---|
//! | nothing | any | none in the last 5 s | fetch |
//! | nothing | any | in the last 5 s | the provider is away |
//! | for up to an hour | known | any | use |
//! | for up to a day | known | none in the last minute | fetch, and use what is kept if that fails |
//! | for up to a day | known | in the last minute | use |
//! | for longer | known | none in the last 5 s | fetch |
//! | for longer | known | in the last 5 s | the provider is away |
//! | for up to a minute | unknown | any | the key is unknown |
//! | for longer | unknown | none in the last 5 s | fetch |
//! | for longer | unknown | in the last 5 s | the provider is away |
//!
//! So made-up key ids cost the provider one call a minute, a new key is known a minute after it is in use at the latest, a
//! withdrawn one is forgotten within an hour, and a provider that is away for a day keeps no known user out.

use std::time::Duration;

/// How often the provider is asked for a key that it did not have.
const LEAST: Duration = Duration::from_secs(60);
/// How long a provider that failed is left alone.
const PAUSE: Duration = Duration::from_secs(5);
/// How long keys stay fresh.
const FRESH: Duration = Duration::from_secs(3600);
/// How long keys are used while the provider cannot be asked.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What to do for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Use what is kept.
    Use,
    /// Fetch.
    Fetch,
    /// The provider has no such key.
    Unknown,
    /// The provider cannot be asked now.
    Away,
}

/// Plans by the ages of what is kept and of the last failure after it. `knows` says whether what is kept has the key.
pub(super) fn plan(kept: Option<Duration>, knows: bool, failed: Option<Duration>) -> Plan {
    let failed_within = |span| failed.is_some_and(|age| age < span);
    match kept {
        Some(age) if knows && age < FRESH => Plan::Use,
        Some(age) if knows && age < LONGEST && failed_within(LEAST) => Plan::Use,
        Some(age) if !knows && age < LEAST => Plan::Unknown,
        _ if failed_within(PAUSE) => Plan::Away,
        _ => Plan::Fetch,
    }
}

/// Plans after a fetch has failed.
pub(super) fn after_failure(kept: Option<Duration>, knows: bool) -> Plan {
    match kept {
        Some(age) if knows && age < LONGEST => Plan::Use,
        _ => Plan::Away,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Plan::{self, Away, Fetch, Unknown, Use};
    use super::{after_failure, plan};

    const NEW: Option<u64> = Some(59);
    const MINUTES: Option<u64> = Some(60);
    const HOURS: Option<u64> = Some(3600);
    const DAYS: Option<u64> = Some(24 * 3600);
    const JUST: Option<u64> = Some(4);
    const BEFORE: Option<u64> = Some(5);
    const LONG_AGO: Option<u64> = Some(60);

    #[test]
    fn the_table_holds_for_every_state() {
        // What is kept; whether it has the key; what is done after no failure, and after one of each age.
        let table: [(Option<u64>, bool, [Plan; 4]); 9] = [
            (None, false, [Fetch, Away, Fetch, Fetch]),
            (NEW, true, [Use, Use, Use, Use]),
            (MINUTES, true, [Use, Use, Use, Use]),
            (HOURS, true, [Fetch, Use, Use, Fetch]),
            (DAYS, true, [Fetch, Away, Fetch, Fetch]),
            (NEW, false, [Unknown, Unknown, Unknown, Unknown]),
            (MINUTES, false, [Fetch, Away, Fetch, Fetch]),
            (HOURS, false, [Fetch, Away, Fetch, Fetch]),
            (DAYS, false, [Fetch, Away, Fetch, Fetch]),
        ];
        for (kept, knows, plans) in table {
            for (failed, planned) in [None, JUST, BEFORE, LONG_AGO].into_iter().zip(plans) {
                let [of_kept, of_failed] = [kept, failed].map(|age| age.map(Duration::from_secs));
                assert_eq!(
                    plan(of_kept, knows, of_failed),
                    planned,
                    "kept {kept:?}, knows {knows}, failed {failed:?}"
                );
            }
        }
    }

    #[test]
    fn a_failure_falls_back_to_a_known_key_for_a_day() {
        for (kept, knows, planned) in [
            (None, false, Away),
            (HOURS, true, Use),
            (HOURS, false, Away),
            (DAYS, true, Away),
        ] {
            let kept = kept.map(Duration::from_secs);
            assert_eq!(after_failure(kept, knows), planned, "{kept:?} {knows}");
        }
    }
}

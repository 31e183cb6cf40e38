//! Longer schedules than can be explored, made up by proptest, under the same rules.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::{ProptestConfig, TestCaseError, any, proptest};

use super::event::{Event, Inside};
use super::state::State;
use super::world::Bounds;

const LARGE: Bounds = Bounds {
    calls: 30,
    logins: 5,
    sign_ins: i32::MAX,
    sign_outs: 3,
    expiries: 4,
    aborts: 4,
};

/// Chooses among what can happen next.
type Choice = (bool, bool, u8, u8);

/// The next event, and perhaps another one inside its callback. Half of the time it is one that leads on: else
/// nearly every sign-in would fail.
fn choose(state: &State, (leads_on, is_plain, which, other): Choice) -> (Event, Option<Inside>) {
    let mut events: Vec<_> = state
        .events()
        .into_iter()
        .chain(state.late_events())
        .collect();
    if leads_on && events.iter().any(Event::leads_on) {
        events.retain(Event::leads_on);
    }
    let event = events[usize::from(which) % events.len()];
    let insides = if is_plain {
        vec![]
    } else {
        state.inside(event)
    };
    let inside = insides.get(usize::from(other) % insides.len().max(1));
    (event, inside.copied())
}

fn play(is_stored: bool, choices: &[Choice]) -> Result<(), TestCaseError> {
    let mut state = State::start(is_stored, LARGE);
    let mut told = Vec::new();
    for choice in choices {
        let (event, inside) = choose(&state, *choice);
        told.push(inside.map_or(format!("- {event}"), |inside| {
            format!("- {event}, {inside}")
        }));
        let after = catch_unwind(AssertUnwindSafe(|| state.after(event, inside)));
        match after {
            Ok(Some(after)) => state = after,
            // There was no callback to do it in.
            Ok(None) => drop(told.pop()),
            Err(_) => return Err(TestCaseError::fail(told.join("\n"))),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_a_large_world_no_rule_is_broken(
        is_stored in any::<bool>(),
        choices in proptest::collection::vec(any::<Choice>(), 0..120),
    ) {
        play(is_stored, &choices)?;
    }
}

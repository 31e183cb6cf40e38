//! In whatever order things happen, an ended session never gets another answer than before.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::{LIVE_SESSIONS, Refusal, User};
use super::{LIFETIMES, id, user};

#[derive(Clone, Debug)]
enum Step {
    /// A sign-in that presents the session of this number.
    Issue(Option<u8>),
    Touch(u8),
    End(u8),
    EndAll,
    EndOthers(u8),
    /// A block of this many milliseconds.
    Block(u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let session = 0..20_u8;
    prop_oneof![
        4 => proptest::option::of(session.clone()).prop_map(Step::Issue),
        4 => session.clone().prop_map(Step::Touch),
        2 => session.clone().prop_map(Step::End),
        1 => Just(Step::EndAll),
        1 => session.prop_map(Step::EndOthers),
        1 => (0..120_000_u64).prop_map(Step::Block),
        4 => (1..120_000_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn an_ended_session_never_comes_back(steps in proptest::collection::vec(step(), 1..50)) {
        let mut user = user();
        let mut now = 0;
        let mut issued = 0;
        let mut blocked_until = 0;
        let mut told: HashMap<u8, Refusal> = HashMap::new();
        for step in steps {
            match step {
                Step::Issue(presented) => {
                    let outcome = user.issue(id(issued), presented.map(id), &LIFETIMES, now);
                    let live = user.verify(id(issued), &LIFETIMES, now).is_ok();
                    prop_assert_eq!(outcome.is_ok(), blocked_until <= now);
                    prop_assert_eq!(outcome.is_ok(), live);
                    issued += u8::from(live);
                }
                Step::Touch(name) => user.touch(id(name), &LIFETIMES, now),
                Step::End(name) => user.end(id(name)),
                Step::EndAll => user.end_all(&LIFETIMES, now),
                Step::EndOthers(name) => user.end_others(id(name), &LIFETIMES, now),
                Step::Block(millis) => {
                    user.block(millis, &LIFETIMES, now);
                    blocked_until = now + millis;
                }
                Step::Wait(millis) => now += millis,
            }
            let mut live = 0;
            for name in 0..issued {
                match user.verify(id(name), &LIFETIMES, now) {
                    Ok(_) => {
                        live += 1;
                        prop_assert!(!told.contains_key(&name), "session {} came back", name);
                    }
                    // At its deadline any ended session becomes an expired one; nothing else changes.
                    Err(refusal) => match told.insert(name, refusal) {
                        Some(before) if refusal != Refusal::Expired => {
                            prop_assert_eq!(before, refusal);
                        }
                        _ => {}
                    },
                }
            }
            prop_assert!(live <= LIVE_SESSIONS);
            prop_assert_eq!(user.list(&LIFETIMES, now).len(), live);
            prop_assert!(User::decode(user.key(), &user.encode()) == Some(user.clone()));
            if live > 0 {
                prop_assert!(user.worth_keeping(&LIFETIMES, now).is_some());
            }
        }
    }
}

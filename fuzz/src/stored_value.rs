//! A value that the store returns.

use wxsession_server::user::{Lifetimes, SessionId, User};

const MOMENTS: [u64; 5] = [0, 1, 1_000_000_000, u64::MAX - 1, u64::MAX];
const NEW: SessionId = SessionId([0xff; 16]);

/// A decoded value encodes and decodes to itself, and no rule panics on it at any time.
pub fn run(value: &[u8]) {
    let Some(user) = decode(value) else {
        return;
    };
    assert!(decode(&user.encode()).as_ref() == Some(&user));
    for now in MOMENTS {
        follow_the_rules(&user, now);
    }
}

/// Decodes a user, if the value is one.
pub fn decode(value: &[u8]) -> Option<User> {
    User::decode(value)
}

fn follow_the_rules(user: &User, now: u64) {
    let lifetimes = Lifetimes::default();
    for listed in user.list(&lifetimes, now) {
        let _ = user.verify(listed.id, &lifetimes, now);
    }
    let mut changed = user.clone();
    changed.touch(NEW, &lifetimes, now);
    if changed.issue(NEW, None, &lifetimes, now).is_ok() {
        assert!(changed.worth_keeping(&lifetimes, now).is_some() || now == u64::MAX);
        changed.end_others(NEW, &lifetimes, now);
        let live = changed.list(&lifetimes, now);
        assert!(live.iter().all(|listed| listed.id == NEW));
    }
    changed.block(1, &lifetimes, now);
    assert!(changed.list(&lifetimes, now).is_empty());
    assert!(changed.session_keys(NEW).is_empty());
}

//! A value that the store returns.

use wxsession_server::Identity;
use wxsession_server::identity::UserKey;
use wxsession_server::user::{Lifetimes, Proof, SessionId, User};

const MOMENTS: [u64; 5] = [0, 1, 1_000_000_000, u64::MAX - 1, u64::MAX];
/// Where the value is stored.
const KEY: UserKey = UserKey([7; 16]);
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
    User::decode(KEY, value)
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
    follow_the_rules_of_accounts(user, &lifetimes, now);
    changed.block(1, &lifetimes, now);
    assert!(changed.list(&lifetimes, now).is_empty());
    assert!(changed.session_keys(NEW).is_empty());
}

fn follow_the_rules_of_accounts(user: &User, lifetimes: &Lifetimes, now: u64) {
    let holder = Identity {
        appid: "wx".into(),
        openid: "somebody".into(),
        unionid: None,
    };
    let known = user.devices(lifetimes, now);
    for device in &known {
        let _ = user.is_renewable(device.id, holder.key(), lifetimes, now);
        assert!(user.proof(device.id).is_some());
    }
    let mut changed = user.clone();
    let proof = Proof {
        by: [1; 8],
        proved: now,
    };
    let presented = known.first().map(|device| device.id);
    let granted = changed.grant(NEW, presented, holder.clone().into(), proof, lifetimes, now);
    // No store names two sessions alike, unless somebody forges a value.
    let is_new = user.proof(NEW).is_none();
    if granted.is_ok() && is_new && !user.is_guest() && !user.is_deleted() {
        assert_eq!(changed.holder(NEW), Some(&holder.clone().into()));
        changed.revoke(lifetimes, now, |id, _| id != NEW);
        assert!(
            changed
                .devices(lifetimes, now)
                .iter()
                .all(|device| device.id == NEW)
        );
    }
    changed.delete(lifetimes, now);
    assert!(changed.list(lifetimes, now).is_empty());
    assert_eq!(changed.is_deleted(), changed.name().is_none());
    assert!(!changed.is_renewable(NEW, holder.key(), lifetimes, now));
}

use std::time::Duration;

use super::{
    Blocked, Identity, LIVE_SESSIONS, Lifetimes, Refusal, SessionId, StoredIdentity, User, UserKey,
};

mod account;
mod model;
mod session_keys;

const LIFETIMES: Lifetimes = Lifetimes {
    idle: Duration::from_secs(100),
    absolute: Duration::from_secs(1000),
    renewable: Duration::from_secs(30 * 24 * 3600),
};

fn user() -> User {
    let identity = Identity {
        appid: "wx".into(),
        openid: "somebody".into(),
        unionid: None,
    };
    User::new(identity)
}

fn key() -> UserKey {
    UserKey::new("wx", "somebody")
}

fn id(name: u8) -> SessionId {
    SessionId([name; 16])
}

fn issue(user: &mut User, session: SessionId, presented: Option<SessionId>, now: u64) {
    user.issue(session, presented, &LIFETIMES, now).unwrap();
}

/// A user with the sessions 0, 1, 2 …, started a second apart.
fn user_with(sessions: u8) -> User {
    let mut user = user();
    for name in 0..sessions {
        issue(&mut user, id(name), None, u64::from(name) * 1000);
    }
    user
}

fn refusal(user: &User, name: u8, now: u64) -> Option<Refusal> {
    user.verify(id(name), &LIFETIMES, now).err()
}

#[test]
fn a_session_ends_when_it_is_not_used() {
    let user = user_with(1);
    assert_eq!(refusal(&user, 0, 99_999), None);
    assert_eq!(refusal(&user, 0, 100_000), Some(Refusal::Expired));
}

#[test]
fn use_moves_the_idle_deadline_and_not_the_absolute_one() {
    let mut user = user_with(1);
    for now in (50_000..1_000_000).step_by(50_000) {
        assert_eq!(
            user.verify(id(0), &LIFETIMES, now).unwrap().remaining,
            1_000_000 - now
        );
        user.touch(id(0), &LIFETIMES, now);
    }
    assert_eq!(refusal(&user, 0, 999_999), None);
    assert_eq!(refusal(&user, 0, 1_000_000), Some(Refusal::Expired));
}

#[test]
fn a_touch_is_due_at_the_first_use_and_when_a_tenth_of_the_idle_timeout_is_used() {
    let mut user = user_with(1);
    let is_due = |user: &User, now| user.verify(id(0), &LIFETIMES, now).unwrap().touch_due;
    for first_use in [0, 1, 9_999] {
        assert!(is_due(&user, first_use));
    }
    // In the very millisecond of the sign-in.
    user.touch(id(0), &LIFETIMES, 0);
    assert!(!is_due(&user, 0) && !is_due(&user, 10_000));
    assert!(is_due(&user, 10_001));
    user.touch(id(0), &LIFETIMES, 20_000);
    assert!(!is_due(&user, 29_999) && is_due(&user, 30_000));
}

#[test]
fn sign_ins_whose_answers_were_lost_push_out_no_session_that_was_used() {
    for first_use in [0, 1, 2000] {
        let mut user = user_with(2);
        for name in [0, 1] {
            user.touch(id(name), &LIFETIMES, first_use);
        }
        for lost in 2..50 {
            issue(&mut user, id(lost), None, 3000);
        }
        assert_eq!([0, 1].map(|name| refusal(&user, name, 3000)), [None, None]);
        assert_eq!(refusal(&user, 43, 3000), Some(Refusal::Replaced));
        assert_eq!(user.list(&LIFETIMES, 3000).len(), LIVE_SESSIONS);
    }
}

/// A server whose clock was 400 days ahead issued a session, and used another.
#[test]
fn what_a_wrong_clock_has_written_ends_no_session_and_keeps_none_alive() {
    const AHEAD: u64 = 400 * 24 * 3600 * 1000;
    let week = Lifetimes {
        idle: Duration::from_secs(7200),
        absolute: Duration::from_secs(604_800),
        ..LIFETIMES
    };
    let now = 5 * AHEAD;
    let mut user = user();
    user.issue(id(0), None, &week, now + AHEAD).unwrap();
    user.touch(id(0), &week, now + AHEAD + 1);
    let standing = user.verify(id(0), &week, now).unwrap();
    assert_eq!(
        (standing.remaining, standing.touch_due),
        (604_800_000, true)
    );
    assert_eq!(user.list(&week, now)[0].remaining, 604_800_000);
    let heals: [fn(&mut User, &Lifetimes, u64); 2] = [
        |user, lifetimes, now| user.touch(id(0), lifetimes, now),
        |user, lifetimes, now| user.issue(id(1), None, lifetimes, now).unwrap(),
    ];
    for heal in heals {
        let mut user = user.clone();
        heal(&mut user, &week, now);
        assert!(!user.verify(id(0), &week, now).unwrap().touch_due);
        assert!(user.verify(id(0), &week, now + 7_199_999).is_ok());
        assert!(user.verify(id(0), &week, now + 7_200_000).is_err());
    }
    // Clocks are always a little apart, and that changes nothing.
    let mut user = self::user();
    user.issue(id(0), None, &week, now + 50_000).unwrap();
    user.touch(id(0), &week, now + 60_000);
    let before = user.clone();
    user.touch(id(0), &week, now);
    assert_eq!(user, before);
}

#[test]
fn a_touch_that_comes_late_revives_nothing() {
    let mut user = user_with(1);
    user.touch(id(0), &LIFETIMES, 100_000);
    assert_eq!(refusal(&user, 0, 100_000), Some(Refusal::Expired));
    user.touch(id(0), &LIFETIMES, 0);
    user.end(id(0));
    user.touch(id(0), &LIFETIMES, 1);
    assert_eq!(refusal(&user, 0, 1), Some(Refusal::Expired));
}

#[test]
fn a_touch_that_overtook_another_does_not_turn_it_back() {
    let mut user = user_with(1);
    user.touch(id(0), &LIFETIMES, 50_000);
    user.touch(id(0), &LIFETIMES, 20_000);
    assert_eq!(refusal(&user, 0, 149_999), None);
}

#[test]
fn the_presented_session_ends_with_the_sign_in_and_is_not_told_from_an_expired_one() {
    let mut user = user_with(2);
    issue(&mut user, id(9), Some(id(0)), 3000);
    assert_eq!(refusal(&user, 0, 3000), Some(Refusal::Expired));
    assert_eq!(refusal(&user, 1, 3000), None);
    assert_eq!(refusal(&user, 9, 3000), None);
}

#[test]
fn beyond_the_cap_the_least_recently_used_session_is_replaced() {
    let mut user = user_with(LIVE_SESSIONS as u8);
    for name in (0..LIVE_SESSIONS as u8).rev() {
        user.touch(id(name), &LIFETIMES, 19_000);
    }
    for (name, used) in [(0, 20_000), (1, 19_500), (2, 19_600)] {
        user.touch(id(name), &LIFETIMES, used);
    }
    for name in 3..LIVE_SESSIONS as u8 {
        user.touch(id(name), &LIFETIMES, 19_700);
    }
    issue(&mut user, id(100), None, 21_000);
    assert_eq!(refusal(&user, 0, 21_000), None);
    assert_eq!(refusal(&user, 1, 21_000), Some(Refusal::Replaced));
    assert_eq!(refusal(&user, 2, 21_000), None);
}

#[test]
fn a_presented_session_makes_the_room_itself() {
    let mut user = user_with(LIVE_SESSIONS as u8);
    issue(&mut user, id(100), Some(id(5)), 21_000);
    assert_eq!(refusal(&user, 0, 21_000), None);
}

#[test]
fn a_dead_session_takes_no_room() {
    let mut user = user_with(LIVE_SESSIONS as u8);
    issue(&mut user, id(100), None, 100_000);
    assert_eq!(refusal(&user, 0, 100_000), Some(Refusal::Expired));
    assert_eq!(refusal(&user, 1, 100_000), None);
}

#[test]
fn how_a_session_ended_is_remembered_until_its_deadline() {
    let mut user = user_with(2);
    user.end_others(id(1), &LIFETIMES, 2000);
    assert_eq!(refusal(&user, 0, 999_999), Some(Refusal::Revoked));
    assert_eq!(refusal(&user, 0, 1_000_000), Some(Refusal::Expired));
    assert_eq!(refusal(&user, 1, 2000), None);
    user.end_all(&LIFETIMES, 2000);
    assert_eq!(refusal(&user, 1, 2000), Some(Refusal::Revoked));
}

#[test]
fn a_blocked_user_has_no_session_and_gets_none_until_the_block_is_over() {
    let mut user = user_with(2);
    user.block(60_000, &LIFETIMES, 2000);
    assert_eq!(refusal(&user, 0, 2000), Some(Refusal::Revoked));
    let blocked = user.clone();
    assert_eq!(
        user.issue(id(9), Some(id(1)), &LIFETIMES, 61_999),
        Err(Blocked)
    );
    assert_eq!(user, blocked);
    issue(&mut user, id(9), None, 62_000);
    assert_eq!(refusal(&user, 9, 62_000), None);
}

#[test]
fn a_block_can_be_lifted() {
    let mut user = user_with(1);
    user.block(60_000, &LIFETIMES, 2000);
    user.block(0, &LIFETIMES, 3000);
    issue(&mut user, id(9), None, 3000);
    assert_eq!(refusal(&user, 0, 3000), Some(Refusal::Revoked));
}

#[test]
fn the_list_has_the_sessions_that_live() {
    let mut user = user_with(4);
    user.touch(id(0), &LIFETIMES, 90_000);
    user.touch(id(2), &LIFETIMES, 95_000);
    user.end(id(3));
    let listed = user.list(&LIFETIMES, 102_000);
    let shown: Vec<_> = listed
        .iter()
        .map(|session| (session.id, session.remaining, session.unused))
        .collect();
    assert_eq!(
        shown,
        [(id(0), 898_000, 12_000), (id(2), 900_000, 7000)],
        "the second was not used for its idle timeout"
    );
}

#[test]
fn endings_without_end_do_not_let_the_value_grow_without_end() {
    let mut user = user();
    for name in 0..1000_u64 {
        let mut unique = [0; 16];
        unique[..8].copy_from_slice(&name.to_le_bytes());
        issue(&mut user, SessionId(unique), None, name);
    }
    assert!(user.encode().len() < 2048, "{} bytes", user.encode().len());
}

#[test]
fn a_value_is_kept_as_long_as_it_tells_anything() {
    assert_eq!(user().worth_keeping(&LIFETIMES, 0), None);
    let mut user = user_with(1);
    assert_eq!(user.worth_keeping(&LIFETIMES, 40_000), Some(60_000));
    user.end_all(&LIFETIMES, 40_000);
    assert_eq!(user.worth_keeping(&LIFETIMES, 40_000), Some(960_000));
    assert_eq!(user.worth_keeping(&LIFETIMES, 1_000_000), None);
    user.block(60_000, &LIFETIMES, 1_000_000);
    assert_eq!(user.worth_keeping(&LIFETIMES, 1_000_000), Some(60_000));
}

#[test]
fn who_a_guest_is_is_sealed_before_it_is_written() {
    let mut user = user_with(3);
    assert!(shows(&user, b"somebody"));
    user.seal(|identity| Ok::<_, ()>(StoredIdentity::Sealed(identity.key(), b"seal".to_vec())))
        .unwrap();
    assert!(shows(&user, b"seal") && !shows(&user, b"somebody"));
    assert_eq!(User::decode(key(), &user.encode()), Some(user.clone()));
    // What is sealed stays as it is.
    let again = user.clone();
    user.seal(|_| Err(())).unwrap();
    assert_eq!(user, again);
}

pub(super) fn shows(user: &User, bytes: &[u8]) -> bool {
    let value = user.encode();
    value.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn a_value_of_another_version_or_a_damaged_one_is_not_read() {
    let value = user_with(3).encode();
    assert!(User::decode(key(), &value) == Some(user_with(3)));
    let mut other_version = value.clone();
    other_version[0] = 1;
    assert!(User::decode(key(), &other_version).is_none());
    assert!(User::decode(key(), &[value.as_slice(), &[0]].concat()).is_none());
    for length in 0..value.len() {
        assert!(
            User::decode(key(), &value[..length]).is_none(),
            "cut to {length}"
        );
    }
}

#[test]
fn a_user_does_not_show_in_debug_output() {
    assert!(!format!("{:?}", user_with(1)).contains("somebody"));
}

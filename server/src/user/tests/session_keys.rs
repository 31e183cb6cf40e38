use super::{LIFETIMES, User, id, user, user_with};
use crate::identity::UserKey;
use crate::ring::KeyRing;
use crate::seal::{Sealed, Seals};
use crate::session_key::sample;

/// Seals a different key for every name. Two seals of one name never have the same bytes.
pub(super) fn sealed(name: u8) -> Sealed {
    let ring = KeyRing::parse("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    Seals::new(&ring)
        .seal(UserKey([0; 16]), &sample(name))
        .unwrap()
}

/// A user with the sessions 0 and 1, and the user's two session_keys.
fn user_with_keys() -> (User, [Sealed; 2]) {
    let mut user = user_with(2);
    let keys = [sealed(0), sealed(1)];
    for key in &keys {
        user.receive(key.clone(), |_| false);
    }
    (user, keys)
}

#[test]
fn the_two_session_keys_received_last_are_kept_the_last_first() {
    let (mut user, [_, second]) = user_with_keys();
    let third = sealed(2);
    user.receive(third.clone(), |_| false);
    assert_eq!(user.session_keys(id(0)), [third, second]);
}

#[test]
fn a_session_key_received_again_pushes_no_other_out() {
    let (mut user, [first, second]) = user_with_keys();
    let again = sealed(1);
    user.receive(again.clone(), |kept| *kept == second);
    assert_eq!(user.session_keys(id(0)), [again, first]);
}

#[test]
fn a_session_key_lasts_as_long_as_any_session_and_no_longer() {
    let (mut user, keys) = user_with_keys();
    user.end(id(0));
    assert_eq!(user.session_keys(id(0)).len(), keys.len());
    user.end(id(1));
    assert!(user.session_keys(id(0)).is_empty());

    let (mut user, keys) = user_with_keys();
    user.end_others(id(1), &LIFETIMES, 2000);
    assert_eq!(user.session_keys(id(0)).len(), keys.len());
    user.end_all(&LIFETIMES, 2000);
    assert!(user.session_keys(id(0)).is_empty());

    let (mut user, _) = user_with_keys();
    user.block(1000, &LIFETIMES, 2000);
    assert!(user.session_keys(id(0)).is_empty());
}

#[test]
fn a_sign_in_that_replaces_the_only_session_leaves_the_session_key_before_it() {
    let mut user = user();
    user.issue(id(0), None, &LIFETIMES, 0).unwrap();
    user.receive(sealed(0), |_| false);
    user.issue(id(1), Some(id(0)), &LIFETIMES, 1000).unwrap();
    assert_eq!(user.session_keys(id(0)).len(), 1);
}

#[test]
fn a_sign_in_after_all_sessions_have_expired_finds_no_session_key_of_theirs() {
    let (mut user, _) = user_with_keys();
    user.issue(id(2), None, &LIFETIMES, 1_000_000).unwrap();
    assert!(user.session_keys(id(0)).is_empty());
}

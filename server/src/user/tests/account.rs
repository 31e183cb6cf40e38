use proptest::prelude::*;

use super::{LIFETIMES, id, refusal, shows};
use crate::identity::{Identity, StoredIdentity, UserKey};
use crate::seal::Sealed;
use crate::user::{Blocked, Device, Lifetimes, Millis, Proof, Refusal, SessionId, User, Way};

const RENEWABLE: Millis = 30 * 24 * 3600 * 1000;
const FOR_EVER: Millis = crate::store::FOR_EVER;

fn phone(openid: &str) -> Identity {
    Identity {
        appid: "wx".into(),
        openid: openid.into(),
        unionid: None,
    }
}

fn proof(by: u8, proved: Millis) -> Proof {
    Proof {
        by: [by; 8],
        proved,
    }
}

fn enter(user: &mut User, session: u8, presented: Option<u8>, openid: &str, now: Millis) {
    let presented = presented.map(id);
    let (holder, proof) = (phone(openid), proof(1, now));
    user.grant(
        id(session),
        presented,
        holder.into(),
        proof,
        &LIFETIMES,
        now,
    )
    .unwrap();
}

/// Renews as a sign-in without a word does.
fn renew(user: &mut User, session: u8, presented: u8, openid: &str, now: Millis) -> bool {
    let holder = phone(openid);
    if !user.is_renewable(id(presented), holder.key(), &LIFETIMES, now) {
        return false;
    }
    let proof = user.proof(id(presented)).unwrap();
    let presented = Some(id(presented));
    user.grant(
        id(session),
        presented,
        holder.into(),
        proof,
        &LIFETIMES,
        now,
    )
    .unwrap();
    true
}

fn ann() -> User {
    let mut user = User::with_account("ann");
    enter(&mut user, 1, None, "ann's", 1000);
    user
}

fn is_alive(user: &User, session: u8, now: Millis) -> bool {
    refusal(user, session, now).is_none()
}

#[test]
fn a_session_is_renewed_on_its_phone_until_the_proof_is_too_old() {
    let last = 1000 + RENEWABLE - 1;
    for (openid, now, renewed) in [
        ("ann's", 2000, true),
        ("ann's", last, true),
        ("ann's", last + 1, false),
        ("a thief's", 2000, false),
        ("a thief's", last, false),
    ] {
        let mut user = ann();
        assert_eq!(
            renew(&mut user, 2, 1, openid, now),
            renewed,
            "{openid} {now}"
        );
        assert_eq!(is_alive(&user, 2, now), renewed);
        assert_eq!(is_alive(&user, 1, now), !renewed && now < 100_000);
    }
}

#[test]
fn a_renewal_is_no_proof() {
    let mut user = ann();
    assert!(renew(&mut user, 2, 1, "ann's", 1000 + RENEWABLE - 1));
    assert_eq!(user.proof(id(2)), Some(proof(1, 1000)));
    assert!(!renew(&mut user, 3, 2, "ann's", 1000 + RENEWABLE));
}

#[test]
fn a_phone_whose_answers_were_lost_comes_back_with_what_it_has() {
    let mut user = ann();
    for session in 2..=30 {
        assert!(renew(&mut user, session, 1, "ann's", 2000), "{session}");
        assert!(is_alive(&user, session, 2000));
        assert!(!is_alive(&user, session - 1, 2000));
    }
    assert_eq!(user.list(&LIFETIMES, 2000).len(), 1);
    // It signs out with the name that it knows.
    user.end(id(1));
    assert!(!is_alive(&user, 30, 2000));
    assert!(!renew(&mut user, 31, 30, "ann's", 2000));
}

#[test]
fn nobody_comes_back_with_what_another_wechat_user_presented() {
    let mut user = ann();
    enter(&mut user, 2, Some(1), "bob's", 2000);
    assert!(!renew(&mut user, 3, 1, "ann's", 2000));
    assert!(!renew(&mut user, 3, 1, "bob's", 2000));
    assert!(renew(&mut user, 3, 2, "bob's", 2000));
}

#[test]
fn what_ends_a_session_on_purpose_takes_its_renewal_away() {
    type End = fn(&mut User, Millis);
    let ends: [(&str, End); 7] = [
        ("by its user", |user, _| user.end(id(1))),
        ("all", |user, now| user.end_all(&LIFETIMES, now)),
        ("from another", |user, now| {
            user.end_others(id(2), &LIFETIMES, now)
        }),
        ("by its name in a list", |user, now| {
            user.revoke_one(id(1), &LIFETIMES, now)
        }),
        ("by a block", |user, now| user.block(1, &LIFETIMES, now)),
        ("by its way in", |user, now| {
            user.revoke(&LIFETIMES, now, |_, proof| proof.by == [1; 8]);
        }),
        ("by deletion", |user, now| user.delete(&LIFETIMES, now)),
    ];
    for (how, end) in ends {
        // Alive, and idled out.
        for now in [2000, 500_000] {
            let mut user = ann();
            let holder = phone("bob's");
            user.grant(
                id(2),
                None,
                holder.clone().into(),
                proof(2, now),
                &LIFETIMES,
                now,
            )
            .unwrap();
            end(&mut user, now);
            let later = now + 1;
            assert!(!is_alive(&user, 1, later), "{how} at {now}");
            assert!(!renew(&mut user, 3, 1, "ann's", later), "{how} at {now}");
        }
    }
}

#[test]
fn renewals_without_end_do_not_let_the_value_grow_without_end() {
    let mut user = ann();
    let mut longest = 0;
    for session in 2..=60 {
        assert!(renew(&mut user, session, session - 1, "ann's", 2000));
        if session == 6 {
            longest = user.encode().len();
        }
    }
    assert_eq!(user.encode().len(), longest);
}

#[test]
fn a_session_pushed_out_is_not_renewed() {
    let mut user = ann();
    for session in 2..=9 {
        enter(&mut user, session, None, "bob's", 1000 + u64::from(session));
    }
    assert_eq!(refusal(&user, 1, 2000), Some(Refusal::Replaced));
    assert!(!renew(&mut user, 10, 1, "ann's", 2000));
}

#[test]
fn sessions_that_idled_out_stay_renewable_beside_new_ones() {
    let mut user = ann();
    for session in 2..=8 {
        enter(&mut user, session, None, "bob's", 500_000);
    }
    assert!(user.is_renewable(id(1), phone("ann's").key(), &LIFETIMES, 500_000));
    // Beyond eight, the dead one with the oldest proof is forgotten.
    enter(&mut user, 9, None, "bob's", 500_000);
    assert!(!user.is_renewable(id(1), phone("ann's").key(), &LIFETIMES, 500_000));
    assert!(is_alive(&user, 2, 500_000));
}

#[test]
fn devices_are_listed_while_they_can_come_back() {
    let mut user = ann();
    user.touch(id(1), &LIFETIMES, 50_000);
    enter(&mut user, 2, None, "bob's", 400_000);
    let device = |session, proved, used| Device {
        id: id(session),
        proof: proof(1, proved),
        used,
    };
    let dead_and_alive = [device(1, 1000, 50_000), device(2, 400_000, 400_000)];
    assert_eq!(user.devices(&LIFETIMES, 400_000), dead_and_alive);
    assert_eq!(
        user.devices(&LIFETIMES, 1000 + RENEWABLE),
        [dead_and_alive[1]]
    );
    assert_eq!(super::user().devices(&LIFETIMES, 0), []);
}

#[test]
fn a_session_without_renewal_lives_as_long_as_a_guests() {
    let lifetimes = Lifetimes {
        renewable: std::time::Duration::ZERO,
        ..LIFETIMES
    };
    let mut user = User::with_account("ann");
    let holder = phone("ann's");
    user.grant(
        id(1),
        None,
        holder.clone().into(),
        proof(1, 1000),
        &lifetimes,
        1000,
    )
    .unwrap();
    assert!(user.verify(id(1), &lifetimes, 50_000).is_ok());
    assert_eq!(user.holder(id(1)), Some(&holder.clone().into()));
    assert!(!user.is_renewable(id(1), holder.key(), &lifetimes, 1000));
    assert_eq!(user.worth_keeping(&lifetimes, 1000), Some(100_000));
}

#[test]
fn an_account_is_kept_while_it_can_be_renewed_and_for_ever_with_an_attachment() {
    let mut user = ann();
    assert_eq!(user.worth_keeping(&LIFETIMES, 1000), Some(RENEWABLE));
    user.end(id(1));
    assert_eq!(user.worth_keeping(&LIFETIMES, 1000), None);
    user.attach(b"a password's hash".to_vec());
    assert_eq!(user.worth_keeping(&LIFETIMES, 1000), Some(FOR_EVER));
    user.delete(&LIFETIMES, 1000);
    assert_eq!(user.worth_keeping(&LIFETIMES, 1000), None);
}

#[test]
fn what_began_before_an_account_was_closed_comes_too_late() {
    let mut user = User::with_account("ann");
    assert!(!user.is_closed_to(1));
    user.close(1000);
    assert!(user.is_closed_to(1000) && !user.is_closed_to(1001));
    // Longer than any sign-in takes.
    assert_eq!(user.worth_keeping(&LIFETIMES, 1000), Some(60_000));
}

#[test]
fn a_deleted_account_names_nobody_and_revokes_its_sessions() {
    let mut user = ann();
    user.attach(b"a hash".to_vec());
    user.delete(&LIFETIMES, 2000);
    let value = user.encode();
    for named in ["ann", "ann's", "a hash"] {
        let mut parts = value.windows(named.len());
        assert!(!parts.any(|part| part == named.as_bytes()), "{named}");
    }
    let mut user = User::decode(user.key(), &value).unwrap();
    assert_eq!(
        (user.key(), user.name()),
        (UserKey::of_account("ann"), None)
    );
    assert_eq!(refusal(&user, 1, 2000), Some(Refusal::Revoked));
    assert_eq!(user.worth_keeping(&LIFETIMES, 2000), Some(999_000));
    user.found("ann");
    assert_eq!(user.name().as_deref(), Some("ann"));
    assert_eq!(refusal(&user, 1, 2000), Some(Refusal::Revoked));
}

#[test]
fn a_blocked_user_gets_no_session_and_keeps_none() {
    let mut user = ann();
    user.block(5000, &LIFETIMES, 2000);
    let before = user.clone();
    let blocked = user.grant(
        id(2),
        None,
        phone("ann's").into(),
        proof(1, 3000),
        &LIFETIMES,
        3000,
    );
    assert_eq!((blocked, user), (Err(Blocked), before));
}

#[test]
fn keys_belong_to_the_phone_they_came_to() {
    let mut user = ann();
    enter(&mut user, 2, None, "bob's", 1000);
    let sealed = super::session_keys::sealed;
    user.receive_for(id(1), sealed(1), |_| false);
    user.receive_for(id(2), sealed(2), |_| false);
    let counts = |user: &User| [1, 2].map(|session| user.session_keys(id(session)).len());
    assert_eq!(counts(&user), [1, 1]);
    assert_ne!(user.session_keys(id(1)), user.session_keys(id(2)));
    // A renewal keeps the key that came before it, and an end drops it.
    assert!(renew(&mut user, 3, 1, "ann's", 2000));
    user.receive_for(id(3), sealed(3), |_: &Sealed| false);
    assert_eq!(user.session_keys(id(3)).len(), 2);
    user.end(id(3));
    assert_eq!(user.session_keys(id(3)).len(), 0);
    assert_eq!(counts(&user), [0, 1]);
}

#[test]
fn a_guest_is_stored_as_before_there_were_accounts() {
    let user = super::user_with(2);
    let value = user.encode();
    assert_eq!((value[0], &value[1..4]), (2, &b"\x02wx"[..]));
    assert_eq!(User::decode(user.key(), &value), Some(user));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Enter { presented: Option<u8>, phone: u8 },
    Renew { presented: u8, phone: u8 },
    End(u8),
    EndOthers(u8),
    Revoke(u8),
    Wait(Millis),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (prop::option::of(0..20u8), 0..3u8)
            .prop_map(|(presented, phone)| Event::Enter { presented, phone }),
        (0..20u8, 0..3u8).prop_map(|(presented, phone)| Event::Renew { presented, phone }),
        (0..20u8).prop_map(Event::End),
        (0..20u8).prop_map(Event::EndOthers),
        (0..3u8).prop_map(Event::Revoke),
        prop_oneof![0..200_000u64, 0..RENEWABLE].prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 0..40)
}

proptest! {
    /// Whatever happens: what was ended on purpose never lives again, a session lives on the phone that it was granted
    /// to, the value stays small, and it comes back as it was.
    #[test]
    fn any_history_keeps_the_promises(events in events()) {
        let phones = ["a", "b", "c"];
        let mut user = User::with_account("ann");
        let (mut now, mut next) = (1000, 0);
        let mut buried: Vec<SessionId> = Vec::new();
        for event in events {
            match event {
                Event::Enter { presented, phone } => {
                    enter(&mut user, next, presented, phones[usize::from(phone)], now);
                    next += 1;
                }
                Event::Renew { presented, phone } => {
                    let openid = phones[usize::from(phone)];
                    if renew(&mut user, next, presented, openid, now) {
                        prop_assert!(!buried.contains(&id(presented)));
                        let holder = user.holder(id(next)).unwrap();
                        prop_assert_eq!(holder, &self::phone(openid).into());
                    }
                    next += 1;
                }
                Event::End(session) => {
                    user.end(id(session));
                    buried.extend((session < next).then(|| id(session)));
                }
                Event::EndOthers(session) if is_alive(&user, session, now) => {
                    let live = user.list(&LIFETIMES, now).into_iter().map(|listed| listed.id);
                    buried.extend(live.filter(|other| *other != id(session)));
                    user.end_others(id(session), &LIFETIMES, now);
                }
                Event::EndOthers(_) => {}
                Event::Revoke(phone) => {
                    let by: Way = [phone; 8];
                    user.revoke(&LIFETIMES, now, |_, proof| proof.by == by);
                }
                Event::Wait(span) => now += span,
            }
            for session in &buried {
                prop_assert!(user.verify(*session, &LIFETIMES, now).is_err());
            }
            for listed in user.list(&LIFETIMES, now) {
                prop_assert!(user.holder(listed.id).is_some());
                prop_assert!(user.devices(&LIFETIMES, now).iter().any(|device| device.id == listed.id));
            }
            let value = user.encode();
            prop_assert!(value.len() < 8000, "{}", value.len());
            prop_assert_eq!(User::decode(user.key(), &value), Some(user.clone()));
        }
    }
}

#[test]
fn an_account_as_earlier_releases_stored_it_is_read_and_sealed_when_it_is_written() {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let holder = phone("ann's");
    let value = [
        // Version, user, no attachment.
        [vec![3], text("ann"), vec![0]].concat(),
        // One phone, without unionid and session_keys.
        [vec![1], text("wx"), text("ann's"), vec![0, 0]].concat(),
        // One grant: session, no earlier names, phone, way, when it was proved and used. It was never closed.
        [
            &[1][..],
            &[1; 16],
            &[0],
            &holder.key().0,
            &[1; 8],
            &[100, 100],
            &[0],
        ]
        .concat(),
        // One live session: its deadline, and when it was used. None ended, no session_keys, no block.
        [&[1][..], &[1; 16], &[120, 100], &[0, 0, 0]].concat(),
    ]
    .concat();
    let mut user = User::decode(UserKey::of_account("ann"), &value).unwrap();
    assert_eq!(user.holder(id(1)), Some(&holder.clone().into()));
    assert!(is_alive(&user, 1, 110) && !is_alive(&user, 1, 120));
    assert!(user.is_renewable(id(1), holder.key(), &LIFETIMES, 200));
    user.seal(|identity| Ok::<_, ()>(StoredIdentity::Sealed(identity.key(), b"seal".to_vec())))
        .unwrap();
    assert!(shows(&user, b"seal") && !shows(&user, b"ann's"));
    assert_eq!(User::decode(user.key(), &user.encode()), Some(user.clone()));
    assert!(user.is_renewable(id(1), holder.key(), &LIFETIMES, 200));
}

#[test]
fn a_proof_or_an_end_from_the_future_counts_for_nothing() {
    const AHEAD: Millis = 400 * 24 * 3600 * 1000;
    let now = 5 * AHEAD;
    let mut user = User::with_account("ann");
    enter(&mut user, 1, None, "ann's", now + AHEAD);
    assert!(!user.is_renewable(id(1), phone("ann's").key(), &LIFETIMES, now));
    assert!(!user.proof(id(1)).unwrap().is_recent(600_000, now));
    user.close(now + AHEAD);
    assert!(!user.is_closed_to(now) && user.is_closed_to(now + AHEAD - 60_000));
    // Clocks are always a little apart.
    enter(&mut user, 2, None, "ann's", now + 60_000);
    assert!(user.is_renewable(id(2), phone("ann's").key(), &LIFETIMES, now));
    assert!(user.proof(id(2)).unwrap().is_recent(600_000, now));
}

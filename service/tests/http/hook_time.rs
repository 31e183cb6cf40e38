//! Sessions of the users of an app's own database over time, and while their passwords change.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::hook_world::World;
use crate::phone::Phone;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn signed_in(world: &World, wechat: &str) -> Phone {
    let mut phone = world.phone(wechat);
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "account"
    );
    phone
}

#[tokio::test]
async fn a_session_that_idled_out_is_renewed_on_its_phone_alone() {
    let world = World::open().await;
    let mut phone = signed_in(&world, "ann").await;
    world.store.pass(3 * HOUR);
    assert_eq!(phone.who().await, "session_expired");
    let mut thief = world.phone("bob");
    thief.session.clone_from(&phone.session);
    assert_eq!(thief.silently().await, "sign_in_needed");
    let before = phone.clone();
    assert_eq!(phone.silently().await, "account");
    assert_eq!(phone.who().await, "41");
    // The answer may have been lost: then the phone comes back with the old id.
    let mut restarted = before;
    assert_eq!(restarted.silently().await, "account");
    assert_eq!(restarted.who().await, "41");
}

#[tokio::test]
async fn twenty_renewals_at_once_with_a_code_each_are_all_the_same_user() {
    let world = World::open().await;
    let phone = signed_in(&world, "ann").await;
    world.store.pass(3 * HOUR);
    let mut renewals = JoinSet::new();
    for _ in 0..20 {
        let mut phone = phone.clone();
        renewals.spawn(async move { (phone.silently().await, phone) });
    }
    let mut alive = 0;
    for (renewed, phone) in renewals.join_all().await {
        assert_eq!(renewed, "account");
        match phone.who().await.as_str() {
            "41" => alive += 1,
            replaced => assert!(replaced.starts_with("session_"), "{replaced}"),
        }
    }
    assert!(alive > 0);
}

#[tokio::test]
async fn thirty_one_days_after_the_proof_the_user_has_to_sign_in_and_is_never_a_guest() {
    let world = World::open().await;
    let mut phone = signed_in(&world, "ann").await;
    for day in 1..=29 {
        world.store.pass(DAY);
        assert_eq!(phone.silently().await, "account", "day {day}");
    }
    world.store.pass(2 * DAY);
    for _ in 0..2 {
        assert_eq!(phone.silently().await, "sign_in_needed");
    }
    let mut linked = phone.clone();
    world.database.link(&linked.openid(), "41");
    assert_eq!(linked.silently().await, "account");
    assert_eq!(linked.who().await, "41");
}

#[tokio::test]
async fn an_account_that_nobody_used_for_a_year_is_no_guest_either() {
    let world = World::open().await;
    let mut phone = signed_in(&world, "ann").await;
    world.store.pass(365 * DAY);
    assert_eq!(phone.silently().await, "sign_in_needed");
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "account"
    );
}

#[tokio::test]
async fn a_change_of_the_password_ends_other_sessions_for_good() {
    let world = World::open().await;
    let (phone, mut other) = (
        signed_in(&world, "ann").await,
        signed_in(&world, "bob").await,
    );
    world.database.change_password("li.na", "new");
    let kept = world
        .sessions
        .authenticate(phone.session.as_ref().unwrap().as_bytes());
    let ended = world.sessions.end_named("41", Some(kept.unwrap()), None);
    ended.await.unwrap();
    assert_eq!(phone.who().await, "41");
    assert_eq!(other.who().await, "session_revoked");
    assert_eq!(other.silently().await, "sign_in_needed");
    world.store.pass(DAY);
    assert_eq!(other.silently().await, "sign_in_needed");
    assert_eq!(
        other.by_password("li.na", "password of 41").await,
        "credentials_wrong"
    );
    assert_eq!(other.by_password("li.na", "new").await, "account");
}

#[tokio::test]
async fn a_sign_in_that_the_database_let_in_before_the_change_comes_to_nothing() {
    let world = World::open().await;
    world.database.hold(true);
    let mut late = world.phone("ann");
    let late =
        tokio::spawn(async move { (late.by_password("li.na", "password of 41").await, late) });
    world.database.until_found(1).await;
    world.database.change_password("li.na", "new");
    world.sessions.end_named("41", None, None).await.unwrap();
    world.database.hold(false);
    let (answer, late) = late.await.unwrap();
    assert_eq!((answer.as_str(), late.session), ("server_busy", None));
}

/// The first part of this many rounds is too early for the change, and the last too late.
const ROUNDS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_change_there_is_never_a_session_of_the_old_password() {
    let world = World::open().await;
    for round in 0..ROUNDS {
        let old = format!("password {round}");
        world.database.change_password("li.na", &old);
        let before = world.database.calls();
        let mut attempts = JoinSet::new();
        for attempt in 0..8 {
            let (mut phone, old) = (world.phone(&format!("phone {attempt}")), old.clone());
            attempts.spawn(async move {
                phone.by_password("li.na", &old).await;
                phone
            });
        }
        // Each round changes the password at another point of these attempts.
        let mut phones = Vec::new();
        while world.database.calls() < before + round % 9 && !attempts.is_empty() {
            phones.extend(attempts.try_join_next().transpose().unwrap());
            tokio::task::yield_now().await;
        }
        world.database.change_password("li.na", "new");
        world.sessions.end_named("41", None, None).await.unwrap();
        phones.extend(attempts.join_all().await);
        for phone in phones {
            let who = phone.who().await;
            assert_ne!(who, "41", "round {round}");
        }
    }
}

#[tokio::test]
async fn a_blocked_user_stays_out_until_the_block_is_over() {
    let world = World::open().await;
    let mut phone = signed_in(&world, "ann").await;
    let ended = world.sessions.end_named("41", None, Some(HOUR));
    ended.await.unwrap();
    assert_eq!(phone.who().await, "session_revoked");
    // A sign-in of the same moment might rest on what the database said before.
    world.store.pass(Duration::from_millis(101));
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "user_blocked"
    );
    world.store.pass(HOUR);
    assert_eq!(phone.sign_in(json!({})).await, "sign_in_needed");
    assert_eq!(
        phone.by_password("li.na", "password of 41").await,
        "account"
    );
}

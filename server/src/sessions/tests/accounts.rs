use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::{Observed, person, sessions, week};
use crate::accounts::Entry;
use crate::identity::UserKey;
use crate::session_key::sample;
use crate::sessions::{Change, Issued, Owner, Sessions, SessionsError, Shown};
use crate::store::Store;
use crate::token::{Token, Version};
use crate::user::{POINTER, Refusal};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn enter(
    sessions: &Sessions,
    openid: &str,
    shown: Shown,
    presented: Option<Token>,
) -> Result<Issued, SessionsError> {
    let began = sessions.now();
    let (holder, key) = (person(openid), sample(1));
    let entry = Entry::to("ann");
    sessions
        .enter(
            &entry,
            shown,
            began + 1,
            (&holder, &key),
            presented,
            Version::Bearer,
        )
        .await
}

async fn ann(sessions: &Sessions) -> Token {
    enter(sessions, "ann's", Shown::Now, None)
        .await
        .unwrap()
        .token
}

async fn guest(sessions: &Sessions, openid: &str) -> Token {
    let issued = sessions
        .issue(&person(openid), &sample(1), None, Version::Bearer)
        .await;
    issued.unwrap().token
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, SessionsError>) -> Refusal {
    match outcome {
        Err(SessionsError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn point(store: &Observed, openid: &str) {
    let key = person(openid).key();
    let guest = store.get(key).await.unwrap();
    let pointer = [&[POINTER][..], &[7; 33]].concat();
    assert!(
        store
            .swap(key, guest, Some(pointer), crate::store::FOR_EVER)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_session_names_its_user_and_who_holds_the_phone() {
    let (sessions, store) = sessions(week());
    let token = ann(&sessions).await;
    let reads = store.reads.load(Relaxed);
    let verified = sessions.verify(token).await.unwrap();
    assert_eq!(store.reads.load(Relaxed), reads + 1);
    assert_eq!(
        (verified.user.as_str(), verified.identity),
        ("ann", person("ann's"))
    );
    let guest = guest(&sessions, "bob's").await;
    let verified = sessions.verify(guest).await.unwrap();
    assert_eq!(verified.user, person("bob's").key().guest());
    assert_eq!(
        UserKey::of_guest(&verified.user),
        Some(person("bob's").key())
    );
    assert_eq!(sessions.session_keys(token).await.unwrap().keys.len(), 1);
}

#[tokio::test]
async fn whose_a_session_was_is_known_while_it_is_kept() {
    let (sessions, store) = sessions(week());
    let (anns, thiefs) = (person("ann's").key(), person("a thief's").key());
    let token = ann(&sessions).await;
    let owner = |renewable| Owner::Account {
        user: "ann".into(),
        renewable,
    };
    let asked = async |token, holder| sessions.owner(token, holder).await.unwrap();
    assert_eq!(asked(token, anns).await, owner(true));
    assert_eq!(asked(token, thiefs).await, owner(false));
    let guest = guest(&sessions, "bob's").await;
    let bob = Owner::Guest(person("bob's").key().guest());
    assert_eq!(asked(guest, anns).await, bob);
    store.store.pass(29 * DAY);
    assert_eq!(asked(token, anns).await, owner(true));
    // A later session keeps the value, and renews no earlier one.
    ann(&sessions).await;
    store.store.pass(2 * DAY);
    assert_eq!(asked(token, anns).await, owner(false));
    // A store forgets what has no longer any use.
    store.store.pass(31 * DAY);
    for token in [token, guest] {
        assert_eq!(asked(token, anns).await, Owner::Forgotten(token.user()));
    }
    assert_eq!(asked(guest, person("bob's").key()).await, bob);
}

#[tokio::test]
async fn a_renewal_needs_a_session_that_may_be_renewed_at_that_moment() {
    let (sessions, _) = sessions(week());
    let token = ann(&sessions).await;
    let stolen = enter(&sessions, "a thief's", Shown::Before, Some(token)).await;
    assert!(matches!(stolen, Err(SessionsError::Closed)));
    let renewed = enter(&sessions, "ann's", Shown::Before, Some(token)).await;
    let renewed = renewed.unwrap().token;
    assert_eq!(refusal(sessions.verify(token).await), Refusal::Expired);
    sessions.end_all(renewed).await.unwrap();
    let late = enter(&sessions, "ann's", Shown::Before, Some(renewed)).await;
    assert!(matches!(late, Err(SessionsError::Closed)));
}

#[tokio::test]
async fn a_sign_in_ends_the_guest_it_presents() {
    let (sessions, _) = sessions(week());
    let guest = guest(&sessions, "ann's").await;
    let entered = enter(&sessions, "ann's", Shown::Now, Some(guest)).await;
    assert!(sessions.verify(entered.unwrap().token).await.is_ok());
    assert_eq!(refusal(sessions.verify(guest).await), Refusal::Expired);
}

#[tokio::test]
async fn ending_a_user_by_name_ends_what_is_under_way_too() {
    let (sessions, store) = sessions(week());
    for known in [true, false] {
        if known {
            ann(&sessions).await;
        }
        let began = sessions.now();
        sessions.end_named("ann", None, None).await.unwrap();
        let (holder, key) = (person("ann's"), sample(1));
        let (entry, phone) = (Entry::to("ann"), (&holder, &key));
        // On this server, and on one whose clock is ahead.
        for began in [began, began + 80] {
            let late = sessions
                .enter(&entry, Shown::Now, began, phone, None, Version::Bearer)
                .await;
            assert!(matches!(late, Err(SessionsError::Closed)), "{known}");
        }
        store.store.pass(Duration::from_millis(101));
        let next = enter(&sessions, "ann's", Shown::Now, None).await;
        let next = next.unwrap().token;
        sessions.end(next).await.unwrap();
        store.store.pass(DAY);
    }
}

#[tokio::test]
async fn a_user_is_ended_by_the_name_that_backends_know() {
    let (sessions, store) = sessions(week());
    let (one, kept) = (ann(&sessions).await, ann(&sessions).await);
    sessions.end_named("ann", Some(kept), None).await.unwrap();
    assert_eq!(refusal(sessions.verify(one).await), Refusal::Revoked);
    assert!(sessions.verify(kept).await.is_ok());
    let bobs = guest(&sessions, "bob's").await;
    let name = person("bob's").key().guest();
    sessions.end_named(&name, None, None).await.unwrap();
    assert_eq!(refusal(sessions.verify(bobs).await), Refusal::Revoked);
    // Nothing is written for a guest whom nobody knows.
    let carls = person("carl's").key();
    sessions
        .end_named(&carls.guest(), None, None)
        .await
        .unwrap();
    assert_eq!(store.get(carls).await.unwrap(), None);
    // Whom nobody knows can be blocked.
    let hour = Some(Duration::from_secs(3600));
    sessions.end_named("carl", None, hour).await.unwrap();
    let (holder, key) = (person("carl's"), sample(1));
    let (entry, phone) = (Entry::to("carl"), (&holder, &key));
    let began = sessions.now() + 1;
    let entered = sessions
        .enter(&entry, Shown::Now, began, phone, None, Version::Bearer)
        .await;
    assert!(entered.is_err());
}

#[tokio::test]
async fn a_deleted_account_stays_nameless_when_it_is_ended_by_its_name() {
    let (sessions, store) = sessions(week());
    let token = ann(&sessions).await;
    let deleted = sessions.attach(token.user(), |_| Ok(Some(Change::Delete)));
    assert!(deleted.await.unwrap());
    let tombstone = store.get(token.user()).await.unwrap();
    // As an app's own backend does once it hears of the deletion.
    sessions.end_named("ann", None, None).await.unwrap();
    assert_eq!(store.get(token.user()).await.unwrap(), tombstone);
    let hour = Some(Duration::from_secs(3600));
    sessions.end_named("ann", None, hour).await.unwrap();
    let blocked = store.get(token.user()).await.unwrap().unwrap();
    assert!(!blocked.windows(3).any(|part| part == b"ann"));
    assert!(enter(&sessions, "ann's", Shown::Now, None).await.is_err());
}

#[tokio::test]
async fn a_guest_who_was_linked_is_gone_and_never_comes_back() {
    let (sessions, store) = sessions(week());
    let guest = guest(&sessions, "ann's").await;
    point(&store, "ann's").await;
    let pointer = store.get(guest.user()).await.unwrap();
    assert_eq!(refusal(sessions.verify(guest).await), Refusal::Expired);
    sessions.end(guest).await.unwrap();
    sessions.touch(guest).await.unwrap();
    assert_eq!(refusal(sessions.end_all(guest).await), Refusal::Expired);
    sessions.end_user("wx", "ann's").await.unwrap();
    let again = sessions
        .issue(&person("ann's"), &sample(1), Some(guest), Version::Bearer)
        .await;
    assert!(matches!(again, Err(SessionsError::Linked)));
    let blocked = sessions.block("wx", "ann's", Duration::from_secs(1)).await;
    assert!(matches!(blocked, Err(SessionsError::Linked)));
    assert_eq!(store.get(guest.user()).await.unwrap(), pointer);
}

#[tokio::test]
async fn the_way_in_is_judged_in_the_value_that_the_session_starts_in() {
    let (sessions, _) = sessions(week());
    let key = UserKey::of_account("ann");
    let attach = |attachment: &'static [u8]| {
        sessions.attach(key, move |_| {
            Ok(Some(Change::Attach {
                user: "ann".into(),
                attachment: attachment.to_vec(),
            }))
        })
    };
    let entry = Entry {
        admit: Some(Arc::new(|attached: &[u8]| {
            (attached == b"old password").then(|| b"old password, seen".to_vec())
        })),
        ..Entry::to("ann")
    };
    let (holder, session_key) = (person("ann's"), sample(1));
    let enter = async || {
        let began = sessions.now() + 1;
        let phone = (&holder, &session_key);
        sessions
            .enter(&entry, Shown::Now, began, phone, None, Version::Bearer)
            .await
    };
    let closed = |outcome| matches!(outcome, Err(SessionsError::Closed));
    assert!(closed(enter().await), "there is no account");
    assert!(attach(b"old password").await.unwrap());
    let token = enter().await.unwrap().token;
    let attached = sessions.attachment(key).await.unwrap();
    assert_eq!(attached.as_deref(), Some(&b"old password, seen"[..]));
    assert!(attach(b"new password").await.unwrap());
    assert!(closed(enter().await), "the password has changed");
    let deleted = sessions.attach(key, |_| Ok(Some(Change::Delete))).await;
    assert!(deleted.unwrap());
    assert_eq!(sessions.attachment(key).await.unwrap(), None);
    assert_eq!(refusal(sessions.verify(token).await), Refusal::Revoked);
    assert!(closed(enter().await), "the account is deleted");
    assert!(!sessions.attach(key, |_| Ok(None)).await.unwrap());
}

#[tokio::test]
async fn an_account_changes_together_with_its_sessions_and_stays() {
    let (sessions, store) = sessions(week());
    let (asking, other) = (ann(&sessions).await, ann(&sessions).await);
    let change = sessions.change(asking, |user, lifetimes, now| {
        user.attach(b"new password".to_vec());
        user.end_others(asking.session(), lifetimes, now);
        Ok(user.devices(lifetimes, now).len())
    });
    assert_eq!(change.await.unwrap(), 1);
    assert_eq!(refusal(sessions.verify(other).await), Refusal::Revoked);
    let (user, _) = sessions.user(asking).await.unwrap();
    assert_eq!(user.attachment(), Some(&b"new password"[..]));
    assert_eq!(user.devices(&week(), sessions.now()).len(), 1);
    let refused = sessions.change(other, |_, _, _| Ok(())).await;
    assert_eq!(refusal(refused), Refusal::Revoked);
    store.store.pass(1000 * DAY);
    let attached = sessions.attachment(asking.user()).await.unwrap();
    assert_eq!(attached.as_deref(), Some(&b"new password"[..]));
}

//! The client over a hand-written mini program.

use std::cell::Cell;
use std::rc::Rc;

use crate::error::ErrorCode;
use crate::flow::{Outcome, Phase, Sent, Want};
use crate::policy::Refusal;
use crate::tests::mini_program::{post_answers, sign_in, start};

const PRODUCTS: &str = "https://api.example.com/wx/products/list";

#[test]
fn a_cold_start_signs_in_keeps_the_session_and_tells_the_phases() {
    let (client, world) = start(None);
    assert_eq!(client.admit(client.now()), None);
    client.want(1, Want::Call);
    client.want(2, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(
        *world.settled.borrow(),
        [(1, Outcome::Go), (2, Outcome::Go)]
    );
    assert_eq!(world.logins.get(), 1);
    assert_eq!(
        *world.phases.borrow(),
        [Phase::SignedOut, Phase::SigningIn, Phase::SignedIn]
    );
    assert_eq!(client.admit(client.now()), Some(1));
    assert_eq!(client.id().as_deref(), Some("first"));

    let (client, world) = start(world.stored.take());
    assert_eq!(client.admit(client.now()), Some(1));
    assert_eq!(client.id().as_deref(), Some("first"));
    assert_eq!(world.logins.get(), 0);
}

#[test]
fn an_ending_that_storage_kept_stands_at_the_next_start() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    sign_in(&client, &world, "first");
    client.refused(1, 1, Sent::Once, Refusal::Ended(ErrorCode::SessionReplaced));

    let (client, world) = start(world.stored.take());
    client.want(1, Want::Call);
    let failed = Outcome::Fail(ErrorCode::SessionReplaced.into());
    assert_eq!(*world.settled.borrow(), [(1, failed)]);
    assert_eq!((world.phase(), world.logins.get()), (Phase::Ended, 0));
}

#[test]
fn a_client_that_presents_nothing_presents_nothing() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    for (is_silent, presented) in [(false, Some("first")), (true, None)] {
        if is_silent {
            client.present_nothing();
        }
        client.want(2, Want::NewLogin);
        sign_in(&client, &world, "first");
        assert_eq!(world.presented.borrow().as_deref(), presented);
    }
}

#[test]
fn an_empty_code_is_a_failed_login() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    let step = world.code_asked.take().expect("a code is asked for");
    client.coded(step, Some(String::new()));
    let failed = Outcome::Fail(ErrorCode::LoginFailed.into());
    assert_eq!(*world.settled.borrow(), [(1, failed)]);
}

#[test]
fn storage_keeps_the_session_before_the_phase_is_told() {
    let (client, world) = start(None);
    let is_stored = Rc::new(Cell::new(false));
    let seen = Rc::clone(&is_stored);
    let storage = Rc::clone(&world);
    world.on_signed_in.replace(Some(Box::new(move |_| {
        seen.set(storage.stored.borrow().is_some());
    })));
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    assert!(
        is_stored.get(),
        "a program that is closed now finds the session again"
    );
}

#[test]
fn a_call_told_to_go_with_an_older_session_goes_with_the_newer_one() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    client.want(2, Want::NewLogin);
    sign_in(&client, &world, "second");
    world.settled.borrow_mut().clear();
    client.want_again(3, 1);
    assert_eq!(*world.settled.borrow(), [(3, Outcome::Go)]);
}

#[test]
fn a_call_told_to_go_with_a_session_of_an_ended_epoch_fails_while_a_newer_session_stands() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    client.leave();
    client.want(2, Want::Login);
    sign_in(&client, &world, "second");
    world.settled.borrow_mut().clear();
    client.want_again(3, 1);
    let signed_out = Outcome::Fail(ErrorCode::SignedOut.into());
    assert_eq!(*world.settled.borrow(), [(3, signed_out)]);
}

#[test]
fn only_trusted_origins_carry_the_session() {
    let (client, _) = start(None);
    let other = "https://other.example/";
    assert!(client.carries(PRODUCTS));
    assert!(!client.carries(other));
    assert!(client.trust(other));
    assert!(client.carries(other));
    assert!(!client.trust("other.example"));
}

#[test]
fn an_exchange_presents_the_session_that_it_replaces() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    assert_eq!(*world.presented.borrow(), None);
    client.refused(2, 1, Sent::Once, Refusal::Renew);
    assert_eq!(
        world.kept().as_deref(),
        Some("first"),
        "a program that is closed now must not become somebody else's"
    );
    sign_in(&client, &world, "second");
    assert_eq!(world.presented.borrow().as_deref(), Some("first"));
}

#[test]
fn a_sign_out_in_a_callback_fails_who_has_not_gone_yet() {
    let (client, world) = start(None);
    world.on_settle.replace(Some(Box::new(|client, ticket| {
        if ticket == 1 {
            client.leave();
        }
    })));
    client.want(1, Want::Call);
    client.want(2, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(
        *world.settled.borrow(),
        [
            (1, Outcome::Go),
            (2, Outcome::Fail(ErrorCode::SignedOut.into()))
        ]
    );
    assert_eq!(*world.ended.borrow(), ["first"]);
    assert_eq!(world.kept(), None);
}

#[test]
fn who_has_not_gone_yet_does_not_join_a_login_after_the_sign_out() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.leave();
        client.want(3, Want::Login);
        client.want(4, Want::Call);
    })));
    client.want(1, Want::Call);
    client.want(2, Want::Login);
    sign_in(&client, &world, "first");
    let signed_out = Outcome::Fail(ErrorCode::SignedOut.into());
    assert_eq!(*world.settled.borrow(), [(1, signed_out), (2, signed_out)]);
    sign_in(&client, &world, "second");
    assert_eq!(
        world.settled.borrow()[2..],
        [(3, Outcome::Go), (4, Outcome::Go)]
    );
    assert_eq!(*world.ended.borrow(), ["first"]);
}

#[test]
fn who_has_not_gone_yet_hears_that_the_session_was_ended_elsewhere() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.refused(
            3,
            client.generation(),
            Sent::Once,
            Refusal::Ended(ErrorCode::SessionRevoked),
        );
        client.want(4, Want::Login);
    })));
    client.want(1, Want::Call);
    sign_in(&client, &world, "first");
    let revoked = Outcome::Fail(ErrorCode::SessionRevoked.into());
    assert_eq!(
        *world.settled.borrow(),
        [(1, revoked), (3, Outcome::Deliver)]
    );
}

#[test]
fn who_has_not_gone_yet_asks_anew_where_only_the_session_was_lost() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.refused(2, client.generation(), Sent::Once, Refusal::Renew);
    })));
    client.want(1, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(*world.settled.borrow(), []);
    sign_in(&client, &world, "second");
    assert_eq!(
        *world.settled.borrow(),
        [(2, Outcome::Go), (1, Outcome::Go)]
    );
}

#[test]
fn a_sign_in_abandoned_before_the_code_came_never_posts_it() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.leave();
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    assert_eq!(world.posted.get(), None);
    assert_eq!(world.phase(), Phase::SignedOut);
}

#[test]
fn a_session_that_comes_after_the_sign_out_is_ended_at_the_server() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    client.leave();
    post_answers(&client, &world, "late");
    assert_eq!(*world.ended.borrow(), ["late"]);
    assert_eq!(client.id(), None);
}

#[test]
fn the_session_in_use_is_not_ended_when_a_late_answer_repeats_it() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    let first_post = world.posted.take();
    client.elapsed(world.timer.take().expect("a deadline"));
    client.elapsed(world.timer.take().expect("a back-off"));
    post_answers(&client, &world, "shared");
    world.posted.set(first_post);
    post_answers(&client, &world, "shared");
    assert_eq!(*world.ended.borrow(), [""; 0]);
    assert_eq!(client.id().as_deref(), Some("shared"));
}

/// A host calls its program from an errand. A second errand must not begin before the first has ended.
#[test]
fn the_errands_of_a_callback_wait_until_it_returns() {
    let (client, world) = start(None);
    let depth = Rc::new(Cell::new(0));
    let seen = Rc::clone(&depth);
    world
        .on_settle
        .replace(Some(Box::new(move |client, ticket| {
            seen.set(seen.get() + 1);
            assert_eq!(seen.get(), 1, "one callback at a time");
            if ticket < 4 {
                client.want(ticket + 2, Want::Call);
            }
            seen.set(seen.get() - 1);
        })));
    client.want(1, Want::Call);
    client.want(2, Want::Call);
    sign_in(&client, &world, "first");
    client.want(6, Want::Call);
    let settled: Vec<_> = world
        .settled
        .take()
        .iter()
        .map(|(ticket, _)| *ticket)
        .collect();
    assert_eq!(settled, [1, 2, 3, 4, 5, 6]);
    assert_eq!(depth.get(), 0);
}

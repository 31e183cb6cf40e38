mod attempts;
mod endings;
mod endpoints;
mod guests;
mod one_shot;
mod pauses;
mod refusals;

use super::{Outcome, Phase, Sent, Want};
use crate::error::{ErrorCode, Failure};
use crate::flow::effects::{Effect, Flow};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::session::Session;

const NOW: Milliseconds = Milliseconds::new(1_000_000);

fn session(id: &str) -> Session {
    Session::issued(id.into(), 600.0, NOW).expect("a usable id")
}

fn live() -> Flow {
    Flow::new(Some(session("first")))
}

/// A sign-in in progress, with two calls waiting.
fn signing_in() -> Flow {
    let mut flow = Flow::new(None);
    assert_eq!(flow.want(1, Want::Call, NOW), [Effect::SignIn]);
    assert_eq!(flow.want(2, Want::Call, NOW), []);
    flow
}

fn go(ticket: u32) -> Effect {
    Effect::Settle(ticket, Outcome::Go)
}

fn deliver(ticket: u32) -> Effect {
    Effect::Settle(ticket, Outcome::Deliver)
}

fn fail(ticket: u32, code: ErrorCode) -> Effect {
    Effect::Settle(ticket, Outcome::Fail(code.into()))
}

fn paused(ticket: u32, retry_after: u32) -> Effect {
    Effect::Settle(
        ticket,
        Outcome::Fail(Failure {
            code: ErrorCode::SignInPaused,
            retry_after,
        }),
    )
}

#[test]
fn calls_without_a_session_share_one_sign_in_and_go_in_order() {
    let mut flow = signing_in();
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(
        flow.issued(session("first"), NOW),
        [Effect::Keep, go(1), go(2)]
    );
    assert_eq!(flow.phase(), Phase::SignedIn);
    assert_eq!(flow.generation(), 1);
}

#[test]
fn a_live_session_is_used_and_login_has_nothing_to_do() {
    let mut flow = live();
    assert!(flow.is_live(NOW));
    assert_eq!(flow.want(1, Want::Call, NOW), [go(1)]);
    assert_eq!(flow.want(2, Want::Login, NOW), [go(2)]);
}

#[test]
fn past_its_deadline_a_session_is_renewed_before_use_and_presented() {
    let mut flow = live();
    let late = NOW + 600_000;
    assert!(!flow.is_live(late));
    assert_eq!(flow.want(1, Want::Call, late), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"));
    assert!(flow.standing().is_none());
}

#[test]
fn a_forced_login_keeps_the_session_until_it_has_a_better_one() {
    let mut flow = live();
    assert_eq!(flow.want(1, Want::NewLogin, NOW), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(flow.want(2, Want::Call, NOW), []);
    assert_eq!(
        flow.failed(ErrorCode::LoginFailed.into(), NOW),
        [fail(1, ErrorCode::LoginFailed), go(2)],
        "the login fails, the call goes with what stands"
    );
    assert_eq!(flow.id(), Some("first"));
}

#[test]
fn the_session_that_a_failed_sign_in_was_to_replace_is_presented_by_the_next() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(flow.want(2, Want::Call, NOW + 1_000), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"));
    flow.failed(ErrorCode::Network.into(), NOW + 1_000);
    flow.want(3, Want::NewLogin, NOW + 1_000);
    assert_eq!(flow.presented(), Some("first"));
    flow.issued(session("second"), NOW);
    flow.want(4, Want::NewLogin, NOW + 1_000);
    assert_eq!(flow.presented(), Some("second"));
}

#[test]
fn a_session_refused_during_a_forced_login_is_presented_but_no_longer_stands() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    assert_eq!(flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW), []);
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(
        flow.failed(ErrorCode::LoginFailed.into(), NOW),
        [
            fail(1, ErrorCode::LoginFailed),
            fail(2, ErrorCode::LoginFailed)
        ]
    );
}

#[test]
fn an_abort_leaves_the_sign_in_and_the_others_alone() {
    let mut flow = signing_in();
    flow.abort(1);
    flow.abort(7);
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.issued(session("first"), NOW), [Effect::Keep, go(2)]);
}

#[test]
fn a_call_that_was_sent_twice_is_refused_a_second_time() {
    assert_eq!([1, 2].map(Sent::times), [Sent::Once, Sent::Twice]);
}

#[test]
fn an_app_sees_these_phases() {
    let names = Phase::ALL.map(Phase::name);
    assert_eq!(names, ["signed-out", "signing-in", "signed-in", "ended"]);
}

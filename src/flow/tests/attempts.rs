//! Logins with credentials.

use super::{NOW, deliver, fail, go, live, session, signing_in};
use crate::error::ErrorCode;
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;

/// An attempt in progress, with the session that stands.
fn attempting(mut flow: Flow) -> Flow {
    assert_eq!(flow.want(7, Want::Attempt, NOW), [Effect::SignIn]);
    assert_eq!(flow.attempt(), Some(7));
    flow
}

#[test]
fn an_attempt_signs_in_whatever_stands_and_even_in_a_pause() {
    let mut paused = Flow::new(None);
    paused.want(1, Want::Call, NOW);
    paused.failed(ErrorCode::BadAnswer.into(), NOW);
    let ended = Flow::ended(ErrorCode::SessionReplaced);
    for flow in [Flow::new(None), live(), paused, ended] {
        let mut flow = attempting(flow);
        let issued = flow.issued(session("new"), NOW);
        assert_eq!(issued, [Effect::Keep, go(7)]);
        assert_eq!((flow.id(), flow.attempt()), (Some("new"), None));
    }
}

#[test]
fn an_attempt_waits_for_the_sign_in_under_way_and_then_asks_again() {
    let mut flow = signing_in();
    assert_eq!(flow.want(7, Want::Attempt, NOW), []);
    assert_eq!(flow.attempt(), None, "its credentials are not in that one");
    let issued = flow.issued(session("first"), NOW);
    assert_eq!(issued, [Effect::Keep, go(1), go(2), deliver(7)]);

    let mut flow = signing_in();
    flow.want(7, Want::Attempt, NOW);
    let code = ErrorCode::BadAnswer;
    let failed = flow.failed(code.into(), NOW);
    assert_eq!(failed, [fail(1, code), fail(2, code), deliver(7)]);
}

#[test]
fn a_failed_attempt_reaches_its_caller_alone_and_leaves_what_stood() {
    for code in [
        ErrorCode::ExchangeRejected,
        ErrorCode::SignInNeeded,
        ErrorCode::Network,
        ErrorCode::RateLimited,
    ] {
        let mut flow = attempting(live());
        assert_eq!(flow.want(1, Want::Call, NOW), []);
        assert_eq!(flow.want(2, Want::Login, NOW), []);
        assert_eq!(flow.want(8, Want::Attempt, NOW), []);
        let failed = flow.failed(code.into(), NOW);
        assert_eq!(failed, [fail(7, code), deliver(1), deliver(2), deliver(8)]);
        assert_eq!(flow.id(), Some("first"));
        assert_eq!(flow.want(1, Want::Call, NOW), [go(1)]);

        let mut flow = attempting(Flow::new(None));
        flow.failed(code.into(), NOW);
        assert_eq!(flow.phase(), Phase::SignedOut);
        assert_eq!(flow.want(1, Want::Call, NOW), [Effect::SignIn], "no pause");
    }
}

#[test]
fn an_attempt_presents_only_a_session_that_can_still_be_used() {
    assert_eq!(attempting(live()).presented(), Some("first"));
    let mut renewing = live();
    renewing.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    renewing.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(renewing.presented(), Some("first"));
    let mut flow = attempting(renewing);
    assert_eq!(flow.presented(), None);
    flow.failed(ErrorCode::ExchangeRejected.into(), NOW);
    assert_eq!(flow.presented(), Some("first"), "the next renewal does");
}

#[test]
fn a_call_that_was_sent_before_is_never_sent_again_for_another_user() {
    let mut flow = attempting(live());
    let refused = flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    assert_eq!(refused, [deliver(1)], "nor while the attempt runs");
    flow.issued(session("new"), NOW);
    let refused = flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW);
    assert_eq!(refused, [deliver(2)]);
    assert_eq!(flow.id(), Some("new"));
}

#[test]
fn a_session_that_was_ended_elsewhere_leaves_an_attempt_alone() {
    let code = ErrorCode::SessionReplaced;
    let mut flow = attempting(live());
    let refused = flow.refused(1, 1, Sent::Once, Refusal::Ended(code), NOW);
    assert_eq!(refused, [Effect::Keep, deliver(1)]);
    assert_eq!(flow.attempt(), Some(7));

    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.want(7, Want::Attempt, NOW);
    flow.refused(2, 1, Sent::Once, Refusal::Ended(code), NOW);
    assert!(
        !flow.is_signing_in(),
        "the renewal ends, and the attempt asks again"
    );
}

#[test]
fn a_sign_out_fails_the_attempt_and_those_that_wait() {
    let code = ErrorCode::SignedOut;
    let mut flow = attempting(Flow::new(None));
    flow.want(8, Want::Attempt, NOW);
    let left = flow.leave();
    assert!(
        left.contains(&fail(7, code)) && left.contains(&fail(8, code)),
        "{left:?}"
    );
    assert!(!flow.is_signing_in());
}

#[test]
fn an_attempt_begins_an_epoch_with_the_session_that_it_brings() {
    let mut flow = attempting(live());
    assert_eq!(flow.ended(1), None, "not before");
    flow.issued(session("new"), NOW);
    assert_eq!(flow.ended(1), Some(ErrorCode::SignedOut));
    assert_eq!(flow.ended(2), None);
}

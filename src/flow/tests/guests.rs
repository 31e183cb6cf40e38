//! Apps that sign in by hand, and calls that guests may make too.

use super::{NOW, deliver, fail, go, live, paused, session, signing_in};
use crate::error::ErrorCode;
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;

/// The host lets the optional call go bare.
fn bare(ticket: u32) -> Effect {
    fail(ticket, ErrorCode::SignInNeeded)
}

#[test]
fn where_the_app_signs_in_by_hand_calls_fail_until_it_has() {
    let mut flow = Flow::new(None);
    let needed = ErrorCode::SignInNeeded;
    assert_eq!(flow.want(1, Want::CallByHand, NOW), [fail(1, needed)]);
    assert_eq!(flow.want(2, Want::Login, NOW), [Effect::SignIn]);
    assert_eq!(flow.want(3, Want::CallByHand, NOW), [], "a login is shared");
    flow.failed(ErrorCode::BadAnswer.into(), NOW);
    assert_eq!(flow.want(4, Want::CallByHand, NOW), [fail(4, needed)]);
    flow.want(5, Want::Login, NOW);
    assert_eq!(flow.issued(session("first"), NOW), [Effect::Keep, go(5)]);
}

#[test]
fn a_session_that_was_signed_in_to_by_hand_is_renewed_silently() {
    let mut flow = live();
    assert_eq!(
        flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW),
        [Effect::SignIn]
    );
    flow.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(flow.want(2, Want::CallByHand, NOW), [paused(2, 1_000)]);
    assert_eq!(
        flow.want(3, Want::CallByHand, NOW + 1_000),
        [Effect::SignIn]
    );
}

#[test]
fn an_optional_call_goes_with_the_session_and_fails_without() {
    assert_eq!(live().want(1, Want::Optional, NOW), [go(1)]);
    let mut flow = Flow::new(None);
    assert_eq!(flow.want(1, Want::Optional, NOW), [bare(1)]);
    assert_eq!(flow.phase(), Phase::SignedOut, "it never signs in");
    assert_eq!(signing_in().want(3, Want::Optional, NOW), [bare(3)]);
    for code in [ErrorCode::SignedOut, ErrorCode::SessionReplaced] {
        let mut flow = Flow::ended(code);
        assert_eq!(flow.want(1, Want::Optional, NOW), [fail(1, code)]);
        flow.want(2, Want::Login, NOW);
        assert_eq!(flow.want(3, Want::Optional, NOW), [bare(3)]);
    }
}

#[test]
fn an_optional_call_has_a_session_renewed_that_is_past_its_deadline() {
    let mut flow = live();
    let late = NOW + 600_000;
    assert_eq!(flow.want(1, Want::Optional, late), [Effect::SignIn]);
    assert_eq!(flow.want(2, Want::Optional, late), []);
    assert_eq!(
        flow.failed(ErrorCode::Network.into(), late),
        [fail(1, ErrorCode::Network), fail(2, ErrorCode::Network)]
    );
    assert_eq!(flow.want(3, Want::Optional, late), [paused(3, 1_000)]);
    assert_eq!(flow.want(4, Want::Optional, late + 1_000), [Effect::SignIn]);
}

#[test]
fn an_optional_call_waits_for_a_forced_login() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    assert_eq!(flow.want(2, Want::Optional, NOW), []);
    assert_eq!(
        flow.issued(session("second"), NOW),
        [Effect::Keep, go(1), go(2)]
    );
}

#[test]
fn an_optional_call_that_waits_is_no_login_that_holds_a_renewal_up() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.want(2, Want::Optional, NOW);
    let code = ErrorCode::SessionReplaced;
    assert_eq!(
        flow.refused(3, 1, Sent::Once, Refusal::Ended(code), NOW),
        [
            Effect::Keep,
            Effect::Abandon,
            fail(1, code),
            fail(2, code),
            deliver(3)
        ]
    );
}

//! Refusals of calls that cannot be sent again.

use super::{NOW, deliver, fail, go, live, session};
use crate::error::ErrorCode;
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;

/// A machine whose second session is on trial since `NOW`.
fn on_trial() -> Flow {
    let mut flow = live();
    assert_eq!(
        flow.refused_one_shot(1, Refusal::Renew, NOW),
        [Effect::SignIn]
    );
    assert_eq!(flow.issued(session("second"), NOW), [Effect::Keep]);
    flow
}

#[test]
fn a_one_shot_call_renews_the_session_for_the_calls_to_come_and_is_not_answered() {
    let mut flow = live();
    assert_eq!(
        flow.refused_one_shot(1, Refusal::Renew, NOW),
        [Effect::SignIn]
    );
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.want(1, Want::Call, NOW), []);
    assert_eq!(
        flow.issued(session("second"), NOW),
        [Effect::Keep, go(1)],
        "only the call that waits goes"
    );
}

#[test]
fn a_renewal_that_has_not_helped_a_one_shot_call_is_not_repeated_and_starts_a_pause() {
    let mut flow = on_trial();
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW), []);
    assert!(flow.is_live(NOW), "the session is kept");
    assert_eq!(
        flow.refused(1, 2, Sent::Once, Refusal::Renew, NOW + 999),
        [deliver(1)],
        "the pause is that of any second refusal"
    );
    assert_eq!(
        flow.refused(1, 2, Sent::Once, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn]
    );
}

#[test]
fn a_renewal_has_helped_a_one_shot_call_after_a_minute() {
    let mut flow = on_trial();
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW + 59_999), []);
    let mut flow = on_trial();
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Renew, NOW + 60_000),
        [Effect::SignIn]
    );
}

#[test]
fn the_minute_begins_when_the_session_comes() {
    let mut flow = live();
    flow.refused_one_shot(1, Refusal::Renew, NOW);
    flow.issued(session("second"), NOW + 5_000);
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW + 64_999), []);
}

#[test]
fn a_clock_that_jumps_back_does_not_end_the_minute() {
    let mut flow = on_trial();
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW - 1), []);
    assert!(flow.standing().is_some());
}

#[test]
fn a_session_that_no_one_shot_call_asked_for_is_renewed_at_the_first_refusal_of_one() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Renew, NOW),
        [Effect::SignIn],
        "even of a call that was sent twice"
    );
}

#[test]
fn a_one_shot_call_shares_the_sign_in_that_runs() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    assert_eq!(flow.refused_one_shot(1, Refusal::Renew, NOW), []);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW), []);
    assert_eq!(flow.phase(), Phase::SignedIn, "that was the second refusal");
}

#[test]
fn a_late_refusal_of_a_one_shot_call_puts_the_newer_session_on_trial() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.refused_one_shot(1, Refusal::Renew, NOW + 1), []);
    assert_eq!(flow.phase(), Phase::SignedIn);
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW + 60_000), []);
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Renew, NOW + 61_000),
        [Effect::SignIn]
    );
}

#[test]
fn a_second_refusal_of_a_session_that_was_replaced_meanwhile_changes_nothing() {
    let mut flow = on_trial();
    flow.want(1, Want::NewLogin, NOW);
    flow.issued(session("third"), NOW);
    let before = flow.clone();
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW), []);
    assert_eq!(flow, before, "the third session is not on trial");
}

#[test]
fn the_session_that_stands_after_a_failed_login_is_on_trial_if_a_one_shot_call_waited_for_better() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    flow.issued(session("second"), NOW);
    flow.want(2, Want::NewLogin, NOW);
    assert_eq!(flow.refused_one_shot(1, Refusal::Renew, NOW), []);
    assert_eq!(
        flow.failed(ErrorCode::Network.into(), NOW),
        [fail(2, ErrorCode::Network)]
    );
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW + 2_000), []);
    assert_eq!(flow.phase(), Phase::SignedIn);
}

#[test]
fn a_renewal_for_a_one_shot_call_that_fails_puts_nothing_on_trial() {
    let mut flow = live();
    flow.refused_one_shot(1, Refusal::Renew, NOW);
    assert_eq!(flow.failed(ErrorCode::LoginFailed.into(), NOW), []);
    let later = NOW + 1_000;
    assert_eq!(flow.want(1, Want::Call, later), [Effect::SignIn]);
    flow.issued(session("second"), later);
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Renew, later),
        [Effect::SignIn]
    );
}

#[test]
fn in_a_pause_a_refused_one_shot_call_changes_nothing() {
    let mut flow = on_trial();
    flow.refused_one_shot(2, Refusal::Renew, NOW);
    flow.want(1, Want::NewLogin, NOW);
    flow.issued(session("third"), NOW);
    let before = flow.clone();
    assert_eq!(flow.refused_one_shot(3, Refusal::Renew, NOW + 999), []);
    assert_eq!(flow, before);
    assert_eq!(
        flow.refused_one_shot(3, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn],
        "the refusal in the pause did not count as a second one"
    );
}

#[test]
fn a_one_shot_call_whose_session_was_ended_elsewhere_ends_it_even_on_trial() {
    let code = ErrorCode::SessionReplaced;
    let mut flow = on_trial();
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Ended(code), NOW),
        [Effect::Keep]
    );
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(flow.want(1, Want::Call, NOW), [fail(1, code)]);
}

#[test]
fn a_one_shot_call_whose_older_session_was_ended_puts_the_newer_on_trial() {
    let ended = Refusal::Ended(ErrorCode::SessionRevoked);
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.refused_one_shot(1, ended, NOW), []);
    assert_eq!(flow.refused_one_shot(2, Refusal::Renew, NOW), []);
    assert_eq!(flow.phase(), Phase::SignedIn);
}

#[test]
fn a_one_shot_call_from_before_a_sign_out_signs_nobody_in() {
    let mut flow = live();
    flow.leave();
    assert_eq!(flow.refused_one_shot(1, Refusal::Renew, NOW), []);
    flow.want(1, Want::Login, NOW);
    assert_eq!(flow.refused_one_shot(1, Refusal::Renew, NOW), []);
    flow.issued(session("second"), NOW);
    assert_eq!(
        flow.refused_one_shot(2, Refusal::Renew, NOW),
        [Effect::SignIn],
        "and the login was not for it"
    );
}

#[test]
fn a_failed_login_that_no_one_shot_call_waited_for_puts_nothing_on_trial() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(
        flow.refused_one_shot(1, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn]
    );
}

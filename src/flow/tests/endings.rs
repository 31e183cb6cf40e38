//! Sessions that are ended elsewhere or signed out of.

use super::{NOW, deliver, fail, go, live, session, signing_in};
use crate::error::ErrorCode;
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;

#[test]
fn ended_elsewhere_is_told_and_only_login_signs_in_again() {
    for code in [ErrorCode::SessionReplaced, ErrorCode::SessionRevoked] {
        let mut flow = live();
        assert_eq!(
            flow.refused(1, 1, Sent::Once, Refusal::Ended(code), NOW),
            [Effect::Keep, deliver(1)]
        );
        assert_eq!(flow.phase(), Phase::Ended);
        assert_eq!(flow.want(2, Want::Call, NOW), [fail(2, code)]);
        assert_eq!(
            flow.refused(3, 1, Sent::Once, Refusal::Renew, NOW),
            [deliver(3)]
        );
        assert_eq!(flow.want(4, Want::Login, NOW), [Effect::SignIn]);
        assert_eq!(
            flow.failed(ErrorCode::Network.into(), NOW),
            [fail(4, ErrorCode::Network)]
        );
        assert_eq!(flow.want(5, Want::Call, NOW), [fail(5, code)]);
        assert_eq!(flow.want(6, Want::Login, NOW), [Effect::SignIn]);
        flow.issued(session("second"), NOW);
        assert_eq!(flow.want(7, Want::Call, NOW), [go(7)]);
    }
}

#[test]
fn ended_elsewhere_counts_on_a_second_send_too() {
    let mut flow = live();
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(1, 1, Sent::Twice, ended, NOW),
        [Effect::Keep, deliver(1)]
    );
    assert_eq!(flow.phase(), Phase::Ended);
}

#[test]
fn an_older_session_that_was_ended_does_not_harm_the_newer_one() {
    let mut flow = live();
    let ended = Refusal::Ended(ErrorCode::SessionRevoked);
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.refused(3, 1, Sent::Once, ended, NOW), [go(3)]);
    assert_eq!(flow.refused(4, 1, Sent::Twice, ended, NOW), [deliver(4)]);
    assert_eq!(flow.phase(), Phase::SignedIn);
    flow.refused(5, 2, Sent::Once, Refusal::Renew, NOW);
    assert_eq!(flow.refused(6, 1, Sent::Once, ended, NOW), [deliver(6)]);
    assert_eq!(flow.phase(), Phase::SigningIn);
}

#[test]
fn a_session_ended_elsewhere_ends_its_silent_renewal_too() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    let code = ErrorCode::SessionReplaced;
    assert_eq!(
        flow.refused(2, 1, Sent::Once, Refusal::Ended(code), NOW),
        [Effect::Keep, Effect::Abandon, fail(1, code), deliver(2)]
    );
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(flow.want(3, Want::Call, NOW), [fail(3, code)]);
}

#[test]
fn a_session_ended_elsewhere_does_not_stop_a_login_that_waits() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(3, 1, Sent::Once, ended, NOW),
        [Effect::Keep, deliver(3)]
    );
    assert_eq!(
        flow.issued(session("second"), NOW),
        [Effect::Keep, go(1), go(2)]
    );
}

#[test]
fn a_session_ended_elsewhere_stays_so_when_the_login_that_waits_fails() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    let code = ErrorCode::SessionReplaced;
    flow.refused(3, 1, Sent::Once, Refusal::Ended(code), NOW);
    assert_eq!(
        flow.refused(4, 1, Sent::Once, Refusal::Renew, NOW),
        [deliver(4)]
    );
    flow.failed(ErrorCode::LoginFailed.into(), NOW);
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(
        flow.want(5, Want::Call, NOW + 1_000),
        [fail(5, code)],
        "a silent sign-in would push the other device out"
    );
}

#[test]
fn signing_out_during_a_renewal_ends_the_session_that_it_replaces() {
    let mut flow = live();
    assert_eq!(
        flow.want(1, Want::Call, NOW - 1),
        [Effect::Keep, Effect::SignIn]
    );
    assert_eq!(
        flow.leave(),
        [
            Effect::Keep,
            Effect::Abandon,
            fail(1, ErrorCode::SignedOut),
            Effect::End("first".into())
        ]
    );
}

#[test]
fn signing_out_after_a_failed_sign_in_ends_the_session_that_it_was_to_replace() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(flow.leave(), [Effect::Keep, Effect::End("first".into())]);
    flow.want(2, Want::Login, NOW);
    assert_eq!(flow.presented(), None);
    assert_eq!(
        flow.leave(),
        [Effect::Keep, Effect::Abandon, fail(2, ErrorCode::SignedOut)]
    );
}

#[test]
fn a_session_that_was_ended_elsewhere_is_not_presented() {
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    flow.refused(2, 1, Sent::Once, ended, NOW);
    flow.want(3, Want::Login, NOW);
    assert_eq!(flow.presented(), None);

    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    flow.refused(3, 1, Sent::Once, ended, NOW);
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.presented(), None);
}

#[test]
fn a_session_ended_during_a_forced_login_does_not_stop_the_login() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(2, 1, Sent::Once, ended, NOW),
        [Effect::Keep, deliver(2)]
    );
    assert_eq!(flow.issued(session("second"), NOW), [Effect::Keep, go(1)]);
    assert_eq!(flow.phase(), Phase::SignedIn);
}

#[test]
fn signing_out_ends_the_session_here_and_at_the_server() {
    let mut flow = live();
    assert_eq!(flow.leave(), [Effect::Keep, Effect::End("first".into())]);
    assert_eq!(flow.phase(), Phase::SignedOut);
    assert_eq!(
        flow.want(1, Want::Call, NOW),
        [fail(1, ErrorCode::SignedOut)]
    );
    assert_eq!(
        flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW),
        [deliver(2)],
        "a call from before never signs in"
    );
    assert_eq!(flow.want(3, Want::Login, NOW), [Effect::SignIn]);
    assert_eq!(
        flow.refused(4, 1, Sent::Once, Refusal::Renew, NOW),
        [deliver(4)],
        "and does not join the next epoch's sign-in"
    );
}

#[test]
fn the_first_session_of_the_next_epoch_is_renewed_like_any_other() {
    let mut flow = live();
    flow.leave();
    flow.want(1, Want::Login, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(
        flow.refused(2, 2, Sent::Once, Refusal::Renew, NOW),
        [Effect::Keep, Effect::SignIn]
    );
}

#[test]
fn signing_out_fails_who_waits_and_abandons_the_sign_in() {
    let mut flow = signing_in();
    assert_eq!(
        flow.leave(),
        [
            Effect::Keep,
            Effect::Abandon,
            fail(1, ErrorCode::SignedOut),
            fail(2, ErrorCode::SignedOut)
        ]
    );
    assert_eq!(
        flow.issued(session("late"), NOW),
        [Effect::End("late".into())],
        "a session that it still brings is ended"
    );
    assert_eq!(flow.phase(), Phase::SignedOut);
}

#[test]
fn an_ending_outlasts_a_restart_until_login() {
    for (code, phase) in [
        (ErrorCode::SignedOut, Phase::SignedOut),
        (ErrorCode::SessionReplaced, Phase::Ended),
        (ErrorCode::SessionRevoked, Phase::Ended),
    ] {
        let mut flow = Flow::ended(code);
        assert_eq!(flow.phase(), phase);
        assert_eq!(flow.ending(), Some(code));
        assert_eq!(flow.want(1, Want::Call, NOW), [fail(1, code)]);
        assert_eq!(flow.want(2, Want::Login, NOW), [Effect::SignIn]);
        assert_eq!(flow.presented(), None);
        flow.failed(ErrorCode::Network.into(), NOW);
        assert_eq!(flow.ending(), Some(code), "a failed login changes nothing");
        flow.want(3, Want::Login, NOW);
        assert_eq!(flow.issued(session("first"), NOW), [Effect::Keep, go(3)]);
        assert_eq!(flow.ending(), None);
        assert_eq!(
            flow.refused(4, 1, Sent::Once, Refusal::Renew, NOW),
            [Effect::Keep, Effect::SignIn],
            "the first session is renewed like any other"
        );
    }
}

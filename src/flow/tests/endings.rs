//! Sessions that are ended elsewhere or signed out of.

use super::{NOW, deliver, fail, go, live, session, signing_in};
use crate::error::ErrorCode;
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;
use crate::session::Kept;

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
    assert_eq!(flow.want(1, Want::Call, NOW - 1), [Effect::SignIn]);
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
        [Effect::SignIn]
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
fn a_renewal_that_the_server_wants_the_user_for_ends_the_session_and_keeps_it() {
    let needed = ErrorCode::SignInNeeded;
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    assert_eq!(
        flow.failed(needed.into(), NOW),
        [Effect::Keep, fail(1, needed)]
    );
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(flow.kept(), Some(Kept::Session(session("first"))));
    assert_eq!(flow.want(2, Want::Call, NOW), [fail(2, needed)], "no pause");
    assert_eq!(
        flow.refused(3, 1, Sent::Once, Refusal::Renew, NOW),
        [deliver(3)],
        "a late refusal never signs in"
    );
    assert_eq!(flow.want(4, Want::Login, NOW), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"), "the server judges again");
    flow.failed(needed.into(), NOW);
    assert_eq!(flow.kept(), Some(Kept::Session(session("first"))));
    flow.want(5, Want::Login, NOW);
    assert_eq!(flow.issued(session("second"), NOW), [Effect::Keep, go(5)]);
    assert_eq!(flow.kept(), Some(Kept::Session(session("second"))));
}

#[test]
fn a_new_user_whom_the_server_wants_to_sign_in_is_not_asked_for_silently_again() {
    let needed = ErrorCode::SignInNeeded;
    let mut flow = signing_in();
    flow.failed(needed.into(), NOW);
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(flow.want(3, Want::Call, NOW + 60_000), [fail(3, needed)]);
    assert_eq!(flow.kept(), None, "the next launch asks the server again");
}

#[test]
fn a_login_that_the_server_wants_the_user_for_changes_no_ending() {
    for code in [ErrorCode::SignedOut, ErrorCode::SessionReplaced] {
        let mut flow = Flow::ended(code);
        flow.want(1, Want::Login, NOW);
        let needed = ErrorCode::SignInNeeded;
        assert_eq!(flow.failed(needed.into(), NOW), [fail(1, needed)]);
        assert_eq!(flow.kept(), Some(Kept::Ended(code)));
    }
}

#[test]
fn a_sign_in_that_hears_how_the_presented_session_ended_is_as_if_a_call_had() {
    for code in [ErrorCode::SessionReplaced, ErrorCode::SessionRevoked] {
        let mut flow = live();
        flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
        assert_eq!(flow.failed(code.into(), NOW), [Effect::Keep, fail(1, code)]);
        assert_eq!(flow.phase(), Phase::Ended);
        assert_eq!(flow.kept(), Some(Kept::Ended(code)));

        let mut flow = live();
        flow.want(1, Want::NewLogin, NOW);
        assert_eq!(flow.failed(code.into(), NOW), [Effect::Keep]);
        assert!(flow.is_signing_in(), "a login is the user's own wish");
        assert_eq!(flow.presented(), None, "and now presents nothing");
        assert_eq!(flow.issued(session("second"), NOW), [Effect::Keep, go(1)]);
    }
}

#[test]
fn signing_out_ends_the_session_that_the_server_wanted_the_user_for() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.failed(ErrorCode::SignInNeeded.into(), NOW);
    assert_eq!(flow.leave(), [Effect::Keep, Effect::End("first".into())]);
    assert_eq!(flow.kept(), Some(Kept::Ended(ErrorCode::SignedOut)));
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
            [Effect::SignIn],
            "the first session is renewed like any other"
        );
    }
}

#[test]
fn an_epoch_begins_with_the_session_that_comes_after_its_end() {
    let mut flow = live();
    assert_eq!(flow.ended(1), None);
    flow.leave();
    assert_eq!(flow.ended(1), Some(ErrorCode::SignedOut));
    flow.want(1, Want::Login, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.ended(1), Some(ErrorCode::SignedOut));
    assert_eq!(flow.ended(2), None);
}

#[test]
fn an_ending_of_a_session_that_nobody_has_is_a_failure_like_any_other() {
    for code in [ErrorCode::SessionReplaced, ErrorCode::SessionRevoked] {
        let mut flow = signing_in();
        let failed = flow.failed(code.into(), NOW);
        assert_eq!(failed, [fail(1, code), fail(2, code)]);
        assert_eq!(flow.phase(), Phase::SignedOut);
        assert_eq!(flow.kept(), None);
    }
}

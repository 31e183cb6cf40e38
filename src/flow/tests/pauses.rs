//! How long a failure keeps calls from asking again.

use super::{NOW, deliver, fail, live, paused, session, signing_in};
use crate::error::{ErrorCode, Failure};
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Phase, Sent, Want};
use crate::policy::Refusal;

#[test]
fn a_failure_reaches_every_waiter_once_and_nothing_of_it_is_kept() {
    let mut flow = signing_in();
    let failure = ErrorCode::LoginFailed.into();
    assert_eq!(
        flow.failed(failure, NOW),
        [
            fail(1, ErrorCode::LoginFailed),
            fail(2, ErrorCode::LoginFailed)
        ]
    );
    assert_eq!(flow.failed(failure, NOW), []);
    assert_eq!(flow.want(3, Want::Call, NOW), [paused(3, 1_000)]);
    assert_eq!(flow.want(4, Want::Call, NOW + 1_000), [Effect::SignIn]);
}

#[test]
fn pauses_double_to_a_minute_and_a_success_ends_them() {
    let mut flow = Flow::new(None);
    let mut now = NOW;
    for length in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(flow.want(1, Want::Call, now), [Effect::SignIn]);
        flow.failed(ErrorCode::BadAnswer.into(), now);
        now += length * 1_000 - 1;
        assert_eq!(flow.want(2, Want::Call, now), [paused(2, 1)]);
        now += 1;
    }
    assert_eq!(flow.want(1, Want::Call, now), [Effect::SignIn]);
    flow.issued(session("first"), NOW);
    assert_eq!(flow.want(2, Want::NewLogin, now), [Effect::SignIn]);
    flow.failed(ErrorCode::BadAnswer.into(), now);
    flow.refused(3, 1, Sent::Once, Refusal::Renew, now + 1_000);
    assert_eq!(
        flow.phase(),
        Phase::SigningIn,
        "the pause is one second again"
    );
}

#[test]
fn after_a_failure_of_the_network_the_pause_is_always_one_second() {
    let mut flow = Flow::new(None);
    for round in 0..5 {
        for code in [
            ErrorCode::LoginFailed,
            ErrorCode::LoginTimeout,
            ErrorCode::Network,
            ErrorCode::Interrupted,
            ErrorCode::ExchangeTimeout,
        ] {
            let now = NOW + round * 10_000;
            flow.want(1, Want::Login, now);
            flow.failed(code.into(), now);
            assert_eq!(flow.want(2, Want::Call, now), [paused(2, 1_000)]);
        }
    }
}

#[test]
fn a_pause_honours_the_time_that_the_server_names_up_to_an_hour() {
    let times = [
        (5_000, 5_000),
        (100, 1_000),
        (900_000, 900_000),
        (u32::MAX, 3_600_000),
    ];
    for (named, length) in times {
        let mut flow = Flow::new(None);
        flow.want(1, Want::Call, NOW);
        flow.failed(
            Failure {
                code: ErrorCode::RateLimited,
                retry_after: named,
            },
            NOW,
        );
        assert_eq!(flow.want(2, Want::Call, NOW), [paused(2, length)]);
        let over = NOW + length;
        assert_eq!(flow.want(3, Want::Call, over), [Effect::SignIn]);
        flow.failed(ErrorCode::BadAnswer.into(), over);
        assert_eq!(
            flow.want(4, Want::Call, over),
            [paused(4, 2_000)],
            "our own pause still doubles"
        );
    }
}

#[test]
fn login_skips_the_pause() {
    let mut flow = signing_in();
    flow.failed(ErrorCode::BadAnswer.into(), NOW);
    assert_eq!(flow.want(3, Want::Login, NOW), [Effect::SignIn]);
}

#[test]
fn a_clock_that_jumps_back_ends_a_pause() {
    let mut flow = signing_in();
    flow.failed(ErrorCode::BadAnswer.into(), NOW);
    assert_eq!(flow.want(3, Want::Call, NOW - 1), [Effect::SignIn]);
}

#[test]
fn a_login_that_fails_in_a_pause_takes_over_the_time_that_the_server_names() {
    let mut flow = Flow::new(None);
    flow.want(1, Want::Call, NOW);
    flow.failed(ErrorCode::BadAnswer.into(), NOW);
    flow.want(2, Want::Login, NOW + 500);
    let busy = Failure {
        code: ErrorCode::RateLimited,
        retry_after: 30_000,
    };
    flow.failed(busy, NOW + 500);
    assert_eq!(flow.want(3, Want::Call, NOW + 500), [paused(3, 30_000)]);
}

#[test]
fn a_refusal_after_a_failed_renewal_reaches_its_caller_during_the_pause() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.failed(ErrorCode::LoginFailed.into(), NOW);
    assert_eq!(
        flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW),
        [deliver(2)]
    );
    assert_eq!(
        flow.refused(3, 1, Sent::Once, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn]
    );
}

#[test]
fn a_login_that_fails_offline_in_a_pause_leaves_one_of_a_second() {
    let mut flow = Flow::new(None);
    for now in [NOW, NOW + 1_000, NOW + 3_000] {
        flow.want(1, Want::Call, now);
        flow.failed(ErrorCode::BadAnswer.into(), now);
    }
    let later = NOW + 3_500;
    assert_eq!(flow.want(2, Want::Call, later), [paused(2, 3_500)]);
    flow.want(3, Want::Login, later);
    flow.failed(ErrorCode::Network.into(), later);
    assert_eq!(flow.want(4, Want::Call, later), [paused(4, 1_000)]);
    flow.want(5, Want::Call, later + 1_000);
    flow.failed(ErrorCode::BadAnswer.into(), later + 1_000);
    let short = paused(6, 1_000);
    assert_eq!(
        flow.want(6, Want::Call, later + 1_000),
        [short],
        "and doubling begins anew"
    );
}

//! Codes that may be spent, and sessions that a server judges before it looks at the route.

use wxsession_protocol::ProblemCode;

use super::{NOW, failed, issued, posted, refusal, session};
use crate::error::ErrorCode;
use crate::exchange::effects::{Effect, Exchange};
use crate::exchange::{LoginData, Reply, Step};

const ASKS: [Effect; 2] = [Effect::Sleep(6, 5_000), Effect::AskCode(6)];

/// Every answer in which a server may say that a code was used before.
fn refusals() -> [Reply; 5] {
    [
        refusal(401, None),
        refusal(400, None),
        refusal(403, None),
        refusal(200, None),
        refusal(401, Some(ProblemCode::CodeInvalid)),
    ]
}

/// A machine whose first post ended with this reply, and that has posted the same code again in step 5.
fn posted_again(reply: Reply) -> Exchange {
    let mut exchange = posted();
    assert_eq!(
        exchange.answered(3, reply, NOW, 0.0),
        [Effect::Sleep(4, 500)]
    );
    exchange.elapsed(4, NOW + 500, 0.0);
    assert_eq!(exchange.code(5), Some("code"));
    exchange
}

/// Brings a code for this step, and posts it in the step after the next.
fn post_fresh(exchange: &mut Exchange, step: Step) {
    exchange.coded(step, Some("fresh".into()));
    exchange.prepared(step + 1, LoginData::Ready, NOW);
    assert_eq!(exchange.code(step + 2), Some("fresh"));
}

#[test]
fn a_refusal_after_a_lost_answer_means_that_the_code_is_spent() {
    let broken = || refusal(502, None);
    for lost in [
        Reply::Unreachable,
        Reply::TimedOut,
        Reply::Interrupted,
        broken(),
    ] {
        for refused in refusals() {
            let mut exchange = posted_again(lost.clone());
            assert_eq!(exchange.answered(5, refused, NOW, 0.0), ASKS);
            post_fresh(&mut exchange, 6);
            assert_eq!(
                exchange.answered(8, issued(), NOW, 0.0),
                [Effect::Issued(session())]
            );
        }
    }
}

#[test]
fn so_does_an_exception_of_the_server_but_it_may_be_in_trouble_so_the_sign_in_waits() {
    for lost in [Reply::Unreachable, refusal(500, None)] {
        let mut exchange = posted_again(lost);
        assert_eq!(
            exchange.answered(5, refusal(500, None), NOW, 0.0),
            [Effect::Sleep(6, 1_000)]
        );
        assert_eq!(
            exchange.elapsed(6, NOW + 1_500, 0.0),
            [Effect::Sleep(7, 5_000), Effect::AskCode(7)]
        );
        post_fresh(&mut exchange, 7);
        assert_eq!(
            exchange.answered(9, refusal(500, None), NOW, 0.0),
            [failed(ErrorCode::ServerUnavailable)],
            "the third failure"
        );
    }
}

#[test]
fn a_code_whose_post_was_refused_by_a_busy_server_is_not_spent() {
    for busy in [
        refusal(429, None),
        refusal(503, Some(ProblemCode::StoreUnavailable)),
        refusal(502, Some(ProblemCode::WechatBadAnswer)),
    ] {
        let mut exchange = posted_again(busy);
        assert_eq!(
            exchange.answered(5, refusal(400, None), NOW, 0.0),
            [failed(ErrorCode::ExchangeRejected)]
        );
    }
}

#[test]
fn a_spent_code_is_replaced_once() {
    let mut exchange = posted_again(Reply::Unreachable);
    assert_eq!(exchange.answered(5, refusal(401, None), NOW, 0.0), ASKS);
    post_fresh(&mut exchange, 6);
    assert_eq!(
        exchange.answered(8, Reply::Unreachable, NOW, 0.0),
        [Effect::Sleep(9, 1_000)]
    );
    exchange.elapsed(9, NOW, 0.0);
    assert_eq!(
        exchange.answered(10, refusal(401, None), NOW, 0.0),
        [failed(ErrorCode::ExchangeRejected)]
    );
}

#[test]
fn a_spent_code_is_replaced_even_at_the_third_post() {
    let mut exchange = posted_again(Reply::Unreachable);
    exchange.answered(5, Reply::Unreachable, NOW, 0.0);
    exchange.elapsed(6, NOW + 1_500, 0.0);
    assert_eq!(
        exchange.answered(7, refusal(400, None), NOW, 0.0),
        [Effect::Sleep(8, 5_000), Effect::AskCode(8)]
    );
}

#[test]
fn a_fresh_code_is_not_in_doubt() {
    let mut exchange = posted_again(Reply::Unreachable);
    exchange.answered(5, refusal(400, None), NOW, 0.0);
    post_fresh(&mut exchange, 6);
    assert_eq!(
        exchange.answered(8, refusal(400, None), NOW, 0.0),
        [failed(ErrorCode::ExchangeRejected)]
    );
}

#[test]
fn a_refusal_of_a_post_that_presented_a_session_is_followed_by_one_that_presents_none() {
    for refused in [refusal(401, None), refusal(403, None), refusal(200, None)] {
        let mut exchange = posted();
        assert!(!exchange.is_bare());
        assert_eq!(
            exchange.presenting(3, refused),
            [Effect::Sleep(4, 5_000), Effect::AskCode(4)]
        );
        assert!(exchange.is_bare());
        post_fresh(&mut exchange, 4);
        assert_eq!(
            exchange.answered(6, refusal(401, None), NOW, 0.0),
            [failed(ErrorCode::ExchangeRejected)]
        );
    }
}

#[test]
fn an_exception_about_the_presented_session_is_followed_by_a_post_without_after_a_wait() {
    let mut exchange = posted();
    assert_eq!(
        exchange.presenting(3, refusal(500, None)),
        [Effect::Sleep(4, 500)]
    );
    assert!(exchange.is_bare());
    assert_eq!(
        exchange.elapsed(4, NOW + 500, 0.0),
        [Effect::Sleep(5, 5_000), Effect::AskCode(5)]
    );
}

#[test]
fn a_refusal_that_names_a_problem_of_ours_says_nothing_about_the_presented_session() {
    for (problem, code) in [
        (ProblemCode::UserBlocked, ErrorCode::UserBlocked),
        (ProblemCode::Misconfigured, ErrorCode::Misconfigured),
        (ProblemCode::SignInNeeded, ErrorCode::SignInNeeded),
    ] {
        let mut exchange = posted();
        let refused = refusal(401, Some(problem));
        assert_eq!(exchange.presenting(3, refused), [failed(code)]);
    }
    let mut exchange = posted();
    exchange.presenting(3, refusal(401, Some(ProblemCode::CodeInvalid)));
    assert!(!exchange.is_bare());
}

#[test]
fn a_refusal_that_says_how_the_presented_session_ended_ends_the_sign_in() {
    for (problem, code) in [
        (ProblemCode::SessionReplaced, ErrorCode::SessionReplaced),
        (ProblemCode::SessionRevoked, ErrorCode::SessionRevoked),
    ] {
        let refused = refusal(401, Some(problem));
        assert_eq!(posted().presenting(3, refused), [failed(code)]);
    }
}

#[test]
fn the_next_sign_in_presents_again() {
    let mut exchange = posted();
    exchange.presenting(3, refusal(401, None));
    exchange.coded(4, None);
    exchange.begin();
    assert!(!exchange.is_bare());
}

#[test]
fn an_exception_after_a_replaced_code_is_taken_for_a_lost_answer() {
    let mut exchange = posted();
    exchange.presenting(3, refusal(401, None));
    post_fresh(&mut exchange, 4);
    exchange.presents_nothing();
    exchange.answered(6, Reply::Unreachable, NOW, 0.0);
    exchange.elapsed(7, NOW + 500, 0.0);
    assert_eq!(
        exchange.answered(8, refusal(500, None), NOW + 500, 0.0),
        [Effect::Sleep(9, 1_000)]
    );
    assert_eq!(exchange.code(9), Some("fresh"), "the code is posted again");
}

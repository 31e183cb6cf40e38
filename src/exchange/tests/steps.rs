//! What a step takes with it, and what it leaves to the next.

use super::{NOW, exchange, failed, issued, posted, preparing, refusal};
use crate::error::ErrorCode;
use crate::exchange::effects::{Effect, Exchange};
use crate::exchange::{LoginData, Reply, Step};
use crate::milliseconds::Milliseconds;

/// Lets the post of this step time out, and the wait that follows end.
fn time_out(exchange: &mut Exchange, step: Step, now: Milliseconds, back_off: u32) {
    assert_eq!(
        exchange.elapsed(step, now, 0.0),
        [Effect::Withdraw(step), Effect::Sleep(step + 1, back_off)]
    );
    assert_eq!(
        exchange.elapsed(step + 1, now, 0.0),
        [Effect::Sleep(step + 2, 10_000), Effect::Post(step + 2)]
    );
}

#[test]
fn a_post_that_timed_out_leaves_the_code_in_doubt() {
    let mut exchange = posted();
    time_out(&mut exchange, 3, NOW, 500);
    assert_eq!(
        exchange.answered(5, refusal(401, None), NOW, 0.0),
        [Effect::Sleep(6, 5_000), Effect::AskCode(6)]
    );
}

#[test]
fn the_third_timeout_is_told_as_a_timeout() {
    let mut exchange = posted();
    time_out(&mut exchange, 3, NOW, 500);
    time_out(&mut exchange, 5, NOW, 1_000);
    assert_eq!(
        exchange.elapsed(7, NOW, 0.0),
        [Effect::Withdraw(7), failed(ErrorCode::ExchangeTimeout)]
    );
}

#[test]
fn the_wait_after_a_timeout_is_spread_too() {
    assert_eq!(
        posted().elapsed(3, NOW, 0.5),
        [Effect::Withdraw(3), Effect::Sleep(4, 750)]
    );
}

#[test]
fn an_event_of_another_step_changes_nothing_even_with_the_number_of_the_open_one() {
    let mut asking = exchange();
    asking.begin();
    assert_eq!(asking.prepared(1, LoginData::Ready, NOW), []);
    assert_eq!(
        asking.answered(1, refusal(500, None), NOW, 0.0),
        [],
        "nothing was posted"
    );
    let mut posting = posted();
    assert_eq!(posting.coded(3, None), []);
    assert_eq!(posting.prepared(3, LoginData::Failed, NOW), []);
    assert_eq!(preparing().coded(2, Some("another".into())), []);
}

#[test]
fn no_code_outlasts_its_sign_in() {
    let mut exchange = posted();
    exchange.answered(3, issued(), NOW, 0.0);
    assert_eq!(exchange.code(4), None);
}

#[test]
fn a_code_that_is_replaced_is_forgotten_before_the_next_one_comes() {
    let mut exchange = posted();
    let spent = refusal(401, Some(wxsession_protocol::ProblemCode::CodeInvalid));
    exchange.answered(3, spent, NOW, 0.0);
    assert!(exchange.is_open(4));
    assert_eq!(exchange.code(4), None);
}

#[test]
fn a_fresh_code_is_not_in_doubt() {
    let mut exchange = posted();
    assert_eq!(
        exchange.presenting(3, Reply::Unreachable),
        [Effect::Sleep(4, 500)]
    );
    exchange.elapsed(4, NOW, 0.0);
    assert_eq!(
        exchange.presenting(5, refusal(401, None)),
        [Effect::Sleep(6, 5_000), Effect::AskCode(6)]
    );
    exchange.coded(6, Some("fresh".into()));
    exchange.prepared(7, LoginData::Ready, NOW);
    exchange.presents_nothing();
    assert_eq!(
        exchange.answered(8, refusal(401, None), NOW, 0.0),
        [failed(ErrorCode::ExchangeRejected)]
    );
}

#[test]
fn a_third_failure_that_spends_the_code_still_takes_a_fresh_one() {
    let mut exchange = posted();
    for (step, back_off) in [(3, 500), (5, 1_000)] {
        assert_eq!(
            exchange.answered(step, Reply::Unreachable, NOW, 0.0),
            [Effect::Sleep(step + 1, back_off)]
        );
        exchange.elapsed(step + 1, NOW, 0.0);
    }
    assert_eq!(
        exchange.answered(7, refusal(500, None), NOW, 0.0),
        [Effect::Sleep(8, 2_000)]
    );
    assert_eq!(
        exchange.elapsed(8, NOW, 0.0),
        [Effect::Sleep(9, 5_000), Effect::AskCode(9)]
    );
}

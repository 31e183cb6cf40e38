//! Timers that run late, because the program was in the background.

use super::{NOW, exchange, failed, issued, posted, preparing, session};
use crate::error::ErrorCode;
use crate::exchange::Reply;
use crate::exchange::effects::Effect;

#[test]
fn an_answer_that_waits_behind_a_late_timer_counts() {
    let mut exchange = posted();
    assert_eq!(
        exchange.elapsed(3, NOW + 30_000, 0.0),
        [Effect::Sleep(3, 1_000)]
    );
    assert_eq!(
        exchange.answered(3, issued(), NOW + 30_001, 0.0),
        [Effect::Issued(session())]
    );
}

#[test]
fn without_an_answer_a_late_timer_counts_a_second_later() {
    let mut exchange = posted();
    exchange.elapsed(3, NOW + 11_001, 0.0);
    assert_eq!(
        exchange.elapsed(3, NOW + 12_001, 0.0),
        [Effect::Withdraw(3), Effect::Sleep(4, 500)]
    );
}

#[test]
fn a_timer_may_be_a_second_late() {
    let mut exchange = posted();
    assert_eq!(
        exchange.elapsed(3, NOW + 11_000, 0.0),
        [Effect::Withdraw(3), Effect::Sleep(4, 500)]
    );
}

#[test]
fn the_code_and_the_login_data_may_be_behind_a_late_timer_too() {
    let mut asking = exchange();
    asking.begin();
    let later = NOW + 60_000;
    assert_eq!(asking.elapsed(1, later, 0.0), [Effect::Sleep(1, 1_000)]);
    assert_eq!(
        asking.elapsed(1, later + 1_000, 0.0),
        [failed(ErrorCode::LoginTimeout)]
    );
    assert_eq!(
        preparing().elapsed(2, later, 0.0),
        [Effect::Sleep(2, 1_000)]
    );
}

#[test]
fn a_wait_that_took_longer_ends_at_once() {
    let mut exchange = posted();
    exchange.answered(3, Reply::Unreachable, NOW, 0.0);
    assert_eq!(
        exchange.elapsed(4, NOW + 60_000, 0.0),
        [Effect::Sleep(5, 10_000), Effect::Post(5)]
    );
}

//! Sign-ins with credentials, which are judged once.

use wxsession_protocol::ProblemCode;

use super::{NOW, failed, refusal};
use crate::error::ErrorCode;
use crate::exchange::effects::{Effect, Exchange};
use crate::exchange::{Deadlines, LoginData, Reply};

/// A machine that has posted credentials in step 3.
fn posted() -> Exchange {
    let mut exchange = Exchange::new(Deadlines {
        login: 5_000,
        data: 5_000,
        exchange: 10_000,
    });
    exchange.begin_attempt();
    exchange.coded(1, Some("code".into()));
    exchange.prepared(2, LoginData::Ready, NOW);
    exchange
}

#[test]
fn an_answer_ends_an_attempt_even_if_it_presented_a_session() {
    for (reply, code) in [
        (refusal(401, None), ErrorCode::ExchangeRejected),
        (
            refusal(401, Some(ProblemCode::CredentialsWrong)),
            ErrorCode::ExchangeRejected,
        ),
        (refusal(200, None), ErrorCode::BadAnswer),
        (refusal(429, None), ErrorCode::RateLimited),
        (refusal(502, None), ErrorCode::ServerUnavailable),
        (
            refusal(503, Some(ProblemCode::ServerBusy)),
            ErrorCode::ServerUnavailable,
        ),
    ] {
        assert_eq!(posted().presenting(3, reply), [failed(code)]);
    }
}

#[test]
fn an_attempt_without_an_answer_is_posted_again_and_a_spent_code_replaced() {
    let mut exchange = posted();
    let lost = exchange.answered(3, Reply::Unreachable, NOW, 0.0);
    assert_eq!(lost, [Effect::Sleep(4, 500)]);
    exchange.elapsed(4, NOW + 500, 0.0);
    let asks = [Effect::Sleep(6, 5_000), Effect::AskCode(6)];
    assert_eq!(exchange.answered(5, refusal(401, None), NOW, 0.0), asks);

    let invalid = refusal(401, Some(ProblemCode::CodeInvalid));
    let asks = [Effect::Sleep(4, 5_000), Effect::AskCode(4)];
    assert_eq!(posted().answered(3, invalid, NOW, 0.0), asks);
}

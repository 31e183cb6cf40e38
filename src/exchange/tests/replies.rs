//! What each answer without a session means, by its status and by the problem that it names.

use wxsession_protocol::ProblemCode;

use super::{NOW, failed, posted, refusal};
use crate::error::ErrorCode;
use crate::exchange::Reply;
use crate::exchange::effects::Effect;

const WAITS: [Effect; 1] = [Effect::Sleep(4, 500)];

#[test]
fn every_problem_of_a_busy_server_leaves_the_code_unspent() {
    for problem in [
        ProblemCode::WechatBadAnswer,
        ProblemCode::WechatUnavailable,
        ProblemCode::WechatTimeout,
        ProblemCode::StoreUnavailable,
        ProblemCode::ServerBusy,
    ] {
        for status in [200, 400, 503] {
            let mut exchange = posted();
            let busy = refusal(status, Some(problem));
            assert_eq!(exchange.answered(3, busy, NOW, 0.0), WAITS, "{problem:?}");
            exchange.elapsed(4, NOW + 500, 0.0);
            assert_eq!(
                exchange.answered(5, refusal(400, None), NOW + 500, 0.0),
                [failed(ErrorCode::ExchangeRejected)],
                "{problem:?}: a refusal does not mean that the code is spent"
            );
        }
    }
}

#[test]
fn a_problem_with_credentials_ends_the_sign_in_even_if_it_presented_a_session() {
    for problem in [
        ProblemCode::CredentialsWrong,
        ProblemCode::ChallengeWrong,
        ProblemCode::ChallengeOver,
    ] {
        let reply = refusal(401, Some(problem));
        assert_eq!(
            posted().presenting(3, reply),
            [failed(ErrorCode::ExchangeRejected)],
            "{problem:?}"
        );
        assert_eq!(
            posted().answered(3, refusal(429, Some(problem)), NOW, 0.0),
            [failed(ErrorCode::ExchangeRejected)],
            "{problem:?} with any status"
        );
    }
}

#[test]
fn the_hundreds_of_a_status_decide_to_their_ends() {
    for (status, code) in [
        (200, ErrorCode::BadAnswer),
        (299, ErrorCode::BadAnswer),
        (300, ErrorCode::ExchangeRejected),
        (499, ErrorCode::ExchangeRejected),
        (600, ErrorCode::ExchangeRejected),
    ] {
        assert_eq!(
            posted().answered(3, refusal(status, None), NOW, 0.0),
            [failed(code)],
            "{status}"
        );
    }
    for status in [429, 500, 599] {
        assert_eq!(
            posted().answered(3, refusal(status, None), NOW, 0.0),
            WAITS,
            "{status}"
        );
    }
}

#[test]
fn no_time_that_a_server_names_is_too_long_to_be_compared() {
    let reply = Reply::Answer {
        status: 503,
        session: None,
        problem: None,
        retry_after: u32::MAX,
    };
    let effects = posted().answered(3, reply, NOW, 1.0);
    let [Effect::Failed(failure)] = effects.as_slice() else {
        panic!("gives up: {effects:?}");
    };
    assert_eq!(failure.retry_after, u32::MAX);
}

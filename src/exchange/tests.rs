mod attempts;
mod doubt;
mod late_timers;
mod replies;
mod steps;

use wxsession_protocol::ProblemCode;

use super::{Deadlines, LoginData, Reply};
use crate::error::{ErrorCode, Failure};
use crate::exchange::effects::{Effect, Exchange};
use crate::milliseconds::Milliseconds;
use crate::policy;
use crate::session::Session;

const NOW: Milliseconds = Milliseconds::new(1_000_000);

fn exchange() -> Exchange {
    Exchange::new(Deadlines {
        login: 5_000,
        data: 6_000,
        exchange: 10_000,
    })
}

fn session() -> Session {
    Session::issued("id".into(), 600.0, NOW).expect("a usable id")
}

fn issued() -> Reply {
    Reply::Answer {
        status: 200,
        session: Some(session()),
        problem: None,
        retry_after: 0,
    }
}

fn refusal(status: u16, problem: Option<ProblemCode>) -> Reply {
    Reply::Answer {
        status,
        session: None,
        problem: problem.and_then(policy::meaning),
        retry_after: 0,
    }
}

fn failed(code: ErrorCode) -> Effect {
    Effect::Failed(code.into())
}

/// A machine that has posted its first code; step 3 is open.
fn posted() -> Exchange {
    let mut exchange = exchange();
    assert_eq!(
        exchange.begin(),
        [Effect::Sleep(1, 5_000), Effect::AskCode(1)]
    );
    assert_eq!(
        exchange.coded(1, Some("code".into())),
        [Effect::Sleep(2, 6_000), Effect::Prepare(2)]
    );
    assert_eq!(exchange.code(2), Some("code"));
    assert_eq!(
        exchange.prepared(2, LoginData::Ready, NOW),
        [Effect::Sleep(3, 10_000), Effect::Post(3)]
    );
    assert_eq!(exchange.code(3), Some("code"));
    exchange
}

#[test]
fn a_fresh_code_leaves_the_window_as_it_is() {
    let late = NOW + 19_800;
    let refusals: [fn(&mut Exchange) -> Vec<Effect>; 2] = [
        |exchange| {
            let refused = refusal(401, Some(ProblemCode::CodeInvalid));
            exchange.answered(3, refused, NOW, 0.0)
        },
        |exchange| exchange.presenting(3, refusal(401, None)),
    ];
    for refuse in refusals {
        let mut exchange = posted();
        assert!(refuse(&mut exchange).contains(&Effect::AskCode(4)));
        exchange.coded(4, Some("fresh".into()));
        exchange.prepared(5, LoginData::Ready, late);
        assert_eq!(
            exchange.answered(6, Reply::Unreachable, late, 0.0),
            [failed(ErrorCode::Network)]
        );
    }
}

#[test]
fn a_code_becomes_a_session() {
    let mut exchange = posted();
    assert_eq!(
        exchange.answered(3, issued(), NOW, 0.0),
        [Effect::Issued(session())]
    );
    assert_eq!(exchange.code(3), None, "the code is forgotten");
}

#[test]
fn wx_login_is_not_asked_twice() {
    let mut failing = exchange();
    failing.begin();
    assert_eq!(failing.coded(1, None), [failed(ErrorCode::LoginFailed)]);
    let mut exchange = exchange();
    exchange.begin();
    assert_eq!(
        exchange.elapsed(1, NOW, 0.0),
        [failed(ErrorCode::LoginTimeout)]
    );
}

/// A machine that waits for the app's login data; step 2 is open.
fn preparing() -> Exchange {
    let mut exchange = exchange();
    exchange.begin();
    exchange.coded(1, Some("code".into()));
    exchange
}

#[test]
fn login_data_that_fails_or_does_not_come_is_not_asked_for_again() {
    assert_eq!(
        preparing().prepared(2, LoginData::Failed, NOW),
        [failed(ErrorCode::LoginDataFailed)]
    );
    assert_eq!(
        preparing().elapsed(2, NOW, 0.0),
        [failed(ErrorCode::LoginDataTimeout)]
    );
}

#[test]
fn login_data_that_comes_late_or_twice_changes_nothing() {
    let mut exchange = preparing();
    exchange.elapsed(2, NOW, 0.0);
    assert_eq!(exchange.prepared(2, LoginData::Ready, NOW), []);
    assert_eq!(exchange.code(2), None);
    let mut exchange = posted();
    assert_eq!(exchange.prepared(2, LoginData::Ready, NOW), []);
    assert_eq!(exchange.prepared(2, LoginData::Failed, NOW), []);
    assert_eq!(exchange.code(3), Some("code"));
}

#[test]
fn the_twenty_seconds_begin_with_the_first_post_and_not_with_the_code() {
    let mut exchange = preparing();
    exchange.prepared(2, LoginData::Ready, NOW + 5_000);
    assert_eq!(
        exchange.answered(3, Reply::Unreachable, NOW + 24_500, 0.0),
        [Effect::Sleep(4, 500)]
    );
}

#[test]
fn an_invalid_code_takes_one_fresh_one() {
    let invalid = || refusal(401, Some(ProblemCode::CodeInvalid));
    let mut exchange = posted();
    assert_eq!(
        exchange.answered(3, invalid(), NOW, 0.0),
        [Effect::Sleep(4, 5_000), Effect::AskCode(4)]
    );
    exchange.coded(4, Some("fresh".into()));
    assert_eq!(exchange.code(5), Some("fresh"));
    assert_eq!(
        exchange.prepared(5, LoginData::Ready, NOW),
        [Effect::Sleep(6, 10_000), Effect::Post(6)]
    );
    assert_eq!(
        exchange.answered(6, invalid(), NOW, 0.0),
        [failed(ErrorCode::CodeInvalid)]
    );
}

#[test]
fn the_next_sign_in_may_take_a_fresh_code_again() {
    let invalid = || refusal(401, Some(ProblemCode::CodeInvalid));
    let mut exchange = posted();
    exchange.answered(3, invalid(), NOW, 0.0);
    exchange.coded(4, None);
    exchange.begin();
    exchange.coded(6, Some("code".into()));
    exchange.prepared(7, LoginData::Ready, NOW);
    let effects = exchange.answered(8, invalid(), NOW, 0.0);
    assert_eq!(effects, [Effect::Sleep(9, 5_000), Effect::AskCode(9)]);
}

#[test]
fn what_may_pass_is_tried_three_times_with_one_code() {
    for (reply, code) in [
        (Reply::Unreachable, ErrorCode::Network),
        (Reply::Interrupted, ErrorCode::Interrupted),
        (
            refusal(500, Some(ProblemCode::ServerBusy)),
            ErrorCode::ServerUnavailable,
        ),
        (Reply::TimedOut, ErrorCode::ExchangeTimeout),
        (
            refusal(503, Some(ProblemCode::StoreUnavailable)),
            ErrorCode::ServerUnavailable,
        ),
        (
            refusal(429, Some(ProblemCode::RateLimited)),
            ErrorCode::RateLimited,
        ),
    ] {
        let mut exchange = posted();
        assert_eq!(
            exchange.answered(3, reply.clone(), NOW, 0.0),
            [Effect::Sleep(4, 500)]
        );
        let effects = exchange.elapsed(4, NOW + 500, 0.0);
        assert_eq!(effects, [Effect::Sleep(5, 10_000), Effect::Post(5)]);
        assert_eq!(exchange.code(5), Some("code"));
        let effects = exchange.answered(5, reply.clone(), NOW + 500, 0.0);
        assert_eq!(effects, [Effect::Sleep(6, 1_000)]);
        exchange.elapsed(6, NOW + 1_500, 0.0);
        assert_eq!(
            exchange.answered(7, reply, NOW + 1_500, 0.0),
            [failed(code)]
        );
    }
}

#[test]
fn waits_are_the_longer_of_back_off_and_retry_after_times_one_to_two() {
    for (retry_after, random, wait) in [(0, 0.5, 750), (3_000, 0.0, 3_000), (3_000, 0.999, 5_997)] {
        let mut exchange = posted();
        let reply = Reply::Answer {
            status: 503,
            session: None,
            problem: None,
            retry_after,
        };
        assert_eq!(
            exchange.answered(3, reply, NOW, random),
            [Effect::Sleep(4, wait)]
        );
    }
}

#[test]
fn no_post_begins_later_than_twenty_seconds_after_the_first() {
    let mut exchange = posted();
    let reply = Reply::Answer {
        status: 503,
        session: None,
        problem: None,
        retry_after: 60_000,
    };
    let unavailable = Failure {
        code: ErrorCode::ServerUnavailable,
        retry_after: 60_000,
    };
    assert_eq!(
        exchange.answered(3, reply, NOW, 0.0),
        [Effect::Failed(unavailable)]
    );
    let mut exchange = posted();
    assert_eq!(
        exchange.answered(3, Reply::Unreachable, NOW + 19_501, 0.0),
        [failed(ErrorCode::Network)]
    );
    let mut exchange = posted();
    assert_eq!(
        exchange.answered(3, Reply::Unreachable, NOW + 19_500, 0.0),
        [Effect::Sleep(4, 500)]
    );
}

#[test]
fn what_will_not_pass_is_not_tried_again() {
    for (reply, code) in [
        (refusal(200, None), ErrorCode::BadAnswer),
        (refusal(204, None), ErrorCode::BadAnswer),
        (
            refusal(400, Some(ProblemCode::BadRequest)),
            ErrorCode::ExchangeRejected,
        ),
        (refusal(401, None), ErrorCode::ExchangeRejected),
        (refusal(404, None), ErrorCode::ExchangeRejected),
        (
            refusal(403, Some(ProblemCode::UserBlocked)),
            ErrorCode::UserBlocked,
        ),
        (
            refusal(500, Some(ProblemCode::Misconfigured)),
            ErrorCode::Misconfigured,
        ),
        (refusal(0, None), ErrorCode::ExchangeRejected),
    ] {
        let mut exchange = posted();
        assert_eq!(exchange.answered(3, reply, NOW, 0.0), [failed(code)]);
    }
}

#[test]
fn a_server_that_always_answers_200_is_judged_by_the_problem_it_names() {
    let named = |problem| posted().answered(3, refusal(200, Some(problem)), NOW, 0.0);
    assert_eq!(
        named(ProblemCode::CodeInvalid),
        [Effect::Sleep(4, 5_000), Effect::AskCode(4)]
    );
    assert_eq!(
        named(ProblemCode::UserBlocked),
        [failed(ErrorCode::UserBlocked)]
    );
    assert_eq!(named(ProblemCode::ServerBusy), [Effect::Sleep(4, 500)]);
}

#[test]
fn an_exchange_that_does_not_answer_is_tried_again_and_its_late_session_is_unwanted() {
    let mut exchange = posted();
    assert_eq!(
        exchange.elapsed(3, NOW + 10_000, 0.0),
        [Effect::Withdraw(3), Effect::Sleep(4, 500)]
    );
    let late = exchange.answered(3, issued(), NOW + 10_100, 0.0);
    assert_eq!(late, [Effect::Unwanted(session())]);
    assert_eq!(
        exchange.elapsed(4, NOW + 10_500, 0.0),
        [Effect::Sleep(5, 10_000), Effect::Post(5)],
        "the late answer has changed nothing"
    );
}

#[test]
fn the_code_is_told_to_the_step_that_is_open_and_to_no_other() {
    let exchange = posted();
    assert_eq!(exchange.code(3), Some("code"));
    assert_eq!(exchange.code(2), None);
    assert_eq!(exchange.code(4), None);
}

#[test]
fn a_code_that_comes_late_or_twice_changes_nothing() {
    let mut exchange = posted();
    assert_eq!(exchange.coded(1, Some("again".into())), []);
    assert_eq!(exchange.code(3), Some("code"));
    assert_eq!(exchange.elapsed(1, NOW, 0.0), []);
    exchange.answered(3, issued(), NOW, 0.0);
    assert_eq!(exchange.answered(3, Reply::Unreachable, NOW, 0.0), []);
    assert_eq!(exchange.elapsed(3, NOW, 0.0), []);
}

#[test]
fn an_answer_to_an_earlier_step_is_not_taken_for_one_to_the_same_step_again() {
    let mut exchange = posted();
    exchange.elapsed(3, NOW + 10_000, 0.0);
    exchange.elapsed(4, NOW + 10_500, 0.0);
    let late = exchange.answered(3, refusal(400, None), NOW + 10_600, 0.0);
    assert_eq!(late, [], "the second post is still open");
    let invalid = refusal(401, Some(ProblemCode::CodeInvalid));
    exchange.answered(5, invalid, NOW + 10_600, 0.0);
    assert_eq!(exchange.coded(1, Some("again".into())), []);
    assert!(exchange.is_open(6), "a fresh code is still asked for");
}

#[test]
fn an_abandoned_exchange_hands_its_session_out_to_be_ended() {
    let mut exchange = posted();
    exchange.abandon();
    assert_eq!(exchange.code(3), None);
    assert_eq!(
        exchange.answered(3, issued(), NOW, 0.0),
        [Effect::Unwanted(session())]
    );
    let mut exchange = posted();
    exchange.abandon();
    assert_eq!(exchange.answered(3, refusal(500, None), NOW, 0.0), []);
}

#[test]
fn an_abandoned_wait_for_a_code_posts_nothing() {
    let mut exchange = exchange();
    exchange.begin();
    assert!(exchange.is_open(1));
    exchange.abandon();
    assert!(!exchange.is_open(1));
    assert_eq!(exchange.coded(1, Some("code".into())), []);
}

#[test]
fn debug_tells_the_step_and_not_the_code() {
    let mut exchange = exchange();
    exchange.begin();
    exchange.coded(1, Some("a-secret-code".into()));
    let debug = format!("{exchange:?}");
    assert!(debug.contains("step: 2"), "{debug}");
    assert!(!debug.contains("a-secret-code"), "{debug}");
}

#[test]
fn a_session_in_a_refusal_is_none() {
    for (status, code) in [
        (401, ErrorCode::ExchangeRejected),
        (300, ErrorCode::ExchangeRejected),
        (199, ErrorCode::ExchangeRejected),
    ] {
        let reply = Reply::Answer {
            status,
            session: Some(session()),
            problem: None,
            retry_after: 0,
        };
        assert_eq!(posted().answered(3, reply, NOW, 0.0), [failed(code)]);
    }
}

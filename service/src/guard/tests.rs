use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, advance, sleep};

use metrics::{Gauge, Histogram};
use wxsession_server::wechat::WeChatError;

use super::{BreakerState, CallMeasures, Calls, Guard, Why};

const DEADLINE: Duration = Duration::from_secs(5);

fn guard() -> Guard {
    let calls = Calls {
        service: "WeChat",
        call: "sign-ins",
        appid: None,
    };
    let measures = CallMeasures::new(|_| Histogram::noop(), Gauge::noop());
    Guard::new(calls, DEADLINE, measures)
}

/// Makes a call with this outcome, and returns how many times it was made.
async fn run(
    guard: &Guard,
    outcome: impl Fn() -> Result<(), WeChatError>,
) -> (Result<(), WeChatError>, u32) {
    let made = Cell::new(0);
    let outcome = guard.run(async || {
        made.set(made.get() + 1);
        outcome()
    });
    (outcome.await, made.get())
}

fn ill() -> Result<(), WeChatError> {
    Err(WeChatError::Unavailable("answered with a 5xx"))
}

#[tokio::test(start_paused = true)]
async fn a_busy_wechat_is_asked_three_times_at_most() {
    let (outcome, made) = run(&guard(), || Err(WeChatError::Busy)).await;
    assert!(matches!(outcome, Err(WeChatError::Busy)));
    assert_eq!(made, 3);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_used_the_code_up_is_not_asked_again() {
    for outcome in [
        ill,
        || Err(WeChatError::Late),
        || Err(WeChatError::BadAnswer("is too long")),
    ] {
        assert_eq!(run(&guard(), outcome).await.1, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn retries_are_a_tenth_of_the_calls_and_a_few() {
    let guard = guard();
    let mut made = 0;
    for call in 0..1000 {
        // Most calls succeed, or the breaker would open.
        let outcome = || match call % 3 {
            0 => Err(WeChatError::Busy),
            _ => Ok(()),
        };
        made += run(&guard, outcome).await.1;
    }
    assert!((1050..=1120).contains(&made), "{made}");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_one_for_all_tries() {
    let start = Instant::now();
    let outcome: Result<(), _> = guard()
        .run(async || {
            sleep(Duration::from_secs(2)).await;
            Err(WeChatError::Busy)
        })
        .await;
    assert!(matches!(outcome, Err(WeChatError::Late)));
    assert_eq!(start.elapsed(), DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a_wechat_that_is_not_well_is_left_alone_until_one_call_finds_it_well() {
    let guard = guard();
    for _ in 0..10 {
        assert_eq!(run(&guard, ill).await.1, 1);
    }
    let (outcome, made) = run(&guard, || Ok(())).await;
    assert!(matches!(outcome, Err(WeChatError::LeftAlone)));
    assert_eq!((made, guard.refuses()), (0, Some(Why::Ill)));
    advance(Duration::from_secs(1)).await;
    assert!(run(&guard, || Ok(())).await.0.is_ok());
    assert!(run(&guard, || Ok(())).await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_clients_do_wrong_does_not_open_the_breaker() {
    let guard = guard();
    let wrongs: [fn() -> WeChatError; 4] = [
        || WeChatError::CodeInvalid,
        || WeChatError::UserBlocked,
        || WeChatError::RateLimited,
        || WeChatError::UnknownErrcode(41008),
    ];
    for wrong in wrongs {
        for _ in 0..100 {
            run(&guard, || Err(wrong())).await.0.unwrap_err();
        }
        assert_eq!(guard.refuses(), None, "{}", wrong());
    }
}

#[tokio::test(start_paused = true)]
async fn a_wechat_that_refuses_the_mini_program_is_asked_rarely_until_somebody_has_mended_it() {
    let guard = guard();
    let refused = || Err(WeChatError::Misconfigured { errcode: 40243 });
    let mut made = 0;
    for _ in 0..300 {
        made += run(&guard, refused).await.1;
    }
    let (outcome, _) = run(&guard, refused).await;
    assert!(matches!(outcome, Err(WeChatError::StillMisconfigured)));
    assert_eq!((made, guard.state()), (3, BreakerState::Misconfigured));
    for _ in 0..10 {
        advance(Duration::from_secs(30)).await;
        assert_eq!(run(&guard, refused).await.1, 1);
        assert_eq!(run(&guard, refused).await.1, 0);
    }
    advance(Duration::from_secs(30)).await;
    assert!(run(&guard, || Ok(())).await.0.is_ok());
    assert_eq!(guard.state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_user_whom_wechat_refuses_that_way_keeps_nobody_else_out() {
    let guard = guard();
    for _ in 0..100 {
        for outcome in [
            || Err(WeChatError::Misconfigured { errcode: 50002 }),
            || Err(WeChatError::Misconfigured { errcode: 50002 }),
            || Err(WeChatError::CodeInvalid),
        ] {
            assert_eq!(run(&guard, outcome).await.1, 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_its_caller_drops_does_not_keep_the_breaker_open() {
    let guard = guard();
    for _ in 0..10 {
        run(&guard, ill).await.0.unwrap_err();
    }
    advance(Duration::from_secs(1)).await;
    let hung = guard.run(std::future::pending::<Result<(), WeChatError>>);
    let dropped = tokio::time::timeout(Duration::from_millis(100), hung).await;
    assert!(dropped.is_err());
    assert!(run(&guard, || Ok(())).await.0.is_ok());
}

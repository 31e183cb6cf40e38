use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{Breaker, BreakerState, FIRST_PAUSE, LONGEST_PAUSE, Leave, Why};

const WHOLE: u32 = 100;

/// A breaker that has just opened.
fn open(now: Instant) -> Breaker {
    let mut breaker = Breaker::new();
    for _ in 0..9 {
        assert!(!fail(&mut breaker, now));
    }
    assert!(fail(&mut breaker, now));
    breaker
}

fn fail(breaker: &mut Breaker, now: Instant) -> bool {
    let leave = breaker.admit(now).unwrap();
    breaker.failed(leave, now, WHOLE)
}

fn succeed(breaker: &mut Breaker, now: Instant) -> bool {
    let leave = breaker.admit(now).unwrap();
    breaker.succeeded(leave)
}

#[test]
fn ten_failures_running_open_it() {
    let now = Instant::now();
    let breaker = open(now);
    assert!(breaker.refuses(now).is_some());
}

#[test]
fn a_success_ends_a_run_of_failures() {
    let now = Instant::now();
    let mut breaker = Breaker::new();
    for _ in 0..3 {
        for _ in 0..9 {
            assert!(!fail(&mut breaker, now));
        }
        succeed(&mut breaker, now);
    }
    assert_eq!(breaker.refuses(now), None);
}

#[test]
fn failures_of_half_the_last_64_calls_open_it() {
    let now = Instant::now();
    let mut breaker = Breaker::new();
    for _ in 0..31 {
        succeed(&mut breaker, now);
        assert!(!fail(&mut breaker, now));
    }
    assert!(fail(&mut breaker, now));

    let mut breaker = Breaker::new();
    for _ in 0..1000 {
        for _ in 0..2 {
            succeed(&mut breaker, now);
        }
        assert!(!fail(&mut breaker, now));
    }
}

#[test]
fn after_a_second_one_call_tries_and_closes_it() {
    let now = Instant::now();
    let mut breaker = open(now);
    assert!(
        breaker
            .admit(now + FIRST_PAUSE - Duration::from_millis(1))
            .is_err()
    );
    let later = now + FIRST_PAUSE;
    assert_eq!(breaker.refuses(later), None);
    let only = breaker.admit(later).unwrap();
    assert_eq!(breaker.admit(later).unwrap_err(), Why::Ill);
    assert!(breaker.succeeded(only));
    assert!(breaker.admit(later).is_ok() && breaker.admit(later).is_ok());
}

#[test]
fn each_try_that_fails_doubles_the_pause_up_to_its_longest() {
    let mut now = Instant::now();
    let mut breaker = open(now);
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        let pause = Duration::from_secs(seconds);
        assert!(
            breaker
                .refuses(now + pause - Duration::from_millis(1))
                .is_some()
        );
        now += pause;
        assert!(fail(&mut breaker, now), "{seconds}");
    }
    now += LONGEST_PAUSE;
    assert!(succeed(&mut breaker, now));
    for _ in 0..10 {
        fail(&mut breaker, now);
    }
    assert_eq!(breaker.refuses(now + FIRST_PAUSE), None, "it begins anew");
}

#[test]
fn a_part_of_the_pause_is_left_to_chance() {
    let now = Instant::now();
    let mut breaker = open(now);
    let later = now + FIRST_PAUSE;
    let leave = breaker.admit(later).unwrap();
    breaker.failed(leave, later, 50);
    assert_eq!(breaker.refuses(later + FIRST_PAUSE), None);
}

#[test]
fn a_try_that_was_given_up_lets_the_next_call_try() {
    let now = Instant::now();
    let mut breaker = open(now);
    let later = now + FIRST_PAUSE;
    let leave = breaker.admit(later).unwrap();
    breaker.abandoned(leave, later);
    assert!(breaker.admit(later).is_ok());
}

#[test]
fn calls_from_before_it_opened_say_nothing_afterwards() {
    let now = Instant::now();
    let mut breaker = Breaker::new();
    let [early, earlier, earliest] = [(); 3].map(|()| breaker.admit(now).unwrap());
    for _ in 0..10 {
        fail(&mut breaker, now);
    }
    assert!(!breaker.succeeded(early));
    assert!(breaker.refuses(now).is_some());
    let later = now + FIRST_PAUSE;
    let only = breaker.admit(later).unwrap();
    assert!(!breaker.failed(earlier, later, WHOLE));
    breaker.abandoned(earliest, later);
    assert!(
        breaker.refuses(later).is_some(),
        "the one call is still out"
    );
    assert!(breaker.succeeded(only));
}

#[test]
fn three_refusals_running_that_only_an_operator_mends_open_it_for_its_longest_pause() {
    let now = Instant::now();
    let mut breaker = Breaker::new();
    let refuse = |breaker: &mut Breaker, now| {
        let leave = breaker.admit(now).unwrap();
        breaker.misconfigured(leave, now, WHOLE);
    };
    for between in [succeed, fail] {
        for _ in 0..2 {
            refuse(&mut breaker, now);
        }
        between(&mut breaker, now);
    }
    for _ in 0..3 {
        assert_eq!(breaker.refuses(now), None);
        refuse(&mut breaker, now);
    }
    assert_eq!(breaker.refuses(now), Some(Why::Misconfigured));
    let later = now + LONGEST_PAUSE - Duration::from_millis(1);
    assert_eq!(breaker.state(later), BreakerState::Misconfigured);
    assert!(
        fail(&mut breaker, now + LONGEST_PAUSE),
        "now it is ill besides"
    );
    assert_eq!(breaker.refuses(now + LONGEST_PAUSE), Some(Why::Ill));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Admit,
    Succeed(usize),
    Fail(usize),
    Refuse(usize),
    Abandon(usize),
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Admit),
        2 => any::<usize>().prop_map(Event::Succeed),
        6 => any::<usize>().prop_map(Event::Fail),
        2 => any::<usize>().prop_map(Event::Refuse),
        1 => any::<usize>().prop_map(Event::Abandon),
        1 => (0..40_000_u64).prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 0..400)
}

proptest! {
    /// In whatever order calls end: while the breaker is not closed, at most one call that began after it opened is in
    /// flight, none is let through during a pause, and none is refused for ever.
    #[test]
    fn it_tries_with_one_call_at_a_time_and_never_stays_shut(events in events()) {
        let mut now = Instant::now();
        let mut breaker = Breaker::new();
        let mut out: Vec<(Leave, bool)> = Vec::new();
        let mut opened: Option<Instant> = None;
        for event in events {
            let mut take = |index: usize| (!out.is_empty()).then(|| out.remove(index % out.len()));
            match event {
                Event::Wait(millis) => now += Duration::from_millis(millis),
                Event::Admit => {
                    let refuses = breaker.refuses(now);
                    let leave = breaker.admit(now);
                    prop_assert_eq!(leave.as_ref().err().copied(), refuses);
                    let trying = out.iter().any(|(_, tries)| *tries);
                    if let Ok(leave) = leave {
                        prop_assert!(opened.is_none() || !trying);
                        prop_assert!(opened.is_none_or(|opened| now >= opened + FIRST_PAUSE / 2));
                        out.push((leave, opened.is_some()));
                    } else {
                        let opened = opened.expect("a closed one refuses nothing");
                        prop_assert!(trying || now < opened + LONGEST_PAUSE);
                    }
                }
                Event::Succeed(index) => {
                    if let Some((leave, tries)) = take(index) {
                        let closed = breaker.succeeded(leave);
                        prop_assert_eq!(closed, tries && opened.is_some());
                        if closed { opened = None }
                    }
                }
                Event::Fail(index) => {
                    if let Some((leave, tries)) = take(index) {
                        let opens = breaker.failed(leave, now, 50);
                        prop_assert!(opens || !tries);
                        if opens { opened = Some(now) }
                    }
                }
                Event::Refuse(index) => {
                    if let Some((leave, tries)) = take(index) {
                        breaker.misconfigured(leave, now, 50);
                        let opens = breaker.state(now) == BreakerState::Misconfigured;
                        prop_assert!(opens || !tries);
                        if opens { opened = Some(now) }
                    }
                }
                Event::Abandon(index) => {
                    if let Some((leave, _)) = take(index) {
                        breaker.abandoned(leave, now);
                    }
                }
            }
        }
    }
}

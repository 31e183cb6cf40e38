use std::collections::BTreeMap;

use super::{Effect, Flow, Generation, Outcome, Phase, Ticket, Want};
use crate::error::{ErrorCode, Failure};
use crate::policy::Refusal;
use crate::session::Session;

const NOW: u64 = 1_000_000;

fn session(id: &str) -> Session {
    Session::issued(id.into(), 600.0, NOW).expect("a usable id")
}

fn live() -> Flow {
    Flow::new(Some(session("first")))
}

/// Signs in with two callers waiting.
fn signing_in() -> Flow {
    let mut flow = Flow::new(None);
    assert_eq!(flow.want(1, Want::Call, NOW), [Effect::SignIn]);
    assert_eq!(flow.want(2, Want::Call, NOW), []);
    flow
}

fn go(ticket: u32) -> Effect {
    Effect::Settle(ticket, Outcome::Go)
}

fn deliver(ticket: u32) -> Effect {
    Effect::Settle(ticket, Outcome::Deliver)
}

fn fail(ticket: u32, code: ErrorCode) -> Effect {
    Effect::Settle(ticket, Outcome::Fail(code.into()))
}

fn paused(ticket: u32, retry_after: u32) -> Effect {
    Effect::Settle(
        ticket,
        Outcome::Fail(Failure {
            code: ErrorCode::SignInPaused,
            retry_after,
        }),
    )
}

#[test]
fn calls_without_a_session_share_one_sign_in_and_go_in_order() {
    let mut flow = signing_in();
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.issued(session("first")), [Effect::Keep, go(1), go(2)]);
    assert_eq!(flow.phase(), Phase::SignedIn);
    assert_eq!(flow.standing().map(|(_, generation)| generation), Some(1));
}

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
    flow.issued(session("first"));
    assert_eq!(flow.want(2, Want::NewLogin, now), [Effect::SignIn]);
    flow.failed(ErrorCode::BadAnswer.into(), now);
    flow.refused(3, 1, false, Refusal::Renew, now + 1_000);
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
        for code in [ErrorCode::Network, ErrorCode::Interrupted] {
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
        let over = NOW + u64::from(length);
        assert_eq!(flow.want(3, Want::Call, over), [Effect::SignIn]);
        flow.failed(ErrorCode::BadAnswer.into(), over);
        assert_eq!(
            flow.want(4, Want::Call, over),
            [paused(4, 2_000)],
            "our own doubles as ever"
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
fn a_live_session_is_used_and_login_has_nothing_to_do() {
    let mut flow = live();
    assert!(flow.live(NOW).is_some());
    assert_eq!(flow.want(1, Want::Call, NOW), [go(1)]);
    assert_eq!(flow.want(2, Want::Login, NOW), [go(2)]);
}

#[test]
fn past_its_deadline_a_session_is_renewed_before_use_and_presented() {
    let mut flow = live();
    let late = NOW + 600_000;
    assert!(flow.live(late).is_none());
    assert_eq!(
        flow.want(1, Want::Call, late),
        [Effect::Keep, Effect::SignIn]
    );
    assert_eq!(flow.presented(), Some("first"));
    assert!(flow.standing().is_none());
}

#[test]
fn a_forced_login_keeps_the_session_until_it_has_a_better_one() {
    let mut flow = live();
    assert_eq!(flow.want(1, Want::NewLogin, NOW), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(flow.want(2, Want::Call, NOW), []);
    assert_eq!(
        flow.failed(ErrorCode::LoginFailed.into(), NOW),
        [fail(1, ErrorCode::LoginFailed), go(2)],
        "the login fails, the call goes with what stands"
    );
    assert_eq!(
        flow.standing().map(|(session, _)| session.id()),
        Some("first")
    );
}

#[test]
fn refused_together_means_one_renewal() {
    let mut flow = live();
    assert_eq!(
        flow.refused(1, 1, false, Refusal::Renew, NOW),
        [Effect::Keep, Effect::SignIn]
    );
    assert_eq!(flow.refused(2, 1, false, Refusal::Renew, NOW), []);
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(flow.issued(session("second")), [Effect::Keep, go(1), go(2)]);
}

#[test]
fn a_late_refusal_of_an_old_session_goes_again_with_the_newer_one() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.issued(session("second"));
    assert_eq!(flow.refused(2, 1, false, Refusal::Renew, NOW), [go(2)]);
    assert_eq!(
        flow.standing().map(|(session, _)| session.id()),
        Some("second")
    );
}

#[test]
fn a_second_refusal_reaches_the_caller_keeps_the_session_and_starts_a_pause() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.issued(session("second"));
    assert_eq!(flow.refused(1, 2, true, Refusal::Renew, NOW), [deliver(1)]);
    assert!(flow.live(NOW).is_some());
    assert_eq!(
        flow.refused(2, 2, false, Refusal::Renew, NOW + 999),
        [deliver(2)]
    );
    assert!(flow.live(NOW).is_some());
    assert_eq!(
        flow.refused(3, 2, false, Refusal::Renew, NOW + 1_000),
        [Effect::Keep, Effect::SignIn]
    );
}

/// A renewal, and `count` calls that are refused again after it.
fn refuse_again(flow: &mut Flow, count: u32, now: u64) {
    assert_eq!(
        flow.refused(1, flow.generation, false, Refusal::Renew, now),
        [Effect::Keep, Effect::SignIn]
    );
    flow.issued(session("another"));
    for ticket in 1..=count {
        flow.refused(ticket, flow.generation, true, Refusal::Renew, now);
    }
}

#[test]
fn second_refusals_that_come_together_count_once() {
    let mut flow = live();
    refuse_again(&mut flow, 20, NOW);
    refuse_again(&mut flow, 20, NOW + 1_000);
    assert_eq!(
        flow.refused(30, 3, false, Refusal::Renew, NOW + 2_999),
        [deliver(30)]
    );
    refuse_again(&mut flow, 1, NOW + 3_000);
}

#[test]
fn second_refusals_double_the_pause_until_there_was_none_for_longer_than_the_longest() {
    let mut flow = live();
    let mut now = NOW;
    for length in [1, 2, 4, 8, 16, 32, 60, 60] {
        refuse_again(&mut flow, 1, now);
        now += length * 1_000 - 1;
        let generation = flow.generation;
        assert_eq!(
            flow.refused(2, generation, false, Refusal::Renew, now),
            [deliver(2)]
        );
        now += 1;
    }
    now += 60_000;
    refuse_again(&mut flow, 1, now);
    now += 120_000;
    assert_eq!(
        flow.refused(2, flow.generation, false, Refusal::Renew, now - 60_001),
        [deliver(2)],
        "a minute again"
    );
    refuse_again(&mut flow, 1, now + 1);
    refuse_again(&mut flow, 1, now + 1_001);
}

#[test]
fn ended_elsewhere_is_told_and_only_login_signs_in_again() {
    for code in [ErrorCode::SessionReplaced, ErrorCode::SessionRevoked] {
        let mut flow = live();
        assert_eq!(
            flow.refused(1, 1, false, Refusal::Ended(code), NOW),
            [Effect::Keep, deliver(1)]
        );
        assert_eq!(flow.phase(), Phase::Ended);
        assert_eq!(flow.want(2, Want::Call, NOW), [fail(2, code)]);
        assert_eq!(flow.refused(3, 1, false, Refusal::Renew, NOW), [deliver(3)]);
        assert_eq!(flow.want(4, Want::Login, NOW), [Effect::SignIn]);
        assert_eq!(
            flow.failed(ErrorCode::Network.into(), NOW),
            [fail(4, ErrorCode::Network)]
        );
        assert_eq!(flow.want(5, Want::Call, NOW), [fail(5, code)]);
        assert_eq!(flow.want(6, Want::Login, NOW), [Effect::SignIn]);
        flow.issued(session("second"));
        assert_eq!(flow.want(7, Want::Call, NOW), [go(7)]);
    }
}

#[test]
fn ended_elsewhere_counts_on_a_second_send_too() {
    let mut flow = live();
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(1, 1, true, ended, NOW),
        [Effect::Keep, deliver(1)]
    );
    assert_eq!(flow.phase(), Phase::Ended);
}

#[test]
fn an_older_session_that_was_ended_does_not_harm_the_newer_one() {
    let mut flow = live();
    let ended = Refusal::Ended(ErrorCode::SessionRevoked);
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.issued(session("second"));
    assert_eq!(flow.refused(3, 1, false, ended, NOW), [go(3)]);
    assert_eq!(flow.refused(4, 1, true, ended, NOW), [deliver(4)]);
    assert_eq!(flow.phase(), Phase::SignedIn);
    flow.refused(5, 2, false, Refusal::Renew, NOW);
    assert_eq!(flow.refused(6, 1, false, ended, NOW), [deliver(6)]);
    assert_eq!(flow.phase(), Phase::SigningIn);
}

#[test]
fn a_session_ended_elsewhere_ends_its_silent_renewal_too() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    let code = ErrorCode::SessionReplaced;
    assert_eq!(
        flow.refused(2, 1, false, Refusal::Ended(code), NOW),
        [Effect::Keep, Effect::Abandon, fail(1, code), deliver(2)]
    );
    assert_eq!(flow.phase(), Phase::Ended);
    assert_eq!(flow.want(3, Want::Call, NOW), [fail(3, code)]);
}

#[test]
fn a_session_ended_elsewhere_does_not_stop_a_login_that_waits() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(3, 1, false, ended, NOW),
        [Effect::Keep, deliver(3)]
    );
    assert_eq!(flow.issued(session("second")), [Effect::Keep, go(1), go(2)]);
}

#[test]
fn a_session_ended_elsewhere_stays_so_when_the_login_that_waits_fails() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    let code = ErrorCode::SessionReplaced;
    flow.refused(3, 1, false, Refusal::Ended(code), NOW);
    assert_eq!(flow.refused(4, 1, false, Refusal::Renew, NOW), [deliver(4)]);
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
    assert_eq!(
        flow.want(1, Want::Call, NOW - 1),
        [Effect::Keep, Effect::SignIn]
    );
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
fn the_session_that_a_failed_sign_in_was_to_replace_is_presented_by_the_next() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    assert_eq!(flow.want(2, Want::Call, NOW + 1_000), [Effect::SignIn]);
    assert_eq!(flow.presented(), Some("first"));
    flow.failed(ErrorCode::Network.into(), NOW + 1_000);
    flow.want(3, Want::NewLogin, NOW + 1_000);
    assert_eq!(flow.presented(), Some("first"));
    flow.issued(session("second"));
    flow.want(4, Want::NewLogin, NOW + 1_000);
    assert_eq!(flow.presented(), Some("second"));
}

#[test]
fn signing_out_after_a_failed_sign_in_ends_the_session_that_it_was_to_replace() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
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
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.failed(ErrorCode::Network.into(), NOW);
    flow.refused(2, 1, false, ended, NOW);
    flow.want(3, Want::Login, NOW);
    assert_eq!(flow.presented(), None);

    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.want(2, Want::Login, NOW);
    flow.refused(3, 1, false, ended, NOW);
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.presented(), None);
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
fn a_session_ended_during_a_forced_login_does_not_stop_the_login() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    let ended = Refusal::Ended(ErrorCode::SessionReplaced);
    assert_eq!(
        flow.refused(2, 1, false, ended, NOW),
        [Effect::Keep, deliver(2)]
    );
    assert_eq!(flow.issued(session("second")), [Effect::Keep, go(1)]);
    assert_eq!(flow.phase(), Phase::SignedIn);
}

#[test]
fn a_session_refused_during_a_forced_login_is_presented_but_no_longer_stands() {
    let mut flow = live();
    flow.want(1, Want::NewLogin, NOW);
    assert_eq!(
        flow.refused(2, 1, false, Refusal::Renew, NOW),
        [Effect::Keep]
    );
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(
        flow.failed(ErrorCode::LoginFailed.into(), NOW),
        [
            fail(1, ErrorCode::LoginFailed),
            fail(2, ErrorCode::LoginFailed)
        ]
    );
}

#[test]
fn an_abort_leaves_the_sign_in_and_the_others_alone() {
    let mut flow = signing_in();
    flow.abort(1);
    flow.abort(7);
    assert_eq!(flow.phase(), Phase::SigningIn);
    assert_eq!(flow.issued(session("first")), [Effect::Keep, go(2)]);
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
        flow.refused(2, 1, false, Refusal::Renew, NOW),
        [deliver(2)],
        "a call from before never signs in"
    );
    assert_eq!(flow.want(3, Want::Login, NOW), [Effect::SignIn]);
    assert_eq!(
        flow.refused(4, 1, false, Refusal::Renew, NOW),
        [deliver(4)],
        "nor does it join the next epoch's sign-in"
    );
}

#[test]
fn the_first_session_of_the_next_epoch_is_renewed_like_any_other() {
    let mut flow = live();
    flow.leave();
    flow.want(1, Want::Login, NOW);
    flow.issued(session("second"));
    assert_eq!(
        flow.refused(2, 2, false, Refusal::Renew, NOW),
        [Effect::Keep, Effect::SignIn]
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
        flow.issued(session("late")),
        [Effect::End("late".into())],
        "what it still brings is ended"
    );
    assert_eq!(flow.phase(), Phase::SignedOut);
}

#[test]
fn a_refusal_after_a_failed_renewal_reaches_its_caller_during_the_pause() {
    let mut flow = live();
    flow.refused(1, 1, false, Refusal::Renew, NOW);
    flow.failed(ErrorCode::LoginFailed.into(), NOW);
    assert_eq!(flow.refused(2, 1, false, Refusal::Renew, NOW), [deliver(2)]);
    assert_eq!(
        flow.refused(3, 1, false, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn]
    );
}

/// Two endpoints that are asked all the time: one refuses whatever it is given, the other takes the newest session.
struct Endpoints {
    flow: Flow,
    now: u64,
    /// What will happen: the time, a number of its own, and the event.
    due: BTreeMap<(u64, u32), Due>,
    next: u32,
    /// For times that differ.
    chance: u64,
    sign_ins: u32,
    /// Of the endpoint that is well.
    taken: u32,
}

#[derive(Clone, Copy)]
enum Due {
    Call { is_bad: bool },
    Answer(Sent),
    Session,
}

#[derive(Clone, Copy)]
struct Sent {
    ticket: Ticket,
    is_bad: bool,
    generation: Generation,
    is_second: bool,
}

impl Endpoints {
    /// Asks both `every` so many milliseconds, for `long`; an answer takes up to `slowest` more than the quickest.
    fn ask(every: u64, long: u64, slowest: u64, seed: u64) -> Self {
        let mut world = Self {
            flow: live(),
            now: NOW,
            due: BTreeMap::new(),
            next: 0,
            chance: seed,
            sign_ins: 0,
            taken: 0,
        };
        for begins in (0..long).step_by(every as usize) {
            for is_bad in [true, false] {
                world.add(begins, Due::Call { is_bad });
            }
        }
        let mut waiting = BTreeMap::new();
        while let Some(((now, number), due)) = world.due.pop_first() {
            world.now = now;
            let effects = match due {
                Due::Call { is_bad } => {
                    waiting.insert(number, (is_bad, false));
                    world.flow.want(number, Want::Call, now)
                }
                Due::Answer(sent) => {
                    let is_newest = Some(sent.generation)
                        == world.flow.standing().map(|(_, generation)| generation);
                    if !sent.is_bad && is_newest {
                        world.taken += 1;
                        continue;
                    }
                    waiting.insert(sent.ticket, (sent.is_bad, true));
                    let Sent {
                        ticket,
                        generation,
                        is_second,
                        ..
                    } = sent;
                    world
                        .flow
                        .refused(ticket, generation, is_second, Refusal::Renew, now)
                }
                Due::Session => world.flow.issued(session("another")),
            };
            for effect in effects {
                match effect {
                    Effect::SignIn => {
                        world.sign_ins += 1;
                        world.add(300, Due::Session);
                    }
                    Effect::Settle(ticket, Outcome::Go) => {
                        let (is_bad, is_second) = waiting[&ticket];
                        let generation = world.flow.generation;
                        let took = 100 + world.random() % slowest;
                        world.add(
                            took,
                            Due::Answer(Sent {
                                ticket,
                                is_bad,
                                generation,
                                is_second,
                            }),
                        );
                    }
                    _ => {}
                }
            }
        }
        world
    }

    fn add(&mut self, later: u64, due: Due) {
        self.next += 1;
        self.due.insert((self.now + later, self.next), due);
    }

    fn random(&mut self) -> u64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.chance >> 33
    }
}

#[test]
fn an_endpoint_that_always_refuses_costs_few_sign_ins_whatever_others_are_asked() {
    for slowest in [1, 400, 3_000] {
        for every in [100, 500, 2_000] {
            for seed in 0..5 {
                let world = Endpoints::ask(every, 600_000, slowest, seed);
                // Seven in the first minute, then one; more where a slow answer comes late for its pause.
                let sign_ins = world.sign_ins;
                assert!((12..=30).contains(&sign_ins), "{sign_ins} in ten minutes");
                let calls = 600_000 / every;
                let taken = u64::from(world.taken);
                assert!(taken > calls * 97 / 100, "{taken} of {calls} taken");
            }
        }
    }
}

//! First, late and second refusals.

use super::{NOW, deliver, go, live, session};
use crate::flow::Sent;
use crate::flow::effects::{Effect, Flow};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;

#[test]
fn refused_together_means_one_renewal() {
    let mut flow = live();
    assert_eq!(
        flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW),
        [Effect::SignIn]
    );
    assert_eq!(flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW), []);
    assert_eq!(flow.presented(), Some("first"));
    assert_eq!(
        flow.issued(session("second"), NOW),
        [Effect::Keep, go(1), go(2)]
    );
}

#[test]
fn a_late_refusal_of_an_old_session_goes_again_with_the_newer_one() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(flow.refused(2, 1, Sent::Once, Refusal::Renew, NOW), [go(2)]);
    assert_eq!(flow.id(), Some("second"));
}

#[test]
fn a_second_refusal_reaches_the_caller_keeps_the_session_and_starts_a_pause() {
    let mut flow = live();
    flow.refused(1, 1, Sent::Once, Refusal::Renew, NOW);
    flow.issued(session("second"), NOW);
    assert_eq!(
        flow.refused(1, 2, Sent::Twice, Refusal::Renew, NOW),
        [deliver(1)]
    );
    assert!(flow.is_live(NOW));
    assert_eq!(
        flow.refused(2, 2, Sent::Once, Refusal::Renew, NOW + 999),
        [deliver(2)]
    );
    assert!(flow.is_live(NOW));
    assert_eq!(
        flow.refused(3, 2, Sent::Once, Refusal::Renew, NOW + 1_000),
        [Effect::SignIn]
    );
}

/// Renews the session, and has `count` calls refused a second time.
fn refuse_again(flow: &mut Flow, count: u32, now: Milliseconds) {
    assert_eq!(
        flow.refused(1, flow.generation, Sent::Once, Refusal::Renew, now),
        [Effect::SignIn]
    );
    flow.issued(session("another"), NOW);
    for ticket in 1..=count {
        flow.refused(ticket, flow.generation, Sent::Twice, Refusal::Renew, now);
    }
}

#[test]
fn second_refusals_that_come_together_count_once() {
    let mut flow = live();
    refuse_again(&mut flow, 20, NOW);
    refuse_again(&mut flow, 20, NOW + 1_000);
    assert_eq!(
        flow.refused(30, 3, Sent::Once, Refusal::Renew, NOW + 2_999),
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
            flow.refused(2, generation, Sent::Once, Refusal::Renew, now),
            [deliver(2)]
        );
        now += 1;
    }
    now += 60_000;
    refuse_again(&mut flow, 1, now);
    now += 120_000;
    assert_eq!(
        flow.refused(2, flow.generation, Sent::Once, Refusal::Renew, now - 60_001),
        [deliver(2)],
        "a minute again"
    );
    refuse_again(&mut flow, 1, now + 1);
    refuse_again(&mut flow, 1, now + 1_001);
}

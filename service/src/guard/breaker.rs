//! A circuit breaker: decides when a service is left alone because it fails too often, or refuses every call until an
//! operator mends something. A state machine without a clock.
//!
//! ```text
//! closed --- 10 failures running, or half of the last 64 calls ---> open <--- it fails: twice the pause ---+
//!   ^                                                                |                                     |
//!   |                                                                +--- the pause is over: one call ---> trying
//!   +------------------------------------ it succeeds -----------------------------------------------------+
//! ```
//!
//! Three calls running that only an operator can mend open it for its longest pause. One alone does not: it may be about
//! one user.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

const FAILURES_RUNNING: u32 = 10;
const FAILURES_OF_64: u32 = 32;
const MISCONFIGURED_RUNNING: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// The number of the state, which counts the changes. The end of a call that began in an earlier state says nothing
    /// about this one.
    number: u64,
}

#[derive(Debug)]
enum State {
    /// Every call is let through. `ends` records the last 64, the latest in the lowest bit; a failure is a one.
    Closed { ends: u64, misconfigured: u32 },
    /// No call is let through before this time.
    Open {
        until: Instant,
        pause: Duration,
        why: Why,
    },
    /// One call was let through, and no other is until it ends.
    Trying { pause: Duration, why: Why },
}

/// Why a service is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It failed too often.
    Ill,
    /// It refuses every call until an operator mends something.
    Misconfigured,
}

/// What a breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Every call is let through.
    Closed,
    /// One call is let through to try, or the next one will be.
    HalfOpen,
    /// No call is let through.
    Open,
    /// No call is let through, because the service refuses every one until an operator mends something.
    Misconfigured,
}

/// The permission to make one call. It has to be returned, with how the call ended.
#[derive(Debug)]
pub(super) struct Leave(u64);

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            state: State::CLOSED,
            number: 0,
        }
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { until, why, .. } if now < until => match why {
                Why::Ill => BreakerState::Open,
                Why::Misconfigured => BreakerState::Misconfigured,
            },
            State::Open { .. } | State::Trying { .. } => BreakerState::HalfOpen,
        }
    }

    /// Why [`Breaker::admit`] would refuse, if it would.
    pub(super) fn refuses(&self, now: Instant) -> Option<Why> {
        match self.state {
            State::Closed { .. } => None,
            State::Open { until, why, .. } => (now < until).then_some(why),
            State::Trying { why, .. } => Some(why),
        }
    }

    /// Lets a call through, or refuses it.
    pub(super) fn admit(&mut self, now: Instant) -> Result<Leave, Why> {
        if let Some(why) = self.refuses(now) {
            return Err(why);
        }
        if let State::Open { pause, why, .. } = self.state {
            self.enter(State::Trying { pause, why });
        }
        Ok(Leave(self.number))
    }

    /// The call showed that the service is well. Returns whether that closed the breaker.
    pub(super) fn succeeded(&mut self, leave: Leave) -> bool {
        if leave.0 != self.number {
            return false;
        }
        match &mut self.state {
            State::Closed {
                ends,
                misconfigured,
            } => {
                *ends <<= 1;
                *misconfigured = 0;
            }
            State::Open { .. } => {}
            State::Trying { .. } => {
                self.enter(State::CLOSED);
                return true;
            }
        }
        false
    }

    /// The call showed that the service is not well. Returns whether that opened the breaker. The pause lasts `percent` of its
    /// full length, so that many servers do not try at the same time.
    pub(super) fn failed(&mut self, leave: Leave, now: Instant, percent: u32) -> bool {
        if leave.0 != self.number {
            return false;
        }
        let pause = match &mut self.state {
            State::Closed {
                ends,
                misconfigured,
            } => {
                *ends = *ends << 1 | 1;
                *misconfigured = 0;
                if ends.trailing_ones() < FAILURES_RUNNING && ends.count_ones() < FAILURES_OF_64 {
                    return false;
                }
                FIRST_PAUSE
            }
            State::Open { .. } => return false,
            State::Trying { pause, .. } => LONGEST_PAUSE.min(*pause * 2),
        };
        self.open(Why::Ill, pause, now, percent);
        true
    }

    /// The call showed that the service refuses every call until an operator mends something. The pause is as in
    /// [`Breaker::failed`].
    pub(super) fn misconfigured(&mut self, leave: Leave, now: Instant, percent: u32) {
        if leave.0 != self.number {
            return;
        }
        match &mut self.state {
            State::Closed {
                ends,
                misconfigured,
            } => {
                *ends <<= 1;
                *misconfigured += 1;
                if *misconfigured < MISCONFIGURED_RUNNING {
                    return;
                }
            }
            State::Open { .. } => return,
            State::Trying { .. } => {}
        }
        self.open(Why::Misconfigured, LONGEST_PAUSE, now, percent);
    }

    /// The call was abandoned before it showed anything.
    pub(super) fn abandoned(&mut self, leave: Leave, now: Instant) {
        if let (State::Trying { pause, why }, true) = (&self.state, leave.0 == self.number) {
            let (until, pause, why) = (now, *pause, *why);
            self.enter(State::Open { until, pause, why });
        }
    }

    fn open(&mut self, why: Why, pause: Duration, now: Instant, percent: u32) {
        let until = now + pause * percent / 100;
        self.enter(State::Open { until, pause, why });
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.number += 1;
    }
}

impl State {
    const CLOSED: Self = Self::Closed {
        ends: 0,
        misconfigured: 0,
    };
}

#[cfg(test)]
mod tests;

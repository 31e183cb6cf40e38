//! A circuit breaker: decides when a service is left alone because it fails too often. A state machine without a clock.
//!
//! ```text
//! closed --- 10 failures running, or half of the last 64 calls ---> open <--- it fails: twice the pause ---+
//!   ^                                                                |                                     |
//!   |                                                                +--- the pause is over: one call ---> trying
//!   +------------------------------------ it succeeds -----------------------------------------------------+
//! ```

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

const FAILURES_RUNNING: u32 = 10;
const FAILURES_OF_64: u32 = 32;
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
    Closed { ends: u64 },
    /// No call is let through before this time.
    Open { until: Instant, pause: Duration },
    /// One call was let through, and no other is until it ends.
    Trying { pause: Duration },
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
}

/// The permission to make one call. It has to be returned, with how the call ended.
#[derive(Debug)]
pub(super) struct Leave(u64);

impl Breaker {
    pub(super) fn new() -> Self {
        Self {
            state: State::Closed { ends: 0 },
            number: 0,
        }
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::Trying { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether [`Breaker::admit`] would refuse.
    pub(super) fn refuses(&self, now: Instant) -> bool {
        match self.state {
            State::Closed { .. } => false,
            State::Open { until, .. } => now < until,
            State::Trying { .. } => true,
        }
    }

    /// Lets a call through, or refuses it.
    pub(super) fn admit(&mut self, now: Instant) -> Option<Leave> {
        if self.refuses(now) {
            return None;
        }
        if let State::Open { pause, .. } = self.state {
            self.enter(State::Trying { pause });
        }
        Some(Leave(self.number))
    }

    /// The call showed that the service is well. Returns whether that closed the breaker.
    pub(super) fn succeeded(&mut self, leave: Leave) -> bool {
        if leave.0 != self.number {
            return false;
        }
        match &mut self.state {
            State::Closed { ends } => *ends <<= 1,
            State::Open { .. } => {}
            State::Trying { .. } => {
                self.enter(State::Closed { ends: 0 });
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
            State::Closed { ends } => {
                *ends = *ends << 1 | 1;
                if ends.trailing_ones() < FAILURES_RUNNING && ends.count_ones() < FAILURES_OF_64 {
                    return false;
                }
                FIRST_PAUSE
            }
            State::Open { .. } => return false,
            State::Trying { pause } => LONGEST_PAUSE.min(*pause * 2),
        };
        let until = now + pause * percent / 100;
        self.enter(State::Open { until, pause });
        true
    }

    /// The call was abandoned before it showed anything.
    pub(super) fn abandoned(&mut self, leave: Leave, now: Instant) {
        if let (State::Trying { pause }, true) = (&self.state, leave.0 == self.number) {
            let pause = *pause;
            self.enter(State::Open { until: now, pause });
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.number += 1;
    }
}

#[cfg(test)]
mod tests;

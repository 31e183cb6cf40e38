//! Measures how long calls of one kind take, and whether the breaker lets them through.

use std::fmt;
use std::time::Duration;

use metrics::{Gauge, Histogram};

use super::breaker::BreakerState;

/// How a call ended. All but the first two show that the service is not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With an answer of a healthy service, which may be a refusal.
    Answered,
    /// The service is well, and refuses every call until an operator mends something.
    Misconfigured,
    /// The service says that it is busy or out of order.
    Busy,
    /// The service cannot be reached, or the connection broke.
    Unreachable,
    /// The answer cannot be trusted.
    BadAnswer,
    /// The service did not answer in time.
    Late,
}

pub(crate) struct CallMeasures {
    answered: Histogram,
    misconfigured: Histogram,
    busy: Histogram,
    unreachable: Histogram,
    bad_answer: Histogram,
    late: Histogram,
    breaker: Gauge,
}

impl CallMeasures {
    /// Records into the histogram for each value of the label `outcome`, and the breaker's state into `breaker`.
    pub(crate) fn new(seconds: impl Fn(&'static str) -> Histogram, breaker: Gauge) -> Self {
        Self {
            answered: seconds("answered"),
            misconfigured: seconds("misconfigured"),
            busy: seconds("busy"),
            unreachable: seconds("unreachable"),
            bad_answer: seconds("bad_answer"),
            late: seconds("late"),
            breaker,
        }
    }

    pub(super) fn took(&self, time: Duration, ended: Ended) {
        let histogram = match ended {
            Ended::Answered => &self.answered,
            Ended::Misconfigured => &self.misconfigured,
            Ended::Busy => &self.busy,
            Ended::Unreachable => &self.unreachable,
            Ended::BadAnswer => &self.bad_answer,
            Ended::Late => &self.late,
        };
        histogram.record(time);
    }

    pub(super) fn breaker_is(&self, state: BreakerState) {
        self.breaker.set(match state {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 0.5,
            BreakerState::Open | BreakerState::Misconfigured => 1.0,
        });
    }
}

impl fmt::Debug for CallMeasures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallMeasures")
    }
}

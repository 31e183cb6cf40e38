//! Measures how long calls of one kind take, and whether the breaker lets them through.

use std::fmt;
use std::time::Duration;

use metrics::{Gauge, Histogram, gauge, histogram};
use wxsession_server::wechat::WeChatError;

use super::breaker::BreakerState;
use crate::measures::{BREAKER, WECHAT_SECONDS};

pub(super) struct CallMeasures {
    answered: Histogram,
    busy: Histogram,
    unreachable: Histogram,
    bad_answer: Histogram,
    late: Histogram,
    breaker: Gauge,
}

impl CallMeasures {
    pub(super) fn new(appid: &str, call: &str) -> Self {
        let call = call.replace([' ', '-'], "_");
        let ended =
            |outcome| histogram!(WECHAT_SECONDS, "call" => call.clone(), "outcome" => outcome);
        Self {
            answered: ended("answered"),
            busy: ended("busy"),
            unreachable: ended("unreachable"),
            bad_answer: ended("bad_answer"),
            late: ended("late"),
            breaker: gauge!(BREAKER, "appid" => appid.to_owned(), "call" => call),
        }
    }

    /// Records the time of a call. A refusal counts as answered.
    pub(super) fn took(&self, time: Duration, error: Option<&WeChatError>) {
        let histogram = match error {
            Some(WeChatError::Busy | WeChatError::Unavailable(_)) => &self.busy,
            Some(WeChatError::Unreachable(_)) => &self.unreachable,
            Some(WeChatError::BadAnswer(_)) => &self.bad_answer,
            Some(WeChatError::Late) => &self.late,
            _ => &self.answered,
        };
        histogram.record(time);
    }

    pub(super) fn breaker_is(&self, state: BreakerState) {
        self.breaker.set(match state {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 0.5,
            BreakerState::Open => 1.0,
        });
    }
}

impl fmt::Debug for CallMeasures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallMeasures")
    }
}

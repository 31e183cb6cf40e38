//! Guards one kind of call of one mini program, so that trouble with it does not spread: a deadline, a bulkhead, a
//! breaker, and a few retries.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::{Instant, timeout};
use tower::retry::budget::{Budget, TpsBudget};
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::random;
use wxsession_server::wechat::WeChatError;

use super::breaker::{Breaker, BreakerState, Leave};
use super::bulkhead::Bulkhead;
use super::measures::CallMeasures;

const RETRIES: usize = 2;
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// The part of all calls that may be retried, so that retries cannot double the load when every call fails. A few a
/// second are allowed on top, for servers with few calls.
const RETRIED_PART: f32 = 0.1;
const RETRIES_PER_SECOND: u32 = 1;
const RETRIES_COUNTED_OVER: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Guard {
    /// Named in the log.
    appid: String,
    call: &'static str,
    deadline: Duration,
    bulkhead: Bulkhead,
    breaker: Mutex<Breaker>,
    retries: TpsBudget,
    overflow: OnceAMinute,
    measures: CallMeasures,
}

impl Guard {
    /// Guards this kind of call. Each may take `deadline`, including its retries.
    pub(super) fn new(appid: &str, call: &'static str, deadline: Duration) -> Self {
        Self {
            appid: appid.to_owned(),
            call,
            deadline,
            bulkhead: Bulkhead::new(),
            breaker: Mutex::new(Breaker::new()),
            retries: TpsBudget::new(RETRIES_COUNTED_OVER, RETRIES_PER_SECOND, RETRIED_PART),
            overflow: OnceAMinute::default(),
            measures: CallMeasures::new(appid, call),
        }
    }

    /// Makes the call, if it may be made now.
    ///
    /// # Errors
    /// The call's own, or WeChat is left alone, there is no room, or the deadline has passed.
    pub(super) async fn run<T, Calling>(
        &self,
        call: impl FnMut() -> Calling,
    ) -> Result<T, WeChatError>
    where
        Calling: Future<Output = Result<T, WeChatError>>,
    {
        // Checked before the wait as well as after it, so that no call waits in vain.
        if self.refuses() {
            return Err(WeChatError::LeftAlone);
        }
        let entered = self.bulkhead.enter().await;
        let _place = entered.inspect_err(|_| self.warn_of_overflow())?;
        let attempt = self.admit()?;
        let start = Instant::now();
        let outcome = timeout(self.deadline, self.with_retries(call)).await;
        let outcome = outcome.unwrap_or(Err(WeChatError::Late));
        self.measures.took(start.elapsed(), outcome.as_ref().err());
        attempt.end(outcome.as_ref().err());
        outcome
    }

    /// Whether calls are let through now.
    pub(super) fn state(&self) -> BreakerState {
        self.breaker(|breaker| breaker.state(Instant::now()))
    }

    fn refuses(&self) -> bool {
        self.breaker(|breaker| breaker.refuses(Instant::now()))
    }

    async fn with_retries<T, Calling>(
        &self,
        call: impl FnMut() -> Calling,
    ) -> Result<T, WeChatError>
    where
        Calling: Future<Output = Result<T, WeChatError>>,
    {
        self.retries.deposit();
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_RETRY)
            .with_max_times(RETRIES)
            .with_jitter();
        call.retry(pauses)
            .when(|error| error.leaves_a_code_good() && self.retries.withdraw())
            .await
    }

    fn admit(&self) -> Result<Attempt<'_>, WeChatError> {
        let leave = self.breaker(|breaker| breaker.admit(Instant::now()));
        Ok(Attempt {
            guard: self,
            leave: Some(leave.ok_or(WeChatError::LeftAlone)?),
        })
    }

    fn warn_of_overflow(&self) {
        if self.overflow.is_due() {
            tracing::warn!(
                appid = self.appid,
                "there is no room for more {}: they come faster than WeChat answers",
                self.call
            );
        }
    }

    /// Works with the breaker, and reports its state afterwards.
    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = act(&mut breaker);
        self.measures.breaker_is(breaker.state(Instant::now()));
        outcome
    }
}

/// A call that the breaker has let through. If it is dropped before it ends, it counts as abandoned.
struct Attempt<'guard> {
    guard: &'guard Guard,
    leave: Option<Leave>,
}

impl Attempt<'_> {
    fn end(mut self, error: Option<&WeChatError>) {
        let Some(leave) = self.leave.take() else {
            return;
        };
        let Guard { appid, call, .. } = self.guard;
        match error.filter(|error| error.blames_wechat()) {
            None => {
                if self.guard.breaker(|breaker| breaker.succeeded(leave)) {
                    tracing::info!(appid, "WeChat has recovered: {call} resume");
                }
            }
            Some(error) => {
                let part = random::between(50, 100);
                let fail = |breaker: &mut Breaker| breaker.failed(leave, Instant::now(), part);
                if self.guard.breaker(fail) {
                    let error = error as &dyn std::error::Error;
                    tracing::warn!(appid, error, "WeChat is failing: {call} pause for a while");
                }
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            self.guard
                .breaker(|breaker| breaker.abandoned(leave, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests;

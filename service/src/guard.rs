//! Guards calls of one kind to one service, so that trouble with that service does not spread: a deadline, a bulkhead, a
//! breaker, and a few retries.

mod breaker;
mod bulkhead;
mod measures;

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::{Instant, timeout};
use tower::retry::budget::{Budget, TpsBudget};
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::random;

use self::breaker::{Breaker, Leave};
use self::bulkhead::Bulkhead;

pub use self::breaker::BreakerState;
pub(crate) use self::breaker::Why;
pub(crate) use self::measures::{CallMeasures, Ended};

const RETRIES: usize = 2;
const FIRST_RETRY: Duration = Duration::from_millis(50);
/// The part of all calls that may be retried, so that retries cannot double the load when every call fails. A few a
/// second are allowed on top, for servers with few calls.
const RETRIED_PART: f32 = 0.1;
const RETRIES_PER_SECOND: u32 = 1;
const RETRIES_COUNTED_OVER: Duration = Duration::from_secs(10);

/// The calls behind a guard, as the log names them.
#[derive(Debug)]
pub(crate) struct Calls {
    /// Who is called.
    pub(crate) service: &'static str,
    /// What is asked for, in the plural.
    pub(crate) call: &'static str,
    /// For which mini program, if that makes a difference.
    pub(crate) appid: Option<String>,
}

/// The error of a guarded call.
pub(crate) trait CallError: Error + Sized + 'static {
    /// There is no room for another call.
    const FULL: Self;
    /// The service did not answer in time.
    const LATE: Self;

    /// The service is left alone for a while.
    fn left_alone(why: Why) -> Self;

    /// How the call ended. [`Ended::Answered`] says that the service is well: an error that a hostile client can provoke
    /// must not open the breaker.
    fn ended(&self) -> Ended;

    /// Whether the call cannot have had an effect, so that it may be made again.
    fn may_be_retried(&self) -> bool;
}

#[derive(Debug)]
pub(crate) struct Guard {
    calls: Calls,
    deadline: Duration,
    bulkhead: Bulkhead,
    breaker: Mutex<Breaker>,
    retries: TpsBudget,
    overflow: OnceAMinute,
    failing: OnceAMinute,
    /// Whether the log says that the service is failing.
    is_told_to_fail: AtomicBool,
    measures: CallMeasures,
}

impl Guard {
    /// Guards these calls. Each may take `deadline`, including its retries.
    pub(crate) fn new(calls: Calls, deadline: Duration, measures: CallMeasures) -> Self {
        Self {
            calls,
            deadline,
            bulkhead: Bulkhead::new(),
            breaker: Mutex::new(Breaker::new()),
            retries: TpsBudget::new(RETRIES_COUNTED_OVER, RETRIES_PER_SECOND, RETRIED_PART),
            overflow: OnceAMinute::default(),
            failing: OnceAMinute::default(),
            is_told_to_fail: AtomicBool::new(false),
            measures,
        }
    }

    /// Makes the call, if it may be made now.
    ///
    /// # Errors
    /// The call's own, or the service is left alone, there is no room, or the deadline has passed.
    pub(crate) async fn run<T, E, Calling>(&self, call: impl FnMut() -> Calling) -> Result<T, E>
    where
        E: CallError,
        Calling: Future<Output = Result<T, E>>,
    {
        // Checked before the wait as well as after it, so that no call waits in vain.
        self.refuses().map_or(Ok(()), Err).map_err(E::left_alone)?;
        let entered = self.bulkhead.enter().await;
        let _place = entered.map_err(|_| {
            self.warn_of_overflow();
            E::FULL
        })?;
        let attempt = self.admit().map_err(E::left_alone)?;
        let start = Instant::now();
        let outcome = timeout(self.deadline, self.with_retries(call)).await;
        let outcome = outcome.unwrap_or(Err(E::LATE));
        let ended = outcome.as_ref().err().map_or(Ended::Answered, E::ended);
        self.measures.took(start.elapsed(), ended);
        attempt.end(ended, outcome.as_ref().err());
        outcome
    }

    /// Whether calls are let through now.
    pub(crate) fn state(&self) -> BreakerState {
        self.breaker(|breaker| breaker.state(Instant::now()))
    }

    fn refuses(&self) -> Option<Why> {
        self.breaker(|breaker| breaker.refuses(Instant::now()))
    }

    async fn with_retries<T, E, Calling>(&self, call: impl FnMut() -> Calling) -> Result<T, E>
    where
        E: CallError,
        Calling: Future<Output = Result<T, E>>,
    {
        self.retries.deposit();
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_RETRY)
            .with_max_times(RETRIES)
            .with_jitter();
        call.retry(pauses)
            .when(|error| error.may_be_retried() && self.retries.withdraw())
            .await
    }

    fn admit(&self) -> Result<Attempt<'_>, Why> {
        let leave = self.breaker(|breaker| breaker.admit(Instant::now()));
        let leave = Some(leave?);
        Ok(Attempt { guard: self, leave })
    }

    fn warn_of_overflow(&self) {
        if let Some(left_out) = self.overflow.due() {
            let Calls {
                service,
                call,
                appid,
            } = &self.calls;
            tracing::warn!(
                appid,
                left_out,
                "there is no room for more {call}: they come faster than {service} answers"
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
    fn end(mut self, ended: Ended, error: Option<&(impl Error + 'static)>) {
        let Some(leave) = self.leave.take() else {
            return;
        };
        let Calls {
            service,
            call,
            appid,
        } = &self.guard.calls;
        let part = random::between(50, 100);
        match ended {
            Ended::Answered => {
                if self.guard.breaker(|breaker| breaker.succeeded(leave))
                    && self.guard.is_told_to_fail.swap(false, Relaxed)
                {
                    tracing::info!(appid, "{service} has recovered: {call} resume");
                }
            }
            // The call itself is an alert.
            Ended::Misconfigured => {
                let refused =
                    |breaker: &mut Breaker| breaker.misconfigured(leave, Instant::now(), part);
                self.guard.breaker(refused);
            }
            Ended::Busy | Ended::Unreachable | Ended::BadAnswer | Ended::Late => {
                let fail = |breaker: &mut Breaker| breaker.failed(leave, Instant::now(), part);
                if self.guard.breaker(fail)
                    && let Some(left_out) = self.guard.failing.due()
                {
                    self.guard.is_told_to_fail.store(true, Relaxed);
                    let error = error.map(|error| error as &dyn Error);
                    tracing::warn!(
                        appid,
                        error,
                        left_out,
                        "{service} is failing: {call} pause for a while"
                    );
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
